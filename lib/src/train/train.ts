import { valueAndGrad } from "../gradient/grad.ts";
import { type Constraint, constrain } from "../nn/constraints.ts";
import { TrainingStep } from "../nn/context.ts";
import type { Module } from "../nn/module.ts";
import { gradientNorm, type Optimizer } from "../optim/optimizer.ts";
import { type Key, seed } from "../random/key.ts";
import { ArgumentError, TrainingError } from "../tensor/errors.ts";
import { Breather, signalOf } from "../tensor/stop.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { firstNonFinite, type NonFinite } from "./first-non-finite.ts";

/** What one update did. */
export interface Step {
  /** Passes over the data begun with this optimiser, from 1. */
  readonly epoch: number;
  /** Updates made by this optimiser, from 1. */
  readonly step: number;
  /** Mean loss over the updates since the step before that was given out. */
  readonly loss: number;
  readonly rate: number;
  /** Euclidean norm of all gradients together. */
  readonly gradNorm: number;
  /** Wall time since this training began. */
  readonly seconds: number;
}

export interface TrainOptions<M, B> {
  /** One number, the mean over the batch. */
  readonly loss: (model: M, batch: B) => Tensor;
  readonly optimizer: Optimizer;
  /** Applied to the parameters after each step, by path pattern; see `nn.constrain`. */
  readonly constraints?: Readonly<Record<string, Constraint>>;
  readonly epochs?: number;
  /** Leaves out so many batches of the first epoch, those that a training had made before it was interrupted. */
  readonly after?: number;
  /** Gives out every n-th step and the last; every one if not said. */
  readonly every?: number;
  /** Of the random layers. */
  readonly key?: Key;
  /** Stops training; in a notebook the kernel's own signal does so without being named. */
  readonly signal?: AbortSignal;
}

/** Batches that are there, or that come one after another from a file or a network. */
export type Coming<B> = Iterable<B> | AsyncIterable<B>;

/** What `train` iterates over: a loader or stream with epochs, or any iterable, begun anew for each epoch. */
export type Batches<B> = Coming<B> & { epoch?(number: number): Coming<B> };

/**
 * Trains as you iterate: each step has been made when it is given out. `break` stops, an interrupt ends the loop with an
 * error, and either way the model keeps its last parameters. Training again with the same optimiser goes on: with the
 * next epoch's order and fresh random numbers.
 * @throws TrainingError when the loss or a gradient is not finite, before the parameters are touched; it names the
 * operation where that began, the layer and the nearest parameter, and its stack begins at that operation's line.
 */
export async function* train<M extends Module, B>(
  model: M,
  batches: Batches<B>,
  options: TrainOptions<M, B>,
): AsyncGenerator<Step, void> {
  const { loss, optimizer, epochs = 1, after = 0, every = 1, key = seed(0).child("train") } = options;
  if (!Number.isInteger(every) || every < 1)
    throw new ArgumentError("train", `every is ${every}, expected a positive integer.`);
  const began = performance.now();
  const breather = new Breather();
  let sum = 0;
  let count = 0;
  let previous = Number.NaN;
  let last: Omit<Step, "loss"> | null = null;
  const given = (): Step => {
    const step = { ...last!, loss: sum / count };
    sum = 0;
    count = 0;
    last = null;
    return step;
  };
  for (let epoch = 0; epoch < epochs; epoch++) {
    let any = false;
    optimizer.batch = 0;
    for await (const batch of batches.epoch?.(optimizer.epoch) ?? batches) {
      any = true;
      if (epoch === 0 && optimizer.batch < after) {
        optimizer.batch++;
        continue;
      }
      // Read anew each time: training may be continued from another cell than the one that began it.
      signalOf(options.signal)?.throwIfAborted();
      const pass = new TrainingStep(key.child(optimizer.step));
      const { value, gradient } = valueAndGrad(model, (m) => pass.run(() => loss(m, batch)));
      const [current, gradNorm] = [await value.item(), await gradientNorm(gradient).item()];
      if (!Number.isFinite(current) || !Number.isFinite(gradNorm))
        throw await notFinite(optimizer.step + 1, current, previous, () => {
          const repeated = new TrainingStep(key.child(optimizer.step));
          return firstNonFinite(model, (m) => repeated.run(() => loss(m, batch)), { batch });
        });
      const rate = optimizer.rate;
      optimizer.update(model, gradient);
      if (options.constraints !== undefined) constrain(model, options.constraints);
      pass.accept();
      optimizer.batch++;
      sum += current;
      count++;
      previous = gradNorm;
      last = {
        epoch: optimizer.epoch + 1,
        step: optimizer.step,
        rate,
        gradNorm,
        seconds: (performance.now() - began) / 1000,
      };
      if (count === every) yield given();
      await breather.breathe();
    }
    if (!any) throw new ArgumentError("train", `epoch ${optimizer.epoch + 1} has no batches, expected at least one.`);
    optimizer.epoch++;
    optimizer.batch = 0;
  }
  if (last !== null) yield given();
}

/** Why a step has no finite loss and gradient, found by doing it again with an eye on every operation. */
async function notFinite(
  step: number,
  loss: number,
  previous: number,
  again: () => Promise<NonFinite | null>,
): Promise<TrainingError> {
  const what = Number.isFinite(loss)
    ? `the loss is ${loss} at step ${step}, but its gradient is not finite.`
    : `the loss became ${loss} at step ${step}.`;
  const found = await again();
  const where = found?.text ?? "Done again with the same random numbers, the step gave finite values.";
  const norm = Number.isNaN(previous)
    ? ""
    : ` The gradient norm was ${Number(previous.toPrecision(3))} at step ${step - 1}.`;
  const error = new TrainingError(
    "train",
    `${what} ${where}${norm} The parameters are those of step ${step - 1}. A smaller rate or clipped gradients may help.`,
  );
  // The operation's own line comes first.
  if (found !== null && found.stack !== "") error.stack = `${error.name}: ${error.message}\n${found.stack}`;
  return error;
}
