import { ChannelNorm, type ChannelNormOptions } from "./channel-norm.ts";

/**
 * Batch normalisation (Ioffe and Szegedy, ICML 2015) of `[batch, channels]` or `[batch, channels, length]`: in training
 * each channel gets mean 0 and variance 1 over the batch, times `weight` plus `bias`; outside of it the running statistics
 * `running_mean` and `running_var` stand in for those of the batch. They come with training steps and with saved files.
 *
 * @example
 * ```ts
 * import { nn, random, tensor } from "gradbook";
 *
 * const norm = nn.init(new nn.BatchNorm1d(1, { momentum: null }), { seed: 1 });
 * const x = tensor([[1], [3]]);
 * await norm.forward(x).toArray(); // outside of training, close to [[1], [3]]
 * nn.training(random.seed(1), () => norm.forward(x)); // [[-1], [1]], nearly
 * await norm.running_mean!.toArray(); // [2]
 * ```
 */
export class BatchNorm1d extends ChannelNorm {
  constructor(channels: number, options: ChannelNormOptions = {}) {
    super(channels, options, { ranks: [2, 3], acrossBatch: true });
  }
}

/** The same of images, `[batch, channels, height, width]`. */
export class BatchNorm2d extends ChannelNorm {
  constructor(channels: number, options: ChannelNormOptions = {}) {
    super(channels, options, { ranks: [4], acrossBatch: true });
  }
}

/** The same of volumes, `[batch, channels, depth, height, width]`. */
export class BatchNorm3d extends ChannelNorm {
  constructor(channels: number, options: ChannelNormOptions = {}) {
    super(channels, options, { ranks: [5], acrossBatch: true });
  }
}

/**
 * Instance normalisation (Ulyanov, Vedaldi and Lempitsky 2016) of `[batch, channels, length]`: mean 0 and variance 1 for
 * each channel of each example. As in PyTorch it has neither gain and bias nor running statistics unless asked to.
 */
export class InstanceNorm1d extends ChannelNorm {
  constructor(channels: number, options: ChannelNormOptions = {}) {
    super(channels, options, { ranks: [3], acrossBatch: false });
  }
}

/** The same of images, `[batch, channels, height, width]`. */
export class InstanceNorm2d extends ChannelNorm {
  constructor(channels: number, options: ChannelNormOptions = {}) {
    super(channels, options, { ranks: [4], acrossBatch: false });
  }
}

/** The same of volumes, `[batch, channels, depth, height, width]`. */
export class InstanceNorm3d extends ChannelNorm {
  constructor(channels: number, options: ChannelNormOptions = {}) {
    super(channels, options, { ranks: [5], acrossBatch: false });
  }
}
