import type { Shape } from "../device/device.ts";
import { add } from "../operations/arithmetic.ts";
import { matmul } from "../operations/contraction.ts";
import { transpose } from "../operations/rearrange.ts";
import { ShapeError } from "../tensor/errors.ts";
import { showShape, sizeOf } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { fanInUniform, type Initialiser } from "./initialisers.ts";
import { checkCount, Module, parameter } from "./module.ts";

export interface LinearOptions {
  readonly bias?: boolean;
  /** Draws the weights; uniform in ±1/√inputs if not said, as in PyTorch. */
  readonly initialiser?: Initialiser;
  /** Draws the bias; as the weights of PyTorch if not said. */
  readonly biasInitialiser?: Initialiser;
}

/**
 * `x · weightᵀ + bias` over the last axis: `[..., inputs] → [..., outputs]`; `weight [outputs, inputs]`.
 *
 * @example
 * ```ts
 * import { nn, zeros } from "gradbook";
 *
 * const layer = nn.init(new nn.Linear(3, 2, { biasInitialiser: nn.onesInit }), { seed: 1 });
 * await layer.forward(zeros([1, 3])).toArray(); // [[1, 1]]
 * ```
 */
export class Linear extends Module {
  readonly weight: Tensor<"float32">;
  readonly bias: Tensor<"float32"> | null;

  constructor(
    inputs: number,
    outputs: number,
    { bias = true, initialiser = fanInUniform(inputs), biasInitialiser = fanInUniform(inputs) }: LinearOptions = {},
  ) {
    super();
    checkCount("Linear", "inputs", inputs);
    checkCount("Linear", "outputs", outputs);
    this.weight = parameter([outputs, inputs], initialiser);
    this.bias = bias ? parameter([outputs], biasInitialiser) : null;
  }

  forward(x: Tensor): Tensor<"float32"> {
    const inputs = this.weight.shape[1]!;
    if (x.shape.at(-1) !== inputs) {
      const hint = sizeOf(x.shape.slice(1)) === inputs ? " Flatten it first: flatten(x, 1)." : "";
      throw new ShapeError(
        this.where,
        `the input ${showShape(x.shape)} has ${x.shape.at(-1) ?? 1} features, expected ${inputs}.${hint}`,
        [x.shape],
      );
    }
    const rows = x.rank === 1 ? x.reshape([1, inputs]) : x;
    const product = matmul(rows, transpose(this.weight));
    const y = this.bias === null ? product : add(product, this.bias);
    return (x.rank === 1 ? y.reshape([-1]) : y) as Tensor<"float32">;
  }

  override connections(_input: Shape, output: Shape): number {
    return sizeOf(output.slice(1)) * (this.weight.shape[1]! + (this.bias === null ? 0 : 1));
  }

  override describe(): string {
    return `Linear(${this.weight.shape[1]} → ${this.weight.shape[0]})`;
  }
}
