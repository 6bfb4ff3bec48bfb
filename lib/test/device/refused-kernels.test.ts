import { describe, expect, it } from "vitest";
import { wrap } from "../../src/device/cpu/buffer.ts";
import { cpu } from "../../src/device/cpu/cpu.ts";
import { convolve } from "../../src/device/cpu/jit/convolution/convolve.ts";
import { engine } from "../../src/device/cpu/jit/engine.ts";
import * as jit from "../../src/device/cpu/jit/index.ts";
import { matmul } from "../../src/device/cpu/jit/matmul.ts";
import { runProgram } from "../../src/device/cpu/jit/rows/program.ts";
import { plain } from "../../src/device/cpu/plain/plain.ts";
import type { Expression, RowProgram, Shape, View } from "../../src/device/device.ts";
import { digamma, polygamma, tensor } from "../../src/index.ts";
import { engines } from "./jit-views.ts";

const rowMajor = (shape: Shape) => shape.map((_, axis) => shape.slice(axis + 1).reduce((product, n) => product * n, 1));
const view = (shape: Shape, length: number, offset = 0, strides = rowMajor(shape)): View => ({
  buffer: wrap(new Float32Array(length).fill(1), "float32"),
  ...{ shape, strides, offset },
});
const x: Expression = { kind: "input", index: 0, dtype: "float32" };
const exp: Expression = { kind: "apply", scalar: "exp", to: [x], dtype: "float32" };
const options = {
  ...({ stride: [1, 1], dilation: [1, 1], inputDilation: [1, 1], groups: 1 } as const),
  padding: [
    [0, 0],
    [0, 0],
  ],
} as const;

describe.each(engines)("kernels with %s", (_, scratch) => {
  const program: RowProgram = { folds: [], elements: [exp], rows: [] };
  const run = (given: View, shape: Shape) => runProgram(program, [given], shape, scratch());

  it("refuse rows that leave their array, at either end, and broken sizes", () => {
    expect(run(view([30, 40], 1200), [30, 40])).toBeDefined();
    for (const given of [
      view([30, 40], 1199),
      view([30, 40], 1200, 1),
      view([30, 40], 1200, -1),
      view([30, 40], 1200, 0, [-40, 1]),
      view([30, 40], 1200, 0, [2 ** 31, 1]),
      view([30, 40], 1200, Number.NaN),
    ])
      expect(() => run(given, [30, 40])).toThrow(RangeError);
    for (const shape of [
      [0.5, 40],
      [2.5, 40],
      [-3, 40],
    ])
      expect(() => run(view(shape, 1200, 0, [41, 1]), shape)).toThrow(RangeError);
  });

  it("refuse matrices that leave their array", () => {
    const b = view([40, 50], 2000);
    expect(matmul(view([30, 40], 1200), b, scratch())).toHaveLength(1500);
    for (const a of [view([30, 40], 1199), view([30, 40], 1200, -1), view([30, 40], 1200, 0, [1, -30])])
      expect(() => matmul(a, b, scratch())).toThrow(RangeError);
  });

  it("refuse convolutions that leave their array, or do not go together", () => {
    const filters = view([6, 3, 5, 5], 450);
    const images = view([2, 3, 12, 12], 864);
    expect(convolve(images, filters, options, scratch())).toHaveLength(2 * 6 * 64);
    expect(convolve(images, view([6, 3, 0, 5], 0), options, scratch())).toEqual(new Float32Array(2 * 6 * 13 * 8));
    expect(() => convolve(view([2, 3, 12, 12], 863), filters, options, scratch())).toThrow(RangeError);
    expect(() => convolve(view([2, 3, 12, 12], 864, -1), filters, options, scratch())).toThrow(RangeError);
    expect(() => convolve(images, view([6, 4, 5, 5], 600), options, scratch())).toThrow(/do not go together/);
    for (const wrong of [
      { stride: [0, 1] },
      { stride: [1, -1] },
      { dilation: [1, 0.5] },
      { inputDilation: [Number.NaN, 1] },
      { groups: 0 },
      { groups: 4 },
    ])
      expect(() => convolve(images, filters, { ...options, ...wrong } as never, scratch())).toThrow(/go together/);
  });
});

it("matrices whose sizes or batches differ are refused before any kernel takes one's for the other's", () => {
  for (const [a, b] of [
    [view([64, 64], 4096), view([20, 64], 1280)],
    [view([4, 32, 32], 4096), view([2, 32, 32], 2048)],
    [view([64, 64], 4096), view([1, 64, 64], 4096)],
  ] as const)
    expect(() => jit.matmul(a, b)).toThrow(/do not go together/);
});

it("a part of a negative size is refused, with which a loop went on for ever", () => {
  expect(() => cpu.pad([{ view: view([-7], 8), at: [5] }], [6], 0)).toThrow(RangeError);
});

describe.skipIf(engine()?.x86 == null)("machine code is not run", () => {
  it("on parts of negative sizes, which ended the process", () => {
    const part = view([55, -1, 6, 4], 3968, 3, [72, 24, 4, 1]);
    expect(() => cpu.pad([{ view: part, at: [0, 0, 0, 0] }], [55, 3, 6, 4], 0)).toThrow(RangeError);
  });

  it("on arrays that are narrower than the program reads them", () => {
    const narrow = { ...view([30, 40], 0), buffer: wrap(new Uint8Array(1200), "float32") };
    expect(() => cpu.map(exp, [narrow], [30, 40], "float32")).toThrow(RangeError);
  });

  it("on values that are given as others", () => {
    for (const device of [cpu, plain])
      expect(() => device.write(new Uint8Array(8) as never, "float32")).toThrow(/Uint8Array given as float32/);
  });

  it("with places that are no 32-bit integers", () => {
    const floats = { ...view([20], 0), buffer: wrap(new Float32Array(20).fill(0.5), "int32") };
    expect(() => cpu.gather(view([40, 32], 1280), floats, 0)).toThrow(RangeError);
    const windows = { shape: [1, 1, 8, 8, 2, 2], strides: [256, 256, 32, 2, 16, 1] };
    const bytes = { ...view([1, 1, 8, 8], 0), buffer: wrap(new Uint8Array(64), "int32") };
    expect(() => cpu.spread(view([1, 1, 8, 8], 64), bytes, windows, [1, 1, 16, 16])).toThrow(RangeError);
  });
});

it("derivatives of the logarithm of the gamma function end far below zero", async () => {
  // By mpmath.
  const far = tensor(Float64Array.of(-99.7, -120.25, -150.5), { dtype: "float64" });
  const [one, two, three] = [2.324671670126058, 7.935317803773997, 5.017281664206133];
  for (const [i, expected] of [one, two, three].entries())
    expect((await digamma(far).data())[i]).toBeCloseTo(expected, 12);
  expect((await polygamma(far, 3).data())[0]).toBeCloseTo(769.0209123455562, 8);
  expect(await digamma(tensor(Float64Array.of(-1e12 - 0.3))).item()).toBeCloseTo(29.912785566980165, 3);
});
