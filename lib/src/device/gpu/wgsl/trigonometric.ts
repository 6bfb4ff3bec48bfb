/**
 * Trigonometric functions and powers in single precision: the built-in ones may be off by 2⁻¹¹. Polynomials after the
 * Cephes library (Moshier 1989); large angles are brought near zero in small steps (Cody and Waite 1980).
 */
export const trigonometric: Readonly<Record<string, string>> = {
  // sine and cosine
  sine_cosine: `fn sine_cosine(x: f32) -> vec2f {
  if (!is_finite(x)) { return vec2f(nan(), nan()); }
  let n = round(x * 0.6366197723675814);
  var r = x - n * 1.5;
  r = r - n * 0.0703125;
  r = r - n * 0.00048065185546875;
  r = r - n * 0.0000030994415283203125;
  r = r - n * 7.549789948768648e-8;
  let z = r * r;
  let s = r + r * z * (-0.16666654611 + z * (0.0083321608736 - z * 0.00019515295891));
  let c = 1.0 - 0.5 * z + z * z * (0.041666645683 + z * (-0.001388731625 + z * 0.00002443315711809948));
  let quarter = to_int(n) & 3;
  let turned = select(vec2f(s, c), vec2f(c, -s), (quarter & 1) == 1);
  return select(turned, -turned, (quarter & 2) == 2);
}`,
  s_sin: "fn s_sin(x: f32) -> f32 { return select(sine_cosine(x).x, x, x == 0.0); }",
  s_cos: "fn s_cos(x: f32) -> f32 { return sine_cosine(x).y; }",
  s_tan: "fn s_tan(x: f32) -> f32 { let both = sine_cosine(x); return select(both.x / both.y, x, x == 0.0); }",
  s_atan: `fn s_atan(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  let size = s_abs(x);
  var turn = 0.0;
  var t = size;
  if (size > 2.414213562373095) { turn = 1.5707963267948966; t = -1.0 / size; }
  else if (size > 0.4142135623730950) { turn = 0.7853981633974483; t = (size - 1.0) / (size + 1.0); }
  let z = t * t;
  let rest = (((0.0805374449538 * z - 0.138776856032) * z + 0.199777106478) * z - 0.333329491539) * z * t + t;
  return bitcast<f32>(bitcast<u32>(turn + rest) | (bitcast<u32>(x) & 0x80000000u));
}`,
  s_atan2: `fn s_atan2(y: f32, x: f32) -> f32 {
  if (is_nan(x) || is_nan(y)) { return nan(); }
  let above = s_abs(y);
  let beside = s_abs(x);
  let left = (bitcast<u32>(x) >> 31u) == 1u;
  var angle = 0.0;
  if (!is_finite(x) && !is_finite(y)) { angle = 0.7853981633974483; }
  else if (above > beside) { angle = 1.5707963267948966 - s_atan(beside / above); }
  else if (above > 0.0) { angle = s_atan(above / beside); }
  angle = select(angle, 3.141592653589793 - angle, left);
  return bitcast<f32>(bitcast<u32>(angle) | (bitcast<u32>(y) & 0x80000000u));
}`,
  s_asin: `fn s_asin(x: f32) -> f32 {
  let size = s_abs(x);
  if (!(size <= 1.0)) { return nan(); }
  let far = size > 0.5;
  let z = select(size * size, 0.5 * (1.0 - size), far);
  let t = select(size, sqrt(z), far);
  let rest = ((((0.042163199048 * z + 0.024181311049) * z + 0.045470025998) * z + 0.074953002686) * z + 0.16666752422) * z * t + t;
  let angle = select(rest, 1.5707963267948966 - 2.0 * rest, far);
  return bitcast<f32>(bitcast<u32>(angle) | (bitcast<u32>(x) & 0x80000000u));
}`,
  s_acos: `fn s_acos(x: f32) -> f32 {
  if (x > 0.5) { return 2.0 * s_asin(sqrt(0.5 * (1.0 - x))); }
  if (x < -0.5) { return 3.141592653589793 - 2.0 * s_asin(sqrt(0.5 * (1.0 + x))); }
  return 1.5707963267948966 - s_asin(x);
}`,
  // Small whole powers by multiplying; others as 2 to the power of b log₂ a.
  s_pow: `fn s_pow(a: f32, b: f32) -> f32 {
  if (b == 0.0) { return 1.0; }
  if (is_nan(a) || is_nan(b)) { return nan(); }
  let size = s_abs(a);
  if (!is_finite(b)) {
    if (size == 1.0) { return nan(); }
    return select(0.0, infinity(), (size > 1.0) == (b > 0.0));
  }
  let whole = floor(b) == b;
  if (b == 0.5 && a >= 0.0) { return sqrt(a); }
  if (whole && abs(b) <= 64.0) {
    var rest = u32(abs(b));
    var result = 1.0;
    var square = a;
    for (; rest > 0u; rest = rest >> 1u) {
      if ((rest & 1u) == 1u) { result = result * square; }
      square = square * square;
    }
    return select(result, 1.0 / result, b < 0.0);
  }
  if (a < 0.0 && !whole) { return select(nan(), select(0.0, infinity(), b > 0.0), !is_finite(a)); }
  var result = 0.0;
  if (size == 0.0 || !is_finite(a)) { result = select(0.0, infinity(), (size == 0.0) == (b < 0.0)); }
  else {
    let exponent = b * s_log2(size);
    let most = floor(clamp(exponent, -200.0, 200.0));
    let fraction = s_exp((exponent - floor(exponent)) * 0.6931471805599453);
    result = select(fraction * exp2(most), select(0.0, infinity(), exponent > 0.0), abs(exponent) > 150.0);
  }
  let odd = whole && abs(b) < 16777216.0 && (to_int(b) & 1) == 1;
  return select(result, s_neg(result), odd && (bitcast<u32>(a) >> 31u) == 1u);
}`,
};
