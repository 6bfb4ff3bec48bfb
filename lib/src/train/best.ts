import { replaceShared } from "../gradient/tree.ts";
import { type Module, places, state } from "../nn/module.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { held, outlives } from "../tensor/ownership.ts";
import type { Tensor } from "../tensor/tensor.ts";

export interface BestOptions {
  /** How many measures without progress in a row are borne before training ends; without end if not said. */
  readonly patience?: number;
  /** Whether less is better, as for a loss, or more, as for an accuracy. */
  readonly better?: "less" | "more";
  /** Progress is what is better by more than this. */
  readonly margin?: number;
}

/** What is needed to go on exactly. */
export interface BestState {
  readonly value: number;
  readonly epoch: number;
  readonly without: number;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/**
 * The best state of a model so far, by a measure, and early stopping (Prechelt 1998): `train` asks it after every pass.
 *
 * @example
 * ```ts
 * import { Best, nn } from "gradbook";
 *
 * const best = new Best({ patience: 2 });
 * const net = nn.init(new nn.Linear(1, 1), { seed: 1 });
 * [3, 1, 2, 2].map((loss, epoch) => best.observe(net, loss, epoch + 1)); // [true, true, true, false]
 * [best.value, best.epoch]; // [1, 2]
 * ```
 */
export class Best {
  readonly #patience: number;
  readonly #better: "less" | "more";
  readonly #margin: number;
  #value = Number.NaN;
  #epoch = 0;
  #without = 0;
  #tensors: ReadonlyMap<string, Tensor> = new Map();

  constructor({ patience = Number.POSITIVE_INFINITY, better = "less", margin = 0 }: BestOptions = {}) {
    if (!(patience >= 1)) throw new ArgumentError("Best", `patience is ${patience}, expected 1 or more.`);
    if (!(margin >= 0)) throw new ArgumentError("Best", `margin is ${margin}, expected 0 or more.`);
    this.#patience = patience;
    this.#better = better;
    this.#margin = margin;
  }

  /** The best measure; NaN before the first. */
  get value(): number {
    return this.#value;
  }

  /** The pass after which it was measured. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Takes in a measure, keeps the model's values if it is the best, and says whether to go on. */
  observe(model: Module, value: number, epoch: number): boolean {
    const gain = this.#better === "less" ? this.#value - value : value - this.#value;
    if (gain > this.#margin || (Number.isNaN(this.#value) && !Number.isNaN(value))) {
      this.#value = value;
      this.#epoch = epoch;
      this.#without = 0;
      // Tensors do not change: holding them is enough.
      this.#tensors = new Map(state(model).map(({ path, get }) => [path, get()]));
      outlives(this);
    } else this.#without++;
    return this.#without < this.#patience;
  }

  /** Gives the model the values that it had at the best measure. */
  restore(model: Module): void {
    replaceShared(places(model), (path, before) => this.#tensors.get(path) ?? before);
  }

  /** Everything needed to go on exactly. */
  state(): BestState {
    return { value: this.#value, epoch: this.#epoch, without: this.#without, tensors: new Map(this.#tensors) };
  }

  /** Goes on from a saved state. */
  load({ value, epoch, without, tensors }: BestState): void {
    this.#value = value;
    this.#epoch = epoch;
    this.#without = without;
    this.#tensors = new Map(tensors);
    outlives(this);
  }

  /** @internal */
  [held](): unknown {
    return this.#tensors;
  }
}
