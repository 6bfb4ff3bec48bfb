import type { Fractional } from "../gradient/tree.ts";
import { concat } from "../operations/joining.ts";
import { arange } from "../tensor/create.ts";
import { ArgumentError, DTypeError, ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Loss, type LossOptions, reduced, requireAlike, requireFloats, requireNumber } from "./reduced.ts";

function requirePairs(who: string, a: Tensor, b: Tensor, names: readonly [string, string]): void {
  requireFloats(who, names[0], a);
  requireFloats(who, names[1], b);
  requireAlike(who, a, b, names);
  if (a.rank === 0) throw new ShapeError(who, `${names[0]} is a number, expected vectors, [..., width].`, [a.shape]);
}

/** Refuses what is no truth value of whether a pair belongs together, in the shape of the pairs. */
function requireSame(who: string, same: Tensor, pairs: Tensor): void {
  requireAlike(who, pairs, same, ["each pair", "same"]);
  if (same.dtype === "bool") return;
  const hint = "Compare: labels.greater(0) for labels 1 and −1, or 1 and 0; kinds.equal(others) for two kinds.";
  throw new DTypeError(who, `same is ${same.dtype}, expected truth values. ${hint}`);
}

/**
 * Pulls the directions of two vectors together where they belong together, and apart where not: 1 − cos for a true
 * `same`, max(0, cos − margin) for a false one; vectors `[..., width]`, bool `same [...]`, the mean over the pairs.
 * `margin` is 0 if not said.
 */
export function cosineEmbedding<X extends Tensor>(
  a: Fractional<X>,
  b: Tensor,
  { same, margin = 0, ...options }: LossOptions & { readonly same: Tensor; readonly margin?: number },
): Loss<X> {
  const x = a as Tensor;
  requirePairs("cosineEmbedding", x, b, ["a", "b"]);
  requireNumber("cosineEmbedding", "margin", margin, { least: -1, most: 1 });
  const cosine = x.cosineSimilarity(b);
  requireSame("cosineEmbedding", same, cosine);
  const together = cosine.neg().add(1) as Tensor<"float32">;
  return reduced("cosineEmbedding", same.where(together, cosine.sub(margin).relu() as Tensor<"float32">), options);
}

/**
 * Pulls two vectors together where they belong together, and apart up to a margin where not (Hadsell, Chopra and LeCun,
 * CVPR 2006): ½ d² for a true `same`, ½ max(0, margin − d)² for a false one, with d their distance; vectors
 * `[..., width]`, bool `same [...]`, the mean over the pairs. `margin` is 1 if not said.
 */
export function contrastive<X extends Tensor>(
  a: Fractional<X>,
  b: Tensor,
  { same, margin = 1, ...options }: LossOptions & { readonly same: Tensor; readonly margin?: number },
): Loss<X> {
  const x = a as Tensor;
  requirePairs("contrastive", x, b, ["a", "b"]);
  if (!(margin > 0)) throw new ArgumentError("contrastive", `margin is ${margin}, expected a positive number.`);
  const apart = x.sub(b);
  const near = apart.square().sum({ axis: -1 });
  requireSame("contrastive", same, near);
  const short = apart.norm({ axis: -1 }).neg().add(margin).relu().square();
  return reduced("contrastive", same.where(near as Tensor<"float32">, short as Tensor<"float32">).mul(0.5), options);
}

export interface TripletOptions extends LossOptions {
  /** Vectors of another kind than the anchors. */
  readonly negative: Tensor;
  /** How much further the negative should be; 1 if not said. */
  readonly margin?: number;
  /** Whether distances are squared, as FaceNet has them; false if not said. */
  readonly squared?: boolean;
  /** Whether the negative is compared with the nearer of anchor and positive (Balntas et al., BMVC 2016); false if not said. */
  readonly swap?: boolean;
}

/**
 * Wants the anchor nearer to the positive than to the negative by a margin (Schroff, Kalenichenko and Philbin, FaceNet,
 * CVPR 2015): max(0, d(anchor, positive) − d(anchor, negative) + margin), with Euclidean distances; vectors
 * `[..., width]`, the mean over the triplets.
 */
export function triplet<X extends Tensor>(
  anchor: Fractional<X>,
  positive: Tensor,
  { negative, margin = 1, squared = false, swap = false, ...options }: TripletOptions,
): Loss<X> {
  const x = anchor as Tensor;
  requirePairs("triplet", x, positive, ["the anchor", "the positive"]);
  requirePairs("triplet", x, negative, ["the anchor", "the negative"]);
  if (!(margin > 0)) throw new ArgumentError("triplet", `margin is ${margin}, expected a positive number.`);
  const distance = (a: Tensor, b: Tensor) =>
    squared ? a.sub(b).square().sum({ axis: -1 }) : a.sub(b).norm({ axis: -1 });
  const far = swap ? distance(x, negative).minimum(distance(positive, negative)) : distance(x, negative);
  return reduced("triplet", distance(x, positive).sub(far).add(margin).relu(), options);
}

export interface InfoNceOptions extends LossOptions {
  /** By what similarities are divided; 0.1 if not said. */
  readonly temperature?: number;
  /** More vectors, `[m, width]`, that belong to no anchor. */
  readonly negatives?: Tensor;
  /** Whether similarities are cosines, not products; true if not said. */
  readonly normalise?: boolean;
}

/**
 * Has each anchor find its positive among those of the batch (van den Oord, Li and Vinyals 2018; Chen et al., SimCLR,
 * ICML 2020): cross-entropy of the similarities of anchor i `[n, width]` with all positives `[n, width]`, of which the
 * i-th is right, the mean over the anchors.
 */
export function infoNce<X extends Tensor>(
  anchors: Fractional<X>,
  positives: Tensor,
  { temperature = 0.1, negatives, normalise = true, ...options }: InfoNceOptions = {},
): Loss<X> {
  const x = anchors as Tensor;
  requirePairs("infoNce", x, positives, ["anchors", "positives"]);
  if (x.rank !== 2)
    throw new ShapeError("infoNce", `anchors are ${showShape(x.shape)}, expected [n, width].`, [x.shape]);
  if (!(temperature > 0))
    throw new ArgumentError("infoNce", `temperature is ${temperature}, expected a positive number.`);
  if (negatives !== undefined && (negatives.rank !== 2 || negatives.shape[1] !== x.shape[1])) {
    const text = `negatives are ${showShape(negatives.shape)}, expected [m, ${x.shape[1]}].`;
    throw new ShapeError("infoNce", text, [negatives.shape]);
  }
  const unit = (a: Tensor) => {
    if (!normalise) return a;
    const length = a.norm({ axis: -1, keepDims: true });
    return a.div(length.equal(0).where(1, length));
  };
  const candidates = negatives === undefined ? positives : concat([positives, negatives]);
  const scores = unit(x).matmul(unit(candidates).transpose()).div(temperature);
  const own = arange(x.shape[0]!, { device: x.device });
  return reduced("infoNce", scores.logSoftmax().pick(own).neg(), options);
}
