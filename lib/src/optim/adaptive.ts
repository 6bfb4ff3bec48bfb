import { add, div, maximum, mul, sub } from "../operations/arithmetic.ts";
import { sqrt } from "../operations/exponential.ts";
import { fullLike } from "../tensor/create.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { blend, Optimizer, type OptimizerOptions, type Rate, requireBelowOne } from "./optimizer.ts";

export interface RmspropOptions extends Partial<OptimizerOptions> {
  readonly rate?: Rate;
  /** How much of the mean square stays from step to step. */
  readonly decay?: number;
  readonly epsilon?: number;
  readonly momentum?: number;
  /** Takes the variance in place of the mean square (Graves 2013, arXiv 1308.0850). */
  readonly centered?: boolean;
}

/** RMSProp (Hinton, lecture 6e, 2012): the gradient over the root of its running mean square. */
export function rmsprop({
  rate = 1e-2,
  decay = 0.99,
  epsilon = 1e-8,
  momentum = 0,
  centered = false,
  ...options
}: RmspropOptions = {}): Optimizer {
  requireBelowOne("rmsprop", { decay });
  if (!(momentum >= 0)) throw new ArgumentError("rmsprop", `momentum is ${momentum}, expected a number of 0 or more.`);
  return new Optimizer(
    "rmsprop",
    { rate, ...options },
    {
      memory: ["square", ...(centered ? ["mean"] : []), ...(momentum > 0 ? ["momentum"] : [])],
      update: (w, g, memory, step) => {
        const square = blend(decay, memory[0]!, 1 - decay, mul(g, g));
        const mean = centered ? [blend(decay, memory[1]!, 1 - decay, g)] : [];
        // Rounding may bring the variance below 0.
        const spread = centered ? maximum(sub(square, mul(mean[0]!, mean[0]!)), 0) : square;
        const scaled = div(g, add(sqrt(spread), epsilon));
        const velocity = momentum > 0 ? [add(mul(memory.at(-1)!, momentum), scaled)] : [];
        const parameter = sub(w, mul(velocity[0] ?? scaled, step.rate));
        return { parameter, memory: [square, ...mean, ...velocity] };
      },
    },
  );
}

export interface AdagradOptions extends Partial<OptimizerOptions> {
  readonly rate?: Rate;
  readonly epsilon?: number;
  /** The rate of step t is rate / (1 + t · rateDecay). */
  readonly rateDecay?: number;
  /** What the sum of squares starts from. */
  readonly initialSum?: number;
}

/** AdaGrad (Duchi, Hazan and Singer, JMLR 2011): the gradient over the root of the sum of its squares. */
export function adagrad({
  rate = 1e-2,
  epsilon = 1e-10,
  rateDecay = 0,
  initialSum = 0,
  ...options
}: AdagradOptions = {}): Optimizer {
  return new Optimizer(
    "adagrad",
    { rate, ...options },
    {
      memory: ["square"],
      start: (w) => [fullLike(w, initialSum)],
      update: (w, g, [before], step) => {
        const square = add(before!, mul(g, g));
        const size = step.rate / (1 + (step.count - 1) * rateDecay);
        return { parameter: sub(w, mul(div(g, add(sqrt(square), epsilon)), size)), memory: [square] };
      },
    },
  );
}

export interface AdadeltaOptions extends Partial<OptimizerOptions> {
  readonly rate?: Rate;
  readonly decay?: number;
  readonly epsilon?: number;
}

/** AdaDelta (Zeiler 2012): steps in the units of the parameter. */
export function adadelta({ rate = 1, decay = 0.9, epsilon = 1e-6, ...options }: AdadeltaOptions = {}): Optimizer {
  requireBelowOne("adadelta", { decay });
  return new Optimizer(
    "adadelta",
    { rate, ...options },
    {
      memory: ["square", "change"],
      update: (w, g, memory, step) => {
        const square = blend(decay, memory[0]!, 1 - decay, mul(g, g));
        const change = mul(div(sqrt(add(memory[1]!, epsilon)), sqrt(add(square, epsilon))), g);
        return {
          parameter: sub(w, mul(change, step.rate)),
          memory: [square, blend(decay, memory[1]!, 1 - decay, mul(change, change))],
        };
      },
    },
  );
}
