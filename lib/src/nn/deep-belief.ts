import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type GibbsOptions, type GibbsStep, gibbs } from "./gibbs.ts";
import { Module } from "./module.ts";
import type { RBM } from "./rbm.ts";

/**
 * A deep belief net (Hinton, Osindero and Teh 2006): restricted Boltzmann machines, each trained on the features of the
 * one below. The top one is a memory in which `dream` wanders; those below turn its states into data.
 *
 * Train it with `pretrain`, fine-tune it as `unrollEncoder(net.layers, [new nn.Linear(…)])` or
 * `unrollAutoencoder(net.layers)`. Throws an `ArgumentError` for no machines and a `ShapeError` for two that do not fit.
 *
 * @example
 * ```ts
 * import { nn, random, zeros } from "gradbook";
 *
 * const net = nn.init(new nn.DeepBelief([new nn.RBM(8, 4), new nn.RBM(4, 2)]), { seed: 1 });
 * net.forward(zeros([5, 8])).shape; // [5, 2]
 * const [moment] = net.dream({ key: random.seed(1), chains: 3, steps: 10, every: 10 });
 * moment.mean.shape; // [3, 8]
 * ```
 */
export class DeepBelief extends Module {
  readonly layers: readonly RBM[];

  constructor(layers: readonly RBM[]) {
    super();
    if (layers.length === 0) throw new ArgumentError("DeepBelief", "no machines, expected at least one.");
    for (const [i, upper] of layers.entries()) {
      const below = i === 0 ? upper.weight.shape[1]! : layers[i - 1]!.weight.shape[0]!;
      if (upper.weight.shape[1] !== below)
        throw new ShapeError(
          "DeepBelief",
          `machine ${i} has ${upper.weight.shape[1]} visible units, machine ${i - 1} has ${below} hidden ones; expected as many.`,
        );
    }
    this.layers = layers;
  }

  /** The features of the top, means all the way, `[n, visible] → [n, hidden]`. */
  forward(v: Tensor): Tensor<"float32"> {
    return this.layers.reduce<Tensor>((x, layer) => layer.forward(x), v) as Tensor<"float32">;
  }

  /** Data from features of the top, means all the way, `[n, hidden] → [n, visible]`. */
  decode(h: Tensor): Tensor<"float32"> {
    return this.layers.reduceRight<Tensor>((x, layer) => layer.visibleGiven(x), h) as Tensor<"float32">;
  }

  /**
   * Gibbs chains in the top machine, and what their states mean as data: its visible states carried down, sampled and
   * as means. A `start` is a state of the top machine's visible units.
   */
  *dream(options: GibbsOptions): Generator<GibbsStep, void, void> {
    const below = this.layers.slice(0, -1);
    const down = (x: Tensor, step: number, sampled: boolean) =>
      below.reduceRight<Tensor>((state, layer, i) => {
        return sampled
          ? layer.sampleVisible(state, options.key.child(step).child(`down ${i}`))
          : layer.visibleGiven(state);
      }, x) as Tensor<"float32">;
    for (const { step, visible, mean } of gibbs(this.layers.at(-1)!, options))
      yield { step, visible: down(visible, step, true), mean: down(below.length === 0 ? mean : visible, step, false) };
  }

  /**
   * What each unit of a layer (0 is the lowest) stands for in the shape of an example, `[units, ...shape]`: the weights
   * below it, multiplied together (Lee, Ekanadham and Ng 2008).
   */
  receptiveFields(layer: number, shape: readonly number[]): Tensor<"float32"> {
    const upTo = this.layers.slice(0, layer + 1);
    if (!Number.isInteger(layer) || upTo.length !== layer + 1)
      throw new ArgumentError("DeepBelief", `there is no layer ${layer}, expected 0 … ${this.layers.length - 1}.`);
    const product = upTo.map(({ weight }) => weight as Tensor).reduce((lower, upper) => upper.matmul(lower));
    return product.reshape([product.shape[0]!, ...shape]) as Tensor<"float32">;
  }

  override describe(): string {
    const sizes = [this.layers[0]!.weight.shape[1], ...this.layers.map(({ weight }) => weight.shape[0])];
    return `DeepBelief(${sizes.join(" → ")})`;
  }
}
