import { bernoulli, inside } from "../../cpu/plain/special.ts";

/** A number of JavaScript as a literal of WGSL. */
const literal = (value: number) => (Number.isInteger(value) ? `${value}.0` : `${value}`);

/** The sum of a Chebyshev series (Clenshaw 1955), written out; what single precision does not see is left out. */
function series(coefficients: readonly number[], u: string): string {
  const seen = coefficients.filter((c, i) => i < 2 || Math.abs(c) > 1e-9);
  const lines = ["var next = 0.0;", "var after = 0.0;", "var sum = 0.0;"];
  for (let i = seen.length - 1; i > 0; i--)
    lines.push(`sum = ${literal(seen[i]!)} + 2.0 * (${u}) * next - after;`, "after = next;", "next = sum;");
  lines.push(`sum = ${literal(seen[0]!)} + (${u}) * next - after;`);
  return lines.join("\n  ");
}

const stirling = (power: (k: number) => number) =>
  bernoulli.slice(0, 6).map((b, i) => `sum = sum + ${literal(b * power(i + 1))} * power; power = power * square;`);

/**
 * Special functions in single precision, from the same series and recurrences as the reference's; the gamma family takes
 * a few steps fewer.
 */
export const special: Readonly<Record<string, string>> = {
  erf_near: `fn erf_near(x: f32) -> f32 {
  let u = 2.0 * x * x - 1.0;
  ${series(inside, "u")}
  return x * sum;
}`,
  // exp(−x²), with the rounding error of the square made good.
  gaussian: `fn gaussian(x: f32) -> f32 {
  let high = bitcast<f32>(bitcast<u32>(x) & 0xfffff000u);
  return s_exp(-high * high) * s_exp((high - x) * (high + x));
}`,
  s_erfInv: `fn s_erfInv(y: f32) -> f32 {
  let size = s_abs(y);
  if (is_nan(y) || size > 1.0) { return nan(); }
  if (size == 1.0) { return y * infinity(); }
  if (y == 0.0) { return y; }
  let rest = s_log((1.0 - size) * (1.0 + size));
  let b = 4.330746750799873 + rest / 2.0;
  var x = sqrt(sqrt(b * b - rest / 0.147) - b);
  for (var i = 0; i < 3; i++) {
    let error = select((1.0 - size) - s_erfc(x), erf_near(x) - size, x < 1.0);
    let step = (error * 0.886226925452758) / gaussian(x);
    x = x - step / (1.0 + x * step);
  }
  return s_sign(y) * x;
}`,
  lgamma_right: `fn lgamma_right(x: f32) -> f32 {
  var product = 1.0;
  var at = x;
  for (var i = 0; i < 8 && at < 7.0; i++) { product = product * at; at = at + 1.0; }
  var sum = 0.9189385332046727;
  let square = 1.0 / (at * at);
  var power = 1.0 / at;
  ${stirling((k) => 1 / (2 * k * (2 * k - 1))).join("\n  ")}
  return (at - 0.5) * s_log(at) - at + (sum - s_log(product));
}`,
  // Near its zeros, 1 and 2, a series in the distance: Σ (−1)ᵏ (ζ(k) − 1) / k · zᵏ about 2.
  lgamma_two: `fn lgamma_two(z: f32) -> f32 {
  return z * (0.42278433509846713 + z * (0.3224670334241132 + z * (-0.06735230105319809 + z * (0.020580808427784548
    + z * (-0.007385551028673986 + z * (0.0028905103307415234 + z * (-0.0011927539117032609 + z * (0.0005096695247430425
    + z * (-0.00022315475845357938 + z * (0.00009945751278180853 + z * (-0.00004492623478426636
    + z * 0.00002050721277567069)))))))))));
}`,
  s_lgamma: `fn s_lgamma(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  if (!is_finite(x) || (x <= 0.0 && floor(x) == x)) { return infinity(); }
  if (x >= 1.5 && x <= 2.5) { return lgamma_two(x - 2.0); }
  if (x >= 0.5 && x < 1.5) { return lgamma_two(x - 1.0) - s_log(x); }
  if (x < 0.5) {
    let near = x - round(x);
    let mirrored = 1.0 - x;
    return 1.1447298858494002 - s_log(s_abs(s_sin(3.141592653589793 * near))) - select(lgamma_right(mirrored), lgamma_two(mirrored - 1.0) - s_log(mirrored), mirrored < 1.5);
  }
  return lgamma_right(x);
}`,
  s_polygamma: `fn s_polygamma(order: f32, x: f32) -> f32 {
  if (is_nan(x) || is_nan(order) || order > 64.0) { return nan(); }
  let even = floor(order / 2.0) * 2.0 == order;
  if (!is_finite(x)) { return select(nan(), select(0.0, x, order == 0.0), x > 0.0); }
  if (x <= 0.0 && floor(x) == x) { return select(infinity(), nan(), even); }
  var factorial = 1.0;
  for (var k = 2.0; k <= order; k = k + 1.0) { factorial = factorial * k; }
  var sum = 0.0;
  var at = x;
  for (; at < 8.0 + order; at = at + 1.0) { sum = sum + factorial / s_pow(at, order + 1.0); }
  if (order == 0.0) {
    let square = 1.0 / (at * at);
    var power = square;
    let whole = sum;
    sum = s_log(at) - 0.5 / at;
    ${stirling((k) => -1 / (2 * k)).join("\n    ")}
    return sum - whole;
  }
  var rest = factorial / order / s_pow(at, order) + factorial / (2.0 * s_pow(at, order + 1.0));
  var ratio = factorial / order;
  ${bernoulli
    .slice(0, 7)
    .map(
      (b, i) =>
        `ratio = ratio * ((order + ${literal(2 * i)}) * (order + ${literal(2 * i + 1)})) / ${literal((2 * i + 1) * (2 * i + 2))}; rest = rest + ${literal(b)} * ratio / s_pow(at, order + ${literal(2 * i + 2)});`,
    )
    .join("\n  ")}
  return select(1.0, -1.0, even) * (sum + rest);
}`,
};
