import type { Module } from "../nn/module.ts";
import { parameters } from "../nn/module.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { capture } from "./capture.ts";
import type { Model, Run } from "./watch.ts";

/** How the values of a tensor are spread. */
export interface Histogram {
  /** `bins + 1` rising bounds; a bin holds its lower bound, the last one its upper bound too. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
  readonly mean: number;
  /** Standard deviation, with n in the denominator. */
  readonly std: number;
  /** Share of exact zeros. */
  readonly zeros: number;
  /** How many values are not finite; they are in no bin. */
  readonly notFinite: number;
}

export interface HistogramOptions {
  /** 30 if not said. */
  readonly bins?: number;
  /** What the bins cover; the values beyond count in the outermost ones. From the smallest to the largest value, if not said. */
  readonly range?: readonly [number, number];
}

/** The values of a tensor counted in bins of equal width. */
export async function histogram(x: Tensor, options: HistogramOptions = {}): Promise<Histogram> {
  const { bins = 30, range } = options;
  if (!Number.isInteger(bins) || bins < 1)
    throw new ArgumentError("histogram", `bins is ${bins}, expected a positive integer.`);
  if (range !== undefined && !(range[0] < range[1]))
    throw new ArgumentError("histogram", `the range is ${range[0]} … ${range[1]}, expected the smaller value first.`);
  const all = await x.data();
  const values = all.every((value) => Number.isFinite(value)) ? all : all.filter((value) => Number.isFinite(value));
  let [low, high, sum, zeros] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
    if (value === 0) zeros++;
    sum += value;
  }
  const n = values.length;
  const mean = n === 0 ? 0 : sum / n;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  [low, high] = range ?? (n === 0 ? [0, 1] : low === high ? [low - 0.5, high + 0.5] : [low, high]);
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) {
    const bin = Math.floor(((value - low) / (high - low)) * bins);
    counts[Math.min(bins - 1, Math.max(0, bin))]! += 1;
  }
  const edges = Array.from({ length: bins + 1 }, (_, i) => (i === bins ? high : low + ((high - low) * i) / bins));
  const share = (count: number) => (n === 0 ? 0 : count / n);
  return { edges, counts, mean, std: Math.sqrt(share(squares)), zeros: share(zeros), notFinite: all.length - n };
}

async function ofEach(tensors: Iterable<readonly [string, Tensor]>, options: HistogramOptions) {
  const found = new Map<string, Histogram>();
  for (const [path, tensor] of tensors) found.set(path, await histogram(tensor, options));
  return found;
}

/**
 * How the parameters of a model are spread, by path. Along training:
 *
 * @example
 * ```ts
 * import { inspect, losses, nn, optim, random, train } from "gradbook";
 *
 * const model = nn.init(new nn.Linear(3, 2), { seed: 1 });
 * const batch = { x: random.seed(2).normal([8, 3]), y: random.seed(3).normal([8, 2]) };
 * const course = [];
 * for await (const { step } of train(model, [batch, batch, batch], {
 *   loss: (m, { x, y }) => losses.squaredError(m.forward(x), y),
 *   optimizer: optim.sgd({ rate: 0.1 }),
 * })) {
 *   const weights = await inspect.weightHistograms(model, { bins: 10, range: [-1, 1] });
 *   course.push({ step, counts: weights.get("weight")!.counts });
 * }
 * course.length; // 3
 * ```
 */
export function weightHistograms(model: Module, options: HistogramOptions = {}): Promise<Map<string, Histogram>> {
  return ofEach(
    parameters(model).map(({ path, get }) => [path, get()]),
    options,
  );
}

/** How the outputs of a model's layers are spread, by path, for a batch. */
export function activationHistograms<M extends Model>(
  model: M,
  on: Run<M>,
  options: HistogramOptions = {},
): Promise<Map<string, Histogram>> {
  return ofEach(capture(model, on), options);
}
