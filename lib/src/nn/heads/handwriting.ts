import { logSigmoid, logSoftmax, logSumExp, tanh } from "../../operations/activation.ts";
import { add, div, mul, neg, square, sub } from "../../operations/arithmetic.ts";
import { exp, log1p } from "../../operations/exponential.ts";
import { slice } from "../../operations/indexing.ts";
import { squeeze } from "../../operations/rearrange.ts";
import { mean } from "../../operations/reduction.ts";
import type { Key } from "../../random/key.ts";
import { tensorOf } from "../../tensor/create.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { Linear } from "../linear.ts";
import { checkCount, Module } from "../module.ts";
import { drawComponents, requireTarget } from "./mixture-density.ts";

/** Where a pen goes next: a mixture of bivariate normal distributions, and whether the stroke ends. */
export interface PenMixture {
  /** Of the end of the stroke, `[…, 1]`. */
  readonly endLogit: Tensor;
  /** All of these `[…, components]`: logarithms of weights, means, logarithms of deviations, correlations. */
  readonly logWeights: Tensor;
  readonly meanX: Tensor;
  readonly meanY: Tensor;
  readonly logDeviationX: Tensor;
  readonly logDeviationY: Tensor;
  readonly correlation: Tensor;
}

/**
 * The head of the handwriting network (Graves 2013, section 4.1): from features the distribution of the pen's next
 * offset (x, y) and of the end of its stroke. One affine map, `linear`, to ê, π̂, μ̂, σ̂ and ρ̂ in the paper's order,
 * 1 + 6 · components numbers: weights by a softmax, deviations by exp, correlations by tanh, just short of ±1.
 */
export class HandwritingHead extends Module {
  readonly linear: Linear;
  readonly components: number;

  constructor(inputs: number, { components = 20 }: { readonly components?: number } = {}) {
    super();
    checkCount("HandwritingHead", "components", components);
    this.linear = new Linear(inputs, 1 + 6 * components);
    this.components = components;
  }

  /** `[…, inputs]` to the parameters of the distribution. */
  forward(x: Tensor): PenMixture {
    const y = this.linear.forward(x);
    const n = this.components;
    const part = (i: number) => slice(y, { axis: -1, start: 1 + i * n, stop: 1 + (i + 1) * n });
    return {
      endLogit: slice(y, { axis: -1, stop: 1 }),
      logWeights: logSoftmax(part(0)),
      meanX: part(1),
      meanY: part(2),
      logDeviationX: part(3),
      logDeviationY: part(4),
      // In float32 tanh reaches ±1, where a density has no finite logarithm.
      correlation: mul(tanh(part(5)), 1 - 1e-6),
    };
  }

  /** The logarithm of the density at pen movements `[…, 3]`: offsets x and y, and 1 where a stroke ends, else 0: `[…]`. */
  logProbability(mixture: PenMixture, target: Tensor): Tensor<"float32"> {
    requireTarget(this.where, target, [...mixture.logWeights.shape.slice(0, -1), 3]);
    const [x, y, end] = [0, 1, 2].map((i) => slice(target, { axis: -1, start: i, stop: i + 1 })) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    const { correlation: rho, endLogit } = mixture;
    const zx = div(sub(x, mixture.meanX), exp(mixture.logDeviationX));
    const zy = div(sub(y, mixture.meanY), exp(mixture.logDeviationY));
    // Equations 24 and 25; 1 − ρ² by its logarithm, which is accurate near 1.
    const logRest = log1p(neg(square(rho)));
    const z = sub(add(square(zx), square(zy)), mul(mul(rho, mul(zx, zy)), 2));
    const spread = add(add(mixture.logDeviationX, mixture.logDeviationY), mul(logRest, 0.5));
    const logs = sub(sub(mul(div(z, exp(logRest)), -0.5), spread), Math.log(2 * Math.PI));
    const ends = add(mul(end, logSigmoid(endLogit)), mul(sub(1, end), logSigmoid(neg(endLogit))));
    return add(logSumExp(add(mixture.logWeights, logs), { axis: -1 }), squeeze(ends, -1)) as Tensor<"float32">;
  }

  /** The mean over all movements of −ln p: the loss to train with. */
  negativeLogLikelihood(mixture: PenMixture, target: Tensor): Tensor<"float32"> {
    return neg(mean(this.logProbability(mixture, target))) as Tensor<"float32">;
  }

  /** A movement for each row, `[…, 3]`. The higher `bias` (from 0), the tidier (section 5.4). */
  async sample(
    mixture: PenMixture,
    key: Key,
    { bias = 0 }: { readonly bias?: number } = {},
  ): Promise<Tensor<"float32">> {
    if (!(bias >= 0)) throw new ArgumentError(this.where, `bias is ${bias}, expected a number from 0.`);
    const n = this.components;
    const chosen = await drawComponents(mixture.logWeights, key.child("component"), bias);
    const names = ["meanX", "meanY", "logDeviationX", "logDeviationY", "correlation"] as const;
    const all = await Promise.all(names.map((name) => mixture[name].data()));
    const ends = await mixture.endLogit.data();
    const noise = await key.child("normal").normal([chosen.length, 2]).data();
    const u = await key.child("end").uniform([chosen.length]).data();
    const values = new Float32Array(3 * chosen.length);
    chosen.forEach((component, row) => {
      const [mx, my, sx, sy, rho] = all.map((list) => list[row * n + component]!) as [
        number,
        number,
        number,
        number,
        number,
      ];
      const [a, b] = [noise[2 * row]!, noise[2 * row + 1]!];
      values[3 * row] = mx + Math.exp(sx - bias) * a;
      values[3 * row + 1] = my + Math.exp(sy - bias) * (rho * a + Math.sqrt(1 - rho * rho) * b);
      values[3 * row + 2] = u[row]! < 1 / (1 + Math.exp(-ends[row]!)) ? 1 : 0;
    });
    return tensorOf(values, "float32", [...mixture.logWeights.shape.slice(0, -1), 3]);
  }
}
