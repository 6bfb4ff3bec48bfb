import { add, div, mul, sub } from "../operations/arithmetic.ts";
import { sqrt } from "../operations/exponential.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Optimizer, type Rate } from "./optimizer.ts";

/** `a·x + b·y`. */
function blend(a: number, x: Tensor, b: number, y: Tensor): Tensor {
  return add(mul(x, a), mul(y, b));
}

function requireDecays(who: string, decays: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(decays))
    if (!(value >= 0 && value < 1)) throw new ArgumentError(who, `${name} is ${value}, expected 0 ≤ ${name} < 1.`);
}

function decayed(gradient: Tensor, parameter: Tensor, weightDecay: number): Tensor {
  return weightDecay === 0 ? gradient : add(gradient, mul(parameter, weightDecay));
}

export interface SgdOptions {
  readonly rate: Rate;
  readonly momentum?: number;
  /** Looks ahead along the momentum (Nesterov 1983; Sutskever et al., ICML 2013), in PyTorch's form. */
  readonly nesterov?: boolean;
  readonly weightDecay?: number;
}

/** Stochastic gradient descent, with momentum if asked (Polyak 1964): v ← μv + g, w ← w − rate · v. */
export function sgd({ rate, momentum = 0, nesterov = false, weightDecay = 0 }: SgdOptions): Optimizer {
  return new Optimizer("sgd", rate, {
    memory: momentum === 0 ? [] : ["momentum"],
    update: (w, gradient, [v], step) => {
      const g = decayed(gradient, w, weightDecay);
      if (v === undefined) return { parameter: sub(w, mul(g, step.rate)), memory: [] };
      const velocity = add(mul(v, momentum), g);
      const direction = nesterov ? add(g, mul(velocity, momentum)) : velocity;
      return { parameter: sub(w, mul(direction, step.rate)), memory: [velocity] };
    },
  });
}

export interface AdamOptions {
  readonly rate?: Rate;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
}

/** Adam (Kingma and Ba, ICLR 2015); weight decay is added to the gradient. */
export function adam({
  rate = 1e-3,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
  weightDecay = 0,
}: AdamOptions = {}): Optimizer {
  requireDecays("adam", { beta1, beta2 });
  return new Optimizer("adam", rate, {
    memory: ["mean", "square"],
    update: (w, gradient, memory, step) => {
      const g = decayed(gradient, w, weightDecay);
      return adamStep(w, g, memory, step, { beta1, beta2, epsilon });
    },
  });
}

/** Adam with weight decay apart from the gradient (Loshchilov and Hutter, ICLR 2019). */
export function adamw({
  rate = 1e-3,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
  weightDecay = 1e-2,
}: AdamOptions = {}): Optimizer {
  requireDecays("adamw", { beta1, beta2 });
  return new Optimizer("adamw", rate, {
    memory: ["mean", "square"],
    update: (w, g, memory, step) =>
      adamStep(mul(w, 1 - step.rate * weightDecay), g, memory, step, { beta1, beta2, epsilon }),
  });
}

function adamStep(
  w: Tensor,
  g: Tensor,
  memory: readonly Tensor[],
  { rate, count }: { readonly rate: number; readonly count: number },
  { beta1, beta2, epsilon }: { readonly beta1: number; readonly beta2: number; readonly epsilon: number },
) {
  const mean = blend(beta1, memory[0]!, 1 - beta1, g);
  const square = blend(beta2, memory[1]!, 1 - beta2, mul(g, g));
  const corrected = div(mean, 1 - beta1 ** count);
  const spread = add(sqrt(div(square, 1 - beta2 ** count)), epsilon);
  return { parameter: sub(w, mul(div(corrected, spread), rate)), memory: [mean, square] };
}

/** RMSProp (Hinton, lecture 6e, 2012): the gradient over the root of its running mean square. */
export function rmsprop({
  rate = 1e-2,
  decay = 0.99,
  epsilon = 1e-8,
}: {
  readonly rate?: Rate;
  readonly decay?: number;
  readonly epsilon?: number;
} = {}): Optimizer {
  return new Optimizer("rmsprop", rate, {
    memory: ["square"],
    update: (w, g, [before], step) => {
      const square = blend(decay, before!, 1 - decay, mul(g, g));
      return { parameter: sub(w, mul(div(g, add(sqrt(square), epsilon)), step.rate)), memory: [square] };
    },
  });
}

/** AdaGrad (Duchi, Hazan and Singer, JMLR 2011): the gradient over the root of the sum of its squares. */
export function adagrad({
  rate = 1e-2,
  epsilon = 1e-10,
}: {
  readonly rate?: Rate;
  readonly epsilon?: number;
} = {}): Optimizer {
  return new Optimizer("adagrad", rate, {
    memory: ["square"],
    update: (w, g, [before], step) => {
      const square = add(before!, mul(g, g));
      return { parameter: sub(w, mul(div(g, add(sqrt(square), epsilon)), step.rate)), memory: [square] };
    },
  });
}

/** AdaDelta (Zeiler 2012): steps in the units of the parameter. */
export function adadelta({
  rate = 1,
  decay = 0.9,
  epsilon = 1e-6,
}: {
  readonly rate?: Rate;
  readonly decay?: number;
  readonly epsilon?: number;
} = {}): Optimizer {
  return new Optimizer("adadelta", rate, {
    memory: ["square", "change"],
    update: (w, g, memory, step) => {
      const square = blend(decay, memory[0]!, 1 - decay, mul(g, g));
      const change = mul(div(sqrt(add(memory[1]!, epsilon)), sqrt(add(square, epsilon))), g);
      return {
        parameter: sub(w, mul(change, step.rate)),
        memory: [square, blend(decay, memory[1]!, 1 - decay, mul(change, change))],
      };
    },
  });
}
