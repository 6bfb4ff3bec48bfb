import type { Key } from "../random/key.ts";
import { ArgumentError } from "../tensor/errors.ts";

/** Numbers drawn one after another from a key: evenly in 0 … 1, or whole below n. */
export class Draws {
  readonly #key: Key;
  #block = 0;
  #bits: Int32Array = new Int32Array();
  #at = 0;

  constructor(key: Key) {
    this.#key = key;
  }

  /** Evenly from [low, high). */
  uniform(low = 0, high = 1): number {
    if (this.#at === this.#bits.length) {
      this.#bits = this.#key.child(this.#block++).bits(1024);
      this.#at = 0;
    }
    return low + (high - low) * ((this.#bits[this.#at++]! >>> 0) / 2 ** 32);
  }

  /** Normal, mean 0 and deviation 1. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Evenly from 0 … n − 1. */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** One of them. */
  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }
}

/** Refuses what is no whole number of at least `least`. */
export function requireWhole(who: string, name: string, value: number, least = 1): void {
  if (!Number.isInteger(value) || value < least)
    throw new ArgumentError(who, `${name} is ${value}, expected a whole number of ${least} or more.`);
}
