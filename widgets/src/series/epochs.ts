/**
 * Where each epoch began, so that steps can be drawn on an axis of epochs: whole epoch numbers say only
 * "somewhere in epoch 2", and runs with different batch sizes take different numbers of steps for one.
 */
export class Epochs {
  readonly #steps: number[] = [];
  readonly #epochs: number[] = [];
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
    let knot = upperBound(steps, step) - 1;
    knot = Math.min(Math.max(knot, 0), Math.max(steps.length - 2, 0));
    const startStep = steps[knot]!;
    const startEpoch = epochs[knot]!;
    const endStep = steps[knot + 1] ?? Math.max(lastStep, startStep + 1);
    const endEpoch = epochs[knot + 1] ?? startEpoch + 1;
    const epoch = startEpoch + ((step - startStep) / (endStep - startStep)) * (endEpoch - startEpoch);
    // Those who count from 1 have completed none while they are in epoch 1.
    return this.#whole && epochs[0] === 1 ? epoch - 1 : epoch;
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
