/** Inner product. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** `a + s·b`. */
export function plus(a: Float64Array, s: number, b: Float64Array): Float64Array {
  return a.map((value, i) => value + s * b[i]!);
}

export function scaled(s: number, a: Float64Array): Float64Array {
  return a.map((value) => s * value);
}

export function largest(a: Float64Array): number {
  return a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
