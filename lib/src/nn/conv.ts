import type { Shape } from "../device/device.ts";
import { add } from "../operations/arithmetic.ts";
import { conv2d, type Conv2dOptions as Geometry } from "../operations/convolution.ts";
import { type Pair, pair } from "../operations/pair.ts";
import { reshape } from "../operations/rearrange.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { showShape, sizeOf } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { fanInUniform, type Initialiser } from "./initialisers.ts";
import { checkCount, Module, parameter } from "./module.ts";

export interface Conv2dOptions extends Geometry {
  readonly bias?: boolean;
  /** Draws the filters; uniform in ±1/√fan-in if not said, as in PyTorch. */
  readonly initialiser?: Initialiser;
}

/** Refuses what is no batch of images with that many channels, in the words of the module's place in the model. */
export function checkImages(where: string, x: Tensor, channels: number | null): void {
  if (x.rank !== 4) {
    const hint = x.rank === 3 ? " One image as a batch: x.expandDims(0)." : "";
    throw new ShapeError(
      where,
      `the input is ${showShape(x.shape)}, expected [batch, channels, height, width].${hint}`,
      [x.shape],
    );
  }
  if (channels !== null && x.shape[1] !== channels) {
    const count = `${x.shape[1]} ${x.shape[1] === 1 ? "channel" : "channels"}`;
    throw new ShapeError(where, `the input has ${count}, the filters expect ${channels}.`, [x.shape]);
  }
}

/** Two-dimensional convolution: `[batch, inputs, h, w] → [batch, outputs, oh, ow]`; `weight [outputs, inputs / groups, kh, kw]`. */
export class Conv2d extends Module {
  readonly weight: Tensor<"float32">;
  readonly bias: Tensor<"float32"> | null;
  readonly #inputs: number;
  readonly #options: Conv2dOptions;

  constructor(inputs: number, outputs: number, size: Pair, options: Conv2dOptions = {}) {
    super();
    checkCount("Conv2d", "inputs", inputs);
    checkCount("Conv2d", "outputs", outputs);
    const groups = options.groups ?? 1;
    if (inputs % groups !== 0 || outputs % groups !== 0) {
      throw new ArgumentError(
        "Conv2d",
        `${inputs} inputs and ${outputs} outputs do not both divide into ${groups} groups.`,
      );
    }
    const [kh, kw] = pair(size, 1);
    const fanIn = (inputs / groups) * kh * kw;
    this.#inputs = inputs;
    this.#options = options;
    this.weight = parameter([outputs, inputs / groups, kh, kw], options.initialiser ?? fanInUniform(fanIn));
    this.bias = (options.bias ?? true) ? parameter([outputs], fanInUniform(fanIn)) : null;
  }

  forward(x: Tensor): Tensor<"float32"> {
    checkImages(this.where, x, this.#inputs);
    const y = conv2d(x, this.weight, this.#options);
    return (this.bias === null ? y : add(y, reshape(this.bias, [-1, 1, 1]))) as Tensor<"float32">;
  }

  override connections(_input: Shape, output: Shape): number {
    return sizeOf(output.slice(1)) * (sizeOf(this.weight.shape.slice(1)) + (this.bias === null ? 0 : 1));
  }

  override describe(): string {
    const [outputs, , kh, kw] = this.weight.shape;
    return `Conv2d(${this.#inputs} → ${outputs}, ${kh}×${kw})`;
  }
}
