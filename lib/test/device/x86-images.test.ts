import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { convolveCorrelated } from "../../src/device/cpu/jit/convolution/correlated.ts";
import { convolveOnArrays } from "../../src/device/cpu/jit/convolution/on-arrays/index.ts";
import { outputLength, problem } from "../../src/device/cpu/jit/convolution/problem.ts";
import { convolveShifted } from "../../src/device/cpu/jit/convolution/shifted.ts";
import { engine } from "../../src/device/cpu/jit/engine.ts";
import { setThreads } from "../../src/device/cpu/threads.ts";
import type { X86Kernels } from "../../src/device/cpu/x86/kernels.ts";
import { conv2d, ones } from "../../src/index.ts";
import { contiguous, engines, viewOf } from "./jit-views.ts";
import { expectSomeRefused } from "./some-refused.ts";

const x86 = engine()?.x86 ?? null;
const required = process.env.GRADBOOK_REQUIRE === "all";
if (x86 === null) console.warn("Skipped: there are no kernels in machine code on this machine.");

const few = (least: number, most: number) => fc.integer({ min: least, max: most });
const pair = <T>(each: fc.Arbitrary<T>) => fc.tuple(each, each);

/** Convolutions of any sizes, steps and borders, some of which cut pixels off. */
const problems = fc
  .record({
    ...{ batch: few(1, 9), groups: fc.constantFrom(1, 1, 1, 2, 3), channels: few(1, 5), filters: few(1, 19) },
    ...{ taps: pair(few(1, 7)), more: pair(few(0, 16)), step: pair(few(1, 2)), correlated: fc.boolean() },
    padding: pair(pair(fc.constantFrom(0, 0, 1, 2, -1))),
  })
  .map(({ step, correlated, ...rest }) => ({
    ...rest,
    correlated,
    stride: correlated ? step : ([1, 1] as const),
    dilation: correlated ? ([1, 1] as const) : step,
  }))
  .filter(({ taps, more, padding, dilation }) =>
    [0, 1].every((axis) => {
      const [before, after] = padding[axis as 0 | 1];
      return taps[axis]! + more[axis]! + before + after >= (taps[axis]! - 1) * dilation[axis]! + 1;
    }),
  )
  .chain((p) =>
    fc.record({
      p: fc.constant(p),
      x: viewOf([p.batch, p.groups * p.channels, p.taps[0] + p.more[0], p.taps[1] + p.more[1]]),
      filters: viewOf([p.groups * p.filters, p.channels, ...p.taps]),
    }),
  );

describe.skipIf(x86 === null && !required)("convolutions in machine code on arrays", () => {
  const kernels = x86 as X86Kernels;
  afterAll(() => setThreads());

  for (const threads of [1, 3])
    it(`have the bits of those in WebAssembly, on ${threads} of 3 threads`, () => {
      setThreads(threads);
      const [, fused] = engines.map(([, scratch]) => scratch);
      fc.assert(
        fc.property(problems, ({ p, x, filters }) => {
          const { stride, dilation, padding, groups, correlated } = p;
          const given = problem(x, filters, { stride, dilation, padding, groups, inputDilation: [1, 1] });
          if (outputLength(given) === 0) return;
          const expected = (correlated ? convolveCorrelated : convolveShifted)(given, fused!());
          const found = convolveOnArrays(given, correlated, kernels);
          expect(found?.findIndex((value, i) => !Object.is(value, expected[i]))).toBe(-1);
        }),
        { seed: 12, numRuns: 500 },
      );
    }, 120_000);

  it("have these bits where sums are taken in several passes: over many taps, channels and images", () => {
    const [, fused] = engines.map(([, scratch]) => scratch);
    const cases = [
      // More taps than a pass takes, more channels than a chunk, and both in two groups.
      { x: [3, 2, 40, 41], filters: [5, 2, 30, 31], groups: 1, padding: 1 },
      { x: [2, 90, 33, 34], filters: [7, 90, 31, 32], groups: 1, padding: 0 },
      { x: [2, 140, 20, 21], filters: [10, 70, 18, 19], groups: 2, padding: 2 },
    ] as const;
    for (const { x: shape, filters: taps, groups, padding } of cases) {
      const at = [padding, padding] as const;
      const options = { stride: [1, 1], dilation: [1, 1], inputDilation: [1, 1], padding: [at, at], groups } as const;
      const [x, filters] = [shape, taps].map((shape, i) => contiguous(shape, i + 1));
      const given = problem(x!, filters!, options);
      const expected = convolveCorrelated(given, fused!());
      const found = convolveOnArrays(given, true, kernels);
      expect(found?.findIndex((value, i) => !Object.is(value, expected[i]))).toBe(-1);
    }
  });

  it("leave images that are too large at once to the way that takes them in parts", async () => {
    const [x, filters] = [ones([1, 128, 600, 600]), ones([1, 128, 1, 1])];
    expect(await conv2d(x, filters, { padding: 1 }).at(0, 0, 0, ":3").toArray()).toEqual([0, 0, 0]);
    expect(await conv2d(x, filters).at(0, 0, 1, ":3").toArray()).toEqual([128, 128, 128]);
  }, 60_000);

  it("refuse what would leave an array, in 100,000 random calls of each kind", () => {
    let state = 7;
    const below = (n: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * n);
    };
    // Tiles of wide vectors need larger arrays to stay inside as often.
    const floats = (n: number) => new Float32Array(below((n * kernels.lanes) / 8));
    const strange = [-1, 0.5, Number.NaN, 2 ** 31, 1e6, -(2 ** 31)];
    const place = (n: number) => (below(60) === 0 ? strange[below(strange.length)]! : below(n));
    const arrays = () => ({ images: floats(1500), out: floats(1500) });
    const offsets = (count: number) => Int32Array.from({ length: count }, () => place(900) * 4);
    expectSomeRefused(() => {
      const list = Array.from({ length: 1 + below(3) }, () => ({
        ...{ filters: place(60), from: place(300), to: place(300) },
      }));
      const given = { ...arrays(), filters: floats(900), offsets: offsets(below(12)) };
      const counts = { tiles: place(4), panels: place(4), block: place(6), outRow: place(90) };
      kernels.images.multiply({ rows: 1 + below(4), vectors: 1 + below(3) }, given, list, counts);
    });
    expectSomeRefused(() => {
      const rows = 1 + below(6);
      const given = { ...arrays(), g: floats(3000), offsets: offsets(rows * below(4)) };
      const passes = Array.from({ length: 1 + below(3) }, () => ({
        ...{ from: place(300), gFrom: place(300), images: place(4), rows: place(5), columns: place(9) },
      }));
      const fresh = below(2) === 0;
      const steps = { gPanel: place(300), gImage: place(900), rowStep: place(30), imageStep: place(200), fresh };
      kernels.images.correlate({ rows, vectors: 1 + below(2) }, given, passes, { panels: place(3), ...steps });
    });
  }, 300_000);
});
