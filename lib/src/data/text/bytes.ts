/** UTF-8 of any string; a half of a surrogate pair gets the three bytes of its number, so that nothing is lost. */
export function toBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(3 * text.length);
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i)!;
    if (point < 0x80) bytes[at++] = point;
    else {
      const more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
      bytes[at++] = ((0xff00 >> (more + 1)) & 0xff) | (point >> (6 * more));
      for (let k = more - 1; k >= 0; k--) bytes[at++] = 0x80 | ((point >> (6 * k)) & 0x3f);
      if (more === 3) i++;
    }
  }
  return bytes.subarray(0, at);
}

/** The string of such bytes; those that are none give U+FFFD, as a model's may. */
export function fromBytes(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at]!;
    const more = first < 0x80 ? 0 : first < 0xc2 ? -1 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : -1;
    let point = more === 0 ? first : first & (0x3f >> more);
    let k = 1;
    for (; k <= more && (bytes[at + k]! & 0xc0) === 0x80; k++) point = (point << 6) | (bytes[at + k]! & 0x3f);
    // Too few bytes follow, or the number has a shorter form.
    const broken =
      more < 0 || k <= more || (more === 2 && point < 0x800) || (more === 3 && (point < 0x10000 || point > 0x10ffff));
    text += broken ? "\ufffd" : String.fromCodePoint(point);
    at += k;
  }
  return text;
}
