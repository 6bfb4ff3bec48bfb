import { valueAndGrad } from "../gradient/grad.ts";
import { crossEntropy } from "../losses/index.ts";
import type { Layer } from "../nn/sequential.ts";
import type { Key } from "../random/key.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { Breather, signalOf } from "../tensor/stop.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type ClassOptions, classesOf, scoresOf } from "./score.ts";

/** `classes` are the examples' labels, or with `targeted` what they are to be taken for. */
export interface AttackOptions extends ClassOptions {
  /** How far each value may be changed, or with `norm: "euclidean"` each example as a whole. */
  readonly epsilon: number;
  /** Towards the classes instead of away from them. */
  readonly targeted?: boolean;
  /** The smallest and the largest value of an input; 0 and 1 if not said. */
  readonly range?: readonly [number, number];
}

export interface PgdOptions extends AttackOptions {
  /** 40 if not said. */
  readonly steps?: number;
  /** How far a step goes; 2.5 ε / steps if not said. */
  readonly rate?: number;
  /** What `epsilon` bounds: the largest change of a value (if not said), or an example's Euclidean distance. */
  readonly norm?: "infinity" | "euclidean";
  /** Begins at a random place within reach; at the examples themselves, if not said. */
  readonly start?: Key;
  /** Stops the search; in a notebook the kernel's own signal does so without being named. */
  readonly signal?: AbortSignal;
}

/** The examples after a step. */
export interface AttackStep {
  /** From 0, the beginning. */
  readonly step: number;
  readonly input: Tensor;
  /** Mean cross-entropy of the classes, at this input. */
  readonly loss: number;
}

/** How much the loss of each example rises, and in which direction. */
function rise(who: string, model: Layer, x: Tensor, classes: Tensor): { loss: Tensor; direction: Tensor } {
  const { value, gradient } = valueAndGrad(x as Tensor<"float32">, (input: Tensor) =>
    crossEntropy(scoresOf(who, model, input), classes),
  );
  return { loss: value, direction: gradient.mul(x.shape[0]!) };
}

function checked(who: string, { epsilon, range = [0, 1] }: AttackOptions): readonly [number, number] {
  if (!(epsilon >= 0)) throw new ArgumentError(who, `epsilon is ${epsilon}, expected 0 or more.`);
  if (!(range[0] < range[1]))
    throw new ArgumentError(who, `the range is ${range[0]} … ${range[1]}, expected the smaller value first.`);
  return range;
}

function within(x: Tensor, [min, max]: readonly [number, number]): Tensor {
  return x.clamp({ min, max });
}

/**
 * Examples that differ from `x [batch, …]` by ε at each value, in the direction in which the loss rises: the fast
 * gradient sign method (Goodfellow, Shlens and Szegedy 2015). `model` gives scores `[batch, classes]`.
 * @throws ArgumentError for an ε below 0 or an empty range.
 */
export function fgsm(model: Layer, x: Tensor, options: AttackOptions): Tensor {
  const range = checked("fgsm", options);
  const classes = classesOf("fgsm", scoresOf("fgsm", model, x), options);
  const step = rise("fgsm", model, x, classes).direction.sign().mul(options.epsilon);
  return within(options.targeted ? x.sub(step) : x.add(step), range);
}

/**
 * Examples within reach of `x [batch, …]` whose loss is large, by gradient steps each followed by the way back to what
 * is within reach (projected gradient descent, Madry et al. 2018). Gives every step, the beginning first; `break` stops.
 * @throws ArgumentError for options outside their range.
 *
 * @example
 * ```ts
 * import { inspect, nn, random } from "gradbook";
 *
 * const model = nn.init(new nn.Linear(8, 3), { seed: 1 });
 * const x = random.seed(2).uniform([4, 8]);
 * const losses = [];
 * for await (const { loss } of inspect.pgd(model, x, { classes: 0, epsilon: 0.1, steps: 5 })) losses.push(loss);
 * losses.length; // 6
 * ```
 */
export async function* pgd(model: Layer, x: Tensor, options: PgdOptions): AsyncGenerator<AttackStep, void, void> {
  const who = "pgd";
  const range = checked(who, options);
  const { epsilon, steps = 40, targeted = false, norm = "infinity" } = options;
  const { rate = (2.5 * epsilon) / steps } = options;
  if (!Number.isInteger(steps) || steps < 1)
    throw new ArgumentError(who, `steps is ${steps}, expected a positive integer.`);
  if (norm !== "infinity" && norm !== "euclidean")
    throw new ArgumentError(who, `norm is ${norm}, expected "infinity" or "euclidean".`);
  const classes = classesOf(who, scoresOf(who, model, x), options);
  const back = (point: Tensor) => within(x.add(shortened(point.sub(x), epsilon, norm)), range);
  const breather = new Breather();
  let point = options.start === undefined ? x : back(x.add(somewhere(x, options.start, epsilon, norm)));
  for (let step = 0; step <= steps; step++) {
    signalOf(options.signal)?.throwIfAborted();
    const { loss, direction } = rise(who, model, point, classes);
    yield { step, input: point, loss: await loss.item() };
    const way = (norm === "infinity" ? direction.sign() : unit(direction)).mul(targeted ? -rate : rate);
    if (step < steps) point = back(point.add(way));
    await breather.breathe();
  }
}

/** Length of each example as a vector, with axes of size 1 for its own. */
function lengthOf(x: Tensor): Tensor {
  return x
    .square()
    .sum({ axis: x.shape.map((_, i) => i).slice(1), keepDims: true })
    .sqrt();
}

function unit(x: Tensor): Tensor {
  const length = lengthOf(x);
  return x.div(length.equal(0).where(1, length));
}

function shortened(change: Tensor, epsilon: number, norm: "infinity" | "euclidean"): Tensor {
  if (norm === "infinity") return within(change, [-epsilon, epsilon]);
  return unit(change).mul(lengthOf(change).minimum(epsilon));
}

/** Uniform within reach. */
function somewhere(x: Tensor, key: Key, epsilon: number, norm: "infinity" | "euclidean"): Tensor {
  if (norm === "infinity") return key.uniform(x.shape, { low: -epsilon, high: epsilon }).cast(x.dtype);
  const [batch, ...rest] = x.shape as [number, ...number[]];
  const radius = key
    .child("radius")
    .uniform([batch, ...rest.map(() => 1)])
    .pow(rest.reduce((product, n) => product / n, 1));
  return unit(key.normal(x.shape)).mul(radius.mul(epsilon)).cast(x.dtype);
}
