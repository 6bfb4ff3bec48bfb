import { ArgumentError } from "../tensor/errors.ts";

/** Batches that are there, or that come one after another from a file or a network. */
export type Coming<B> = Iterable<B> | AsyncIterable<B>;

/** What `train` iterates over: a loader or stream with epochs, or any iterable, begun anew for each epoch. */
export type Batches<B> = Coming<B> & { epoch?(number: number): Coming<B> };

/** Some batches for one update. */
interface Group<B> {
  readonly group: readonly B[];
  /** Batches of the pass done after this one. */
  readonly position: number;
  /** Whether the pass ends with it. */
  readonly ends: boolean;
}

interface Place {
  epoch: number;
  batch: number;
}

/** What is left of the pass at `place`, or the whole next pass where nothing is left, in groups of `size` batches. */
export async function* passOf<B>(batches: Batches<B>, place: Place, size: number): AsyncGenerator<Group<B>, void> {
  const skipped = place.batch;
  const number = place.epoch;
  let position = 0;
  let group: B[] = [];
  let waiting: Group<B> | null = null;
  for await (const batch of batches.epoch?.(number) ?? batches) {
    position++;
    if (position <= skipped) continue;
    // A group is given out when it is known whether another batch follows.
    if (waiting !== null) yield waiting;
    waiting = null;
    group.push(batch);
    if (group.length < size) continue;
    waiting = { group, position, ends: false };
    group = [];
  }
  if (group.length > 0) yield { group, position, ends: true };
  else if (waiting !== null) yield { ...waiting, ends: true };
  else if (skipped > 0) {
    place.epoch++;
    place.batch = 0;
    yield* passOf(batches, place, size);
  } else throw new ArgumentError("train", `epoch ${number + 1} has no batches, expected at least one.`);
}
