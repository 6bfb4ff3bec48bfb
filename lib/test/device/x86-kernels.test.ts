import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { wrap } from "../../src/device/cpu/buffer.ts";
import { convolveCorrelated } from "../../src/device/cpu/jit/convolution/correlated.ts";
import { problem } from "../../src/device/cpu/jit/convolution/problem.ts";
import { convolveShifted } from "../../src/device/cpu/jit/convolution/shifted.ts";
import { Engine, engine, forgetEngine, type Kernel, type WebAssemblyApi } from "../../src/device/cpu/jit/engine.ts";
import { product } from "../../src/device/cpu/jit/kernels/product.ts";
import { matmul } from "../../src/device/cpu/jit/matmul.ts";
import { X86Kernels } from "../../src/device/cpu/x86/kernels.ts";
import { loader } from "../../src/device/cpu/x86/native.ts";
import { lanesOf } from "../../src/device/cpu/x86/processor.ts";
import type { View } from "../../src/device/device.ts";
import { engines, viewOf } from "./jit-views.ts";
import { expectSomeRefused } from "./some-refused.ts";

const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi };
const wasm = new Engine(WebAssembly, true, "wasm");
const found = X86Kernels.in(wasm.memory);
/** The widest vectors of this machine, and AVX2's. */
const widths = "missing" in found ? [] : ([16, 8] as const).filter((lanes) => lanes <= found.lanes);
/** Every tile that fits the registers, by the floats in a vector. */
const tilesOf = (lanes: 8 | 16) =>
  [1, 2, 3, 4].flatMap((vectors) =>
    Array.from({ length: Math.floor((lanes * 2 - 1) / vectors) - 1 }, (_, i) => ({ rows: i + 1, vectors, lanes })),
  );
const tiles = widths.flatMap(tilesOf);

if ("missing" in found) console.warn(`Skipped: ${found.missing}.`);
const required = process.env.GRADBOOK_REQUIRE === "all";

const special = [0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 1e-40, -1e-44, 3e38, 1, -1];
const value = fc.oneof(
  { weight: 9, arbitrary: fc.float({ noNaN: true, min: -4, max: 4 }) },
  fc.constantFrom(...special),
);

/** A call: places in a memory of which the first 512 KiB are for it. */
const calls = fc
  .record({
    tile: fc.constantFrom(...tiles),
    ...{ aPanels: fc.integer({ min: 0, max: 3 }), bPanels: fc.integer({ min: 0, max: 3 }) },
    ...{ depth: fc.integer({ min: 0, max: 67 }), accumulate: fc.boolean(), shift: fc.nat(7), gap: fc.nat(9) },
    ...{ values: fc.array(value, { minLength: 37, maxLength: 37 }), order: fc.nat(50) },
  })
  .map((call) => ({
    ...call,
    [fc.toStringMethod]: () => JSON.stringify({ ...call, values: call.values.map(String) }),
  }));

type Call = typeof calls extends fc.Arbitrary<infer T> ? T : never;

/** Writes what a call reads, and gives its parameters for a tile as wide. */
function prepare({ tile, aPanels, bPanels, depth, accumulate, shift, gap, values, order }: Call, memory: ArrayBuffer) {
  const floats = new Float32Array(memory, 0, 1 << 17);
  for (let i = 0; i < floats.length; i++) floats[i] = values[(i * 7 + (i >> 5)) % values.length]!;
  const width = tile.vectors * tile.lanes * 4;
  const [a, b, offsets, out] = [4096 + 4 * shift, 65536 + 4 * gap, 1024, 262144 + 4 * shift];
  const integers = new Int32Array(memory);
  for (let k = 0; k < depth; k++) integers[offsets / 4 + k] = ((k * (order + 1)) % 67) * 4 * (order % 3 === 0 ? 32 : 1);
  return [a, b, width + 4 * gap, offsets, out, bPanels * width + 4 * gap, aPanels, bPanels, depth, accumulate ? 1 : 0];
}

/** Addresses and counts, some of them far beyond what is sensible. */
function places(seed: number) {
  const size = wasm.memory.buffer.byteLength;
  let state = seed;
  const below = (n: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const strange = [
    () => size - below(4096),
    () => -below(99),
    () => 2 ** 31 - below(9),
    () => below(99) / 7,
    () => Number.NaN,
  ];
  const address = () => (below(60) < 50 ? below(size) : strange[below(5)]!());
  const count = (n: number) => (below(40) === 0 ? below(2 ** 31) : below(n));
  return { below, address, count };
}

/** Calls kernels in turn with random parameters. */
const expectSomeCallsRefused = (kernels: readonly Kernel[], parameters: () => readonly number[]) =>
  expectSomeRefused((i) => kernels[i % kernels.length]!(...parameters()));

describe.skipIf("missing" in found && !required)("products in machine code", () => {
  const x86 = { 8: X86Kernels.in(wasm.memory, loader(), 8), 16: found } as Record<8 | 16, X86Kernels>;

  it("are those of the WebAssembly kernel in every tile, to the bit but for the bits of a NaN", () => {
    fc.assert(
      fc.property(calls, (call) => {
        const memory = wasm.memory.buffer;
        const { rows, vectors, lanes } = call.tile;
        const parameters = prepare(call, memory);
        const expected = new Float32Array(memory.slice(0, 1 << 19));
        const [a, b, bStride, offsets, out, outStride] = parameters as [number, number, number, number, number, number];
        // A row and eight columns at a time: the other kernel, asked in the simplest way.
        const one = wasm.kernels("product1", (fused) => ({ product: product(1, 2, fused) })).product;
        const columns = Float32Array.from({ length: call.depth });
        for (let i = 0; i < call.aPanels * rows; i++) {
          const panel = Math.floor(i / rows);
          for (let k = 0; k < call.depth; k++)
            columns[k] = expected[a / 4 + (panel * call.depth + k) * rows + (i % rows)]!;
          new Float32Array(memory).set(columns, 200_000);
          for (let j = 0; j < call.bPanels; j++)
            one(
              800_000,
              b + j * bStride,
              32,
              offsets,
              out + i * outStride + j * vectors * lanes * 4,
              outStride,
              1,
              (vectors * lanes) / 8,
              call.depth,
              parameters[9]!,
            );
        }
        const byWasm = new Float32Array(memory.slice(0, 1 << 19));
        new Float32Array(memory).set(expected);
        x86[lanes].product(rows, vectors)(...parameters);
        const byX86 = new Float32Array(memory, 0, 1 << 17);
        const differ = byX86.findIndex((each, i) => !Object.is(each, byWasm[i]!));
        expect(differ).toBe(-1);
      }),
      { seed: 9, numRuns: 600 },
    );
  }, 300_000);

  it("refuse 100,000 calls that would leave the memory, or stay inside", () => {
    const kernels = tiles.map(({ rows, vectors, lanes }) => x86[lanes].product(rows, vectors));
    const { address, below, count } = places(1);
    expectSomeCallsRefused(kernels, () => [
      ...[address(), address(), below(300), address() & ~3, address(), below(300)],
      ...[count(4), count(4), count(40), below(2)],
    ]);
  }, 300_000);

  it("refuse a hundred thousand correlations likewise", () => {
    const kernels = widths.flatMap((lanes) =>
      [1, 2].flatMap((vectors) => [1, 2, 5, 6].map((lines) => x86[lanes].correlate(lines, vectors))),
    );
    const { address, below, count } = places(2);
    expectSomeCallsRefused(kernels, () => [
      ...[address(), address() & ~3, below(300), below(300), address(), below(300), below(300), address(), below(300)],
      ...[count(4), count(4), count(4), count(4), count(4)],
    ]);
  }, 300_000);

  it("give matrices the same bits as WebAssembly, with whole and broken tiles", () => {
    const [fast, fused] = engines.map(([, scratch]) => scratch);
    const sizes = fc.integer({ min: 1, max: 67 });
    const pairs = fc.tuple(sizes, sizes, sizes).chain(([m, k, n]) => fc.tuple(viewOf([m, k]), viewOf([k, n])));
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        expect(matmul(a, b, fast!())).toEqual(matmul(a, b, fused!()));
      }),
      { seed: 10, numRuns: 300 },
    );
  });

  it("give transposed matrices whose rows are far apart the same bits as WebAssembly", () => {
    const [fast, fused] = engines.map(([, scratch]) => scratch);
    // Rows by rows, depth and columns: blocks that can be turned whole, in part and not at all.
    for (const [m, k, n] of [
      [600, 64, 96],
      [520, 300, 130],
      [613, 257, 100],
      [1040, 24, 256],
    ] as const) {
      const values = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i * i));
      const a: View = { buffer: wrap(values(m * k), "float32"), shape: [m, k], strides: [1, m], offset: 0 };
      const b: View = { buffer: wrap(values(k * n), "float32"), shape: [k, n], strides: [n, 1], offset: 0 };
      expect(matmul(a, b, fast!())).toEqual(matmul(a, b, fused!()));
    }
  });

  it("give convolutions and the gradients of filters the same bits as WebAssembly", () => {
    const [fast, fused] = engines.map(([, scratch]) => scratch);
    const small = fc.integer({ min: 1, max: 7 });
    const options = {
      stride: [1, 1],
      padding: [
        [0, 0],
        [0, 0],
      ],
      dilation: [1, 1],
      inputDilation: [1, 1],
      groups: 1,
    } as const;
    const cases = fc
      .record({
        batch: small,
        channels: small,
        filters: fc.integer({ min: 1, max: 20 }),
        taps: small,
        more: fc.nat(16),
      })
      .chain(({ batch, channels, filters, taps, more }) =>
        fc.tuple(viewOf([batch, channels, taps + more, taps + 3]), viewOf([filters, channels, taps, taps])),
      );
    fc.assert(
      fc.property(cases, ([x, filters]) => {
        const given = problem(x, filters, options);
        for (const way of [convolveShifted, convolveCorrelated])
          expect(way(given, fast!())).toEqual(way(given, fused!()));
      }),
      { seed: 11, numRuns: 200 },
    );
  });
});

describe("where machine code does not run", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    forgetEngine();
  });

  it("a processor without AVX2 or FMA is told by its answers, and so is a system that does not keep the registers", () => {
    const [fma, saves, avx] = [1 << 12, 1 << 27, 1 << 28];
    const has = fma | saves | avx;
    expect(lanesOf([has, 1 << 5, 6])).toBe(8);
    const wide = (1 << 5) | (1 << 16) | (1 << 17);
    expect(lanesOf([has, wide, 6])).toBe(8);
    expect(lanesOf([has, wide - (1 << 17), 6 | 0xe0])).toBe(8);
    expect(lanesOf([has, wide, 6 | 0xe0])).toBe(16);
    for (const answers of [
      [saves | avx, 1 << 5, 6],
      [fma | saves, 1 << 5, 6],
      [has, 0, 6],
      [has, 1 << 5, 2],
    ])
      expect(lanesOf(answers)).toBeUndefined();
    const silent = () => Object.assign(() => undefined, { pointer: {}, address: [0, 0] as const });
    expect(X86Kernels.in(wasm.memory, silent)).toEqual({
      missing: "the processor has no AVX2 and FMA",
      surprising: true,
    });
    const forbidden = () => {
      throw new Error("the system allows no machine code");
    };
    expect(X86Kernels.in(wasm.memory, forbidden)).toMatchObject({ missing: "the system allows no machine code" });
  });

  it("WebAssembly is taken instead, and says so once", () => {
    const found = vi
      .spyOn(X86Kernels, "in")
      .mockReturnValue({ missing: "the processor has no AVX2 and FMA", surprising: true });
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    vi.stubEnv("GRADBOOK_CPU", "");
    for (let i = 0; i < 3; i++) {
      forgetEngine();
      expect(engine()!.x86).toBeNull();
    }
    expect(found).toHaveBeenCalledTimes(3);
    expect(warn.mock.calls).toEqual([
      [expect.stringMatching(/^Products run in WebAssembly, .*the processor has no AVX2 and FMA/), "Gradbook"],
    ]);
    for (const spy of [found, warn]) spy.mockRestore();
  });

  it("GRADBOOK_CPU chooses, and is told when it names nothing", () => {
    for (const [mode, x86] of [
      ["wasm", null],
      ["plain", undefined],
    ] as const) {
      forgetEngine();
      vi.stubEnv("GRADBOOK_CPU", mode);
      expect(engine()?.x86).toBe(x86);
    }
    forgetEngine();
    vi.stubEnv("GRADBOOK_CPU", "fast");
    expect(() => engine()).toThrow('GRADBOOK_CPU is "fast", expected x86, wasm, plain, or nothing');
  });
});
