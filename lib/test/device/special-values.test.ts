import { afterAll, expect, it, vi } from "vitest";
import { engine, forgetEngine } from "../../src/device/cpu/jit/engine.ts";
import { deviceNamed } from "../../src/device/current.ts";
import type { Shape } from "../../src/device/device.ts";
import { vjp } from "../../src/gradient/grad.ts";
import "../../src/index.ts";
import { apply, operations } from "../../src/operations/define.ts";
import type { AnyOperation } from "../../src/operations/record.ts";
import { tensor } from "../../src/tensor/create.ts";
import { GradbookError } from "../../src/tensor/errors.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { type Layout, layouts } from "./laid-out.ts";
import { apart, elementsOf, enlarged, inputsOf, type On, type Sample } from "./sample-inputs.ts";

/** Elements from which kernels take over from loops. */
const MANY = 2100;
/** Elements of all inputs above which the reference takes too long. */
const MOST = 7000;
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

/** Of large matrices of random numbers, which are near to singular ones, not even eight digits make three. */
const factored = new Set(["eigh", "svd", "qr"]);

/** Products of so many factors that float32 does not hold what float64 does. */
const beyond = new Set(["prod", "cumprod", "det", "determinant"]);

const DENORMAL = 1e-40;
const LEAST = 2 ** -149;
const specials = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, DENORMAL, -LEAST, -0];

/** Which elements are special, and which value they have instead of a usual one. */
interface Placement {
  readonly name: string;
  readonly at: (k: number, size: number, usual: number) => number;
  /** Whether products of what is placed may be too small for float32, or quotients too large. */
  readonly hasDenormals: boolean;
  /** Whether all elements are small. */
  readonly isSmall: boolean;
}

const placements: readonly Placement[] = [
  ...specials.flatMap((special): Placement[] => {
    const common = { hasDenormals: special !== 0 && Math.abs(special) < 1, isSmall: false };
    const name = Object.is(special, -0) ? "−0" : `${special}`;
    return [
      { ...common, name: `some ${name}`, at: (k, size, usual) => (k % 7 === (size > 7 ? 3 : 0) ? special : usual) },
      { ...common, name: `all ${name}`, at: () => special },
    ];
  }),
  {
    ...{ name: "one of each", hasDenormals: true, isSmall: false },
    at: (k, _, usual) => (k % 5 === 2 ? specials[(k - 2) % specials.length]! : usual),
  },
  { ...{ name: "all small", hasDenormals: true, isSmall: true }, at: (_k, _size, usual) => usual * DENORMAL },
];

interface Case {
  readonly title: string;
  readonly placement: Placement;
  readonly kind: "value" | "gradient";
  /** Whether all that is computed is as small as what goes in. */
  readonly isSmall: boolean;
  readonly on: (where: On) => Tensor;
}

function* casesOf(operation: AnyOperation): Generator<Case> {
  let turn = 0;
  for (const sample of operation.samples) {
    if (sample.large === true) continue;
    for (const placement of placements)
      for (const size of ["own", "many"]) {
        const n = 17 + (turn % 7);
        if (size === "many" && (sample.fractions === true || factored.has(operation.name))) continue;
        const shapes = size === "own" ? sample.shapes : enlarged(sample, n, MANY);
        const layout = layouts[turn % layouts.length]!;
        // All inputs have special values, or one of them.
        const only = turn++ % (sample.shapes.length + 1);
        if (shapes === undefined || elementsOf(shapes) > MOST || !fits(operation, shapes, sample)) continue;
        yield* casesOn({ operation, sample, shapes, placement, layout, only });
      }
  }
}

function fits(operation: AnyOperation, shapes: readonly Shape[], { options }: Sample): boolean {
  try {
    return !("because" in operation.shape(shapes, options as never));
  } catch (error) {
    if (error instanceof GradbookError) return false;
    throw error;
  }
}

interface Setting {
  readonly operation: AnyOperation;
  readonly sample: Sample;
  readonly shapes: readonly Shape[];
  readonly placement: Placement;
  readonly layout: Layout;
  readonly only: number;
}

/** The result, and the derivative by each input, at special points and of special cotangents. */
function* casesOn({ operation, sample, shapes, placement, layout, only }: Setting): Generator<Case> {
  const { options, range: [low, high] = [-2, 2] } = sample;
  const usual = (k: number, size: number, input: number) => low + (high - low) * apart(k, size, input) ** 1.2;
  const special = (k: number, size: number, input: number) =>
    only === shapes.length || only === input ? placement.at(k, size, usual(k, size, input)) : usual(k, size, input);
  const whose = only === shapes.length ? "all inputs" : operation.inputs[only];
  const where = `${placement.name} in ${whose}, ${layout}, ${JSON.stringify(shapes)} ${JSON.stringify(options) ?? ""}`;
  const common = { placement };
  yield {
    ...{ ...common, title: `result with ${where}`, kind: "value", isSmall: placement.isSmall },
    on: (on) => apply(operation, inputsOf(sample, shapes, on, special, layout), options),
  };
  if (operation.pullback === null || operation.kind === "bool" || operation.kind === "int32") return;
  for (let i = 0; i < shapes.length; i++) {
    if (sample.indices?.[i] !== undefined || sample.conditions?.[i] !== undefined) continue;
    for (const at of ["point", "cotangent"] as const)
      yield {
        ...{ ...common, title: `derivative by ${operation.inputs[i]}, ${at} with ${where}`, kind: "gradient" },
        isSmall: placement.isSmall && at === "cotangent",
        on: (on) => {
          const points = inputsOf(sample, shapes, on, at === "point" ? special : usual, layout);
          const { value, pullBack } = vjp(
            (x) => apply(operation, points.with(i, x), options),
            points[i]! as Tensor<"float32">,
          );
          const cotangent = Float32Array.from({ length: value.size }, (_, k) =>
            at === "point" ? Math.sin(k + 1) : placement.at(k, value.size, Math.sin(k + 1)),
          );
          return pullBack(tensor(cotangent, { shape: value.shape, dtype: on.dtype, device: deviceNamed(on.device) }));
        },
      };
  }
}

/** Values, or why there are none. */
type Outcome = ArrayLike<number> | string;

async function outcome({ on }: Case, where: On): Promise<Outcome> {
  try {
    return (await on(where).data()) as ArrayLike<number>;
  } catch (error) {
    if (error instanceof GradbookError) return error.message;
    throw error;
  }
}

interface Tolerance {
  /** Part of the result, or of `scale` if that is more. */
  readonly bound: number;
  readonly scale: number;
  /** Whether zeros have the sign of what they stand for; those that came of underflow may have any. */
  readonly signs: boolean;
}

/** Whether a float32 is what was computed in double precision, but for rounding. */
function agrees(is: number, want: number, { bound, scale, signs }: Tolerance): boolean {
  const rounded = Math.fround(want);
  if (Object.is(is, rounded)) return true;
  if (!Number.isFinite(is) || !Number.isFinite(rounded)) return false;
  if (is === 0 && want === 0) return !signs;
  return Math.abs(is - want) <= bound * Math.max(scale, Math.abs(want)) + 8 * LEAST;
}

const shown = (x: number | undefined) => (Object.is(x, -0) ? "−0" : `${x}`);

/** What is wrong with an outcome: it must agree with the reference, or with what leaves float32 on the way there as well. */
async function fault(name: string, one: Case, got: Outcome, exact: Outcome, inSingle: () => Promise<Outcome>) {
  const leaves = one.placement.hasDenormals || beyond.has(name);
  if (typeof got === "string" || typeof exact === "string") {
    const alike = typeof got === typeof exact || (leaves && typeof got === typeof (await inSingle()));
    return alike ? undefined : `${got} instead of ${exact}`;
  }
  const largest = () =>
    Array.from(exact, Math.abs).reduce((a, b) => (b < Number.POSITIVE_INFINITY ? Math.max(a, b) : a), 0);
  const tolerance = {
    bound: (bounds[name] ?? USUAL) * (one.kind === "value" ? 1 : 10),
    scale: one.isSmall ? largest() : 1,
    signs: !one.placement.hasDenormals,
  };
  if (got.length !== exact.length) return `${got.length} elements instead of ${exact.length}`;
  for (let i = 0; i < exact.length; i++) {
    if (agrees(got[i]!, exact[i]!, tolerance)) continue;
    const single = (await inSingle()) as ArrayLike<number>;
    if ((leaves || exact[i] === 0) && agrees(got[i]!, single[i]!, tolerance)) continue;
    return `element ${i} is ${shown(got[i])} instead of ${shown(exact[i])}, in single precision ${shown(single[i])}`;
  }
  return undefined;
}

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
    const cases = [...casesOf(operation)];
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
        const wrong = await fault(name, one, outcomes[c]!, exact, inSingle);
        if (wrong !== undefined) faults.push(`${path}: ${one.title}: ${wrong}`);
      }
      compared++;
    }
    expect(cases.length).toBeGreaterThan(0);
    expect(faults).toEqual([]);
  },
  60_000,
);
