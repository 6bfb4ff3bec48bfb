/** What {@link Epochs} has noted from its `from`-th note on, to be noted elsewhere. */
export interface Knots {
  readonly from: number;
  readonly steps: readonly number[];
  readonly epochs: readonly number[];
  readonly whole: boolean;
}

/**
 * Where each epoch began, so that steps can be drawn on an axis of epochs: whole epoch numbers say only
 * "somewhere in epoch 2", and runs with different batch sizes take different numbers of steps for one.
 */
export class Epochs {
  #steps: number[] = [];
  #epochs: number[] = [];
  #whole = true;

  /** Epoch numbers that hardly differ add nothing to the picture: knots stay at least this far apart. */
  static readonly #resolution = 1 / 64;

  get known(): boolean {
    return this.#steps.length > 0;
  }

  /** Notes the epoch of a step; `before` is the step before it. */
  note(step: number, epoch: number, before: number): void {
    const [lastStep, lastEpoch] = [this.#steps.at(-1), this.#epochs.at(-1)];
    this.#whole &&= Number.isInteger(epoch);
    // A new whole number appears with the first step of an epoch, which began when the step before was done.
    const start = this.#whole ? Math.max(0, Math.min(before, step)) : step;
    if (lastStep !== undefined && lastEpoch !== undefined) {
      if (start <= lastStep || epoch < lastEpoch + Epochs.#resolution) return;
    }
    this.#steps.push(start);
    this.#epochs.push(epoch);
  }

  /**
   * Epochs completed at a step. The running epoch is taken to be as long as the one
   * before it; the very first is taken to end at `lastStep`.
   */
  at(step: number, lastStep: number): number {
    const [steps, epochs] = [this.#steps, this.#epochs];
    if (steps.length === 0) return Number.NaN;
    const [start, end] = this.#around(steps, step, lastStep);
    return (
      start.epoch + ((step - start.step) / (end.step - start.step)) * (end.epoch - start.epoch) - this.#done(epochs)
    );
  }

  /** The step, perhaps between two, at which so many epochs are completed: the opposite of {@link at}. */
  stepAt(epoch: number, lastStep: number): number {
    const [steps, epochs] = [this.#steps, this.#epochs];
    if (steps.length === 0) return Number.NaN;
    const inside = epoch + this.#done(epochs);
    const [start, end] = this.#around(epochs, inside, lastStep);
    return start.step + ((inside - start.epoch) / (end.epoch - start.epoch)) * (end.step - start.step);
  }

  /** How often it has noted something. */
  get count(): number {
    return this.#steps.length;
  }

  knots(from = 0): Knots {
    return { from, steps: this.#steps.slice(from), epochs: this.#epochs.slice(from), whole: this.#whole };
  }

  restore({ from, steps, epochs, whole }: Knots): void {
    this.#steps = [...this.#steps.slice(0, from), ...steps];
    this.#epochs = [...this.#epochs.slice(0, from), ...epochs];
    this.#whole = whole;
  }

  /** Those who count from 1 have completed none while they are in epoch 1. */
  #done(epochs: readonly number[]): number {
    return this.#whole && epochs[0] === 1 ? 1 : 0;
  }

  /** The knots on both sides of a value in one of the two lists. */
  #around(list: readonly number[], value: number, lastStep: number) {
    const [steps, epochs] = [this.#steps, this.#epochs];
    const knot = Math.min(Math.max(upperBound(list, value) - 1, 0), Math.max(steps.length - 2, 0));
    const start = { step: steps[knot]!, epoch: epochs[knot]! };
    const step = steps[knot + 1] ?? Math.max(lastStep, start.step + 1);
    return [start, { step, epoch: epochs[knot + 1] ?? start.epoch + 1 }] as const;
  }
}

/** How many entries of a sorted list are at most `value`. */
function upperBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
