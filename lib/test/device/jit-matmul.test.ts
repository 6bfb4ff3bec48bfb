import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wrap } from "../../src/device/cpu/buffer.ts";
import * as jit from "../../src/device/cpu/jit/index.ts";
import { matmul } from "../../src/device/cpu/jit/matmul.ts";
import { Scratch } from "../../src/device/cpu/jit/scratch.ts";
import type { View } from "../../src/device/device.ts";
import { at, distance, engines, indices, viewOf } from "./jit-views.ts";

/** The definition, in double precision. */
function product(a: View, b: View): number[] {
  const depth = a.shape.at(-1)!;
  return indices([...a.shape.slice(0, -1), b.shape.at(-1)!]).map((index) => {
    const [batch, i, j] = [index.slice(0, -2), index.at(-2)!, index.at(-1)!];
    let sum = 0;
    for (let k = 0; k < depth; k++) sum += at(a, ...batch, i, k) * at(b, ...batch, k, j);
    return sum;
  });
}

const pair = (batch: readonly number[], m: number, k: number, n: number) =>
  fc.tuple(viewOf([...batch, m, k]), viewOf([...batch, k, n]));
const size = fc.oneof(fc.constantFrom(0, 1), fc.integer({ min: 2, max: 21 }));
const batches = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 });

/** `[images, heads, rows, columns]`, stored as `[images, rows, heads, columns]`. */
function headsOf(images: number, heads: number, rows: number, columns: number, seed: number): View {
  const values = Float32Array.from({ length: 3 + images * heads * rows * columns }, (_, i) => Math.sin(i * i + seed));
  const strides = [rows * heads * columns, columns, heads * columns, 1];
  return { buffer: wrap(values, "float32"), shape: [images, heads, rows, columns], strides, offset: 3 };
}

/** The transposed matrices. */
const turn = ({ shape: [i, h, r, c], strides: [si, sh, sr, sc], ...view }: View): View =>
  ({ ...view, shape: [i, h, c, r], strides: [si, sh, sc, sr] }) as View;

/** One index of an axis, which stays. */
const slice = (view: View, axis: number, index: number): View => ({
  ...view,
  shape: view.shape.with(axis, 1),
  offset: view.offset + index * view.strides[axis]!,
});

describe.each(engines)("matmul with %s", (_, scratch) => {
  it("agrees with the definition for any strides, batches and sizes", () => {
    const cases = fc.tuple(batches, size, size, size).chain(([batch, m, k, n]) => pair(batch, m, k, n));
    fc.assert(
      fc.property(cases, ([a, b]) => {
        expect(distance(matmul(a, b, scratch()), product(a, b))).toBeLessThan(1e-5);
      }),
      { seed: 3, numRuns: 400 },
    );
  });

  it.each([
    [130, 3, 5],
    [3, 520, 9],
    [9, 5, 1030],
    [129, 257, 33],
  ])("agrees with the definition across blocks: %i × %i × %i", (m, k, n) => {
    fc.assert(
      fc.property(pair([], m, k, n), ([a, b]) => {
        expect(distance(matmul(a, b, scratch()), product(a, b))).toBeLessThan(5e-5);
      }),
      { seed: 4, numRuns: 4 },
    );
  });

  it("multiplies many matrices at once, which lie beside each other as the heads of attention do", () => {
    const sizes = fc.record({
      ...{ images: fc.integer({ min: 1, max: 3 }), heads: fc.integer({ min: 1, max: 7 }) },
      ...{ m: fc.integer({ min: 1, max: 40 }), k: fc.integer({ min: 1, max: 40 }) },
      ...{ n: fc.constantFrom(8, 16, 32, 48, 64, 96, 20), turnedLeft: fc.boolean(), turnedRight: fc.boolean() },
    });
    fc.assert(
      fc.property(sizes, ({ images, heads, m, k, n, turnedLeft, turnedRight }) => {
        const a = turnedLeft ? turn(headsOf(images, heads, k, m, 1)) : headsOf(images, heads, m, k, 1);
        const b = turnedRight ? turn(headsOf(images, heads, n, k, 2)) : headsOf(images, heads, k, n, 2);
        const result = matmul(a, b, scratch());
        expect(distance(result, product(a, b))).toBeLessThan(1e-5);
        const [one, other] = [a, b].map((view) => slice(slice(view, 0, images - 1), 1, heads - 1));
        expect(matmul(one!, other!, scratch())).toEqual(result.slice(-m * n));
      }),
      { seed: 6, numRuns: 300 },
    );
  });

  it("gives every row of the left side the same bits, whatever rows are beside it", () => {
    fc.assert(
      fc.property(pair([], 13, 300, 17), ([a, b]) => {
        const all = matmul(a, b, scratch());
        for (const i of [0, 5, 12]) {
          const row = { ...a, shape: [1, 300], offset: a.offset + i * a.strides[0]! };
          expect(matmul(row, b, scratch())).toEqual(all.slice(i * 17, (i + 1) * 17));
        }
      }),
      { seed: 5, numRuns: 10 },
    );
  });
});

describe("matmul", () => {
  const view = (values: Float32Array, shape: readonly number[], strides: readonly number[]): View => ({
    ...{ buffer: wrap(values, "float32"), offset: 0 },
    ...{ shape, strides },
  });
  const wave = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i));

  it("does in parts what does not fit the memory", () => {
    const [engine] = engines.map(([, scratch]) => scratch().engine);
    const a = view(wave(3 * 200 * 50), [3, 200, 50], [10_000, 50, 1]);
    const b = view(wave(3 * 50 * 40), [3, 50, 40], [2_000, 40, 1]);
    const whole = matmul(a, b, new Scratch(engine!));
    const inParts = matmul(a, b, new Scratch(engine!, 1_230_000));
    expect(inParts).toEqual(whole);
    expect(distance(whole, product(a, b))).toBeLessThan(2e-5);
  });

  it("passes NaN and infinity on to the elements they belong to, and no others", () => {
    const values = wave(12 * 12);
    values[5 * 12 + 3] = Number.NaN;
    values[7 * 12 + 2] = Number.POSITIVE_INFINITY;
    const a = view(values, [12, 12], [12, 1]);
    const identity = Float32Array.from({ length: 144 }, (_, i) => (i % 13 === 0 ? 1 : 2));
    const out = matmul(a, view(identity, [12, 12], [12, 1]), engines[0]![1]());
    const rows = Array.from({ length: 12 }, (_, i) => out.slice(i * 12, i * 12 + 12));
    expect(rows[5]!.every(Number.isNaN)).toBe(true);
    expect(rows[7]!.every((value) => value === Number.POSITIVE_INFINITY)).toBe(true);
    expect(rows.filter((row) => row.every(Number.isFinite))).toHaveLength(10);
  });

  it("leaves small products and other dtypes to others", () => {
    const small = view(wave(16), [4, 4], [4, 1]);
    expect(jit.matmul(small, small)).toBeUndefined();
    const doubles = { ...view(wave(0), [64, 64], [64, 1]), buffer: wrap(new Float64Array(4096), "float64") };
    expect(jit.matmul(doubles, doubles)).toBeUndefined();
    const large = view(wave(4096), [64, 64], [64, 1]);
    expect(jit.matmul(large, large)).toHaveLength(4096);
  });
});
