/** Steps of a training loop ask for the same offsets again and again. */
const remembered = new Map<string, Int32Array>();
const mostRemembered = 64;
/** That of a scalar. */
const one = Int32Array.of(0);

/** Offsets of all elements of a strided box, in row-major order. */
export function offsetsOf(shape: readonly number[], strides: readonly number[]): Int32Array {
  if (shape.length === 0) return one;
  const key = `${shape}|${strides}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  let offsets: Int32Array = Int32Array.of(0);
  for (let axis = 0; axis < shape.length; axis++) {
    const n = shape[axis]!;
    const step = strides[axis]!;
    const next = new Int32Array(offsets.length * n);
    for (let o = 0, k = 0; o < offsets.length; o++) for (let i = 0; i < n; i++) next[k++] = offsets[o]! + i * step;
    offsets = next;
  }
  if (offsets.length <= 1 << 18) {
    if (remembered.size >= mostRemembered) remembered.delete(remembered.keys().next().value!);
    remembered.set(key, offsets);
  }
  return offsets;
}
