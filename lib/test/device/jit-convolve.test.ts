import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wrap } from "../../src/device/cpu/buffer.ts";
import { convolve } from "../../src/device/cpu/jit/convolution/convolve.ts";
import { convolveCorrelated } from "../../src/device/cpu/jit/convolution/correlated.ts";
import { planAxis } from "../../src/device/cpu/jit/convolution/geometry.ts";
import { problem } from "../../src/device/cpu/jit/convolution/problem.ts";
import { convolveShifted } from "../../src/device/cpu/jit/convolution/shifted.ts";
import * as jit from "../../src/device/cpu/jit/index.ts";
import type { ConvolutionOptions, View } from "../../src/device/device.ts";
import { at, contiguous, distance, engines, indices, viewOf } from "./jit-views.ts";

type Quad = [number, number, number, number];

/** The image with zeros between and around, or cropped: element [row, column] of one channel. */
function padded(x: View, { padding, inputDilation }: ConvolutionOptions) {
  const [, , height, width] = x.shape as Quad;
  const along = (i: number, axis: 0 | 1, n: number) => {
    const inside = (i - padding[axis][0]) / inputDilation[axis];
    return Number.isInteger(inside) && inside >= 0 && inside < n ? inside : undefined;
  };
  return (b: number, c: number, row: number, column: number) => {
    const [y, z] = [along(row, 0, height), along(column, 1, width)];
    return y === undefined || z === undefined ? undefined : at(x, b, c, y, z);
  };
}

function outputs(n: number, taps: number, axis: 0 | 1, o: ConvolutionOptions): number {
  const wide = n === 0 ? 0 : (n - 1) * o.inputDilation[axis] + 1;
  const room = wide + o.padding[axis][0] + o.padding[axis][1] - ((taps - 1) * o.dilation[axis] + 1);
  return room < 0 ? 0 : Math.floor(room / o.stride[axis]) + 1;
}

/** The definition: pad, then one inner product for every output, in double precision. */
function definition(x: View, filters: View, o: ConvolutionOptions): number[] {
  const [batch, , height, width] = x.shape as Quad;
  const [count, channels, kh, kw] = filters.shape as Quad;
  const image = padded(x, o);
  const shape = [batch, count, outputs(height, kh, 0, o), outputs(width, kw, 1, o)];
  const taps = indices([channels, kh, kw]) as [number, number, number][];
  return indices(shape).map((index) => {
    const [b, f, row, column] = index as Quad;
    const first = Math.floor(f / (count / o.groups)) * channels;
    let sum = 0;
    for (const [c, ky, kx] of taps) {
      const value = image(
        b,
        first + c,
        row * o.stride[0] + ky * o.dilation[0],
        column * o.stride[1] + kx * o.dilation[1],
      );
      if (value !== undefined) sum += value * at(filters, f, c, ky, kx);
    }
    return sum;
  });
}

const from = (min: number, max: number) => fc.integer({ min, max });
const both = <T>(one: fc.Arbitrary<T>) => fc.tuple(one, one);
const apart = fc.constantFrom(1, 1, 1, 2, 3, 4);

const optionsWith = (inputDilation: fc.Arbitrary<number>, groups: number) =>
  fc.record({
    stride: both(apart),
    padding: both(both(from(-2, 4))),
    dilation: both(apart),
    inputDilation: both(inputDilation),
    groups: fc.constant(groups),
  });

function cases(inputDilation: fc.Arbitrary<number>, largestFilter: number) {
  const sizes = fc.record({
    batch: from(0, 3),
    groups: fc.constantFrom(1, 1, 1, 2, 3),
    channels: from(0, 3),
    count: from(0, 6),
    image: both(from(0, 11)),
    taps: both(from(1, largestFilter)),
  });
  return sizes.chain(({ batch, groups, channels, count, image, taps }) =>
    fc.tuple(
      viewOf([batch, groups * channels, ...image]),
      viewOf([groups * count, channels, ...taps]),
      optionsWith(inputDilation, groups),
    ),
  );
}

const one = fc.constant(1);

describe.each(engines)("convolve with %s", (_, scratch) => {
  it("agrees with the definition for any strides, paddings, dilations and groups", () => {
    fc.assert(
      fc.property(cases(apart, 4), ([x, filters, o]) => {
        expect(distance(convolve(x, filters, o, scratch()), definition(x, filters, o))).toBeLessThan(1e-5);
      }),
      { seed: 6, numRuns: 1000 },
    );
  });

  it("agrees with the definition for filters as large as the image", () => {
    fc.assert(
      fc.property(cases(one, 13), ([x, filters, o]) => {
        expect(distance(convolve(x, filters, o, scratch()), definition(x, filters, o))).toBeLessThan(1e-5);
      }),
      { seed: 7, numRuns: 600 },
    );
  });

  it("gives the same by shifted products as by sums over taps", () => {
    fc.assert(
      fc.property(cases(one, 9), ([x, filters, o]) => {
        const p = problem(x, filters, o);
        fc.pre(p.batch * p.channels * p.filtersPerGroup * p.rows.outputs * p.columns.outputs > 0);
        const shifted = convolveShifted(p, scratch());
        expect(distance(convolveCorrelated(p, scratch()), shifted)).toBeLessThan(1e-5);
      }),
      { seed: 8, numRuns: 300 },
    );
  });
});

/** Sizes and options of a layer, and its two gradients as convolutions. */
interface Layer {
  readonly name: string;
  readonly x: Quad;
  readonly filters: Quad;
  readonly stride: number;
  readonly padding: number;
}

const layers: readonly Layer[] = [
  { name: "LeNet's first layer", x: [2, 1, 28, 28], filters: [6, 1, 5, 5], stride: 1, padding: 2 },
  { name: "LeNet's third layer", x: [2, 6, 14, 14], filters: [16, 6, 5, 5], stride: 1, padding: 0 },
  { name: "a deep layer", x: [2, 40, 6, 6], filters: [7, 40, 3, 3], stride: 1, padding: 1 },
  { name: "a layer of stride 2", x: [3, 5, 15, 12], filters: [9, 5, 3, 3], stride: 2, padding: 1 },
  { name: "a pointwise layer", x: [2, 9, 5, 7], filters: [6, 9, 1, 1], stride: 1, padding: 0 },
  { name: "a layer that covers its input", x: [9, 4, 5, 5], filters: [6, 4, 5, 5], stride: 1, padding: 0 },
];

const swap = (view: View): View => ({
  ...view,
  shape: [1, 0, 2, 3].map((axis) => view.shape[axis]!),
  strides: [1, 0, 2, 3].map((axis) => view.strides[axis]!),
});

const turn = (view: View): View => ({
  ...view,
  strides: view.strides.map((stride, axis) => (axis < 2 ? stride : -stride)),
  offset: view.offset + (view.shape[2]! - 1) * view.strides[2]! + (view.shape[3]! - 1) * view.strides[3]!,
});

describe("convolutions as layers use them", () => {
  it.each(layers)("computes $name and both of its gradients", ({ x, filters, stride, padding }) => {
    const [input, weights] = [contiguous(x, 1), contiguous(filters, 2)];
    const basic = { dilation: [1, 1], inputDilation: [1, 1], groups: 1 } as const;
    const forward: ConvolutionOptions = {
      ...basic,
      stride: [stride, stride],
      padding: [[padding, padding] as const, [padding, padding] as const],
    };
    const sizes = ([0, 1] as const).map((axis) => outputs(x[2 + axis]!, filters[2 + axis]!, axis, forward));
    const g = contiguous([x[0], filters[0], sizes[0]!, sizes[1]!], 3);
    const unused = ([0, 1] as const).map(
      (axis) => x[2 + axis]! + 2 * padding - filters[2 + axis]! - (sizes[axis]! - 1) * stride,
    );
    const around = ([0, 1] as const).map((axis) => {
      const before = filters[2 + axis]! - 1 - padding;
      return [before, before + unused[axis]!] as const;
    });
    const toInput: ConvolutionOptions = {
      ...basic,
      stride: [1, 1],
      padding: [around[0]!, around[1]!],
      inputDilation: [stride, stride],
    };
    const toFilters: ConvolutionOptions = {
      ...basic,
      stride: [1, 1],
      padding: [[padding, padding - unused[0]!] as const, [padding, padding - unused[1]!] as const],
      dilation: [stride, stride],
    };
    for (const [a, b, o] of [
      [input, weights, forward],
      [g, swap(turn(weights)), toInput],
      [swap(input), swap(g), toFilters],
    ] as const) {
      expect(distance(jit.convolve(a, b, o)!, definition(a, b, o))).toBeLessThan(1e-4);
    }
  });

  it("gives an image the same bits, whatever images are beside it", () => {
    const [x, filters] = [contiguous([7, 6, 14, 14], 4), contiguous([16, 6, 5, 5], 5)];
    const pad = [2, 2] as const;
    const o: ConvolutionOptions = {
      ...{ stride: [1, 1], dilation: [1, 1], inputDilation: [1, 1], groups: 1 },
      padding: [pad, pad],
    };
    const all = jit.convolve(x, filters, o)!;
    const size = all.length / 7;
    const fifth = { ...x, shape: [1, 6, 14, 14], offset: 4 * x.strides[0]! };
    expect(jit.convolve(fifth, filters, o)).toEqual(all.slice(4 * size, 5 * size));
  });

  it("mends what one NaN in a long filter brings in, without a table of outputs and taps", () => {
    const [x, filters] = [contiguous([1, 1, 1, 20_000], 8), contiguous([1, 1, 1, 251], 9)];
    (filters.buffer as unknown as { values: Float32Array }).values[3] = Number.NaN;
    const o: ConvolutionOptions = {
      ...{ stride: [1, 1], dilation: [1, 1], inputDilation: [1, 1], groups: 1 },
      padding: [
        [0, 0],
        [125, 125],
      ],
    };
    const out = jit.convolve(x, filters, o)!;
    // The tap hits no element for the first outputs, whose others are summed.
    const expected = definition({ ...x, shape: [1, 1, 1, 400] }, filters, o).slice(0, 200);
    expect(expected.findIndex(Number.isNaN)).toBe(122);
    expect(distance(out.subarray(0, 122), expected.slice(0, 122))).toBeLessThan(1e-4);
    expect(out.subarray(122).every(Number.isNaN)).toBe(true);
  });

  it("keeps infinities out of outputs that do not read them", () => {
    const [x, g] = [contiguous([1, 2, 9, 9], 6), contiguous([3, 2, 8, 8], 7)];
    const values = x.buffer as unknown as { values: Float32Array };
    values.values[8] = Number.POSITIVE_INFINITY;
    const none = [0, 0] as const;
    const o: ConvolutionOptions = {
      ...{ stride: [1, 1], dilation: [1, 1], inputDilation: [1, 1], groups: 1 },
      padding: [none, none],
    };
    const out = jit.convolve(x, g, o)!;
    expect(distance(out, definition(x, g, o))).toBeLessThan(1e-4);
    expect([...out].filter(Number.isFinite).length).toBeGreaterThan(0);
    expect([...out].some(Number.isNaN)).toBe(false);
  });

  it("does long signals and many images in parts", () => {
    const none = [0, 0] as const;
    const o: ConvolutionOptions = {
      ...{ stride: [1, 1], dilation: [1, 1], inputDilation: [1, 1], groups: 1 },
      padding: [none, none],
    };
    for (const [x, filters] of [
      [contiguous([2, 3, 1, 1300], 9), contiguous([5, 3, 1, 1297], 10)],
      [contiguous([3, 2, 30, 40], 9), contiguous([6, 2, 28, 39], 10)],
      [contiguous([300, 2, 60, 61], 9), contiguous([6, 2, 59, 60], 10)],
    ] as const) {
      const p = problem(x, filters, o);
      const shifted = convolveShifted(p, engines[0]![1]());
      expect(distance(convolveCorrelated(p, engines[0]![1]()), shifted)).toBeLessThan(1e-3);
    }
  });

  it("leaves other dtypes to others", () => {
    const x = { ...contiguous([1, 1, 4, 4], 8), buffer: wrap(new Float64Array(16), "float64") };
    const none = [0, 0] as const;
    const o: ConvolutionOptions = {
      ...{ stride: [1, 1], dilation: [1, 1], inputDilation: [1, 1], groups: 1 },
      padding: [none, none],
    };
    expect(jit.convolve(x, x, o)).toBeUndefined();
  });
});

describe("the plan of an axis", () => {
  it("never multiplies the zeros of an input dilation", () => {
    const axis = { inputs: 10, taps: 3, outputs: 19, stride: 1, dilation: 1, inputDilation: 2, before: 1 };
    const { phases } = planAxis(axis);
    expect(phases.map(({ reads, outputs: n }) => reads.length * n)).toEqual([10, 18]);
  });
});
