import { type Key, seed as keyOf } from "../random/key.ts";
import { ArgumentError, TrainingError } from "../tensor/errors.ts";
import { signalOf } from "../tensor/stop.ts";

/** Numbers to draw from: evenly, by their logarithm, or whole ones. */
export interface Range {
  readonly from: number;
  readonly to: number;
  readonly log?: boolean;
  readonly whole?: boolean;
}

/** What is varied: values to choose from, or for random trials a range. */
export type Space = { readonly [name: string]: readonly (string | number | boolean)[] | Range };

/** One choice from a space. */
export type Choice<S extends Space> = {
  readonly [K in keyof S]: S[K] extends readonly (infer V)[] ? V : number;
};

export interface SweepOptions {
  /** Random trials in place of the whole grid. */
  readonly trials?: number;
  /** Where random trials are drawn from. */
  readonly key?: Key;
  /** Each choice is tried with each of these seeds; [1] if not said. */
  readonly seeds?: readonly number[];
  readonly signal?: AbortSignal;
}

/** One trial, flat as a row of a table. */
export type SweepRow<S extends Space> = Choice<S> & {
  readonly trial: number;
  readonly seed: number;
  readonly seconds: number;
  /** Why training failed, where it did; such a row has no results. */
  readonly failed?: string;
  readonly [result: string]: unknown;
};

/**
 * Tries choices from a space, all of them or some drawn at random (Bergstra and Bengio, JMLR 2012), and gives out a row for
 * each as it is done: the choice, the seed and the results. Training that fails makes a row, not an end.
 *
 * @example
 * ```ts
 * import { sweep } from "gradbook";
 *
 * const rows = [];
 * for await (const row of sweep({ rate: [0.1, 0.01], width: [8, 16] }, async ({ rate, width }) => ({ error: rate * width })))
 *   rows.push(row);
 * rows.map(({ rate, width, error }) => [rate, width, error]); // [[0.1, 8, 0.8], [0.1, 16, 1.6], [0.01, 8, 0.08], [0.01, 16, 0.16]]
 * ```
 */
export async function* sweep<const S extends Space>(
  space: S,
  run: (choice: Choice<S> & { readonly seed: number }) => Promise<Readonly<Record<string, number>>>,
  options: SweepOptions = {},
): AsyncGenerator<SweepRow<S>, void> {
  const { seeds = [1], trials, key = keyOf(0).child("sweep") } = options;
  if (trials !== undefined && (!Number.isInteger(trials) || trials < 1))
    throw new ArgumentError("sweep", `trials is ${trials}, expected a positive integer.`);
  const names = Object.keys(space);
  for (const name of names) requireValues(name, space[name]!, trials !== undefined);
  const choices =
    trials === undefined
      ? grid(space)
      : Array.from({ length: trials }, (_, i) =>
          Object.fromEntries(names.map((name) => [name, draw(space[name]!, key.child(i).child(name))])),
        );
  let trial = 0;
  for (const choice of choices as Choice<S>[])
    for (const seed of seeds) {
      signalOf(options.signal)?.throwIfAborted();
      const began = performance.now();
      let results: Readonly<Record<string, unknown>>;
      try {
        results = await run({ ...choice, seed });
      } catch (error) {
        if (!(error instanceof TrainingError)) throw error;
        results = { failed: error.message };
      }
      const seconds = (performance.now() - began) / 1000;
      yield { trial: ++trial, ...choice, seed, ...results, seconds } as SweepRow<S>;
    }
}

function requireValues(name: string, values: Space[string], random: boolean): void {
  if (isRange(values)) {
    const { from, to, log = false } = values;
    if (!random)
      throw new ArgumentError("sweep", `${name} is a range, expected values for a grid. Draw from it: { trials: 20 }.`);
    if (!(to >= from) || (log && !(from > 0)))
      throw new ArgumentError("sweep", `${name} ranges from ${from} to ${to}, expected ${log ? "0 < " : ""}from ≤ to.`);
  } else if (values.length === 0) throw new ArgumentError("sweep", `${name} has no values, expected at least one.`);
}

function isRange(values: Space[string]): values is Range {
  return !Array.isArray(values);
}

function grid(space: Space): Record<string, unknown>[] {
  return Object.entries(space).reduce<Record<string, unknown>[]>(
    (rows, [name, values]) =>
      rows.flatMap((row) => (values as readonly unknown[]).map((value) => ({ ...row, [name]: value }))),
    [{}],
  );
}

function draw(values: Space[string], key: Key): unknown {
  const u = (key.bits(1)[0]! >>> 0) / 2 ** 32;
  if (!isRange(values)) return values[Math.floor(u * values.length)];
  const { from, to, log = false, whole = false } = values;
  if (whole) return Math.floor(log ? from * ((to + 1) / from) ** u : from + u * (to + 1 - from));
  return log ? from * (to / from) ** u : from + u * (to - from);
}
