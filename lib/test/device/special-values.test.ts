import { afterAll, expect, it, vi } from "vitest";
import { engine, forgetEngine } from "../../src/device/cpu/jit/engine.ts";
import "../../src/index.ts";
import { operations } from "../../src/operations/define.ts";
import { type Case, casesOf } from "./special-values/cases.ts";
import { fault, type Outcome, outcome } from "./special-values/outcomes.ts";
import { everything } from "./special-values/placements.ts";

const paths = (["plain", "wasm", "x86"] as const).filter((path) => path !== "x86" || engine()?.x86 != null);

/** As in the test of sizes: parts of the result, or of 1; ten times that for derivatives. */
const USUAL = 2e-6;
const bounds: Readonly<Record<string, number>> = {
  // Sums of some hundred float32 products in single precision, and products of as many factors.
  ...{ convolve: 2e-5, convTranspose1d: 4e-5, convTranspose2d: 1e-4, rfft: 2e-5, cumprod: 2e-5 },
  // Differences of numbers that are nearly equal.
  standardise: 5e-6,
  // Places in an image, in single precision.
  gridSample: 2e-5,
};

/** The same for samples that were made larger: sums of a thousand products, and matrices of about twenty rows. */
const ofMany: Readonly<Record<string, number>> = { conv2d: 2e-5, inverse: 1e-5, cholesky: 1e-5, qr: 1e-5, svd: 1e-5 };

/** Of denormals, which are rounded to whole steps, so many are added that some steps get lost. */
const steps: Readonly<Record<string, number>> = { svd: 64 };

/** Products of so many factors that float32 does not hold what float64 does. */
const beyond = new Set(["prod", "cumprod", "det", "determinant"]);

const table = [...operations.values()].filter(({ samples }) => samples.length > 0);
let compared = 0;
afterAll(() => {
  vi.unstubAllEnvs();
  forgetEngine();
  console.log(`${table.length} operations, ${compared} results and derivatives on each of ${paths.join(", ")}`);
});

it.each(table.map((operation) => [operation.name, operation] as const))(
  "%s with NaN, infinities, denormals and −0, however it lies in memory, on every path",
  async (name, operation) => {
    const cases = [...casesOf(operation, everything, true)];
    const accuracyOf = ({ isMany }: Case) => ({
      bound: (isMany ? ofMany[name] : undefined) ?? bounds[name] ?? USUAL,
      steps: isMany ? steps[name] : undefined,
      leavesRange: beyond.has(name),
    });
    const found: { readonly path: string; readonly outcomes: Outcome[] }[] = [];
    for (const path of paths) {
      vi.stubEnv("GRADBOOK_CPU", path);
      forgetEngine();
      const outcomes: Outcome[] = [];
      for (const one of cases) outcomes.push(await outcome(one, { device: "cpu", dtype: "float32" }));
      found.push({ path, outcomes });
    }
    const faults: string[] = [];
    for (const [c, one] of cases.entries()) {
      const exact = await outcome(one, { device: "plain", dtype: "float64" });
      let single: Promise<Outcome> | undefined;
      const inSingle = () => {
        single ??= outcome(one, { device: "plain", dtype: "float32" });
        return single;
      };
      for (const { path, outcomes } of found) {
        const wrong = await fault(one, outcomes[c]!, exact, inSingle, accuracyOf(one));
        if (wrong !== undefined) faults.push(`${path}: ${one.title}: ${wrong}`);
      }
      compared++;
    }
    expect(cases.length).toBeGreaterThan(0);
    expect(faults).toEqual([]);
  },
  60_000,
);
