import { stopGradient } from "../gradient/custom.ts";
import type { Fractional } from "../gradient/tree.ts";
import { ShapeError } from "../tensor/errors.ts";
import { sameShape, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Loss, type LossOptions, requireAlike, requireFloats, requireNumber } from "./reduced.ts";
import { huber, squaredError } from "./regression.ts";

export interface RewardOptions {
  /** What followed each action, `[...]`. */
  readonly rewards: Tensor;
  /** Truth values: whether the episode ended there, so that nothing follows; never, if not said. */
  readonly done?: Tensor;
  /** What a reward one step later counts; 0.99 if not said. */
  readonly discount?: number;
}

/** reward + discount · next, or the reward alone at the end; a constant for derivatives. */
function target(who: string, next: Tensor, { rewards, done, discount = 0.99 }: RewardOptions): Tensor {
  requireNumber(who, "discount", discount, { least: 0, most: 1 });
  requireAlike(who, next, rewards, ["the next values", "rewards"]);
  const later = next.mul(discount) as Tensor<"float32">;
  if (done !== undefined) requireAlike(who, next, done, ["the next values", "done"]);
  return stopGradient(rewards.add(done === undefined ? later : done.where(0, later)));
}

/**
 * The error of temporal differences, TD(0) (Sutton 1988): the distance of each value `[...]` from reward + discount ·
 * the value of the next state, which counts as a constant; the mean over all. With `delta` the distance is Huber's,
 * otherwise half its square.
 */
export function temporalDifference<X extends Tensor>(
  values: Fractional<X>,
  nextValues: Tensor,
  { rewards, done, discount, delta, ...options }: LossOptions & RewardOptions & { readonly delta?: number },
): Loss<X> {
  const x = values as Tensor;
  const who = "temporalDifference";
  requireFloats(who, "the values", x);
  requireAlike(who, x, nextValues, ["the values", "the next values"]);
  const goal = target(who, nextValues, {
    rewards,
    ...(done !== undefined && { done }),
    ...(discount !== undefined && { discount }),
  });
  if (delta !== undefined) return huber(x, goal, { ...options, delta }) as Loss<X>;
  return (squaredError(x, goal, options) as Tensor).mul(0.5) as Loss<X>;
}

/**
 * The targets of Q-learning (Watkins 1989; Mnih et al., Nature 518, 2015): reward + discount · the best of
 * `nextValues [..., actions]`, `[...]`, a constant for derivatives. With `selector`, values of the same actions by the
 * net that is being trained, those choose the action and `nextValues` value it (van Hasselt, Guez and Silver, AAAI 2016).
 *
 * @example
 * ```ts
 * import { losses, tensor } from "gradbook";
 * const next = tensor([[1, 3], [2, 0]]);
 * const done = tensor([0, 1], { dtype: "bool" });
 * await losses.qLearningTargets(next, { rewards: tensor([1, 1]), done, discount: 0.5 }).toArray(); // [2.5, 1]
 * ```
 */
export function qLearningTargets<X extends Tensor>(
  nextValues: Fractional<X>,
  { selector, ...rewards }: RewardOptions & { readonly selector?: Tensor },
): Loss<X> {
  const x = nextValues as Tensor;
  const who = "qLearningTargets";
  requireFloats(who, "the next values", x);
  if (x.rank === 0) throw new ShapeError(who, "the next values are a number, expected [..., actions].", [[]]);
  if (selector !== undefined && !sameShape(selector.shape, x.shape)) {
    const text = `the next values are ${showShape(x.shape)}, the selector's ${showShape(selector.shape)}; expected the same shape.`;
    throw new ShapeError(who, text, [x.shape, selector.shape]);
  }
  const best = selector === undefined ? x.max({ axis: -1 }) : x.pick(selector.argmax());
  return target(who, best, rewards) as Loss<X>;
}
