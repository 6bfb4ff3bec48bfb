import { ArgumentError } from "../tensor/errors.ts";
import type { Rate, Schedule } from "./optimizer.ts";

function requirePositive(who: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values))
    if (!(value > 0)) throw new ArgumentError(who, `${name} is ${value}, expected a positive number.`);
}

function requireCount(who: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values))
    if (!Number.isInteger(value) || value < 1)
      throw new ArgumentError(who, `${name} is ${value}, expected a positive number of steps.`);
}

/** The rate times `factor` after every `every` steps: rate · factor^⌊step / every⌋. */
export function stepDecay({
  rate,
  every,
  factor = 0.1,
}: {
  readonly rate: number;
  readonly every: number;
  readonly factor?: number;
}): Schedule {
  requirePositive("stepDecay", { rate, factor });
  requireCount("stepDecay", { every });
  return (step) => rate * factor ** Math.floor(step / every);
}

/** The rate times `factor` at each of some steps. */
export function multiStep({
  rate,
  at,
  factor = 0.1,
}: {
  readonly rate: number;
  readonly at: readonly number[];
  readonly factor?: number;
}): Schedule {
  requirePositive("multiStep", { rate, factor });
  return (step) => rate * factor ** at.filter((one) => one <= step).length;
}

/** The rate times `factor` with every step: rate · factor^step. */
export function exponential({ rate, factor }: { readonly rate: number; readonly factor: number }): Schedule {
  requirePositive("exponential", { rate, factor });
  return (step) => rate * factor ** step;
}

/** From `rate` to `last` along (1 − step / steps)^power, and `last` from then on; power 1 is a straight line. */
export function polynomial({
  rate,
  steps,
  last = 0,
  power = 1,
}: {
  readonly rate: number;
  readonly steps: number;
  readonly last?: number;
  readonly power?: number;
}): Schedule {
  requirePositive("polynomial", { rate, power });
  requireCount("polynomial", { steps });
  return (step) => last + (rate - last) * (1 - Math.min(step, steps) / steps) ** power;
}

export interface CosineOptions {
  readonly rate: number;
  /** Steps of the (first) descent. */
  readonly steps: number;
  /** Where it ends; 0 if not said. */
  readonly last?: number;
  /** Begins again from the top after each descent, which is this many times as long as the one before. */
  readonly restarts?: number;
}

/**
 * From `rate` to `last` along half a cosine, and `last` from then on, or with warm restarts again and again (SGDR:
 * Loshchilov and Hutter, ICLR 2017).
 *
 * @example
 * ```ts
 * import { optim } from "gradbook";
 *
 * const rate = optim.warmUp({ steps: 100, into: optim.cosine({ rate: 1e-3, steps: 900 }) });
 * [rate(0), rate(99), rate(550), rate(1000)]; // [0.00001, 0.001, 0.0005, 0]
 * optim.adam({ rate });
 * ```
 */
export function cosine({ rate, steps, last = 0, restarts }: CosineOptions): Schedule {
  requirePositive("cosine", { rate });
  requireCount("cosine", { steps });
  if (restarts !== undefined && !(restarts >= 1))
    throw new ArgumentError("cosine", `restarts is ${restarts}, expected a factor of 1 or more.`);
  return (step) => {
    let [done, length] = [step, steps];
    if (restarts === undefined) done = Math.min(step, steps);
    else
      for (; done >= length; length *= restarts) {
        if (restarts === 1) {
          done %= length;
          break;
        }
        done -= length;
      }
    return last + ((rate - last) * (1 + Math.cos((Math.PI * done) / length))) / 2;
  };
}

/**
 * Rises in a straight line to what `into` begins with, in `steps` steps, the first being `from` of the way (1 / steps if
 * not said); after that `into`, its steps counted from there.
 */
export function warmUp({
  steps,
  into,
  from = 1 / steps,
}: {
  readonly steps: number;
  readonly into: Rate;
  readonly from?: number;
}): Schedule {
  requireCount("warmUp", { steps });
  const top = valueOf(into, 0);
  const rise = (step: number) => top * (from + ((1 - from) * step) / Math.max(1, steps - 1));
  return pieces([
    [0, rise],
    [steps, into],
  ]);
}

export interface OneCycleOptions {
  /** The greatest rate. */
  readonly rate: number;
  /** Steps of the whole cycle. */
  readonly steps: number;
  /** Part of the steps that rise; 0.3 if not said. */
  readonly rising?: number;
  /** The first rate is the greatest divided by this; 25 if not said. */
  readonly startDivisor?: number;
  /** The last rate is the first divided by this; 10,000 if not said. */
  readonly endDivisor?: number;
  readonly shape?: "cosine" | "linear";
}

/** One rise and one long fall, to far below where it began (Smith and Topin 2017, arXiv 1708.07120). */
export function oneCycle({
  rate,
  steps,
  rising = 0.3,
  startDivisor = 25,
  endDivisor = 1e4,
  shape = "cosine",
}: OneCycleOptions): Schedule {
  requirePositive("oneCycle", { rate, startDivisor, endDivisor });
  requireCount("oneCycle", { steps });
  if (!(rising >= 0 && rising <= 1)) throw new ArgumentError("oneCycle", `rising is ${rising}, expected 0 … 1.`);
  const [first, last] = [rate / startDivisor, rate / startDivisor / endDivisor];
  const [top, end] = [rising * steps - 1, steps - 1];
  const between = (a: number, b: number, part: number) =>
    shape === "linear" ? a + (b - a) * part : b + ((a - b) * (1 + Math.cos(Math.PI * part))) / 2;
  // A way of no steps has been gone.
  const part = (done: number, all: number) => (all > 0 ? Math.min(1, done / all) : 1);
  return (step) =>
    step <= top ? between(first, rate, part(step, top)) : between(rate, last, part(step - top, end - top));
}

/**
 * Rises in a straight line for `warmUp` steps to `rate`, then falls with the inverse square root of the step (Vaswani et
 * al. 2017, section 5.3, where `rate` is (width · warmUp)^−½): rate · min((s + 1) / warmUp, √(warmUp / (s + 1))).
 */
export function inverseSquareRoot({ rate, warmUp }: { readonly rate: number; readonly warmUp: number }): Schedule {
  requirePositive("inverseSquareRoot", { rate });
  requireCount("inverseSquareRoot", { warmUp });
  return (step) => rate * Math.min((step + 1) / warmUp, Math.sqrt(warmUp / (step + 1)));
}

/**
 * One rate after another, each from its own step on, which it counts as its 0: `[[0, 0.1], [500, optim.cosine(…)]]`. What
 * they remember, such as `reduceOnPlateau`, is saved with the optimiser.
 */
export function pieces(list: readonly (readonly [from: number, rate: Rate])[]): Schedule {
  if (list.length === 0) throw new ArgumentError("pieces", "no pieces, expected at least one. pieces([[0, 0.1]]).");
  list.forEach(([from], i) => {
    if (i === 0 ? from !== 0 : !(from > list[i - 1]![0]))
      throw new ArgumentError(
        "pieces",
        `piece ${i} begins at step ${from}, expected ${i === 0 ? "0" : "a later step than the one before"}.`,
      );
  });
  const rateAt = (step: number) => {
    const [from, rate] = list.findLast(([begins]) => begins <= step) ?? list[0]!;
    return valueOf(rate, step - from);
  };
  return remembering(
    rateAt,
    list.map(([, rate]) => rate),
  );
}

/** The schedule with the memory of its parts, if any has one: of each that does, how many numbers, and these. */
function remembering(rateAt: (step: number) => number, parts: readonly Rate[]): Schedule {
  const those = parts.filter((part) => typeof part === "function" && part.state !== undefined) as Schedule[];
  if (those.length === 0) return rateAt;
  const state = () => those.map((part) => part.state!()).flatMap((numbers) => [numbers.length, ...numbers]);
  const load = (saved: readonly number[]) => {
    let at = 0;
    for (const part of those) {
      const end = at + 1 + saved[at]!;
      part.load?.(saved.slice(at + 1, end));
      at = end;
    }
  };
  return Object.assign(rateAt, { state, load });
}

function valueOf(rate: Rate, step: number): number {
  return typeof rate === "number" ? rate : rate(step);
}
