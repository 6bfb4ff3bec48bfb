import { add, div, mul, sub } from "../operations/arithmetic.ts";
import { cast } from "../operations/define.ts";
import { sqrt } from "../operations/exponential.ts";
import { reshape } from "../operations/rearrange.ts";
import { mean } from "../operations/reduction.ts";
import { full, zeros } from "../tensor/create.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { onesInit, zerosInit } from "./initialisers.ts";
import { buffer, checkCount, isFrozen, Module, parameter } from "./module.ts";
import { checkEpsilon, perChannel, scaled, standardised } from "./normalisation.ts";

/** How a normalisation by channel is made. */
export interface ChannelNormOptions {
  /** Added to the variance; 1e-5 if not said. */
  readonly epsilon?: number;
  /** The share of each new batch in the running statistics, 0.1 if not said; `null` for the mean over all batches. */
  readonly momentum?: number | null;
  /** Whether there are a gain and a bias for each channel. */
  readonly affine?: boolean;
  /** Whether means and variances are remembered from training and used outside of it. */
  readonly trackRunningStats?: boolean;
}

/** The part that batch and instance normalisation share: statistics by channel, remembered or not. */
export abstract class ChannelNorm extends Module {
  readonly weight: Tensor<"float32"> | null;
  readonly bias: Tensor<"float32"> | null;
  readonly running_mean: Tensor<"float32"> | null;
  readonly running_var: Tensor<"float32"> | null;
  readonly num_batches_tracked: Tensor<"int32"> | null;
  readonly channels: number;
  readonly epsilon: number;
  readonly momentum: number | null;
  readonly #ranks: readonly number[];
  readonly #acrossBatch: boolean;

  constructor(
    channels: number,
    options: ChannelNormOptions,
    { ranks, acrossBatch }: { readonly ranks: readonly number[]; readonly acrossBatch: boolean },
  ) {
    super();
    const who = this.constructor.name;
    const { epsilon = 1e-5, momentum = 0.1, affine = acrossBatch, trackRunningStats = acrossBatch } = options;
    checkCount(who, "channels", channels);
    checkEpsilon(who, epsilon);
    if (momentum !== null && !(momentum >= 0 && momentum <= 1))
      throw new ArgumentError(who, `momentum is ${momentum}, expected 0 … 1, or null for the mean over all batches.`);
    this.channels = channels;
    this.epsilon = epsilon;
    this.momentum = momentum;
    this.#ranks = ranks;
    this.#acrossBatch = acrossBatch;
    this.weight = affine ? parameter([channels], onesInit) : null;
    this.bias = affine ? parameter([channels], zerosInit) : null;
    this.running_mean = trackRunningStats ? buffer(zeros([channels])) : null;
    this.running_var = trackRunningStats ? buffer(full([channels], 1)) : null;
    this.num_batches_tracked = trackRunningStats ? buffer(zeros([], { dtype: "int32" })) : null;
  }

  /** `[batch, channels, …]` in the same shape. A frozen module is as outside of training. */
  forward(x: Tensor): Tensor<"float32"> {
    this.#check(x);
    const shape = perChannel(this.channels, x.rank);
    const normal = this.#normal(x, shape);
    return scaled(normal, this.weight, this.bias, shape);
  }

  #normal(x: Tensor, shape: readonly number[]): Tensor {
    const { running_mean, running_var, epsilon } = this;
    const learning = this.training && !isFrozen(this, "running_mean");
    if (!learning && running_mean !== null && running_var !== null)
      return div(sub(x, reshape(running_mean, shape)), sqrt(add(reshape(running_var, shape), epsilon)));
    const axes = x.shape.map((_, axis) => axis).filter((axis) => axis > 1 || (axis === 0 && this.#acrossBatch));
    const count = axes.reduce((n, axis) => n * x.shape[axis]!, 1);
    if (count < 2) throw new ShapeError(this.where, this.#tooFew(x), [x.shape]);
    const { normal, centre, spread } = standardised(x, axes, epsilon);
    if (running_mean !== null) this.#track(centre, mul(spread, count / (count - 1)));
    return normal;
  }

  #tooFew(x: Tensor): string {
    const which = this.#acrossBatch ? "channel" : "channel of an example";
    return `${showShape(x.shape)} has one value for each ${which}, expected more: one has no variance.`;
  }

  /** Moves the running statistics towards those of this batch, `[…, channels, …]` with sizes of 1. */
  #track(centre: Tensor, spread: Tensor): void {
    let share: Tensor | number = this.momentum ?? 0;
    this.remember("num_batches_tracked", (before) => {
      const count = add(before, 1);
      if (this.momentum === null) share = div(1, cast(count, "float64"));
      return cast(count, before.dtype);
    });
    const towards = (value: Tensor) => (before: Tensor) => {
      const [batch, ...rest] = value.shape as [number, ...number[]];
      const each = mean(reshape(value, [batch, rest[0]!]), { axis: 0 });
      return cast(add(before, mul(sub(each, before), share)), before.dtype);
    };
    this.remember("running_mean", towards(centre));
    this.remember("running_var", towards(spread));
  }

  #check(x: Tensor): void {
    if (this.#ranks.includes(x.rank) && x.shape[1] === this.channels) return;
    const axes = { 2: "", 3: ", length", 4: ", height, width", 5: ", depth, height, width" } as const;
    const expected = this.#ranks
      .map((rank) => `[batch, ${this.channels}${axes[rank as keyof typeof axes]}]`)
      .join(" or ");
    const hint =
      this.#ranks.includes(x.rank + 1) && x.shape[0] === this.channels
        ? " One example as a batch: x.expandDims(0)."
        : "";
    throw new ShapeError(this.where, `the input is ${showShape(x.shape)}, expected ${expected}.${hint}`, [x.shape]);
  }

  override describe(): string {
    return `${this.constructor.name}(${this.channels})`;
  }
}
