import type { Shape } from "../../device/device.ts";
import { ArgumentError, ShapeError } from "../../tensor/errors.ts";
import { held } from "../../tensor/ownership.ts";
import { showShape } from "../../tensor/shapes.ts";
import type { Tensor, TensorLike } from "../../tensor/tensor.ts";
import type { Key } from "../key.ts";
import { batchOf, Distribution, noise, parameter, point } from "./distribution.ts";

export interface MultivariateNormalOptions {
  /** `[..., n]`. */
  readonly mean: Tensor;
  /** The deviation of each coordinate, where they are independent: `[..., n]`. */
  readonly std?: Tensor;
  /** The lower triangle L of the covariance L Lᵀ: `[..., n, n]`. */
  readonly cholesky?: Tensor;
  /** The covariance itself: `[..., n, n]`. */
  readonly covariance?: Tensor;
}

/** Normal vectors, `[..., n]`, with one of a deviation for each coordinate, a Cholesky factor or a covariance. Draws have gradients. */
export class MultivariateNormal extends Distribution {
  readonly batch: Shape;
  override readonly event: Shape;
  readonly mean: Tensor;
  readonly #std: Tensor | null;
  readonly #lower: Tensor | null;

  constructor({ mean, std, cholesky, covariance }: MultivariateNormalOptions) {
    super();
    const who = "MultivariateNormal";
    const given = [std, cholesky, covariance].filter((x) => x !== undefined);
    if (given.length !== 1)
      throw new ArgumentError(who, `${given.length} of std, cholesky and covariance, expected one of them.`);
    this.mean = parameter(who, "mean", mean);
    const n = this.mean.shape.at(-1);
    const spread = parameter(who, "the spread", given[0]!);
    const square = std === undefined;
    if (n === undefined || spread.shape.at(-1) !== n || (square && spread.shape.at(-2) !== n)) {
      const text = `the mean is ${showShape(this.mean.shape)}, the ${square ? "matrix" : "std"} ${showShape(spread.shape)}; expected [..., n] and ${square ? "[..., n, n]" : "[..., n]"}.`;
      throw new ShapeError(who, text, [this.mean.shape, spread.shape]);
    }
    this.event = [n];
    this.#std = square ? null : spread;
    this.#lower = square ? (cholesky === undefined ? spread.cholesky() : spread.tril()) : null;
    const rows = square ? spread.sum({ axis: -1 }) : spread;
    this.batch = batchOf(who, this.mean, rows).slice(0, -1);
  }

  /** @internal */
  [held](): unknown {
    return [this.#std, this.#lower];
  }

  get variance(): Tensor {
    const each = this.#std === null ? this.#lower!.square().sum({ axis: -1 }) : this.#std.square();
    return each.broadcastTo([...this.batch, ...this.event]);
  }

  sample(key: Key, shape: Shape = []): Tensor {
    const all = [...shape, ...this.batch, ...this.event];
    const z = noise(key, all, [this.mean, (this.#std ?? this.#lower)!], (stream) => stream.normal());
    const spread = this.#std === null ? this.#lower!.matmul(z.expandDims(-1)).squeeze(-1) : z.mul(this.#std);
    return spread.add(this.mean);
  }

  /** L⁻¹ x of vectors. */
  #white(x: Tensor): Tensor {
    if (this.#std !== null) return x.div(this.#std);
    return this.#lower!.triangularSolve(x.expandDims(-1)).squeeze(-1);
  }

  /** ln |L|. */
  #logScale(): Tensor {
    const scales = this.#std ?? this.#lower!.diagonal();
    return scales.log().sum({ axis: -1 });
  }

  #matrix(): Tensor {
    return this.#lower ?? this.#std!.diag();
  }

  logProb(x: TensorLike): Tensor {
    const z = this.#white(point(x).sub(this.mean));
    const n = this.event[0]!;
    return z
      .square()
      .sum({ axis: -1 })
      .mul(-0.5)
      .sub(this.#logScale())
      .sub(0.5 * n * Math.log(2 * Math.PI));
  }

  entropy(): Tensor {
    const n = this.event[0]!;
    const each = this.#logScale().add(0.5 * n * (1 + Math.log(2 * Math.PI)));
    return each.broadcastTo(this.batch);
  }

  divergence(other: MultivariateNormal): Tensor {
    const n = this.event[0]!;
    if (other.event[0] !== n)
      throw new ShapeError("klDivergence", `vectors of ${n} and of ${other.event[0]}, expected as many.`, []);
    const apart = other.#white(this.mean.sub(other.mean)).square().sum({ axis: -1 });
    const alone = this.#std !== null && other.#std !== null;
    const ratio = alone
      ? this.#std.div(other.#std).square().sum({ axis: -1 })
      : other
          .#matrix()
          .triangularSolve(this.#matrix())
          .square()
          .sum({ axis: [-2, -1] });
    return ratio.add(apart).sub(n).mul(0.5).add(other.#logScale()).sub(this.#logScale());
  }
}
