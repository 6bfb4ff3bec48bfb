import { add } from "../operations/arithmetic.ts";
import { einsum } from "../operations/einsum.ts";
import { ShapeError } from "../tensor/errors.ts";
import { sameShape, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { fanInUniform } from "./initialisers.ts";
import type { LinearOptions } from "./linear.ts";
import { checkCount, Module, parameter } from "./module.ts";

/**
 * `x1ᵀ · weight · x2 + bias` for each output, over the last axes: `[…, left]` and `[…, right] → […, outputs]`; `weight
 * [outputs, left, right]`.
 */
export class Bilinear extends Module {
  readonly weight: Tensor<"float32">;
  readonly bias: Tensor<"float32"> | null;

  /** @param inputs the widths of the two inputs. */
  constructor(inputs: readonly [left: number, right: number], outputs: number, options: LinearOptions = {}) {
    super();
    const [left, right] = inputs;
    checkCount("Bilinear", "the left width", left);
    checkCount("Bilinear", "the right width", right);
    checkCount("Bilinear", "outputs", outputs);
    const start = fanInUniform(left);
    const { bias = true, initialiser = start, biasInitialiser = start } = options;
    this.weight = parameter([outputs, left, right], initialiser);
    this.bias = bias ? parameter([outputs], biasInitialiser) : null;
  }

  forward(x1: Tensor, x2: Tensor): Tensor<"float32"> {
    const [outputs, left, right] = this.weight.shape as [number, number, number];
    if (
      x1.shape.at(-1) !== left ||
      x2.shape.at(-1) !== right ||
      !sameShape(x1.shape.slice(0, -1), x2.shape.slice(0, -1))
    )
      throw new ShapeError(
        this.where,
        `the inputs are ${showShape(x1.shape)} and ${showShape(x2.shape)}, expected […, ${left}] and […, ${right}], alike but for the last axis.`,
        [x1.shape, x2.shape],
      );
    const rows = [x1.reshape([-1, left]), x2.reshape([-1, right])] as const;
    const y = einsum("ni,oij,nj->no", rows[0], this.weight, rows[1]).reshape([...x1.shape.slice(0, -1), outputs]);
    return (this.bias === null ? y : add(y, this.bias)) as Tensor<"float32">;
  }

  override describe(): string {
    const [outputs, left, right] = this.weight.shape;
    return `Bilinear(${left} × ${right} → ${outputs})`;
  }
}
