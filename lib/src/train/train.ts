import { valueAndGrad } from "../gradient/grad.ts";
import type { Gradients } from "../gradient/tree.ts";
import { type Constraint, constrain } from "../nn/constraints.ts";
import { TrainingStep } from "../nn/context.ts";
import type { Module } from "../nn/module.ts";
import { add, div } from "../operations/arithmetic.ts";
import type { Average } from "../optim/average.ts";
import { clipValue, gradientNorm, shortened } from "../optim/clip.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { type Key, seed } from "../random/key.ts";
import { ArgumentError, TrainingError } from "../tensor/errors.ts";
import { materialise } from "../tensor/lazy.ts";
import { OpenScope } from "../tensor/scope.ts";
import { Breather, signalOf } from "../tensor/stop.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Batches, passOf } from "./batches.ts";
import type { Best } from "./best.ts";
import { Control, controlSymbol } from "./control.ts";
import { firstNonFinite } from "./first-non-finite.ts";

/** What one update did. */
export interface Step {
  /** Passes over the data begun with this optimiser, from 1. */
  readonly epoch: number;
  /** Updates made by this optimiser, from 1. */
  readonly step: number;
  /** Mean loss over the updates since the step before that was given out. */
  readonly loss: number;
  readonly rate: number;
  /** Euclidean norm of all gradients together, before any clipping. */
  readonly gradNorm: number;
  /** Wall time since this training began. */
  readonly seconds: number;
  /** What the option `measure` gave after the pass that this step ends; `undefined` for other steps. */
  readonly measured: number | undefined;
}

export interface TrainOptions<M, B> {
  /** One number, the mean over the batch. */
  readonly loss: (model: M, batch: B) => Tensor;
  readonly optimizer: Optimizer;
  /** Applied to the parameters after each step, by path pattern; see `nn.constrain`. */
  readonly constraints?: Readonly<Record<string, Constraint>>;
  /** Passes over the data, 1 if not said; what is left of a pass begun before counts as one. */
  readonly epochs?: number;
  /** Gives out every n-th step, those that end a measured pass, and the last; every one if not said. */
  readonly every?: number;
  /** Batches whose mean gradient makes one update; 1 if not said. */
  readonly accumulate?: number;
  /** Cuts every derivative to −limit … limit, before `clipNorm`. */
  readonly clipValue?: number;
  /** Shortens the gradient to this norm at most. */
  readonly clipNorm?: number;
  /** Takes in the parameters after every update. */
  readonly average?: Average;
  /** Judges the model after every pass, such as by `evaluate` on held-out data. */
  readonly measure?: (model: M) => number | Promise<number>;
  /** Keeps the parameters of the best measure, ends training when it no longer improves, and brings them back at the end. */
  readonly best?: Best;
  /** Of the random layers. */
  readonly key?: Key;
  /** Stops training; in a notebook the kernel's own signal does so without being named. */
  readonly signal?: AbortSignal;
}

/**
 * Trains as you iterate: each step has been made when it is given out. `break` stops, an interrupt ends the loop with an
 * error, and either way the model keeps its last parameters. A loss curve that is given the steps can pause and stop it. Training again with the same optimiser goes on where it
 * stopped, at the next batch of the pass and with fresh random numbers: bit for bit as if it had not stopped, also with
 * a model and an optimiser that were saved and loaded in between.
 *
 * What the loss makes is there until the next step begins, and its memory serves that one then: read what you want of it
 * in the loop's body, `await logits.data()`.
 * @throws TrainingError when the loss or a gradient is not finite, before the parameters are touched; it names the
 * operation where that began, the layer and the nearest parameter, and its stack begins at that operation's line.
 *
 * @example
 * ```ts
 * import { losses, nn, optim, tensor, train } from "gradbook";
 *
 * const [x, y] = [tensor([[0], [1], [2]]), tensor([[1], [3], [5]])];
 * const line = nn.init(new nn.Linear(1, 1), { seed: 1 });
 * for await (const { step, loss } of train(line, [{ x, y }], {
 *   loss: (m, batch) => losses.squaredError(m.forward(batch.x), batch.y),
 *   optimizer: optim.sgd({ rate: 0.1, momentum: 0.5 }),
 *   epochs: 200,
 * }))
 *   if (step % 100 === 0) console.log(step, loss);
 * await line.weight.toArray(); // [[2]], nearly
 * ```
 */
export async function* train<M extends Module, B>(
  model: M,
  batches: Batches<B>,
  options: TrainOptions<M, B>,
): AsyncGenerator<Step, void> {
  const { optimizer, epochs = 1, every = 1, accumulate = 1, measure, best } = options;
  if (!(epochs >= 0 && (Number.isInteger(epochs) || epochs === Number.POSITIVE_INFINITY)))
    throw new ArgumentError("train", `epochs is ${epochs}, expected a whole number of 0 or more, or Infinity.`);
  requireCount("every", every);
  requireCount("accumulate", accumulate);
  if (best !== undefined && measure === undefined)
    throw new ArgumentError("train", "best has nothing to go by, expected the option measure beside it.");
  const began = performance.now();
  const breather = new Breather();
  const control = new Control();
  let sum = 0;
  let count = 0;
  let previous = Number.NaN;
  let before: OpenScope | undefined;
  let last: Omit<Step, "loss"> | null = null;
  const given = (): Step => {
    const step = { ...last!, loss: sum / count };
    // Not enumerable: a step is its numbers.
    Object.defineProperty(step, controlSymbol, { value: control });
    sum = 0;
    count = 0;
    last = null;
    return step;
  };
  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      for await (const { group, position, ends } of passOf(batches, optimizer, accumulate)) {
        // Read anew each time: training may be continued from another cell than the one that began it.
        signalOf(options.signal)?.throwIfAborted();
        // Read in the pass: one that was stopped ends here where its batches have become fewer.
        const number = optimizer.epoch + 1;
        const rate = optimizer.rate;
        // What a step has made can be read until the next one begins, and then its memory serves that one.
        before?.end(model);
        const scope = new OpenScope("step");
        before = scope;
        const { loss, gradNorm } = await update(model, group, options, previous, scope);
        sum += loss;
        count++;
        previous = gradNorm;
        optimizer.batch = ends ? 0 : position;
        if (ends) optimizer.epoch++;
        const measured = ends && measure !== undefined ? await measure(model) : undefined;
        const seconds = (performance.now() - began) / 1000;
        last = { epoch: number, step: optimizer.step, rate, gradNorm, seconds, measured };
        const enough = measured !== undefined && best?.observe(model, measured, number) === false;
        if (enough) best?.restore(model);
        if (count === every || measured !== undefined) yield given();
        if (enough) return;
        await breather.breathe();
        if (control.paused) await control.gate(signalOf(options.signal));
        if (control.stopped) {
          best?.restore(model);
          return;
        }
      }
    }
    best?.restore(model);
    if (last !== null) yield given();
  } finally {
    control.end();
  }
}

/** One update from the mean gradient of some batches. */
async function update<M extends Module, B>(
  model: M,
  group: readonly B[],
  options: TrainOptions<M, B>,
  previous: number,
  scope: OpenScope,
): Promise<{ readonly loss: number; readonly gradNorm: number }> {
  const { loss, optimizer, key = seed(0).child("train") } = options;
  const pass = new TrainingStep(key.child(optimizer.step));
  let sum = 0;
  let total: Gradients = new Map();
  const refuse = (value: number, batch: B, before: TrainingStep) =>
    notFinite(optimizer.step + 1, value, previous, (m: M) => before.run(() => loss(m, batch)), model, batch);
  for (const batch of group) {
    const before = pass.copy();
    const { value, gradient } = scope.run(() => valueAndGrad(model, (m) => pass.run(() => loss(m, batch))));
    const current = await value.item();
    if (!Number.isFinite(current)) throw await refuse(current, batch, before);
    if (group.length > 1 && !Number.isFinite(await scope.run(() => gradientNorm(gradient).item())))
      throw await refuse(current, batch, before);
    sum += current;
    total = total.size === 0 ? gradient : scope.run(() => added(total, gradient));
  }
  let gradients =
    group.length === 1 ? total : scope.run(() => new Map([...total].map(([path, g]) => [path, div(g, group.length)])));
  const gradNorm = await scope.run(() => gradientNorm(gradients).item());
  if (!Number.isFinite(gradNorm)) throw await refuse(sum, group.at(-1)!, new TrainingStep(key.child(optimizer.step)));
  const { clipValue: limit, clipNorm, constraints, average } = options;
  if (limit !== undefined) gradients = scope.run(() => clipValue(gradients, limit));
  if (clipNorm !== undefined) {
    const norm = limit === undefined ? gradNorm : await scope.run(() => gradientNorm(gradients).item());
    gradients = scope.run(() => shortened(gradients, norm, clipNorm));
  }
  scope.run(() => {
    optimizer.update(model, gradients);
    if (constraints !== undefined) constrain(model, constraints);
    pass.accept();
    average?.update(model);
  });
  return { loss: sum / group.length, gradNorm };
}

/** The sum of gradients, evaluated now so that the batches' own can go. */
function added(a: Gradients, b: Gradients): Gradients {
  const sums = new Map([...a].map(([path, g]) => [path, add(g, b.get(path)!)]));
  for (const sum of sums.values()) materialise(sum);
  return sums;
}

function requireCount(what: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new ArgumentError("train", `${what} is ${value}, expected a positive integer.`);
}

/** Why a step has no finite loss and gradient, found by doing it again with an eye on every operation. */
async function notFinite<M extends Module>(
  step: number,
  loss: number,
  previous: number,
  again: (model: M) => Tensor,
  model: M,
  batch: unknown,
): Promise<TrainingError> {
  const what = Number.isFinite(loss)
    ? `the loss is ${loss} at step ${step}, but its gradient is not finite.`
    : `the loss became ${loss} at step ${step}.`;
  const found = await firstNonFinite(model, again, { batch });
  const where = found?.text ?? "Done again, the step has finite values, but the gradient's norm may be beyond float32.";
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
