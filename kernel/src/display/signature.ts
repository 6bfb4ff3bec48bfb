const longest = 200;
const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** A function's parameters as they are written, for example ` (a, b = 2)`; nothing where its text does not show them. */
export function signatureOf(value: object): string {
  const text = Function.prototype.toString.call(value);
  if (/^class\b/.test(text) || text.endsWith("{ [native code] }")) return "";
  const alone = /^(?:async\s+)?([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*=>/u.exec(text);
  if (alone) return ` (${alone[1]})`;
  const parameters = bracketed(text, parametersStart(text))?.replace(/\s+/g, " ");
  return parameters === undefined || parameters.length > longest ? "" : ` ${parameters}`;
}

/** Where the list of parameters begins: after the name, which may be computed in brackets. */
function parametersStart(text: string): number {
  const square = text.indexOf("[");
  const round = text.indexOf("(");
  if (square < 0 || square > round) return round;
  const name = bracketed(text, square);
  return name === undefined ? -1 : text.indexOf("(", square + name.length);
}

/** The text from a bracket to the one that closes it. */
function bracketed(text: string, start: number): string | undefined {
  if (start < 0) return undefined;
  const open: string[] = [];
  for (let at = start; at < text.length && at < start + 2 * longest; at++) {
    const sign = text[at]!;
    if (sign === '"' || sign === "'" || sign === "`") at = endOfString(text, at, sign);
    else if (closing[sign]) open.push(closing[sign]);
    else if (sign === open.at(-1)) open.pop();
    if (open.length === 0) return text.slice(start, at + 1);
  }
  return undefined;
}

function endOfString(text: string, start: number, quote: string): number {
  let at = start + 1;
  while (at < text.length && text[at] !== quote) at += text[at] === "\\" ? 2 : 1;
  return at;
}
