import { adaptiveAvgPool2d, adaptiveMaxPool2d, lpPool2d } from "../operations/adaptive-pooling.ts";
import type { Pair, Triple } from "../operations/pair.ts";
import { avgPool2d, maxPool2d } from "../operations/pooling.ts";
import { avgPool1d, avgPool3d, maxPool1d, maxPool3d } from "../operations/pooling-volumes.ts";
import { expandDims, squeeze } from "../operations/rearrange.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkMaps, eachAxis, type Places, wholeNumbers } from "./maps.ts";
import { Module } from "./module.ts";

export interface PoolOptions<Size = Pair> {
  /** The size of the window, if not said. */
  readonly stride?: Size;
  /** Places added on every side: zeros for means, −∞ for maxima. */
  readonly padding?: Size;
}

type Sizes = number | readonly number[];
type Pooling = (x: Tensor, options: never) => Tensor;

/** Windows that slide over lines, images or volumes. */
abstract class Pool extends Module {
  readonly size: Sizes;
  readonly stride: Sizes;
  readonly padding: Sizes;
  readonly #places: Places;
  readonly #operation: Pooling;

  constructor(places: Places, operation: Pooling, size: Sizes, options: PoolOptions<Sizes>) {
    super();
    this.size = size;
    this.stride = options.stride ?? size;
    this.padding = options.padding ?? 0;
    const who = this.constructor.name;
    wholeNumbers(who, "size", places, this.size, { least: 1 });
    wholeNumbers(who, "stride", places, this.stride, { least: 1 });
    wholeNumbers(who, "padding", places, this.padding, { least: 0 });
    this.#places = places;
    this.#operation = operation;
  }

  forward(x: Tensor): Tensor<"float32"> {
    checkMaps(this.where, x, this.#places, null);
    const { size, stride, padding } = this;
    return this.#operation(x, { size, stride, padding } as never) as Tensor<"float32">;
  }

  override describe(): string {
    return `${this.constructor.name}(${eachAxis(this.#places, this.size, 1).join("×")})`;
  }
}

/** The mean of every window of `[batch, channels, length]`; zeros that `padding` adds count. */
export class AvgPool1d extends Pool {
  constructor(size: number, options: PoolOptions<number> = {}) {
    super(1, avgPool1d, size, options);
  }
}

/** The mean of every window of `[batch, channels, height, width]`; zeros that `padding` adds count. */
export class AvgPool2d extends Pool {
  constructor(size: Pair, options: PoolOptions = {}) {
    super(2, avgPool2d, size, options);
  }
}

/** The mean of every window of `[batch, channels, depth, height, width]`; zeros that `padding` adds count. */
export class AvgPool3d extends Pool {
  constructor(size: Triple, options: PoolOptions<Triple> = {}) {
    super(3, avgPool3d, size, options);
  }
}

/** The largest element of every window of `[batch, channels, length]`. */
export class MaxPool1d extends Pool {
  constructor(size: number, options: PoolOptions<number> = {}) {
    super(1, maxPool1d, size, options);
  }
}

/** The largest element of every window of `[batch, channels, height, width]`. */
export class MaxPool2d extends Pool {
  constructor(size: Pair, options: PoolOptions = {}) {
    super(2, maxPool2d, size, options);
  }
}

/** The largest element of every window of `[batch, channels, depth, height, width]`. */
export class MaxPool3d extends Pool {
  constructor(size: Triple, options: PoolOptions<Triple> = {}) {
    super(3, maxPool3d, size, options);
  }
}

/** The p-norm (Σ |x|ᵖ)^(1/p) of every window of `[batch, channels, height, width]` (Sermanet, Chintala and LeCun, ICPR 2012). */
export class LpPool2d extends Pool {
  readonly power: number;

  constructor(power: number, size: Pair, options: PoolOptions = {}) {
    super(
      2,
      (x, windows: { size: Pair; stride: Pair; padding: Pair }) => lpPool2d(x, { ...windows, power }),
      size,
      options,
    );
    if (!(power >= 1)) throw new ArgumentError("LpPool2d", `the power is ${power}, expected 1 or more.`);
    this.power = power;
  }
}

/** Pools into so many equal shares, whatever the size of the input. */
abstract class AdaptivePool extends Module {
  readonly size: Pair;
  readonly #operation: (x: Tensor, size: Pair) => Tensor;
  readonly #lines: boolean;

  constructor(operation: (x: Tensor, size: Pair) => Tensor, size: Pair, { lines }: { readonly lines: boolean }) {
    super();
    wholeNumbers(this.constructor.name, "size", lines ? 1 : 2, size, { least: 1 });
    this.size = size;
    this.#operation = operation;
    this.#lines = lines;
  }

  forward(x: Tensor): Tensor<"float32"> {
    checkMaps(this.where, x, this.#lines ? 1 : 2, null);
    if (!this.#lines) return this.#operation(x, this.size) as Tensor<"float32">;
    return squeeze(this.#operation(expandDims(x, 2), [1, this.size as number]), 2) as Tensor<"float32">;
  }

  override describe(): string {
    return `${this.constructor.name}(${this.#lines ? this.size : eachAxis(2, this.size, 1).join("×")})`;
  }
}

/** Means over `size` equal shares of the length of `[batch, channels, length]`; 1 is global pooling. */
export class AdaptiveAvgPool1d extends AdaptivePool {
  constructor(size: number) {
    super(adaptiveAvgPool2d, size, { lines: true });
  }
}

/** Means over `size` equal shares of height and width of `[batch, channels, height, width]`; 1 is global pooling. */
export class AdaptiveAvgPool2d extends AdaptivePool {
  constructor(size: Pair) {
    super(adaptiveAvgPool2d, size, { lines: false });
  }
}

/** Maxima over `size` equal shares of the length of `[batch, channels, length]`; 1 is global pooling. */
export class AdaptiveMaxPool1d extends AdaptivePool {
  constructor(size: number) {
    super(adaptiveMaxPool2d, size, { lines: true });
  }
}

/** Maxima over `size` equal shares of height and width of `[batch, channels, height, width]`; 1 is global pooling. */
export class AdaptiveMaxPool2d extends AdaptivePool {
  constructor(size: Pair) {
    super(adaptiveMaxPool2d, size, { lines: false });
  }
}
