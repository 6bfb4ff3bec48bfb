import type { Shape } from "../../device/device.ts";
import { ArgumentError, ShapeError } from "../../tensor/errors.ts";
import { showShape } from "../../tensor/shapes.ts";
import type { Tensor, TensorLike } from "../../tensor/tensor.ts";
import type { Key } from "../key.ts";
import type { Categorical } from "./discrete.ts";
import { Distribution, point } from "./distribution.ts";

/**
 * One of several distributions of a kind, side by side along the last axis of `components`, chosen by `weights`
 * (`[..., k]`, a Categorical). Draws have gradients with respect to the components, not the weights.
 *
 * @example
 * ```ts
 * import { random, tensor } from "gradbook";
 * const mixture = new random.Mixture({
 *   weights: new random.Categorical({ probabilities: tensor([0.3, 0.7]) }),
 *   components: new random.Normal({ mean: tensor([-1, 2]), std: 0.5 }),
 * });
 * await mixture.mean.item(); // 1.0999999046325684
 * ```
 */
export class Mixture extends Distribution {
  readonly batch: Shape;
  override readonly event: Shape;
  readonly weights: Categorical;
  readonly components: Distribution;

  constructor({ weights, components }: { readonly weights: Categorical; readonly components: Distribution }) {
    super();
    if (components.batch.at(-1) !== weights.classes) {
      const text = `${weights.classes} weights for components ${showShape(components.batch)}, expected [..., ${weights.classes}].`;
      throw new ShapeError("Mixture", text, [components.batch]);
    }
    this.weights = weights;
    this.components = components;
    this.batch = components.batch.slice(0, -1);
    this.event = components.event;
  }

  /** Weights beside components, with axes for one draw behind. */
  #shares(): Tensor {
    return this.event.reduce<Tensor>((w) => w.expandDims(-1), this.weights.probabilities);
  }

  get #axis(): number {
    return -1 - this.event.length;
  }

  get mean(): Tensor {
    return this.components.mean.mul(this.#shares()).sum({ axis: this.#axis });
  }

  get variance(): Tensor {
    const { mean, variance } = this.components;
    const apart = mean.sub(this.mean.expandDims(this.#axis)).square();
    return variance.add(apart).mul(this.#shares()).sum({ axis: this.#axis });
  }

  sample(key: Key, shape: Shape = []): Tensor {
    const all = this.components.sample(key.child("components"), shape);
    const rows = all.shape.slice(0, all.rank - this.event.length - 1);
    const chosen = this.weights.sample(key.child("weights"), rows.slice(0, rows.length - this.weights.batch.length));
    const places = [...rows, ...this.event.map(() => 1)];
    const numbers = chosen.reshape(places).expandDims(this.#axis);
    const wanted = numbers.broadcastTo(all.shape.with(rows.length, 1)) as Tensor<"int32">;
    return all.takeAlongAxis(wanted, this.#axis).squeeze(rows.length);
  }

  logProb(x: TensorLike): Tensor {
    const each = this.components.logProb(point(x).rank === 0 ? x : point(x).expandDims(this.#axis));
    return each.add(this.weights.probabilities.log()).logSumExp({ axis: -1 });
  }

  entropy(): Tensor {
    throw new ArgumentError("Mixture.entropy", "there is no closed form. Average −logProb over draws.");
  }

  divergence(_other: Mixture): Tensor {
    throw new ArgumentError(
      "klDivergence",
      "two mixtures have no divergence in closed form. Average logProb over draws.",
    );
  }
}
