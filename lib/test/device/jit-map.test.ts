import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wrap } from "../../src/device/cpu/buffer.ts";
import { map } from "../../src/device/cpu/jit/elementwise.ts";
import * as jit from "../../src/device/cpu/jit/index.ts";
import { map as loops } from "../../src/device/cpu/loops/map.ts";
import { erf, erfc } from "../../src/device/cpu/plain/special.ts";
import type { approximations } from "../../src/device/cpu/vector/approximations.ts";
import type { DType, Expression, Scalar, Shape, View } from "../../src/device/device.ts";
import { at, distance, engines, indices, viewOf } from "./jit-views.ts";

const input = (index: number, dtype: DType = "float32"): Expression => ({ kind: "input", index, dtype });
const constant = (value: number, dtype: DType = "float32"): Expression => ({ kind: "constant", value, dtype });
const apply = (scalar: Scalar, dtype: DType, ...to: Expression[]): Expression => ({ kind: "apply", scalar, to, dtype });
const list = (values: Float32Array | Uint8Array): View => ({
  buffer: wrap(values, values instanceof Uint8Array ? "bool" : "float32"),
  ...{ shape: [values.length], strides: [1], offset: 0 },
});

type Transcendental = keyof typeof approximations;
const functions: Record<Transcendental, (x: number) => number> = {
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  log2: Math.log2,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  sinh: Math.sinh,
  cosh: Math.cosh,
  erf,
  erfc,
};
const names = Object.keys(functions) as Transcendental[];
/** What the docstrings promise, in units in the last place. */
const bounds: Record<Transcendental, number> = {
  ...{ exp: 1.1, expm1: 1.7, log: 0.9, log1p: 0.9, tanh: 2.6, sigmoid: 2.5, sinh: 2.4, cosh: 1.6 },
  ...{ log2: 1.9, erf: 2.5, erfc: 5.5 },
};

/** The distance between a float and its neighbour away from zero. */
function spacing(x: number): number {
  const bits = new Int32Array(new Float32Array([Math.abs(x)]).buffer);
  return 2 ** (Math.max(1, bits[0]! >> 23) - 127 - 23);
}

/** Floats over all magnitudes, both signs, and the special ones. */
function everyKindOfFloat(): Float32Array {
  const bits = Int32Array.from({ length: 1 << 18 }, (_, i) => Math.imul(i, 0x4001));
  const edges = [0, -0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** -149, -(2 ** -149)];
  const limits = [88.72283, 88.72284, -87.33655, -103.97207, -103.97209, 89.41598, 89.415985, 9.010913, -1 + 2 ** -24];
  // Where single functions were found to be worst of all floats: log2, erf, erfc and sigmoid; subnormal ones.
  const worst = [1.410654902458191, 0.6654796600341797, 0.8247443437576294, 9.0816, -5.54, 3 * 2 ** -149, 2 ** -126];
  const ramp = Array.from({ length: 20001 }, (_, i) => (i - 10000) / 500);
  return Float32Array.from([...edges, ...limits, ...worst, ...ramp, ...new Float32Array(bits.buffer)]);
}

describe.each(engines)("map with %s", (_, scratch) => {
  const xs = everyKindOfFloat();

  it.each(names)("approximates %s as well as is promised, for every kind of float", (name) => {
    const ys = map(apply(name, "float32", input(0)), [list(xs)], [xs.length], "float32", scratch())!;
    let worst = 0;
    for (let i = 0; i < xs.length; i++) {
      const exact = functions[name](xs[i]!);
      const rounded = Math.fround(exact);
      if (Object.is(rounded, ys[i])) continue;
      worst = Math.max(worst, Math.abs(ys[i]! - exact) / spacing(rounded) || Number.POSITIVE_INFINITY);
    }
    expect(worst).toBeLessThan(bounds[name]);
  });

  it("keeps tanh within 4e-7 of its value, relatively, and between −1 and 1", () => {
    const ys = map(apply("tanh", "float32", input(0)), [list(xs)], [xs.length], "float32", scratch())!;
    const normal = [...xs.keys()].filter((i) => Math.abs(xs[i]!) > 2 ** -126);
    const worst = normal.reduce((most, i) => Math.max(most, Math.abs(ys[i]! / Math.tanh(xs[i]!) - 1)), 0);
    expect(worst).toBeLessThan(4e-7);
    expect(ys.every((y) => !(Math.abs(y) > 1))).toBe(true);
  });
});

/** A value of an expression for one element when every function is exact or, if transcendental, what `map` makes it. */
function stepByStep(
  node: Expression,
  element: readonly number[],
  approximate: (name: Scalar, x: number) => number,
): number {
  if (node.kind === "input") return element[node.index]!;
  if (node.kind === "constant") return node.dtype === "bool" ? Number(node.value !== 0) : Math.fround(node.value);
  const [a, b, c] = node.to.map((part) => stepByStep(part, element, approximate)) as [number, number, number];
  if (node.scalar in functions) return approximate(node.scalar, a);
  const value = exactly[node.scalar]!(a, b, c);
  return node.dtype === "bool" ? Number(Number(value) !== 0) : Math.fround(Number(value));
}

const exactly: { readonly [S in Scalar]?: (a: number, b: number, c: number) => number | boolean } = {
  neg: (a) => -a,
  abs: Math.abs,
  sign: Math.sign,
  floor: Math.floor,
  ceil: Math.ceil,
  round: (a) => (Math.abs(a % 1) === 0.5 ? 2 * Math.round(a / 2) : Math.round(a)),
  trunc: Math.trunc,
  sqrt: Math.sqrt,
  relu: (a) => (a > 0 || Number.isNaN(a) ? a : 0),
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  minimum: (a, b) => Math.min(a, b),
  maximum: (a, b) => Math.max(a, b),
  isNaN: Number.isNaN,
  isFinite: Number.isFinite,
  less: (a, b) => a < b,
  lessEqual: (a, b) => a <= b,
  equal: (a, b) => a === b,
  // Whatever is not zero is true, NaN too.
  not: (a) => a === 0,
  and: (a, b) => a !== 0 && b !== 0,
  or: (a, b) => a !== 0 || b !== 0,
  where: (a, b, c) => (a ? b : c),
  cast: (a) => a,
};

const unary = ["neg", "abs", "sign", "floor", "ceil", "round", "trunc", "sqrt", "relu"] as const;
const binary = ["add", "sub", "mul", "div", "minimum", "maximum"] as const;
const special = fc.constantFrom(
  0,
  -0,
  0.5,
  1,
  -2.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  1e-40,
);

/** Expressions of three float inputs and one bool, each with a transcendental function at the top or near it. */
const { number } = fc.letrec<{ number: Expression; truth: Expression }>((tie) => ({
  number: fc.oneof(
    { maxDepth: 5, depthSize: "large" },
    fc.oneof(
      fc.nat(2).map((i) => input(i)),
      special.map((value) => constant(value)),
    ),
    fc.tuple(fc.constantFrom(...unary, ...names), tie("number")).map(([f, a]) => apply(f, "float32", a)),
    fc.tuple(fc.constantFrom(...binary), tie("number"), tie("number")).map(([f, a, b]) => apply(f, "float32", a, b)),
    fc.tuple(tie("truth"), tie("number"), tie("number")).map(([c, a, b]) => apply("where", "float32", c, a, b)),
    tie("truth").map((a) => apply("cast", "float32", a)),
  ),
  truth: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(input(3, "bool"), constant(1, "bool")),
    fc
      .tuple(fc.constantFrom("less", "lessEqual", "equal", "and", "or"), tie("number"), tie("number"))
      .map(([f, a, b]) => apply(f, "bool", a, b)),
    fc
      .tuple(fc.constantFrom("equal", "and", "or"), tie("truth"), tie("truth"))
      .map(([f, a, b]) => apply(f, "bool", a, b)),
    fc.tuple(fc.constantFrom("isNaN", "isFinite", "cast", "not"), tie("number")).map(([f, a]) => apply(f, "bool", a)),
    tie("truth").map((a) => apply("not", "bool", a)),
  ),
}));

describe("map of whole expressions", () => {
  const scratch = engines[0]![1];
  const length = 37;
  const edges = [0, -0, 0.5, -0.5, 1.5, 2.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 100, -100];
  const wave = (seed: number) =>
    Float32Array.from({ length }, (_, i) => (i < edges.length ? edges[(i * seed) % 11]! : 4 * Math.sin(i * seed)));
  const views = [list(wave(1)), list(wave(2)), list(wave(3)), list(Uint8Array.from({ length }, (_, i) => i % 2))];

  const approximate = (name: Scalar, x: number) =>
    map(apply(name, "float32", input(0)), [list(Float32Array.of(x))], [1], "float32", scratch())![0]!;

  const agrees = (expression: Expression) => {
    const out = map(expression, views, [length], expression.dtype, scratch())!;
    const expected = Array.from({ length }, (_, i) =>
      stepByStep(
        expression,
        views.map((view) => at(view, i)),
        approximate,
      ),
    );
    expect([...out]).toEqual(expected);
  };

  it("rounds after every step, so that fusing changes no bit", () => {
    const expressions = fc.tuple(fc.constantFrom(...names), number).map(([f, a]) => apply(f, "float32", a));
    fc.assert(fc.property(expressions, agrees), { seed: 9, numRuns: 300 });
  });

  it("answers questions with 0 and 1", () => {
    const expressions = fc.tuple(fc.constantFrom(...names), number).map(([f, a]) => apply(f, "float32", a));
    fc.assert(
      fc.property(expressions, number, (a, b) => agrees(apply("less", "bool", a, b))),
      { seed: 10, numRuns: 50 },
    );
  });

  it("computes a value that is used twice once, and gives both uses the same", () => {
    const shared = apply("exp", "float32", input(0));
    const twice = apply("div", "float32", shared, apply("add", "float32", shared, constant(1)));
    agrees(twice);
    const deep = Array.from({ length: 60 }).reduce<Expression>((x) => apply("mul", "float32", x, x), shared);
    expect(map(deep, views, [length], "float32", scratch())).toHaveLength(length);
  });

  it("reads inputs of any strides, across blocks", () => {
    const shapes = fc.oneof(
      fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 4 }),
      fc.constantFrom([3, 4099], [4099, 3], [70, 70], [9000]),
    );
    const cases = shapes.chain((shape) => fc.tuple(fc.constant(shape), viewOf(shape), viewOf(shape)));
    const expression = apply("exp", "float32", apply("sub", "float32", input(0), input(1)));
    fc.assert(
      fc.property(cases, ([shape, a, b]: [Shape, View, View]) => {
        // Nothing is left to the loops.
        const out = map(expression, [a, b], shape, "float32", scratch()) ?? new Float32Array(0);
        const expected = indices(shape).map((index) => Math.exp(Math.fround(at(a, ...index) - at(b, ...index))));
        expect(distance(out, expected)).toBeLessThan(2e-6);
      }),
      { seed: 11, numRuns: 200 },
    );
  });

  it("chooses as the loops do, to the bit, for every kind of float", () => {
    const xs = everyKindOfFloat();
    const inputs = [list(xs), list(xs.toReversed())];
    const [x, y] = [input(0), input(1)];
    const chosen = [
      apply("relu", "float32", apply("add", "float32", x, y)),
      apply("where", "float32", apply("cast", "bool", x), y, constant(0)),
      apply("where", "float32", apply("less", "bool", x, y), apply("neg", "float32", x), y),
      ...(["minimum", "maximum"] as const).map((scalar) => apply(scalar, "float32", x, y)),
      apply("sign", "float32", x),
    ];
    for (const expression of chosen) {
      const out = map(expression, inputs, [xs.length], "float32", scratch())!;
      const expected = loops(expression, inputs, [xs.length], "float32");
      expect(out.findIndex((value, i) => !Object.is(value, expected[i]))).toBe(-1);
    }
    // WebAssembly leaves a bool to be read or written to the loops.
    const truth = list(Uint8Array.from(xs, (_, i) => (i % 3) & 1));
    const mask = apply("where", "float32", input(0, "bool"), input(1), constant(0));
    const masked = map(mask, [truth, list(xs)], [xs.length], "float32", scratch());
    const larger = apply("less", "bool", apply("relu", "float32", x), y);
    const compared = map(larger, inputs, [xs.length], "bool", scratch());
    if (scratch().engine.x86 === null) expect([masked, compared]).toEqual([undefined, undefined]);
    else {
      expect(masked).toEqual(loops(mask, [truth, list(xs)], [xs.length], "float32"));
      expect(compared).toEqual(loops(larger, inputs, [xs.length], "bool"));
    }
  });

  it("does not compile again for other constants or other single values", () => {
    const scaled = (factor: number) => apply("tanh", "float32", apply("mul", "float32", input(0), constant(factor)));
    const x = list(Float32Array.of(0.25));
    for (const factor of [1, 2, -3]) {
      const [y] = map(scaled(factor), [x], [1], "float32", scratch())!;
      expect(y).toBeCloseTo(Math.tanh(0.25 * factor), 6);
    }
  });

  it.each(engines)("goes through the channels of many images at once, each with its own value: %s", (_, scratch) => {
    const cases = fc.record({
      ...{ images: fc.integer({ min: 1, max: 7 }), channels: fc.integer({ min: 1, max: 7 }) },
      ...{ places: fc.integer({ min: 1, max: 60 }), gap: fc.nat(3), apart: fc.nat(2) },
    });
    let answered = 0;
    const summed = apply("sigmoid", "float32", apply("add", "float32", input(0), input(1)));
    fc.assert(
      fc.property(cases, ({ images, channels, places, gap, apart }) => {
        const shape = [images, channels, places];
        const [row, image] = [places + gap, channels * (places + gap) + apart];
        const values = Float32Array.from({ length: images * image }, (_, i) => Math.sin(i));
        const x: View = { buffer: wrap(values, "float32"), shape, strides: [image, row, 1], offset: 0 };
        const biases = wrap(
          Float32Array.from({ length: 2 * channels }, (_, i) => i / 3),
          "float32",
        );
        const b: View = { buffer: biases, shape, strides: [0, 2, 0], offset: 1 };
        const fast = map(summed, [x, b], shape, "float32", scratch());
        if (fast === undefined) return;
        answered++;
        const slow = loops(summed, [x, b], shape, "float32");
        expect(fast.every((y, i) => Math.abs(y - slow[i]!) < 1e-6)).toBe(true);
      }),
      { numRuns: 200 },
    );
    expect(answered).toBeGreaterThan(100);
  });

  it("leaves cheap, unknown, short and double-precision expressions to others", () => {
    const x = list(wave(1));
    const long = list(new Float32Array(600));
    const doubles = { ...long, buffer: wrap(new Float64Array(600), "float64") };
    const exp = apply("exp", "float32", input(0));
    const inWasm = engines[1]![1]();
    expect(map(apply("add", "float32", input(0), input(0)), [x], [length], "float32", inWasm)).toBeUndefined();
    expect(map(apply("atan2", "float32", exp, exp), [x], [length], "float32", scratch())).toBeUndefined();
    expect(jit.map(exp, [x], [length], "float32")).toBeUndefined();
    expect(jit.map(exp, [long], [600], "float32")).toEqual(new Float32Array(600).fill(1));
    const inDoubles = apply("exp", "float64", input(0, "float64"));
    expect(jit.map(inDoubles, [doubles], [600], "float64")).toBeUndefined();
  });
});
