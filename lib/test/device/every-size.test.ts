import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { engine, forgetEngine } from "../../src/device/cpu/jit/engine.ts";
import type { Shape } from "../../src/device/device.ts";
import "../../src/index.ts";
import { apply, operations } from "../../src/operations/define.ts";
import type { AnyOperation } from "../../src/operations/record.ts";
import { GradbookError } from "../../src/tensor/errors.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { apart, elementsOf, enlarged, inputsOf, type On, resized } from "./samples/inputs.ts";
import { type Sized as OfSize, ofSize } from "./samples/of-size.ts";

/** Tails are made of these: whole vectors of 4, 8 and 16, and all that is left over. */
const SIZES = Array.from({ length: 67 }, (_, i) => i + 1);
/** Elements from which kernels take over from loops. */
const MANY = 2100;
/** Elements of all inputs above which the reference takes too long: of volumes the largest sizes are left out. */
const MOST = 10_000;
const paths = (["plain", "wasm", "x86"] as const).filter((path) => path !== "x86" || engine()?.x86 != null);

/**
 * How far float32 results may be from those of the reference in float64, as parts of the result or of 1, whichever is
 * more: some units in the last place, and more where many terms cancel or errors are carried on.
 */
const USUAL = 2e-6;
const bounds: Readonly<Record<string, number>> = {
  // Sums of float32 products in single precision, of up to 512 terms of up to 4.
  ...{ matmul: 2e-5, convTranspose1d: 4e-5, convTranspose2d: 1e-4 },
  // Sums of up to 67 terms by matrix products, and products of as many pivots.
  ...{ rfft: 2e-5, fft: 2e-5, det: 1e-5 },
  // Places in an image of up to 67 pixels across, in single precision.
  gridSample: 2e-5,
};

interface Sized {
  readonly shapes: readonly Shape[];
  readonly options: unknown;
  readonly inputs: (on: On) => Tensor[];
  /** By the reference. */
  readonly exact: Tensor;
}

/** An operation on a sample, if it takes it and the reference does not take too long. */
function sized(operation: AnyOperation, { sample, value }: OfSize): Sized | undefined {
  const { shapes, options, range: [low, high] = [-2, 2] } = sample;
  if (elementsOf(shapes) > MOST) return undefined;
  // The same float32 values on both, well apart from each other.
  const usual = (k: number, size: number, input: number) => low + (high - low) * apart(k, size, input);
  const inputs = (on: On) => inputsOf(sample, shapes, on, value ?? usual);
  try {
    operation.shape(shapes, options as never);
    const exact = apply(operation, inputs({ device: "plain", dtype: "float64" }), options);
    return { shapes, options, inputs, exact };
  } catch (error) {
    if (error instanceof GradbookError) return undefined;
    throw error;
  }
}

/**
 * Samples with their last axis of another size, the first so long that there are many elements if it can be, and what the
 * operation's own rule says: first where that has values of its own, else last.
 */
function* ofThatSize(operation: AnyOperation, n: number): Generator<OfSize> {
  const own = ofSize(operation.name, n, MANY);
  if (own?.value !== undefined) return yield own;
  for (const sample of operation.samples)
    if (sample.large !== true)
      for (const shapes of [enlarged(sample, n, MANY), resized(sample, n, 0)])
        if (shapes !== undefined) yield { sample: { ...sample, shapes } };
  if (own !== undefined) yield own;
}

/** What each path is compared with is computed once. */
const known = new Map<string, Sized | undefined>();

function once(operation: AnyOperation, n: number): Sized | undefined {
  const key = `${operation.name} ${n}`;
  if (!known.has(key)) {
    let found: Sized | undefined;
    for (const one of ofThatSize(operation, n)) {
      found = sized(operation, one);
      if (found !== undefined) break;
    }
    known.set(key, found);
  }
  return known.get(key);
}

const table = [...operations.values()].filter(({ samples }) => samples.length > 0);

describe.each(paths)("on the path %s", (path) => {
  beforeAll(() => {
    vi.stubEnv("GRADBOOK_CPU", path);
    forgetEngine();
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    forgetEngine();
  });
  let covered = 0;

  it.each(table.map((operation) => [operation.name, operation] as const))(
    "%s is within its bounds of the float64 reference at every size",
    async (name, operation) => {
      let sizes = 0;
      let [worst, at] = [0, ""];
      for (const n of SIZES) {
        const found = once(operation, n);
        if (found === undefined) continue;
        sizes++;
        const { exact } = found;
        const fast = apply(operation, found.inputs({ device: "cpu", dtype: "float32" }), found.options);
        expect(fast.shape).toEqual(exact.shape);
        const [got, wanted] = [await fast.data(), await exact.data()];
        for (let i = 0; i < wanted.length; i++) {
          const [is, want] = [got[i]!, wanted[i]!];
          const off = Math.abs(is - want) / Math.max(1, Math.abs(want));
          if (Object.is(is, Math.fround(want)) || off === 0) continue;
          if (!(off <= worst)) [worst, at] = [off, `element ${i} of ${JSON.stringify(found.shapes)}: ${is}, ${want}`];
        }
      }
      covered += sizes;
      expect(worst, at).toBeLessThanOrEqual(bounds[name] ?? USUAL);
      expect(sizes).toBeGreaterThan(0);
    },
  );

  it("which are all sizes of all operations, but for windows that do not fit", () => {
    const all = table.length * SIZES.length;
    console.log(`${path}: ${table.length} operations, ${covered} of ${all} pairs of an operation and a size`);
    expect(covered).toBeGreaterThan(all - 25);
  });
});
