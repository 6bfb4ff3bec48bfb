import { logSoftmax, logSumExp } from "../../operations/activation.ts";
import { add, div, mul, neg, square, sub } from "../../operations/arithmetic.ts";
import { exp } from "../../operations/exponential.ts";
import { slice } from "../../operations/indexing.ts";
import { expandDims, reshape } from "../../operations/rearrange.ts";
import { mean, sum } from "../../operations/reduction.ts";
import type { Key } from "../../random/key.ts";
import { tensorOf } from "../../tensor/create.ts";
import { ShapeError } from "../../tensor/errors.ts";
import { sameShape, showShape } from "../../tensor/shapes.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { Linear } from "../linear.ts";
import { checkCount, Module } from "../module.ts";

/** A mixture of normal distributions with independent coordinates, for each row. */
export interface Mixture {
  /** Logarithms of the components' weights, `[…, components]`. */
  readonly logWeights: Tensor;
  /** `[…, components, width]`. */
  readonly means: Tensor;
  /** Logarithms of the standard deviations, of the same shape. */
  readonly logDeviations: Tensor;
}

/**
 * Mixture density head (Bishop 1994): from features the mixture of normal distributions that the answer comes from, so
 * that a question with several answers gets them all. One affine map, `linear`: first the weights' logits, then means,
 * then logarithms of deviations, component by component.
 *
 * @example
 * ```ts
 * import { nn, random } from "gradbook";
 *
 * const head = nn.init(new nn.MixtureDensity(8, 2, { components: 3 }), { seed: 1 });
 * const mixture = head.forward(random.seed(2).normal([5, 8]));
 * const target = random.seed(3).normal([5, 2]);
 * console.log(head.logProbability(mixture, target).shape); // [ 5 ]
 * const drawn = await head.sample(mixture, random.seed(4));
 * console.log(drawn.shape); // [ 5, 2 ]
 * ```
 */
export class MixtureDensity extends Module {
  readonly linear: Linear;
  readonly outputs: number;
  readonly components: number;

  constructor(inputs: number, outputs: number, { components }: { readonly components: number }) {
    super();
    checkCount("MixtureDensity", "outputs", outputs);
    checkCount("MixtureDensity", "components", components);
    this.linear = new Linear(inputs, components * (1 + 2 * outputs));
    this.outputs = outputs;
    this.components = components;
  }

  /** `[…, inputs]` to the parameters of the mixture. */
  forward(x: Tensor): Mixture {
    const y = this.linear.forward(x);
    const { components, outputs } = this;
    const each = [...x.shape.slice(0, -1), components, outputs];
    const part = (start: number, stop: number) => slice(y, { axis: -1, start, stop });
    const edge = components * (1 + outputs);
    return {
      logWeights: logSoftmax(part(0, components)),
      means: reshape(part(components, edge), each),
      logDeviations: reshape(part(edge, components * (1 + 2 * outputs)), each),
    };
  }

  /** The logarithm of the density at `target […, outputs]`: `[…]`. */
  logProbability({ logWeights, means, logDeviations }: Mixture, target: Tensor): Tensor<"float32"> {
    requireTarget(this.where, target, [...logWeights.shape.slice(0, -1), this.outputs]);
    const apart = div(sub(expandDims(target, -2), means), exp(logDeviations));
    const squares = sum(add(square(apart), mul(logDeviations, 2)), { axis: -1 });
    const logs = mul(add(squares, this.outputs * Math.log(2 * Math.PI)), -0.5);
    return logSumExp(add(logWeights, logs), { axis: -1 }) as Tensor<"float32">;
  }

  /** The mean over all rows of −ln p(target): the loss to train with. */
  negativeLogLikelihood(mixture: Mixture, target: Tensor): Tensor<"float32"> {
    return neg(mean(this.logProbability(mixture, target))) as Tensor<"float32">;
  }

  /**
   * One answer for each row, `[…, outputs]`. A `bias` above 0 favours what is likely: weights to the power 1 + bias,
   * deviations over e^bias (Graves 2013, section 5.4).
   */
  async sample(
    { logWeights, means, logDeviations }: Mixture,
    key: Key,
    { bias = 0 }: { readonly bias?: number } = {},
  ): Promise<Tensor<"float32">> {
    const { components, outputs } = this;
    const chosen = await drawComponents(logWeights, key.child("component"), bias);
    const [centres, spreads] = [await means.data(), await logDeviations.data()];
    const noise = await key.child("normal").normal([chosen.length, outputs]).data();
    const values = Float32Array.from(noise, (z, i) => {
      const row = Math.floor(i / outputs);
      const at = (row * components + chosen[row]!) * outputs + (i % outputs);
      return centres[at]! + Math.exp(spreads[at]! - bias) * z;
    });
    return tensorOf(values, "float32", [...logWeights.shape.slice(0, -1), outputs]);
  }

  override describe(): string {
    return `MixtureDensity(${this.linear.weight.shape[1]} → ${this.outputs}, ${this.components} components)`;
  }
}

/** @internal Refuses a target of another shape. */
export function requireTarget(who: string, target: Tensor, shape: readonly number[]): void {
  if (!sameShape(target.shape, shape))
    throw new ShapeError(who, `the target is ${showShape(target.shape)}, expected ${showShape(shape)}.`, [
      target.shape,
    ]);
}

/**
 * @internal A component for each row by its weights. A positive `bias` favours what is likely: weights to the power
 * 1 + bias, deviations over e^bias (Graves 2013, section 5.4).
 */
export async function drawComponents(logWeights: Tensor, key: Key, bias: number): Promise<number[]> {
  const components = logWeights.shape.at(-1)!;
  const logs = await logWeights.data();
  const u = await key.uniform([logs.length / components]).data();
  return Array.from(u, (share, row) => {
    const weights = Array.from(logs.subarray(row * components, (row + 1) * components), (log) =>
      Math.exp(log * (1 + bias)),
    );
    let left = share * weights.reduce((a, b) => a + b, 0);
    const place = weights.findIndex((weight) => {
      left -= weight;
      return left < 0;
    });
    return place === -1 ? weights.findLastIndex((weight) => weight > 0) : place;
  });
}
