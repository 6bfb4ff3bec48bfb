import { abs, add, div, maximum, mul, sign, square, sub } from "../operations/arithmetic.ts";
import { sqrt } from "../operations/exponential.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { blend, Optimizer, type OptimizerOptions, type Rate, requireBelowOne } from "./optimizer.ts";

interface Moments extends Partial<OptimizerOptions> {
  readonly rate?: Rate;
  /** How much of the mean gradient stays from step to step. */
  readonly beta1?: number;
  /** How much of its mean square stays. */
  readonly beta2?: number;
  readonly epsilon?: number;
}

export interface AdamOptions extends Moments {
  /** Divides by the largest mean square so far (Reddi, Kale and Kumar, ICLR 2018). */
  readonly amsgrad?: boolean;
}

/** Adam (Kingma and Ba, ICLR 2015); weight decay is added to the gradient unless it is decoupled. */
export function adam(options: AdamOptions = {}): Optimizer {
  return adamNamed("adam", options);
}

/** Adam with weight decay apart from the gradient (Loshchilov and Hutter, ICLR 2019); 0.01 if not said. */
export function adamw(options: AdamOptions = {}): Optimizer {
  return adamNamed("adamw", { weightDecay: 1e-2, decoupled: true, ...options });
}

function adamNamed(
  name: string,
  { rate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, amsgrad = false, ...options }: AdamOptions,
): Optimizer {
  requireBelowOne(name, { beta1, beta2 });
  return new Optimizer(
    name,
    { rate, ...options },
    {
      memory: amsgrad ? ["mean", "square", "largest"] : ["mean", "square"],
      update: (w, g, memory, step) => {
        const mean = blend(beta1, memory[0]!, 1 - beta1, g);
        const squares = blend(beta2, memory[1]!, 1 - beta2, mul(g, g));
        const largest = amsgrad ? [maximum(memory[2]!, squares)] : [];
        const corrected = div(mean, 1 - beta1 ** step.count);
        const spread = add(sqrt(div(largest[0] ?? squares, 1 - beta2 ** step.count)), epsilon);
        return { parameter: sub(w, mul(div(corrected, spread), step.rate)), memory: [mean, squares, ...largest] };
      },
    },
  );
}

/** Adam by the largest gradient of late in place of the root of the mean square (Kingma and Ba, section 7.1). */
export function adamax({
  rate = 2e-3,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
  ...options
}: Moments = {}): Optimizer {
  requireBelowOne("adamax", { beta1, beta2 });
  return new Optimizer(
    "adamax",
    { rate, ...options },
    {
      memory: ["mean", "largest"],
      update: (w, g, memory, step) => {
        const mean = blend(beta1, memory[0]!, 1 - beta1, g);
        const largest = maximum(mul(memory[1]!, beta2), add(abs(g), epsilon));
        const size = step.rate / (1 - beta1 ** step.count);
        return { parameter: sub(w, mul(div(mean, largest), size)), memory: [mean, largest] };
      },
    },
  );
}

export interface NAdamOptions extends Moments {
  /** How fast the momentum's factor rises to beta1. */
  readonly momentumDecay?: number;
}

/** Adam with Nesterov's look ahead (Dozat, ICLR workshop 2016). */
export function nadam({
  rate = 2e-3,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
  momentumDecay = 4e-3,
  ...options
}: NAdamOptions = {}): Optimizer {
  requireBelowOne("nadam", { beta1, beta2 });
  const factor = (count: number) => beta1 * (1 - 0.5 * 0.96 ** (count * momentumDecay));
  // Products of the factors so far, by the number of steps.
  const products = [1];
  const product = (count: number) => {
    for (let i = products.length; i <= count; i++) products.push(products[i - 1]! * factor(i));
    return products[count]!;
  };
  return new Optimizer(
    "nadam",
    { rate, ...options },
    {
      memory: ["mean", "square"],
      update: (w, g, memory, step) => {
        const mean = blend(beta1, memory[0]!, 1 - beta1, g);
        const squares = blend(beta2, memory[1]!, 1 - beta2, mul(g, g));
        const spread = add(sqrt(div(squares, 1 - beta2 ** step.count)), epsilon);
        const fresh = (1 - factor(step.count)) / (1 - product(step.count));
        const ahead = factor(step.count + 1) / (1 - product(step.count + 1));
        const direction = div(blend(fresh, g, ahead, mean), spread);
        return { parameter: sub(w, mul(direction, step.rate)), memory: [mean, squares] };
      },
    },
  );
}

/** Adam that trusts its mean square only as far as the number of steps allows (Liu et al., ICLR 2020). */
export function radam({
  rate = 1e-3,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
  ...options
}: Moments = {}): Optimizer {
  requireBelowOne("radam", { beta1, beta2 });
  const longest = 2 / (1 - beta2) - 1;
  return new Optimizer(
    "radam",
    { rate, ...options },
    {
      memory: ["mean", "square"],
      update: (w, g, memory, { rate: size, count }) => {
        const mean = blend(beta1, memory[0]!, 1 - beta1, g);
        const squares = blend(beta2, memory[1]!, 1 - beta2, mul(g, g));
        const corrected = div(mean, 1 - beta1 ** count);
        const length = longest - (2 * count * beta2 ** count) / (1 - beta2 ** count);
        if (length <= 5) return { parameter: sub(w, mul(corrected, size)), memory: [mean, squares] };
        const rectified = Math.sqrt(((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length));
        const scaled = div(mul(corrected, Math.sqrt(1 - beta2 ** count) * rectified), add(sqrt(squares), epsilon));
        return { parameter: sub(w, mul(scaled, size)), memory: [mean, squares] };
      },
    },
  );
}

/** Adam with the step of each parameter in proportion to its own length, for large batches (LAMB: You et al., ICLR 2020). */
export function lamb({
  rate = 1e-3,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-6,
  lambda = 0,
  ...options
}: Moments & {
  /** Weight decay inside the direction whose length is set, as in the paper. */
  readonly lambda?: number;
} = {}): Optimizer {
  requireBelowOne("lamb", { beta1, beta2 });
  const length = (x: Tensor) => sqrt(square(x).sum());
  return new Optimizer(
    "lamb",
    { rate, ...options },
    {
      memory: ["mean", "square"],
      update: (w, g, memory, step) => {
        const mean = blend(beta1, memory[0]!, 1 - beta1, g);
        const squares = blend(beta2, memory[1]!, 1 - beta2, mul(g, g));
        const spread = add(sqrt(div(squares, 1 - beta2 ** step.count)), epsilon);
        const direction = add(div(div(mean, 1 - beta1 ** step.count), spread), mul(w, lambda));
        const [own, its] = [length(w), length(direction)];
        const ratio = own.greater(0).where(its.greater(0).where(div(own, its), 1), 1);
        return { parameter: sub(w, mul(mul(direction, ratio), step.rate)), memory: [mean, squares] };
      },
    },
  );
}

/** Steps of one size along the sign of a mean gradient (Lion: Chen et al., NeurIPS 2023). Weight decay is decoupled. */
export function lion({ rate = 1e-4, beta1 = 0.9, beta2 = 0.99, ...options }: Omit<Moments, "epsilon"> = {}): Optimizer {
  requireBelowOne("lion", { beta1, beta2 });
  return new Optimizer(
    "lion",
    { rate, decoupled: true, ...options },
    {
      memory: ["mean"],
      update: (w, g, [mean], step) => ({
        parameter: sub(w, mul(sign(blend(beta1, mean!, 1 - beta1, g)), step.rate)),
        memory: [blend(beta2, mean!, 1 - beta2, g)],
      }),
    },
  );
}
