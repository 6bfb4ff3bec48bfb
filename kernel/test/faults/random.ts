/** The seed of this run's chance; give it as GRADBOOK_SEED to have the same run again. */
export const seed = Number(process.env.GRADBOOK_SEED ?? Math.floor(Date.now() / 1000) % 1_000_000);

/** Whether to take the time for everything; otherwise a part of it has to do. */
export const thorough = process.env.GRADBOOK_FAULTS === "full";

/** Random numbers that a seed and a name decide (mulberry32), so that a failure can be had again. */
export class Chance {
  #state: number;

  constructor(name: string) {
    this.#state = seed;
    for (const unit of name) this.#state = (Math.imul(this.#state, 31) + unit.charCodeAt(0)) | 0;
  }

  /** From 0 to 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number below `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[this.below(values.length)]!;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}
