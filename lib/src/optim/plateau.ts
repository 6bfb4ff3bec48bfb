import { ArgumentError } from "../tensor/errors.ts";
import type { Schedule } from "./optimizer.ts";

export interface PlateauOptions {
  readonly rate: number;
  /** What the rate is multiplied by; 0.1 if not said. */
  readonly factor?: number;
  /** How many observations without progress are borne; 10 if not said. */
  readonly patience?: number;
  /** Progress is what is better than the best by more than this part of its size; 1e-4 if not said. */
  readonly threshold?: number;
  /** How many observations after a reduction do not count. */
  readonly cooldown?: number;
  readonly smallest?: number;
  /** Whether less is better, as for a loss, or more, as for an accuracy. */
  readonly better?: "less" | "more";
}

/** A rate that falls when what is observed no longer gets better. */
export interface Plateau extends Schedule {
  /** Tells it a value, such as the loss on held-out data after an epoch; gives the rate from now on. */
  observe(value: number): number;
  state(): readonly number[];
  load(state: readonly number[]): void;
}

/**
 * A rate that is multiplied by `factor` when what it observes has not got better for `patience` observations; what it
 * remembers is saved with the optimiser.
 *
 * @example
 * ```ts
 * import { optim } from "gradbook";
 *
 * const rate = optim.reduceOnPlateau({ rate: 0.1, patience: 1 });
 * const optimizer = optim.sgd({ rate });
 * [3, 2, 2, 2].map((loss) => rate.observe(loss)); // [0.1, 0.1, 0.1, 0.01]
 * ```
 */
export function reduceOnPlateau({
  rate,
  factor = 0.1,
  patience = 10,
  threshold = 1e-4,
  cooldown = 0,
  smallest = 0,
  better = "less",
}: PlateauOptions): Plateau {
  if (!(rate > 0)) throw new ArgumentError("reduceOnPlateau", `rate is ${rate}, expected a positive number.`);
  if (!(factor > 0 && factor < 1))
    throw new ArgumentError("reduceOnPlateau", `factor is ${factor}, expected 0 < factor < 1.`);
  const worst = better === "less" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  let [current, best, bad, resting] = [rate, worst, 0, 0];
  const observe = (value: number): number => {
    // Nothing is the best before the first value, and infinity has no part.
    const margin = Number.isFinite(best) ? threshold * Math.abs(best) : 0;
    const progress = better === "less" ? value < best - margin : value > best + margin;
    if (progress) [best, bad] = [value, 0];
    else bad++;
    if (resting > 0) [resting, bad] = [resting - 1, 0];
    if (bad > patience) {
      // As in PyTorch, a change too small to matter is not made.
      const next = Math.max(current * factor, smallest);
      if (current - next > 1e-8) current = next;
      [resting, bad] = [cooldown, 0];
    }
    return current;
  };
  const load = (state: readonly number[]) => {
    [current, best, bad, resting] = state as [number, number, number, number];
  };
  return Object.assign(() => current, { observe, state: () => [current, best, bad, resting], load });
}
