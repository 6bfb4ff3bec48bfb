import type { Fractional } from "../gradient/tree.ts";
import { weighted } from "../operations/weighted.ts";
import { ArgumentError, DTypeError, ShapeError } from "../tensor/errors.ts";
import { sameShape, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  type Loss,
  type LossOptions,
  reduced,
  requireAlike,
  requireBroadcast,
  requireFloats,
  requireNumber,
} from "./reduced.ts";

export interface ClassOptions extends LossOptions {
  /** A weight for each class, `[classes]`; a mean over labels divides by the weights of those. */
  readonly weights?: Tensor;
  /** A label that does not count, such as that of padding. */
  readonly ignoreIndex?: number;
}

/**
 * −ln p(label), with p the softmax of the logits, the mean over the batch: `logits [..., classes]`, and `labels` either
 * int32 classes `[...]` or float probabilities `[..., classes]`, of which it is −Σ p(class) ln q(class). `smoothing`
 * mixes the labels with so much of the uniform distribution (Szegedy et al., CVPR 2016). Infinite logits are allowed: a
 * class at ∞ has all the probability, one at −∞ none.
 *
 * @example
 * ```ts
 * import { losses, tensor } from "gradbook";
 * const logits = tensor([[2, 0, 0], [0, 0, 1]]);
 * const labels = tensor([0, 2], { dtype: "int32" });
 * await losses.crossEntropy(logits, labels).item(); // 0.3954947292804718
 * await losses.crossEntropy(logits, labels, { smoothing: 0.1, reduction: "none" }).toArray(); // [0.3728780746459961, 0.6181113719940186]
 * ```
 */
export function crossEntropy<X extends Tensor>(
  logits: Fractional<X>,
  labels: Tensor,
  { smoothing = 0, ...options }: ClassOptions & { readonly smoothing?: number } = {},
): Loss<X> {
  const x = logits as Tensor;
  requireFloats("crossEntropy", "logits", x);
  requireNumber("crossEntropy", "smoothing", smoothing, { least: 0, most: 1 });
  return ofLogProbabilities("crossEntropy", "logits", x, x.logSoftmax(), labels, { smoothing, ...options });
}

/**
 * The same of logarithms of probabilities, `[..., classes]`: −ln p(label) for int32 `labels [...]`, the mean over the
 * batch. Of logits use `crossEntropy`.
 */
export function negativeLogLikelihood<X extends Tensor>(
  logProbabilities: Fractional<X>,
  labels: Tensor<"int32">,
  options: ClassOptions = {},
): Loss<X> {
  const x = logProbabilities as Tensor;
  const who = "negativeLogLikelihood";
  requireFloats(who, "logProbabilities", x);
  if ((labels as Tensor).dtype !== "int32")
    throw new DTypeError(who, `labels are ${labels.dtype}, expected int32 classes. Cast them: labels.cast("int32").`);
  return ofLogProbabilities(who, "logProbabilities", x, x, labels, { smoothing: 0, ...options });
}

function ofLogProbabilities<X extends Tensor>(
  who: string,
  what: string,
  scores: Tensor,
  logs: Tensor,
  labels: Tensor,
  options: ClassOptions & { readonly smoothing: number },
): Loss<X> {
  if (labels.dtype === "bool") {
    const text = 'labels are bool, expected int32 classes or float probabilities. Cast them: labels.cast("int32").';
    throw new DTypeError(who, text);
  }
  const classes = scores.shape.at(-1)!;
  const { weights } = options;
  if (weights !== undefined && !sameShape(weights.shape, [classes])) {
    const text = `weights are ${showShape(weights.shape)}, expected one for each class, [${classes}].`;
    throw new ShapeError(who, text, [weights.shape]);
  }
  if (labels.dtype === "int32") return ofLabels(who, what, logs, labels as Tensor<"int32">, options);
  const { smoothing, ignoreIndex, ...rest } = options;
  if (!sameShape(scores.shape, labels.shape)) {
    const text = `${what} ${showShape(scores.shape)} and probabilities ${showShape(labels.shape)} differ in shape.`;
    throw new ShapeError(who, text, [scores.shape, labels.shape]);
  }
  if (ignoreIndex !== undefined)
    throw new ArgumentError(who, `ignoreIndex is ${ignoreIndex}, but the labels are probabilities. Use a mask.`);
  const mixed = smoothing === 0 ? labels : labels.mul(1 - smoothing).add(smoothing / classes);
  const each = weighted(weights === undefined ? mixed : mixed.mul(weights), logs);
  return reduced(who, each.sum({ axis: -1 }).neg(), rest);
}

function ofLabels<X extends Tensor>(
  who: string,
  what: string,
  logs: Tensor,
  given: Tensor<"int32">,
  { smoothing, weights, ignoreIndex, mask, ...rest }: ClassOptions & { readonly smoothing: number },
): Loss<X> {
  const rows = logs.shape.slice(0, -1);
  if (!sameShape(rows, given.shape)) {
    const shapes = `${what} ${showShape(logs.shape)} and labels ${showShape(given.shape)}`;
    throw new ShapeError(who, `${shapes}: expected one label for each row, ${showShape(rows)}.`, [
      logs.shape,
      given.shape,
    ]);
  }
  const counts = ignoreIndex === undefined ? undefined : given.notEqual(ignoreIndex);
  const labels = counts === undefined ? given : counts.where(given, 0);
  const shares = weights?.take(labels).cast(logs.dtype);
  const own = logs.pick(labels).neg();
  let each = shares === undefined ? own : weighted(shares, own);
  if (smoothing > 0) {
    const all = weights === undefined ? logs : weighted(weights, logs);
    each = each.mul(1 - smoothing).sub(all.mean({ axis: -1 }).mul(smoothing));
  }
  const both = counts === undefined || mask === undefined ? (counts ?? mask) : counts.and(mask);
  return reduced(who, each, both === undefined ? rest : { ...rest, mask: both }, shares);
}

/** Of losses on the logits of true and false. */
export interface BinaryOptions extends LossOptions {
  /** How much more a true target counts than a false one: a number, or a tensor that broadcasts to the logits; 1 if not said. */
  readonly positiveWeight?: number | Tensor;
}

/**
 * −t ln p − (1 − t) ln(1 − p), with p the logistic function of the logit and t the target, true or false or a
 * probability: the mean over all elements. Infinite logits are allowed.
 */
export function binaryCrossEntropy<X extends Tensor>(
  logits: Fractional<X>,
  target: Tensor,
  { positiveWeight = 1, ...options }: BinaryOptions = {},
): Loss<X> {
  const { asTrue, asFalse } = binaryParts("binaryCrossEntropy", logits as Tensor, target);
  if (typeof positiveWeight !== "number")
    requireBroadcast("binaryCrossEntropy", ["positiveWeight", positiveWeight], ["the logits", asTrue]);
  return reduced("binaryCrossEntropy", asTrue.mul(positiveWeight).add(asFalse), options);
}

/**
 * Cross-entropy that looks away from what is already right (Lin et al., ICCV 2017), the mean over all elements: binary
 * cross-entropy times (1 − p)^gamma, with p the probability given to the target. `alpha`, if said, weighs true targets
 * by alpha and false ones by 1 − alpha; `gamma` is 2 if not said.
 */
export function focal<X extends Tensor>(
  logits: Fractional<X>,
  target: Tensor,
  { alpha, gamma = 2, ...options }: LossOptions & { readonly alpha?: number; readonly gamma?: number } = {},
): Loss<X> {
  requireNumber("focal", "gamma", gamma, { least: 0 });
  if (alpha !== undefined) requireNumber("focal", "alpha", alpha, { least: 0, most: 1 });
  const { asTrue, asFalse, x } = binaryParts("focal", logits as Tensor, target);
  // (1 − p)^gamma by logarithms: 1 − p is the logistic function of the opposite logit.
  const missed = (opposite: Tensor) => opposite.logSigmoid().mul(gamma).exp();
  const trues = weighted(missed(x.neg()), asTrue).mul(alpha ?? 1);
  const falses = weighted(missed(x), asFalse).mul(alpha === undefined ? 1 : 1 - alpha);
  return reduced("focal", trues.add(falses), options);
}

/** The two terms of binary cross-entropy. */
function binaryParts(who: string, x: Tensor, target: Tensor) {
  requireFloats(who, "logits", x);
  requireAlike(who, x, target, ["the prediction", "the target"]);
  const t = target.cast(x.dtype);
  return { x, asTrue: weighted(t, x.neg().softplus()), asFalse: weighted(t.neg().add(1), x.softplus()) };
}

/**
 * One minus the overlap of two sets by Dice's measure (Milletari, Navab and Ahmadi, 3DV 2016), for segmentation:
 * 1 − (2 Σ p t + s) / (Σ p² + Σ t² + s) over the last `axes` (2 if not said: height and width), the mean over the rest;
 * p is the logistic function of the logits and s, `smooth`, is 1 if not said.
 */
export function dice<X extends Tensor>(
  logits: Fractional<X>,
  target: Tensor,
  { axes = 2, smooth = 1, ...options }: LossOptions & { readonly axes?: number; readonly smooth?: number } = {},
): Loss<X> {
  const x = logits as Tensor;
  requireFloats("dice", "logits", x);
  requireAlike("dice", x, target, ["the prediction", "the target"]);
  requireNumber("dice", "axes", axes, { least: 1, most: x.rank });
  requireNumber("dice", "smooth", smooth, { least: 0 });
  const axis = Array.from({ length: axes }, (_, i) => -1 - i);
  const p = x.sigmoid();
  const t = target.cast(x.dtype);
  const overlap = p.mul(t).sum({ axis }).mul(2).add(smooth);
  const sizes = p.square().sum({ axis }).add(t.square().sum({ axis })).add(smooth);
  return reduced("dice", overlap.div(sizes).neg().add(1), options);
}
