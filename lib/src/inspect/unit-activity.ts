import { ArgumentError } from "../tensor/errors.ts";
import { Breather, signalOf } from "../tensor/stop.ts";
import { capture } from "./capture.ts";
import type { Model, Run } from "./watch.ts";

/** What the units of a layer do for a number of examples. */
export interface UnitActivity {
  readonly path: string;
  /** Units (channels) of the layer. */
  readonly units: number;
  /** The units that always give the same, whatever comes in: they pass nothing on, neither forwards nor backwards. */
  readonly dead: readonly number[];
  /** For each unit, the share of examples and positions for which it gives more than 0. */
  readonly active: Float64Array;
  /** Share of exact zeros of all that the layer gives. */
  readonly zeros: number;
}

interface Tally {
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly positive: Float64Array;
  zeros: number;
  seen: number;
}

/**
 * Which units of each layer are dead and how sparse the layers are, over all batches. A unit is an entry of axis 1 of
 * what a layer gives, `[batch, units, …]`; layers that give something else are left out. By path.
 *
 * @param batches What to run the model on, as for `capture`.
 * @throws ArgumentError where there is no batch, or where two batches give a layer different numbers of units.
 *
 * @example
 * ```ts
 * import { inspect, nn, random, relu, tensor } from "gradbook";
 *
 * const layer = nn.init(new nn.Linear(3, 2), { seed: 1 });
 * nn.loadState(layer, new Map([["weight", tensor([[1, 0, 0], [0, 1, 0]])], ["bias", tensor([0, -100])]]));
 * const activity = await inspect.unitActivity(new nn.Sequential([layer, relu]), [random.seed(2).normal([50, 3])]);
 * activity.get("1")!.dead; // [1]
 * ```
 */
export async function unitActivity<M extends Model>(
  model: M,
  batches: Iterable<Run<M>>,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Map<string, UnitActivity>> {
  const tallies = new Map<string, Tally>();
  const breather = new Breather();
  for (const batch of batches) {
    signalOf(options.signal)?.throwIfAborted();
    for (const [path, y] of capture(model, batch)) {
      if (y.rank < 2) continue;
      const [examples, units] = y.shape as [number, number];
      let tally = tallies.get(path);
      if (tally === undefined) {
        const filled = (value: number) => new Float64Array(units).fill(value);
        tally = {
          low: filled(Number.POSITIVE_INFINITY),
          high: filled(Number.NEGATIVE_INFINITY),
          positive: filled(0),
          zeros: 0,
          seen: 0,
        };
        tallies.set(path, tally);
      }
      if (tally.low.length !== units)
        throw new ArgumentError(
          "unitActivity",
          `"${path}" gives ${units} units for one batch and ${tally.low.length} for another, expected as many.`,
        );
      count(tally, await y.data(), examples);
    }
    await breather.breathe();
  }
  if (tallies.size === 0)
    throw new ArgumentError("unitActivity", "no batch with a layer of units [batch, units, …], expected at least one.");
  return new Map([...tallies].map(([path, tally]) => [path, read(path, tally)]));
}

function count(tally: Tally, values: ArrayLike<number>, examples: number): void {
  const { low, high, positive } = tally;
  const units = low.length;
  const positions = values.length / (examples * units);
  for (let i = 0; i < values.length; i++) {
    const unit = Math.floor(i / positions) % units;
    const value = values[i]!;
    if (value < low[unit]!) low[unit] = value;
    if (value > high[unit]!) high[unit] = value;
    if (value > 0) positive[unit]! += 1;
    if (value === 0) tally.zeros++;
  }
  tally.seen += examples * positions;
}

function read(path: string, { low, high, positive, zeros, seen }: Tally): UnitActivity {
  const units = low.length;
  const dead = Array.from({ length: units }, (_, i) => i).filter((i) => low[i] === high[i]);
  return { path, units, dead, active: positive.map((n) => n / seen), zeros: zeros / (seen * units) };
}
