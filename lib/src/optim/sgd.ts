import { add, clamp, mul, sign, sub } from "../operations/arithmetic.ts";
import { where } from "../operations/selection.ts";
import { fullLike } from "../tensor/create.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { Optimizer, type OptimizerOptions, type Rate } from "./optimizer.ts";

export interface SgdOptions extends OptimizerOptions {
  readonly momentum?: number;
  /** Which part of the gradient does not go into the momentum; 0 if not said. */
  readonly dampening?: number;
  /** Looks ahead along the momentum (Nesterov 1983; Sutskever et al., ICML 2013), in PyTorch's form. */
  readonly nesterov?: boolean;
}

/**
 * Stochastic gradient descent, with momentum if asked (Polyak 1964): v ← μv + g, w ← w − rate · v.
 *
 * @example
 * ```ts
 * import { nn, ones, optim, valueAndGrad } from "gradbook";
 *
 * const net = nn.init(new nn.Linear(3, 1), { seed: 1 });
 * const optimizer = optim.sgd({ rate: 0.1, momentum: 0.9, weightDecay: 1e-4, groups: { bias: { weightDecay: 0 } } });
 * const { gradient } = valueAndGrad(net, (m) => m.forward(ones([1, 3])).square().sum());
 * optimizer.update(net, gradient);
 * optimizer.step; // 1
 * ```
 */
export function sgd({ momentum = 0, dampening = 0, nesterov = false, ...options }: SgdOptions): Optimizer {
  if (!(momentum >= 0)) throw new ArgumentError("sgd", `momentum is ${momentum}, expected a number of 0 or more.`);
  if (nesterov && (momentum === 0 || dampening !== 0))
    throw new ArgumentError(
      "sgd",
      `nesterov with momentum ${momentum} and dampening ${dampening}, expected a positive momentum and no dampening.`,
    );
  return new Optimizer("sgd", options, {
    memory: momentum === 0 ? [] : ["momentum"],
    update: (w, g, [v], { rate, first }) => {
      if (v === undefined) return { parameter: sub(w, mul(g, rate)), memory: [] };
      // The first gradient goes in whole, as in PyTorch.
      const velocity = add(mul(v, momentum), dampening === 0 || first ? g : mul(g, 1 - dampening));
      const direction = nesterov ? add(g, mul(velocity, momentum)) : velocity;
      return { parameter: sub(w, mul(direction, rate)), memory: [velocity] };
    },
  });
}

export interface RpropOptions extends Partial<OptimizerOptions> {
  /** The first step of every weight; 0.01 if not said. */
  readonly rate?: Rate;
  /** By what a weight's step shrinks when its slope turns. */
  readonly shrink?: number;
  /** By what it grows while the slope keeps its sign. */
  readonly grow?: number;
  readonly smallest?: number;
  readonly largest?: number;
}

/**
 * Resilient propagation (Riedmiller and Braun, ICNN 1993): every weight has a step of its own that grows while its slope
 * keeps its sign and shrinks when it turns; only the slope's sign counts. For whole data sets, not for small batches.
 */
export function rprop({
  rate = 1e-2,
  shrink = 0.5,
  grow = 1.2,
  smallest = 1e-6,
  largest = 50,
  ...options
}: RpropOptions = {}): Optimizer {
  if (!(shrink > 0 && shrink < 1 && grow > 1))
    throw new ArgumentError("rprop", `shrink is ${shrink} and grow ${grow}, expected 0 < shrink < 1 < grow.`);
  return new Optimizer(
    "rprop",
    { rate, ...options },
    {
      memory: ["gradient", "size"],
      start: (w, size) => [mul(w, 0), fullLike(w, size)],
      update: (w, gradient, [before, size]) => {
        const turn = sign(mul(gradient, before!));
        const factor = where(turn.greater(0), grow, where(turn.less(0), shrink, turn.mul(0).add(1)));
        const sizes = clamp(mul(size!, factor), { min: smallest, max: largest });
        const g = where(turn.less(0), 0, gradient);
        return { parameter: sub(w, mul(sign(g), sizes)), memory: [g, sizes] };
      },
    },
  );
}
