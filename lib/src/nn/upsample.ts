import { type Pair, pair } from "../operations/pair.ts";
import { resize } from "../operations/resampling.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkMaps } from "./maps.ts";
import { Module } from "./module.ts";

/** Either a size or a scale, and how to fill in what is between pixels. */
export interface UpsampleOptions {
  /** Height and width of the result. */
  readonly size?: Pair;
  /** How many times higher and wider; sizes that are no whole numbers are rounded down. */
  readonly scale?: Pair;
  /** "nearest" if not said, as in PyTorch. */
  readonly mode?: "nearest" | "bilinear";
  /** Of bilinear filling: corner pixels stay corner pixels. */
  readonly alignCorners?: boolean;
}

/** Images in another size: `[batch, channels, height, width]`. */
export class Upsample extends Module {
  readonly options: UpsampleOptions;

  constructor(options: UpsampleOptions) {
    super();
    const { size, scale } = options;
    if ((size === undefined) === (scale === undefined))
      throw new ArgumentError(
        "Upsample",
        `${size === undefined ? "neither size nor scale" : "size and scale"}, expected one of the two. new nn.Upsample({ scale: 2 }).`,
      );
    if (pair(scale, 1).some((n) => !(n > 0)))
      throw new ArgumentError("Upsample", `scale is ${pair(scale, 1).join(" × ")}, expected positive numbers.`);
    this.options = options;
  }

  forward(x: Tensor): Tensor<"float32"> {
    checkMaps(this.where, x, 2, null);
    const { size, scale, mode = "nearest", alignCorners = false } = this.options;
    const [down, along] = pair(scale, 1);
    const to = size ?? ([Math.floor(x.shape[2]! * down), Math.floor(x.shape[3]! * along)] as const);
    return resize(x, { size: to, mode, alignCorners }) as Tensor<"float32">;
  }

  override describe(): string {
    const { size, scale, mode = "nearest" } = this.options;
    return size === undefined
      ? `Upsample(× ${pair(scale, 1).join(" × ")}, ${mode})`
      : `Upsample(${pair(size, 1).join("×")}, ${mode})`;
  }
}
