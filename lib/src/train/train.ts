import { valueAndGrad } from "../gradient/grad.ts";
import type { Gradients } from "../gradient/tree.ts";
import { training } from "../nn/context.ts";
import type { Module } from "../nn/module.ts";
import { gradientNorm, type Optimizer } from "../optim/optimizer.ts";
import { type Key, seed } from "../random/key.ts";
import { ArgumentError, TrainingError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Breather, signalOf } from "./stop.ts";

/** What one update did. */
export interface Step {
  /** Passes over the data begun, from 1. */
  readonly epoch: number;
  /** Updates made, from 1. */
  readonly step: number;
  /** Mean loss over the updates since the last step that was given out. */
  readonly loss: number;
  readonly rate: number;
  /** Euclidean norm of all gradients together. */
  readonly gradNorm: number;
  /** Wall time since training began. */
  readonly seconds: number;
}

export interface TrainOptions<M, B> {
  /** One number, the mean over the batch. */
  readonly loss: (model: M, batch: B) => Tensor;
  readonly optimizer: Optimizer;
  readonly epochs?: number;
  /** Gives out every n-th step; every one if not said. */
  readonly every?: number;
  /** Of the random layers. */
  readonly key?: Key;
  /** Stops training; in a notebook the kernel's own signal does so without being named. */
  readonly signal?: AbortSignal;
}

/** What `train` iterates over: a loader with epochs, or any iterable, begun anew for each epoch. */
export type Batches<B> = Iterable<B> & { epoch?(number: number): Iterable<B> };

/**
 * Trains as you iterate: each step has been made when it is given out. `break` stops, an interrupt ends the loop with an
 * error, and either way the model keeps its last parameters.
 * @throws TrainingError when the loss is no longer finite, naming the first parameter with such a gradient.
 */
export async function* train<M extends Module, B>(
  model: M,
  batches: Batches<B>,
  options: TrainOptions<M, B>,
): AsyncGenerator<Step, void> {
  const { loss, optimizer, epochs = 1, every = 1, key = seed(0).child("train") } = options;
  if (!Number.isInteger(every) || every < 1)
    throw new ArgumentError("train", `every is ${every}, expected a positive integer.`);
  const signal = signalOf(options.signal);
  const began = performance.now();
  const breather = new Breather();
  let step = 0;
  let sum = 0;
  let count = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const before = step;
    for (const batch of batches.epoch?.(epoch) ?? batches) {
      signal?.throwIfAborted();
      const { value, gradient } = valueAndGrad(model, (m) => training(key.child(step), () => loss(m, batch)));
      const current = await value.item();
      if (!Number.isFinite(current)) throw await notFinite(step + 1, current, gradient);
      const rate = optimizer.rate;
      optimizer.update(model, gradient);
      step++;
      sum += current;
      count++;
      if (step % every === 0) {
        const gradNorm = await gradientNorm(gradient).item();
        yield {
          epoch: epoch + 1,
          step,
          loss: sum / count,
          rate,
          gradNorm,
          seconds: (performance.now() - began) / 1000,
        };
        sum = 0;
        count = 0;
      }
      await breather.breathe();
    }
    if (step === before) throw new ArgumentError("train", `epoch ${epoch + 1} has no batches, expected at least one.`);
  }
}

async function notFinite(step: number, loss: number, gradients: Gradients): Promise<TrainingError> {
  let first = "";
  for (const [path, gradient] of gradients) {
    const values = await gradient.data();
    if (values.some((value) => !Number.isFinite(value))) {
      first = ` Its gradient is not finite first in ${path}.`;
      break;
    }
  }
  return new TrainingError(
    "train",
    `the loss became ${loss} at step ${step}.${first} A smaller rate or clipped gradients may help.`,
  );
}
