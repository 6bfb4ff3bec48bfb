import { div, maximum, square, sub } from "../../operations/arithmetic.ts";
import { sqrt } from "../../operations/exponential.ts";
import { concat, split } from "../../operations/joining.ts";
import { sum } from "../../operations/reduction.ts";
import { ArgumentError, ShapeError } from "../../tensor/errors.ts";
import { showShape } from "../../tensor/shapes.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { Module } from "../module.ts";
import { type Layer, run } from "../sequential.ts";

/** Rows of length 1; those that are shorter than 1e-12 are made longer as if they were that long, as in PyTorch. */
export function unitRows(x: Tensor): Tensor {
  const squares = sum(square(x), { axis: -1, keepDims: true });
  return div(x, sqrt(maximum(squares, 1e-24)));
}

export type Distance = "euclidean" | "squared" | "cosine";

export interface SiameseOptions {
  /** Between embeddings; `"euclidean"` if not said. `"cosine"` is 1 − cosine. */
  readonly distance?: Distance;
  /** Whether embeddings are scaled to length 1, as in FaceNet; true if not said. */
  readonly normalise?: boolean;
}

/**
 * Embeds things so that like ones lie near each other: one net for all of them.
 * The parameters are those of `encoder`.
 */
abstract class EmbeddingHead extends Module {
  readonly encoder: Layer;
  readonly distance: Distance;
  readonly normalise: boolean;

  /** @param encoder from a batch of things to `[batch, width]`. */
  constructor(encoder: Layer, { distance = "euclidean", normalise = true }: SiameseOptions = {}) {
    super();
    if (!["euclidean", "squared", "cosine"].includes(distance))
      throw new ArgumentError(
        new.target.name,
        `distance is ${String(distance)}, expected "euclidean", "squared" or "cosine".`,
      );
    this.encoder = encoder;
    this.distance = distance;
    this.normalise = normalise;
  }

  /** `[batch, width]`, rows of length 1 unless said otherwise. */
  embed(x: Tensor): Tensor {
    const y = run(this.encoder, x);
    if (y.rank !== 2)
      throw new ShapeError(this.where, `the encoder gave ${showShape(y.shape)}, expected [batch, width].`, [y.shape]);
    return this.normalise ? unitRows(y) : y;
  }

  /** All of them in one batch, so that the encoder runs once. */
  protected embedAll(things: readonly Tensor[]): Tensor[] {
    const [first] = things as [Tensor];
    for (const x of things)
      if (showShape(x.shape) !== showShape(first.shape))
        throw new ShapeError(
          this.where,
          `${things.map((thing) => showShape(thing.shape)).join(" and ")}, expected the same shape for all.`,
          things.map((thing) => thing.shape),
        );
    return split(this.embed(concat(things)), first.shape[0]!);
  }

  protected between(a: Tensor, b: Tensor): Tensor<"float32"> {
    if (this.distance === "cosine") return sub(1, sum(unitRows(a).mul(unitRows(b)), { axis: -1 })) as Tensor<"float32">;
    const squares = sum(square(sub(a, b)), { axis: -1 });
    // The root has no derivative at 0, where equal things would make it infinite.
    return (this.distance === "squared" ? squares : sqrt(maximum(squares, 1e-12))) as Tensor<"float32">;
  }
}

/**
 * Two things through the same net and how far apart they come out (Bromley et al., NIPS 1993; Chopra, Hadsell and LeCun,
 * CVPR 2005).
 *
 * @example
 * ```ts
 * import { nn, random } from "gradbook";
 *
 * const pair = nn.init(new nn.Siamese(new nn.Linear(10, 3)), { seed: 1 });
 * const [a, b] = [random.seed(2).normal([4, 10]), random.seed(3).normal([4, 10])];
 * console.log(pair.forward(a, b).shape, pair.embed(a).shape); // [ 4 ] [ 4, 3 ]
 * ```
 */
export class Siamese extends EmbeddingHead {
  /** The distances `[batch]` of things at the same place of two batches. */
  forward(a: Tensor, b: Tensor): Tensor<"float32"> {
    const [left, right] = this.embedAll([a, b]) as [Tensor, Tensor];
    return this.between(left, right);
  }
}

/** Three things through the same net: an anchor, one of its kind and another (Schroff, Kalenichenko and Philbin, CVPR 2015). */
export class Triplet extends EmbeddingHead {
  /** The distances `[batch]` from the anchors to those of their kind and to the others, and all embeddings. */
  forward(
    anchor: Tensor,
    { positive, negative }: { readonly positive: Tensor; readonly negative: Tensor },
  ): {
    readonly positive: Tensor<"float32">;
    readonly negative: Tensor<"float32">;
    readonly embeddings: readonly Tensor[];
  } {
    const embeddings = this.embedAll([anchor, positive, negative]);
    const [a, p, n] = embeddings as [Tensor, Tensor, Tensor];
    return { positive: this.between(a, p), negative: this.between(a, n), embeddings };
  }
}
