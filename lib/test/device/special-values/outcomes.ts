import { GradbookError } from "../../../src/tensor/errors.ts";
import type { On } from "../samples/inputs.ts";
import type { Case } from "./cases.ts";
import { LEAST } from "./placements.ts";

/** Values, or why there are none. */
export type Outcome = ArrayLike<number> | string;

export async function outcome({ on }: Case, where: On): Promise<Outcome> {
  try {
    return (await on(where).data()) as ArrayLike<number>;
  } catch (error) {
    if (error instanceof GradbookError) return error.message;
    throw error;
  }
}

/** What is asked of an operation. */
export interface Accuracy {
  /** Part of the result, or of 1; ten times that for derivatives. */
  readonly bound: number;
  /** By how many steps between denormals these may be off; 8 if not said. */
  readonly steps?: number | undefined;
  /** Whether usual values, too, come to more or less than float32 holds. */
  readonly leavesRange?: boolean;
}

interface Tolerance {
  /** Part of the result, or of `scale` if that is more. */
  readonly bound: number;
  readonly scale: number;
  readonly steps: number;
  /** Whether zeros have the sign of what they stand for; those that came of underflow may have any. */
  readonly signs: boolean;
}

/** Whether a float32 is what was computed in double precision, but for rounding. */
function agrees(is: number, want: number, { bound, scale, steps, signs }: Tolerance): boolean {
  const rounded = Math.fround(want);
  if (Object.is(is, rounded)) return true;
  if (!Number.isFinite(is) || !Number.isFinite(rounded)) return false;
  if (is === 0 && want === 0) return !signs;
  return Math.abs(is - want) <= bound * Math.max(scale, Math.abs(want)) + steps * LEAST;
}

const shown = (x: number | undefined) => (Object.is(x, -0) ? "−0" : `${x}`);

/** What is wrong with an outcome: it must agree with the reference, or with what leaves float32 on the way there as well. */
export async function fault(
  one: Case,
  got: Outcome,
  exact: Outcome,
  inSingle: () => Promise<Outcome>,
  { bound, steps = 8, leavesRange = false }: Accuracy,
): Promise<string | undefined> {
  const leaves = one.placement.hasDenormals || leavesRange;
  if (typeof got === "string" || typeof exact === "string") {
    const alike = typeof got === typeof exact || (leaves && typeof got === typeof (await inSingle()));
    return alike ? undefined : `${got} instead of ${exact}`;
  }
  const largest = () =>
    Array.from(exact, Math.abs).reduce((a, b) => (b < Number.POSITIVE_INFINITY ? Math.max(a, b) : a), 0);
  const tolerance = {
    steps,
    bound: bound * (one.kind === "value" ? 1 : 10),
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
