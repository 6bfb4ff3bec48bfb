import { describe, expect, it } from "vitest";
import { plain } from "../../../src/device/cpu/plain/plain.ts";
import type {
  Buffer,
  ConvolutionOptions,
  Device,
  DType,
  Expression,
  Reduction,
  RowProgram,
  Scalar,
  Shape,
  View,
} from "../../../src/device/device.ts";
import { Context } from "../../../src/device/gpu/context.ts";
import { gpuDevice } from "../../../src/device/gpu/gpu.ts";
import { gpu } from "./adapter.ts";

/** The device as on a GPU that is not emulated: tiles, and teams of threads. */
const hard = gpu === null ? null : gpuDevice(new Context(gpu.context.launcher, gpu.context.compiler, false));

/** Numbers that look random: halves of integers, whose sums are exact. */
function numbers(length: number, dtype: DType, seed = 1): Float32Array | Int32Array {
  const list = dtype === "int32" ? new Int32Array(length) : new Float32Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    list[i] = ((state >>> 8) % 33) - 16;
    if (dtype === "float32") list[i]! /= 8;
  }
  return list;
}

/** A view of new values; `order` says how its axes lie in memory, from the outermost on, and `flip` which run backwards. */
function view(
  device: Device,
  shape: Shape,
  dtype: DType = "float32",
  order?: readonly number[],
  flip: readonly number[] = [],
) {
  const axes = order ?? shape.map((_, axis) => axis);
  const strides = new Array<number>(shape.length).fill(0);
  let step = 1;
  let offset = 3;
  for (const axis of axes.toReversed()) {
    strides[axis] = flip.includes(axis) ? -step : step;
    if (flip.includes(axis)) offset += (shape[axis]! - 1) * step;
    step *= shape[axis]!;
  }
  const buffer = device.write(numbers(step + 5, dtype, 1 + step) as never, dtype);
  return { buffer, shape, strides, offset } satisfies View;
}

async function same(work: (device: Device) => Buffer, tolerance = 1e-5) {
  const [got, expected] = [await hard!.read(work(hard!)), await plain.read(work(plain))];
  expect(got.length).toBe(expected.length);
  let worst = 0;
  expected.forEach((want, i) => {
    const off = Number.isNaN(want)
      ? Number.isNaN(got[i]!)
        ? 0
        : Infinity
      : want === got[i]
        ? 0
        : Math.abs(got[i]! - want);
    worst = Math.max(worst, off / Math.max(1, Math.abs(want) || 1));
  });
  expect(worst).toBeLessThanOrEqual(tolerance);
}

describe.skipIf(gpu === null)("products in tiles", () => {
  const sizes = [
    [24, 16, 24],
    [65, 17, 63],
    [64, 64, 64],
    [100, 70, 130],
    [1, 2000, 3],
    [5, 5000, 30],
    [129, 1100, 70],
  ] as const;
  it.each(sizes)("of %i × %i × %i, however they lie", async (m, k, n) => {
    for (const [left, right] of [
      [undefined, undefined],
      [[1, 0], undefined],
      [undefined, [1, 0]],
      [
        [1, 0],
        [1, 0],
      ],
    ])
      await same((device) =>
        device.matmul(view(device, [m, k], "float32", left), view(device, [k, n], "float32", right)),
      );
  });

  it("of many matrices, of integers, and along broadcast axes", async () => {
    await same((device) =>
      device.matmul(view(device, [3, 2, 30, 40]), view(device, [3, 2, 40, 35], "float32", [1, 0, 2, 3])),
    );
    await same((device) => device.matmul(view(device, [40, 33], "int32"), view(device, [33, 50], "int32")));
    await same((device) => {
      const b = view(device, [30, 31]);
      return device.matmul(view(device, [4, 29, 30]), { ...b, shape: [4, 30, 31], strides: [0, ...b.strides] });
    });
  });

  it("in large squares, where there are enough of them", async () => {
    await same((device) =>
      device.matmul(view(device, [32, 131, 17]), view(device, [32, 17, 140], "float32", [0, 2, 1])),
    );
    await same((device) =>
      device.matmul(view(device, [32, 129, 18], "float32", [0, 2, 1]), view(device, [32, 18, 130])),
    );
  });

  const usual: ConvolutionOptions = {
    stride: [1, 1],
    padding: [
      [0, 0],
      [0, 0],
    ],
    dilation: [1, 1],
    inputDilation: [1, 1],
    groups: 1,
  };
  const cases: [string, Shape, Shape, Partial<ConvolutionOptions>][] = [
    ["plain", [2, 5, 12, 12], [26, 5, 3, 3], {}],
    [
      "padded and strided",
      [2, 6, 13, 11],
      [30, 6, 3, 3],
      {
        stride: [2, 1],
        padding: [
          [1, 2],
          [2, 0],
        ],
      },
    ],
    [
      "cropped",
      [1, 8, 12, 12],
      [30, 8, 3, 3],
      {
        padding: [
          [-1, 0],
          [0, -2],
        ],
      },
    ],
    [
      "dilated",
      [2, 6, 12, 12],
      [24, 6, 3, 3],
      {
        dilation: [2, 1],
        padding: [
          [2, 2],
          [1, 1],
        ],
      },
    ],
    [
      "with zeros between its elements",
      [2, 6, 7, 6],
      [24, 6, 3, 3],
      {
        inputDilation: [2, 3],
        padding: [
          [2, 2],
          [2, 2],
        ],
      },
    ],
    ["in groups", [2, 12, 9, 9], [72, 4, 3, 3], { groups: 3 }],
    ["with many taps", [2, 40, 12, 12], [3, 40, 10, 10], {}],
    ["small", [1, 2, 5, 5], [3, 2, 2, 2], { stride: [2, 2] }],
    [
      "small, with zeros between",
      [1, 2, 5, 5],
      [3, 2, 2, 2],
      {
        inputDilation: [2, 2],
        padding: [
          [1, 0],
          [0, 1],
        ],
      },
    ],
  ];
  it.each(cases)("as convolutions: %s", async (_, x, filters, options) => {
    await same((device) =>
      device.convolve(view(device, x, "float32", [1, 0, 3, 2]), view(device, filters), { ...usual, ...options }),
    );
  });
});

describe.skipIf(gpu === null)("folds by teams", () => {
  const kinds: Reduction[] = ["sum", "max", "min", "argmax", "argmin"];
  it.each(kinds)("%s over any axes", async (by) => {
    const to = by.startsWith("arg") ? "int32" : "float32";
    for (const [shape, axes] of [
      [[3000], [0]],
      [[5, 700], [1]],
      [[700, 5], [0]],
      [
        [7, 9, 70, 3],
        [1, 2],
      ],
      [
        [2, 300, 2, 50],
        [1, 3],
      ],
      [[70000], [0]],
      [[2, 131072], [1]],
      [
        [4, 256, 512],
        [0, 2],
      ],
    ] as [number[], number[]][])
      await same((device) => device.reduce(by, view(device, shape, "float32", undefined, [0]), axes, to));
    await same((device) => device.reduce(by, view(device, [3, 900], "int32"), [1], "int32"));
  });

  it("keep NaN, and the first of equals", async () => {
    for (const by of kinds) {
      const values = new Float32Array(1000).fill(2);
      values[700] = Number.NaN;
      values[900] = Number.NaN;
      const to = by.startsWith("arg") ? "int32" : "float32";
      const of = (device: Device) => ({
        buffer: device.write(values, "float32"),
        shape: [1000],
        strides: [1],
        offset: 0,
      });
      await same((device) => device.reduce(by, of(device), [0], to));
      values.fill(2);
      await same((device) => device.reduce(by, of(device), [0], to));
    }
  });

  it("of nothing", async () => {
    for (const by of ["sum", "prod", "max", "min"] as const)
      await same((device) => device.reduce(by, view(device, [3, 0]), [1], "float32"));
    await same((device) => device.reduce("sum", view(device, [0, 3]), [1], "float32"));
  });
});

describe.skipIf(gpu === null)("moving and ordering", () => {
  it.each([5, 256, 257, 1000, 3000])("sorts lines of %i, stably, NaN last", async (n) => {
    const work = (which: "values" | "order") => (device: Device) => {
      const values = numbers(3 * n * 2, "float32");
      values[4] = Number.NaN;
      values[7] = Number.NEGATIVE_INFINITY;
      values[8] = -0;
      const buffer = device.write(values as Float32Array, "float32");
      return device.sort({ buffer, shape: [3, n, 2], strides: [2 * n, 2, 1], offset: 0 }, 1)[which];
    };
    await same(work("values"));
    await same(work("order"));
    await same((device) => device.sort(view(device, [n], "int32"), 0).order);
  });

  it.each([20, 100, 700])("adds %i slices at indices, in their order", async (n) => {
    await same((device) => {
      const indices = Int32Array.from({ length: n }, (_, i) => (i * i) % 11);
      const at = { buffer: device.write(indices, "int32"), shape: [n], strides: [1], offset: 0 };
      return device.scatterAdd(at, view(device, [2, n, 3]), 1, [2, 13, 3]);
    });
  });

  it("adds at windows that share elements, and at those that do not", async () => {
    for (const step of [1, 2])
      await same((device) => {
        const windows = { shape: [2, 5, 5, 2, 2], strides: [144, 12 * step, step, 12, 1] };
        const at = Int32Array.from({ length: 50 }, (_, i) => (i * 7) % 4);
        const places = { buffer: device.write(at, "int32"), shape: [2, 5, 5], strides: [25, 5, 1], offset: 0 };
        return device.spread(view(device, [2, 5, 5]), places, windows, [2, 12, 12]);
      });
  });

  it("runs along an axis", async () => {
    for (const by of ["sum", "prod", "max", "min"] as const)
      await same((device) => device.scan(by, view(device, [3, by === "prod" ? 8 : 40, 2], "int32"), 1));
    await same((device) => device.scan("sum", view(device, [2, 5000]), 1));
    await same((device) => device.scan("max", view(device, [2, 50, 3], "float32", [2, 0, 1]), 1));
  });

  it("gives the same random words as the CPU, for odd lengths too", async () => {
    for (const length of [0, 1, 2, 7, 1000]) await same((device) => device.bits([123456789, -987654321], length), 0);
  });

  it("reads nothing where an index is out of range, and adds nothing there", async () => {
    const { device } = gpu!;
    const x = { buffer: device.write(Float32Array.of(1, 2, 3), "float32"), shape: [3], strides: [1], offset: 0 };
    const at = { buffer: device.write(Int32Array.of(2, 3, -1, 1e9), "int32"), shape: [4], strides: [1], offset: 0 };
    expect([...(await device.read(device.gather(x, at, 0)))]).toEqual([3, Number.NaN, Number.NaN, Number.NaN]);
    const ones = { buffer: device.write(Float32Array.of(1, 1, 1, 1), "float32"), shape: [4], strides: [1], offset: 0 };
    expect([...(await device.read(device.scatterAdd(at, ones, 0, [3])))]).toEqual([0, 0, 1]);
  });
});

describe.skipIf(gpu === null)("row programs", () => {
  const float = (index: number): Expression => ({ kind: "input", index, dtype: "float32" });
  const apply = (scalar: Scalar, ...to: Expression[]): Expression => ({ kind: "apply", scalar, to, dtype: "float32" });
  const two: Expression = { kind: "constant", value: 2, dtype: "float32" };
  const half: Expression = { kind: "constant", value: 0.5, dtype: "float32" };
  // Softmax of 2x + y, its doubled exponentials, and the logarithm of the sum of these.
  const z = apply("add", apply("mul", float(0), two), float(1));
  const e = apply("exp", apply("sub", z, float(2)));
  const program = (beside: boolean): RowProgram => ({
    folds: [
      { by: "max", of: z },
      { by: "sum", of: e },
    ],
    elements: [apply("div", e, float(3)), apply("mul", e, half)],
    beside,
    rows: [apply("add", apply("log", float(3)), float(2))],
  });
  /** The same by steps on the reference. */
  function stepwise(x: View, y: View, shape: Shape, beside: boolean): number[][] {
    const read = (view: View, row: number, c: number) =>
      (plain.peek!(view.buffer) as Float32Array)[view.offset + row * view.strides[0]! + c * view.strides[1]!]!;
    const [count, columns] = shape as [number, number];
    const [first, second, logs]: [number[], number[], number[]] = [[], [], []];
    const both: number[] = [];
    for (let row = 0; row < count; row++) {
      const values = Array.from({ length: columns }, (_, c) => 2 * read(x, row, c) + read(y, row, c));
      const top = Math.max(...values);
      const powers = values.map((value) => Math.exp(value - top));
      const sum = powers.reduce((a, b) => a + b);
      first.push(...powers.map((value) => value / sum));
      second.push(...powers.map((value) => value / 2));
      both.push(...powers.map((value) => value / sum), ...powers.map((value) => value / 2));
      logs.push(Math.log(sum) + top);
    }
    return beside ? [both, logs] : [first, second, logs];
  }

  it.each([
    [3, 700, false],
    [300, 20, false],
    [300, 20, true],
    [2, 65, true],
    [1, 1, false],
  ])("fold and rewrite %i rows of %i, results beside each other: %s", async (count, columns, beside) => {
    const shape = [count, columns];
    const inputs = (device: Device) => {
      const row = view(device, [columns]);
      return [view(device, shape, "float32", [1, 0]), { ...row, shape, strides: [0, 1] }] as const;
    };
    const expected = stepwise(...inputs(plain), shape, beside);
    for (const device of [hard!, gpu!.device]) {
      const found = device.rows!(program(beside), inputs(device), shape)!;
      const got = await Promise.all([...found.elements, ...found.rows].map((buffer) => device.read(buffer)));
      expect(got).toHaveLength(expected.length);
      expected.forEach((list, i) => {
        list.forEach((want, k) => {
          expect(Math.abs(got[i]![k]! - want)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(want)));
        });
      });
    }
  });

  it("without folds", async () => {
    const only: RowProgram = { folds: [], elements: [z, apply("tanh", z)], beside: true, rows: [] };
    const found = hard!.rows!(only, [view(hard!, [5, 7]), view(hard!, [5, 7])], [5, 7])!;
    const [a, b] = [view(plain, [5, 7]), view(plain, [5, 7])];
    const sums = await plain.read(plain.map(z, [a, b], [5, 7], "float32"));
    const got = await hard!.read(found.elements[0]!);
    sums.forEach((value, i) => {
      const at = Math.floor(i / 7) * 14 + (i % 7);
      expect(got[at]).toBeCloseTo(value, 5);
      expect(got[at + 7]).toBeCloseTo(Math.tanh(value), 5);
    });
  });
});
