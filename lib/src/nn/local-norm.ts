import { div, maximum, mul, square, sub } from "../operations/arithmetic.ts";
import { conv2d } from "../operations/convolution.ts";
import { sqrt } from "../operations/exponential.ts";
import { pad } from "../operations/padding.ts";
import { mean } from "../operations/reduction.ts";
import { unfold } from "../operations/sliding.ts";
import { ones, tensor } from "../tensor/create.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkMaps } from "./maps.ts";
import { checkCount, Module } from "./module.ts";

/** The constants of local response normalisation, PyTorch's if not said. */
export interface LocalResponseNormOptions {
  /** 1e-4. The α of the paper is this over `size`. */
  readonly alpha?: number;
  /** 0.75. */
  readonly beta?: number;
  /** 1; the paper has 2. */
  readonly k?: number;
}

/**
 * Local response normalisation (Krizhevsky, Sutskever and Hinton, NeurIPS 2012, section 3.3) of `[batch, channels, …]`:
 * `x / (k + alpha · s)^beta`, where s is the mean square of `size` neighbouring channels at the same place (those beyond
 * the edge count as 0).
 */
export class LocalResponseNorm extends Module {
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;

  constructor(size: number, { alpha = 1e-4, beta = 0.75, k = 1 }: LocalResponseNormOptions = {}) {
    super();
    checkCount("LocalResponseNorm", "size", size);
    this.size = size;
    this.alpha = alpha;
    this.beta = beta;
    this.k = k;
  }

  forward(x: Tensor): Tensor<"float32"> {
    if (x.rank < 2)
      throw new ShapeError(this.where, `the input is ${showShape(x.shape)}, expected [batch, channels, …].`, [x.shape]);
    const around = (n: number) => x.shape.map((_, axis) => (axis === 1 ? n : 0));
    const squares = pad(square(x), {
      before: around(Math.floor(this.size / 2)),
      after: around(Math.floor((this.size - 1) / 2)),
    });
    const near = mean(unfold(squares, { axis: 1, size: this.size }), { axis: -1 });
    return div(x, mul(near, this.alpha).add(this.k).pow(this.beta)) as Tensor<"float32">;
  }

  override describe(): string {
    return `LocalResponseNorm(${this.size})`;
  }
}

/**
 * Local contrast normalisation (Jarrett, Kavukcuoglu, Ranzato and LeCun, ICCV 2009) of `[batch, channels, height, width]`:
 * takes off the mean of the neighbourhood in all channels, weighted by a Gaussian window of `size × size`, and divides by
 * the deviation there, or by its mean over the image where that is larger. Windows at the edge weigh what lies inside.
 */
export class LocalContrastNorm extends Module {
  readonly #size: number;
  readonly #deviation: number;

  /** `deviation` is that of the window, in places; a quarter of `size` if not said. */
  constructor(size = 9, { deviation = size / 4 }: { readonly deviation?: number } = {}) {
    super();
    checkCount("LocalContrastNorm", "size", size);
    if (size % 2 === 0) throw new ArgumentError("LocalContrastNorm", `size is ${size}, expected an odd number.`);
    if (!(deviation > 0))
      throw new ArgumentError("LocalContrastNorm", `deviation is ${deviation}, expected a positive number.`);
    this.#size = size;
    this.#deviation = deviation;
  }

  forward(x: Tensor): Tensor<"float32"> {
    checkMaps(this.where, x, 2, null);
    const [, , height, width] = x.shape as [number, number, number, number];
    const middle = Math.floor(this.#size / 2);
    const line = Float64Array.from({ length: this.#size }, (_, i) =>
      Math.exp(-((i - middle) ** 2) / (2 * this.#deviation ** 2)),
    );
    const on = { dtype: x.dtype, device: x.device } as const;
    const [down, along] = [[1, 1, this.#size, 1] as const, [1, 1, 1, this.#size] as const].map((shape) =>
      tensor(line, { shape, ...on }),
    ) as [Tensor, Tensor];
    const blurred = (maps: Tensor) =>
      conv2d(conv2d(maps, down, { padding: [middle, 0] }), along, { padding: [0, middle] });
    const inside = blurred(ones([1, 1, height, width], on));
    const around = (maps: Tensor) => div(blurred(mean(maps, { axis: 1, keepDims: true })), inside);
    const centred = sub(x, around(x));
    // Kept from 0, where the root has no derivative.
    const spread = sqrt(maximum(around(square(centred)), 1e-12));
    const usual = mean(spread, { axis: [2, 3], keepDims: true });
    return div(centred, maximum(spread, usual)) as Tensor<"float32">;
  }

  override describe(): string {
    return `LocalContrastNorm(${this.#size}×${this.#size})`;
  }
}
