import { type Pair, pair } from "../operations/pair.ts";
import { avgPool2d, maxPool2d } from "../operations/pooling.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkImages } from "./conv.ts";
import { Module } from "./module.ts";

export interface PoolOptions {
  /** The size of the window, if not said. */
  readonly stride?: Pair;
  readonly padding?: Pair;
}

abstract class Pool extends Module {
  readonly #size: Pair;
  readonly #options: PoolOptions;

  constructor(size: Pair, options: PoolOptions = {}) {
    super();
    this.#size = size;
    this.#options = options;
  }

  protected pooled(operation: typeof avgPool2d | typeof maxPool2d, x: Tensor): Tensor<"float32"> {
    checkImages(this.where, x, null);
    return operation(x, { size: this.#size, ...this.#options }) as Tensor<"float32">;
  }

  override describe(): string {
    const [height, width] = pair(this.#size, 1);
    return `${this.constructor.name}(${height}×${width})`;
  }
}

/** The mean of every window. */
export class AvgPool2d extends Pool {
  forward(x: Tensor): Tensor<"float32"> {
    return this.pooled(avgPool2d, x);
  }
}

/** The largest element of every window. */
export class MaxPool2d extends Pool {
  forward(x: Tensor): Tensor<"float32"> {
    return this.pooled(maxPool2d, x);
  }
}
