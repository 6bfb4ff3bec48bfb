/** Whether two values of a state are the same, however deep: JSON and bytes. */
export function equal(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (ArrayBuffer.isView(one) || ArrayBuffer.isView(other))
    return ArrayBuffer.isView(one) && ArrayBuffer.isView(other) && sameBytes(one, other);
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every(
      (name) =>
        Object.hasOwn(other, name) &&
        equal((one as Record<string, unknown>)[name], (other as Record<string, unknown>)[name]),
    )
  );
}

function sameBytes(one: ArrayBufferView, other: ArrayBufferView): boolean {
  if (one.constructor !== other.constructor || one.byteLength !== other.byteLength) return false;
  const [a, b] = [one, other].map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  );
  return a!.every((byte, at) => byte === b![at]);
}
