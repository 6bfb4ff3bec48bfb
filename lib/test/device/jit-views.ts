import fc from "fast-check";
import { valuesOf, wrap } from "../../src/device/cpu/buffer.ts";
import { Engine, engine, type WebAssemblyApi } from "../../src/device/cpu/jit/engine.ts";
import { Scratch } from "../../src/device/cpu/jit/scratch.ts";
import type { Shape, View } from "../../src/device/device.ts";

const own = engine()!;
const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi };

/** The engine of this machine, one without machine code, and one without fused multiply-add as on older machines. */
export const engines: readonly (readonly [name: string, scratch: () => Scratch])[] = [
  ["machine code, if there is any", () => new Scratch(own)],
  ["fused multiply-add, if there is one", () => new Scratch(inWasm)],
  ["separate multiplication and addition", () => new Scratch(twoRoundings)],
];
const inWasm = new Engine(WebAssembly, own.fused, "wasm");
const twoRoundings = new Engine(WebAssembly, false, "wasm");

/** How one axis of a view lies in its buffer. */
interface Lie {
  /** Elements between neighbours, beyond those that the inner axes need. */
  readonly step: number;
  readonly backwards: boolean;
  /** Whether all indices read the same element. */
  readonly repeated: boolean;
}

const lie: fc.Arbitrary<Lie> = fc.record({
  step: fc.constantFrom(1, 1, 1, 2, 3),
  backwards: fc.boolean(),
  repeated: fc.constantFrom(false, false, false, true),
});

/** Numbers from −1 to 1 without a pattern. */
function noise(i: number): number {
  const mixed = Math.imul(i ^ (i >>> 15), 0x2c1b3c6d);
  return Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39) / 2 ** 31;
}

/** A float32 view of the shape: axes in any order in memory, with gaps, backwards, or repeated by stride 0. */
export function viewOf(shape: Shape): fc.Arbitrary<View> {
  const axes = shape.map((_, axis) => axis);
  return fc
    .record({
      order: fc.shuffledSubarray(axes, { minLength: axes.length }),
      lies: fc.tuple(...axes.map(() => lie)),
      plain: fc.boolean(),
      before: fc.nat(5),
      seed: fc.nat(1000),
    })
    .map(({ order, lies, plain, before, seed }) => {
      const strides = shape.map(() => 0);
      let offset = before;
      let length = 1;
      for (const axis of plain ? axes.toReversed() : order) {
        const n = shape[axis]!;
        const { step, backwards, repeated } = plain ? { step: 1, backwards: false, repeated: false } : lies[axis]!;
        if (repeated || n === 0) continue;
        strides[axis] = backwards ? -length * step : length * step;
        if (backwards) offset += (n - 1) * length * step;
        length *= (n - 1) * step + 1;
      }
      const values = Float32Array.from({ length: before + length }, (_, i) => noise(i + 65537 * seed));
      const view = { buffer: wrap(values, "float32"), shape, strides, offset };
      return { ...view, [fc.toStringMethod]: () => JSON.stringify({ shape, strides, offset, seed }) };
    });
}

/** One element, in double precision. */
export function at(view: View, ...index: readonly number[]): number {
  return valuesOf(view.buffer)[index.reduce((sum, i, axis) => sum + i * view.strides[axis]!, view.offset)]!;
}

/** Every index of a shape, in row-major order. */
export function indices(shape: Shape): number[][] {
  return shape.reduce<number[][]>(
    (all, n) => all.flatMap((index) => Array.from({ length: n }, (_, i) => [...index, i])),
    [[]],
  );
}

/** The largest distance between two lists; infinite when their lengths differ or NaNs do not match. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    if (Object.is(a[i], b[i])) continue;
    const d = Math.abs(a[i]! - b[i]!);
    most = Math.max(most, Number.isNaN(d) ? Number.POSITIVE_INFINITY : d);
  }
  return most;
}

/** A float32 view that lies row by row, of values between −1 and 1 or so. */
export const contiguous = (shape: readonly number[], seed: number): View => {
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.cos(i * i + seed));
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  return { buffer: wrap(values, "float32"), shape, strides, offset: 0 };
};
