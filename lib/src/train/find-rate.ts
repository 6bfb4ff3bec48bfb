import { type Module, places } from "../nn/module.ts";
import type { Optimizer, Schedule } from "../optim/optimizer.ts";
import type { Key } from "../random/key.ts";
import { ArgumentError, TrainingError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Batches } from "./batches.ts";
import { train } from "./train.ts";

export interface FindRateOptions<M, B> {
  readonly loss: (model: M, batch: B) => Tensor;
  /** Makes the optimiser for a schedule: `(rate) => optim.sgd({ rate, momentum: 0.9 })`. */
  readonly optimizer: (rate: Schedule) => Optimizer;
  /** The first rate; 1e-6 if not said. */
  readonly from?: number;
  /** The last; 10 if not said. */
  readonly to?: number;
  /** Updates at most; 100 if not said. */
  readonly steps?: number;
  readonly key?: Key;
  readonly signal?: AbortSignal;
}

/** Losses by rate. */
export interface RateCurve {
  /** One row for each update; `smooth` is the running mean of the losses, without its bias. */
  readonly rows: readonly { readonly rate: number; readonly loss: number; readonly smooth: number }[];
  /** The rate around which the loss falls most. */
  readonly suggestion: number;
}

/**
 * Trains with a rate that rises geometrically from step to step until the loss has risen above its beginning, and from its
 * best by three times the size of that, and suggests where it fell most (Smith 2015, arXiv 1506.01186). The model is then
 * as it was before.
 *
 * @example
 * ```ts
 * import { findRate, losses, nn, ones, optim } from "gradbook";
 *
 * const net = nn.init(new nn.Linear(4, 1), { seed: 1 });
 * const { suggestion } = await findRate(net, [ones([8, 4])], {
 *   loss: (m, x) => losses.squaredError(m.forward(x), ones([8, 1]).mul(3)),
 *   optimizer: (rate) => optim.sgd({ rate }),
 * });
 * suggestion > 1e-3 && suggestion < 1; // true
 * ```
 */
export async function findRate<M extends Module, B>(
  model: M,
  batches: Batches<B>,
  options: FindRateOptions<M, B>,
): Promise<RateCurve> {
  const { from = 1e-6, to = 10, steps = 100 } = options;
  if (!(from > 0 && to > from))
    throw new ArgumentError("findRate", `rates from ${from} to ${to}, expected 0 < from < to.`);
  if (!Number.isInteger(steps) || steps < 10)
    throw new ArgumentError("findRate", `steps is ${steps}, expected an integer of at least 10.`);
  const optimizer = options.optimizer((step) => from * (to / from) ** (step / (steps - 1)));
  const before = places(model).map(({ get, set }) => ({ value: get(), set }));
  const rows: { rate: number; loss: number; smooth: number }[] = [];
  const stay = 0.9;
  let mean = 0;
  let best = Number.POSITIVE_INFINITY;
  try {
    const { loss, key, signal } = options;
    const given = { ...(key && { key }), ...(signal && { signal }) };
    for await (const step of train(model, batches, { loss, optimizer, epochs: steps, ...given })) {
      mean = stay * mean + (1 - stay) * step.loss;
      const smooth = mean / (1 - stay ** (rows.length + 1));
      rows.push({ rate: step.rate, loss: step.loss, smooth });
      best = Math.min(best, smooth);
      // A loss may be negative or pass through zero: there, what was gained says how much is a lot.
      const far = Math.max(3 * Math.abs(best), rows[0]!.smooth - best);
      if (rows.length >= steps || (rows.length > 10 && smooth - best > far)) break;
    }
  } catch (error) {
    // A rate at which everything overflows ends the search.
    if (!(error instanceof TrainingError) || rows.length < 3) throw error;
  } finally {
    for (const { value, set } of before) set(value);
  }
  return { rows, suggestion: rows[steepest(rows.map(({ loss }) => loss))]!.rate };
}

/** Where the mean of the losses after falls most below the mean of those before, within a tenth of them on either side. */
function steepest(losses: readonly number[]): number {
  const width = Math.max(1, Math.floor(losses.length / 10));
  const mean = (from: number) => losses.slice(from, from + width).reduce((sum, loss) => sum + loss, 0) / width;
  let [place, most] = [width, Number.NEGATIVE_INFINITY];
  for (let i = width; i + width < losses.length; i++) {
    const fall = mean(i - width) - mean(i + 1);
    if (fall > most) [place, most] = [i, fall];
  }
  return place;
}
