import type { DType, Scalar } from "../../device.ts";

/** A function that gpu.js compiles along with a kernel. */
export interface Helper {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly source: string;
}

const helper = (name: string, parameters: readonly string[], body: string): Helper => ({
  name,
  parameters,
  source: `function ${name}(${parameters.join(", ")}) { ${body} }`,
});

/** (tanh x / x − 1) / x² in x², which is more exact near zero than a quotient of exponentials. */
const tanhNearZero =
  "-0.3333333333 + z * (0.1333333333 + z * (-0.0539682540 + z * (0.0218694885 + z * -0.0088632355)))";

/**
 * What needs more than an expression. A comparison with NaN is false, and a sum with NaN is NaN: that is all that is
 * taken for granted of NaN, which gpu.js cannot tell, and drivers' functions may swallow. Zeros keep their signs.
 */
export const helpers: { readonly [S in Scalar]?: Helper } = {
  maximum: helper("maximumOf", ["a", "b"], "return a > b ? a : b > a ? b : a === 0 ? a + b : a === b ? a : a + b;"),
  minimum: helper(
    "minimumOf",
    ["a", "b"],
    "return a < b ? a : b < a ? b : a === 0 ? -((-a) - b) : a === b ? a : a + b;",
  ),
  sign: helper("signOf", ["a"], "return a > 0 ? 1 : a < 0 ? -1 : a;"),
  relu: helper("reluOf", ["a"], "return a > 0 ? a : a <= 0 ? 0 : a;"),
  exp: helper("expOf", ["a"], "const e = Math.exp(a); return a > 0 ? e : a <= 0 ? e : a;"),
  tanh: helper(
    "tanhOf",
    ["a"],
    `const size = Math.abs(a); const e = Math.exp(-2 * (size > 10 ? 10 : size)); const far = (1 - e) / (1 + e); const z = a * a; const near = a + a * z * (${tanhNearZero}); return size < 0.4 ? near : a < 0 ? -far : a > 0 ? far : a;`,
  ),
  sigmoid: helper(
    "sigmoidOf",
    ["a"],
    "const e = Math.exp(-Math.abs(a)); const low = a < 0 ? e : 1; const share = low / (1 + e); return a > 0 ? share : a <= 0 ? share : a;",
  ),
};

type Write = (a: string, b: string, c: string) => string;
const called =
  (scalar: Scalar): Write =>
  (a, b) =>
    `${helpers[scalar]!.name}(${helpers[scalar]!.parameters.length === 1 ? a : `${a}, ${b}`})`;

/** Functions of floats; the arguments are names. */
const ofFloats: { readonly [S in Scalar]?: Write } = {
  neg: (a) => `-${a}`,
  abs: (a) => `Math.abs(${a})`,
  floor: (a) => `Math.floor(${a})`,
  ceil: (a) => `Math.ceil(${a})`,
  sqrt: (a) => `Math.sqrt(${a})`,
  exp: called("exp"),
  cast: (a) => a,
  add: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b) => `${a} * ${b}`,
  div: (a, b) => `${a} / ${b}`,
  maximum: called("maximum"),
  minimum: called("minimum"),
  sign: called("sign"),
  relu: called("relu"),
  tanh: called("tanh"),
  sigmoid: called("sigmoid"),
};

/** Tests of floats, which give 1 or 0. */
const tests: { readonly [S in Scalar]?: Write } = {
  less: (a, b) => `${a} < ${b} ? 1 : 0`,
  lessEqual: (a, b) => `${a} <= ${b} ? 1 : 0`,
  equal: (a, b) => `${a} === ${b} ? 1 : 0`,
};

/** Functions of truth values. */
const logic: { readonly [S in Scalar]?: Write } = {
  not: (a) => `1 - ${a}`,
  and: (a, b) => `${a} * ${b}`,
  or: (a, b) => `${a} + ${b} > 0 ? 1 : 0`,
  equal: (a, b) => `${a} === ${b} ? 1 : 0`,
  cast: (a) => a,
};

/**
 * How gpu.js is told a scalar function, by the dtypes of its operands and its result; undefined where it compiles to
 * something else than the function. Those that are missing: integers and whatever makes them (division, `%`, `imul` go
 * through floats), tests for NaN and infinity and the truth of a float (a comparison of NaN with itself is false there),
 * rounding (half upwards), log, log1p and expm1 (wrong near 0 and at 0), functions of angles (off by 2⁻¹¹), powers.
 */
export function spoken(scalar: Scalar, of: readonly DType[], to: DType): Write | undefined {
  if (scalar === "where")
    return of[0] === "bool" && of[1] === to && of[2] === to ? (a, b, c) => `${a} !== 0 ? ${b} : ${c}` : undefined;
  if (of.every((dtype) => dtype === "bool"))
    return to === "bool" ? logic[scalar] : scalar === "cast" && to === "float32" ? logic.cast : undefined;
  if (of.some((dtype) => dtype !== "float32")) return undefined;
  return to === "float32" ? ofFloats[scalar] : to === "bool" ? tests[scalar] : undefined;
}
