import { approximated } from "./approximated.ts";
import { special } from "./special.ts";
import { trigonometric } from "./trigonometric.ts";

/**
 * The scalar functions in WGSL, by the name `s_…` for floats and `i_…` for integers. WGSL lets drivers assume that there
 * are no NaN and no infinities; so these are told by their bits, and constants of them are made when a program runs.
 */
const basic: Readonly<Record<string, string>> = {
  bits_of_nothing: "var<private> bits_of_nothing: u32 = 0u;",
  nan: "fn nan() -> f32 { return bitcast<f32>(0x7fc00000u | bits_of_nothing); }",
  infinity: "fn infinity() -> f32 { return bitcast<f32>(0x7f800000u | bits_of_nothing); }",
  is_nan: "fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }",
  is_finite: "fn is_finite(x: f32) -> bool { return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u; }",
  is_true: "fn is_true(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) != 0u; }",
  // Towards zero, with wrap-around as in JavaScript; NaN and infinities give 0.
  to_int: `fn to_int(x: f32) -> i32 {
  let bits = bitcast<u32>(x);
  let shift = i32((bits >> 23u) & 255u) - 150;
  let mantissa = (bits & 0x7fffffu) | 0x800000u;
  var size = 0u;
  if (shift >= 0) { if (shift < 32) { size = mantissa << u32(shift); } }
  else if (shift > -24) { size = mantissa >> u32(-shift); }
  return select(bitcast<i32>(size), bitcast<i32>(0u - size), (bits >> 31u) == 1u);
}`,
  s_neg: "fn s_neg(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) ^ 0x80000000u); }",
  s_abs: "fn s_abs(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & 0x7fffffffu); }",
  s_sign: "fn s_sign(x: f32) -> f32 { return select(select(x, -1.0, x < 0.0), 1.0, x > 0.0); }",
  s_floor: "fn s_floor(x: f32) -> f32 { return floor(x); }",
  s_ceil: "fn s_ceil(x: f32) -> f32 { return ceil(x); }",
  s_round: "fn s_round(x: f32) -> f32 { return round(x); }",
  s_trunc: "fn s_trunc(x: f32) -> f32 { return trunc(x); }",
  s_sqrt: "fn s_sqrt(x: f32) -> f32 { return sqrt(x); }",
  s_relu: "fn s_relu(x: f32) -> f32 { return select(select(0.0, x, x > 0.0), x, is_nan(x)); }",
  s_add: "fn s_add(a: f32, b: f32) -> f32 { return a + b; }",
  s_sub: "fn s_sub(a: f32, b: f32) -> f32 { return a - b; }",
  s_mul: "fn s_mul(a: f32, b: f32) -> f32 { return a * b; }",
  s_div: "fn s_div(a: f32, b: f32) -> f32 { return a / b; }",
  // Zeros are told apart by their signs.
  s_maximum: `fn s_maximum(a: f32, b: f32) -> f32 {
  if (is_nan(a)) { return a; }
  if (is_nan(b)) { return b; }
  if (a == b) { return bitcast<f32>(bitcast<u32>(a) & bitcast<u32>(b)); }
  return select(b, a, a > b);
}`,
  s_minimum: `fn s_minimum(a: f32, b: f32) -> f32 {
  if (is_nan(a)) { return a; }
  if (is_nan(b)) { return b; }
  if (a == b) { return bitcast<f32>(bitcast<u32>(a) | bitcast<u32>(b)); }
  return select(b, a, a < b);
}`,
  // The sign of the divisor. What a division that is not exact leaves is put right.
  s_remainder: `fn s_remainder(a: f32, b: f32) -> f32 {
  if (is_nan(a) || is_nan(b) || !is_finite(a) || b == 0.0) { return nan(); }
  if (!is_finite(b)) { return select(a, b, a != 0.0 && (a < 0.0) != (b < 0.0)); }
  let size = abs(b);
  var rest = abs(a);
  for (var step = 0; step < 300 && rest >= size; step++) {
    let scale = exp2(floor(min(log2(rest / size), 20.0)));
    let part = size * max(scale, 1.0);
    rest = rest - select(size, part, part <= rest);
  }
  let r = select(rest, -rest, a < 0.0);
  return select(r, r + b, r != 0.0 && (r < 0.0) != (b < 0.0));
}`,
  i_sign: "fn i_sign(a: i32) -> i32 { return sign(a); }",
  i_abs: "fn i_abs(a: i32) -> i32 { return select(a, 0 - a, a < 0); }",
  i_relu: "fn i_relu(a: i32) -> i32 { return max(a, 0); }",
  i_neg: "fn i_neg(a: i32) -> i32 { return 0 - a; }",
  i_floor: "fn i_floor(a: i32) -> i32 { return a; }",
  i_ceil: "fn i_ceil(a: i32) -> i32 { return a; }",
  i_round: "fn i_round(a: i32) -> i32 { return a; }",
  i_trunc: "fn i_trunc(a: i32) -> i32 { return a; }",
  i_add: "fn i_add(a: i32, b: i32) -> i32 { return a + b; }",
  i_sub: "fn i_sub(a: i32, b: i32) -> i32 { return a - b; }",
  i_mul: "fn i_mul(a: i32, b: i32) -> i32 { return a * b; }",
  i_minimum: "fn i_minimum(a: i32, b: i32) -> i32 { return min(a, b); }",
  i_maximum: "fn i_maximum(a: i32, b: i32) -> i32 { return max(a, b); }",
  i_div: `fn i_div(a: i32, b: i32) -> i32 {
  if (b == 0) { return 0; }
  if (b == -1) { return 0 - a; }
  return a / b;
}`,
  i_remainder: `fn i_remainder(a: i32, b: i32) -> i32 {
  if (b == 0 || b == -1) { return 0; }
  let r = a % b;
  return select(r, r + b, r != 0 && (r < 0) != (b < 0));
}`,
  i_pow: `fn i_pow(a: i32, b: i32) -> i32 {
  if (b < 0) { return select(select(0, select(1, -1, (b & 1) == 1), a == -1), 1, a == 1); }
  var result = 1;
  var square = a;
  for (var rest = u32(b); rest > 0u; rest = rest >> 1u) {
    if ((rest & 1u) == 1u) { result = result * square; }
    square = square * square;
  }
  return result;
}`,
};

const functions: Readonly<Record<string, string>> = { ...basic, ...approximated, ...trigonometric, ...special };

/** Whether there is a function of that name. */
export const isFunction = (name: string) => Object.hasOwn(functions, name);

/** The text of a program with the functions that it calls, and those that they call. */
export function withFunctions(program: string): string {
  const needed = new Set<string>();
  const look = (text: string): void => {
    for (const [name] of text.matchAll(/\b[a-z][A-Za-z0-9_]*\b/g)) {
      if (needed.has(name) || !isFunction(name)) continue;
      needed.add(name);
      look(functions[name]!);
    }
  };
  look(program);
  return [...[...needed].map((name) => functions[name]!), program].join("\n");
}
