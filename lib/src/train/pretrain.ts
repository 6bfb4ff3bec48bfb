import type { Module } from "../nn/module.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { type Key, seed } from "../random/key.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Batches } from "./batches.ts";
import { type Step, train } from "./train.ts";

/** A step of one layer of a stack. */
export interface PretrainStep extends Step {
  /** Which layer learns, from 0. */
  readonly layer: number;
}

export interface PretrainOptions<L, B> {
  /** What the lowest layer sees of a batch: `[n, features]`. */
  readonly input: (batch: B) => Tensor;
  /** What one layer minimises, given what it sees. */
  readonly loss: (layer: L, x: Tensor) => Tensor;
  /** An optimiser for each layer. */
  readonly optimizer: (layer: number) => Optimizer;
  /** Passes over the data for each layer; 1 if not said. */
  readonly epochs?: number;
  /** Gives out every n-th step of each layer and its last; every one if not said. */
  readonly every?: number;
  /** Of the samples and corruptions. */
  readonly key?: Key;
  /** Stops it; in a notebook the kernel's own signal does so without being named. */
  readonly signal?: AbortSignal;
}

/**
 * Trains a stack greedily, layer by layer from the lowest, each on what those below make of the data (Hinton, Osindero
 * and Teh 2006 with restricted Boltzmann machines; Bengio et al. 2006 with autoencoders). Layers below do not change.
 * Throws an `ArgumentError` for an empty stack, and what `train` throws.
 *
 * @example
 * ```ts
 * import { nn, optim, pretrain, random } from "gradbook";
 *
 * const net = nn.init(new nn.DeepBelief([new nn.RBM(8, 4), new nn.RBM(4, 2)]), { seed: 1 });
 * const batches = [random.seed(1).bernoulli([20, 8], 0.5).cast("float32")];
 * for await (const { layer, step } of pretrain(net.layers, batches, {
 *   input: (batch) => batch,
 *   loss: (rbm, v) => rbm.contrastiveDivergence(v),
 *   optimizer: () => optim.sgd({ rate: 0.1, momentum: 0.5 }),
 *   epochs: 2,
 * }))
 *   console.log(layer, step); // 0 1, 0 2, 1 1, 1 2
 * ```
 */
export async function* pretrain<L extends Module & { forward(x: Tensor): Tensor }, B>(
  layers: readonly L[],
  batches: Batches<B>,
  options: PretrainOptions<L, B>,
): AsyncGenerator<PretrainStep, void> {
  const { input, loss, optimizer, epochs = 1, every = 1, key = seed(0).child("pretrain"), signal } = options;
  if (layers.length === 0) throw new ArgumentError("pretrain", "the stack is empty, expected at least one layer.");
  for (const [i, layer] of layers.entries()) {
    // Outside of the layer's own training step, so that what lies below neither learns nor drops anything out.
    const seen = mapped(batches, (batch) => layers.slice(0, i).reduce((x, below) => below.forward(x), input(batch)));
    const steps = train(layer, seen, {
      loss,
      optimizer: optimizer(i),
      epochs,
      every,
      key: key.child(i),
      ...(signal === undefined ? {} : { signal }),
    });
    for await (const step of steps) yield { ...step, layer: i };
  }
}

/** Batches seen through a function. */
function mapped<B, X>(batches: Batches<B>, f: (batch: B) => X): Batches<X> {
  async function* through(list: Iterable<B> | AsyncIterable<B>): AsyncGenerator<X, void> {
    for await (const batch of list) yield f(batch);
  }
  return { epoch: (n) => through(batches.epoch?.(n) ?? batches), [Symbol.asyncIterator]: () => through(batches) };
}
