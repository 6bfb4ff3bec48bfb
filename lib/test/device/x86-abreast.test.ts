import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { valuesOf, wrap } from "../../src/device/cpu/buffer.ts";
import { convolveCorrelated } from "../../src/device/cpu/jit/convolution/correlated.ts";
import { convolvedAbreast, isDense, wayAbreast } from "../../src/device/cpu/jit/convolution/on-arrays/abreast.ts";
import { convolveAbreast } from "../../src/device/cpu/jit/convolution/on-arrays/index.ts";
import { outputLength, type Problem, problem } from "../../src/device/cpu/jit/convolution/problem.ts";
import type { Order } from "../../src/device/cpu/jit/convolution/runs.ts";
import { convolveShifted } from "../../src/device/cpu/jit/convolution/shifted.ts";
import { engine } from "../../src/device/cpu/jit/engine.ts";
import { setThreads } from "../../src/device/cpu/threads.ts";
import { X86Kernels } from "../../src/device/cpu/x86/kernels.ts";
import type { View } from "../../src/device/device.ts";
import { contiguous, engines, viewOf } from "./jit-views.ts";
import { expectSomeRefused } from "./some-refused.ts";

const x86 = engine()?.x86 ?? null;
const required = process.env.GRADBOOK_REQUIRE === "all";
if (x86 === null) console.warn("Skipped: there are no kernels in machine code on this machine.");

const few = (least: number, most: number) => fc.integer({ min: least, max: most });
const pair = <T>(each: fc.Arbitrary<T>) => fc.tuple(each, each);

/** Convolutions of many images, of any steps and borders, some of which cut pixels off or are wider than the filters. */
const problems = fc
  .record({
    ...{ batch: few(8, 70), groups: fc.constantFrom(1, 1, 1, 2, 3), channels: few(1, 5), filters: few(1, 19) },
    ...{ taps: pair(few(1, 5)), more: pair(few(0, 9)), stride: pair(few(1, 3)), dilation: pair(few(1, 2)) },
    padding: pair(pair(fc.constantFrom(0, 0, 1, 2, 6, -1))),
    order: fc.constantFrom<Order>("shifted", "correlated"),
  })
  .map((p) => (p.order === "correlated" ? { ...p, dilation: [1, 1] as const } : p))
  .filter(({ batch, channels, filters, taps, more, padding, stride, dilation }) => {
    const inputs = ([0, 1] as const).map((axis) => taps[axis] + more[axis]);
    const outputs = ([0, 1] as const).map((axis) => {
      const [before, after] = padding[axis];
      return Math.floor((inputs[axis]! + before + after - (taps[axis] - 1) * dilation[axis] - 1) / stride[axis]) + 1;
    });
    const [ofImage, ofResult] = [inputs, outputs].map(([rows, columns]) => rows! * columns!) as [number, number];
    const some = outputs.every((count) => count >= 1) && ofImage >= 8 && filters * ofResult >= 8;
    return some && batch * (channels * ofImage + filters * ofResult) < 100_000;
  })
  .chain((p) =>
    fc.record({
      p: fc.constant(p),
      x: viewOf([p.batch, p.groups * p.channels, p.taps[0] + p.more[0], p.taps[1] + p.more[1]]),
      filters: viewOf([p.groups * p.filters, p.channels, ...p.taps]),
    }),
  );

const abreast = (p: Problem, kernels: X86Kernels, order: Order) =>
  convolvedAbreast(p, kernels, wayAbreast(p, kernels, order)!)!;

const inOrder = { shifted: convolveShifted, correlated: convolveCorrelated };

/** The first place where two results differ, −1 where they do not. */
const differs = (found: Float32Array, expected: Float32Array) =>
  found.findIndex((value, i) => !Object.is(value, expected[i]));

describe.skipIf(x86 === null && !required)("convolutions of images abreast", () => {
  const kernels = x86 as X86Kernels;
  const [, fused] = engines.map(([, scratch]) => scratch);
  afterAll(() => setThreads());

  it.each([
    ["one thread", 1],
    ["three threads", 3],
  ])(
    "have the bits of both ways in WebAssembly, on %s",
    (_, threads) => {
      setThreads(threads);
      let dense = 0;
      fc.assert(
        fc.property(problems, ({ p, x, filters }) => {
          const given = problem(x, filters, { ...p, inputDilation: [1, 1] });
          if (!isDense(x)) return;
          dense++;
          const expected = inOrder[p.order](given, fused!());
          const found = abreast(given, kernels, p.order);
          expect(found).toHaveLength(outputLength(given));
          expect(differs(found, expected)).toBe(-1);
        }),
        { seed: 21, numRuns: 1000 },
      );
      expect(dense).toBeGreaterThan(150);
    },
    120_000,
  );

  const of = (shape: number[], taps: number[], padding = 0, stride = 1): Problem => {
    const at = [padding, padding] as const;
    const options = { dilation: [1, 1], inputDilation: [1, 1], padding: [at, at], groups: 1 } as const;
    return problem(contiguous(shape, 1), contiguous(taps, 2), { ...options, stride: [stride, stride] });
  };

  it("have these bits with more channels than a run has, and with planes that would crowd the caches", () => {
    setThreads(1);
    for (const given of [
      of([16, 80, 6, 6], [13, 80, 3, 3], 1),
      of([33, 40, 16, 16], [7, 40, 3, 3], 1),
      of([64, 3, 32, 32], [8, 3, 5, 5], 2, 2),
    ])
      for (const order of ["shifted", "correlated"] as const)
        expect(differs(abreast(given, kernels, order), inOrder[order](given, fused!()))).toBe(-1);
  }, 60_000);

  it("have them on narrow vectors, too", () => {
    const narrow = X86Kernels.in({ buffer: new ArrayBuffer(8) } as never, undefined, 8);
    if ("missing" in narrow) throw new Error(narrow.missing);
    const given = of([41, 6, 14, 14], [16, 6, 5, 5], 1);
    const [wide, thin] = [kernels, narrow].map((each) => abreast(given, each, "shifted"));
    expect(differs(thin!, wide!)).toBe(-1);
  });

  it("have the sign of zeros that sums have which are too small for a float", () => {
    setThreads(1);
    const all = (view: View, value: number) => ({
      ...view,
      buffer: wrap(valuesOf(view.buffer).slice().fill(value), "float32"),
    });
    const { x, filters, ...rest } = of([16, 2, 6, 6], [5, 2, 3, 3], 1);
    const given = { ...rest, x: all(x, 1e-30), filters: all(filters, -1e-30) };
    for (const order of ["shifted", "correlated"] as const)
      expect(differs(abreast(given, kernels, order), inOrder[order](given, fused!()))).toBe(-1);
  });

  it("are for many images alone, with rows of outputs that read little, and filters that are not images", () => {
    setThreads(1);
    const pays = (...given: Parameters<typeof of>) =>
      convolveAbreast(of(...given), "correlated", kernels) !== undefined;
    expect(pays([64, 6, 14, 14], [16, 6, 5, 5])).toBe(true);
    expect(pays([64, 16, 14, 14], [32, 16, 3, 3], 1)).toBe(true);
    expect(pays([7, 6, 14, 14], [16, 6, 5, 5])).toBe(false);
    expect(pays([64, 64, 64, 64], [4, 64, 5, 5])).toBe(false);
    expect(pays([16, 64, 14, 14], [32, 64, 14, 14], 1)).toBe(false);
    expect(pays([32, 33, 8, 8], [8, 33, 8, 8])).toBe(false);
  });

  it("refuse what would leave an array, in 100,000 random calls", () => {
    setThreads();
    let state = 5;
    const below = (n: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * n);
    };
    const strange = [-1, 0.5, Number.NaN, 2 ** 31, 1e6, -(2 ** 31), Number.POSITIVE_INFINITY];
    const number = (n: number) => (below(200) === 0 ? strange[below(strange.length)]! : below(n));
    const { lanes } = kernels;
    expectSomeRefused(() => {
      const tile = { rows: 1 + below(4), vectors: 1 + below(3) };
      const [images, out] = [new Float32Array(below(1200) * lanes), new Float32Array(below(900) * lanes)];
      const parts = Array.from({ length: 1 + below(3) }, () => ({
        ...{ x: number(20 * lanes), filters: number(30), out: number(20 * lanes) },
        ...{ outRows: number(4), outColumns: number(4), rows: number(4), columns: number(4) },
      }));
      const steps = {
        ...{ xChannel: number(60 * lanes), xRow: number(20 * lanes), xColumn: number(4 * lanes) },
        ...{ xNextRow: number(20 * lanes), xNext: number(4 * lanes) },
        ...{ filterTile: number(60), filterChannel: number(20), filterRow: number(10) },
        ...{ outFilter: number(40 * lanes), outNextRow: number(12 * lanes), outNext: number(3 * lanes) },
      };
      const counts = { tiles: number(4), channels: number(5), block: number(5) };
      const plan = kernels.abreast.plan(tile, parts, steps, counts);
      kernels.abreast.convolve(plan, { images, filters: new Float32Array(below(400)), out });
    });
    expectSomeRefused(() => {
      const side = () => ({ values: new Float32Array(below(900)), row: number(40) - 5, block: number(90) - 10 });
      const starts = Array.from({ length: below(4) }, () => [number(200), number(200)] as const);
      kernels.blocks.turns(side(), side(), starts, {
        blocks: number(5),
        width: 8 * below(4) + (below(50) === 0 ? 1 : 0),
      });
    });
  }, 120_000);
});
