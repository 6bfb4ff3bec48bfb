import { ArgumentError } from "../tensor/errors.ts";
import { type Layer, Sequential } from "./sequential.ts";

/** What can be one layer of a stack that was trained greedily: a restricted Boltzmann machine, an autoencoder. */
export interface Unrollable {
  /** Layers of a feed-forward net that begin with its weights, from data to features. */
  encoderLayers(): readonly Layer[];
  /** From features back to data. */
  decoderLayers(): readonly Layer[];
}

/**
 * A feed-forward net from data to the features of the top of a stack, and on through `heads`, such as a classifier's
 * last layer (Hinton, Osindero and Teh 2006; Bengio et al. 2006). `nn.init` copies the stack's weights as they are at
 * the time of this call and draws those of the heads; fine-tune it like any other.
 *
 * Throws an `ArgumentError` for an empty stack.
 */
export function unrollEncoder(stack: readonly Unrollable[], heads: readonly Layer[] = []): Sequential {
  requireSome("unrollEncoder", stack);
  return new Sequential([...stack.flatMap((layer) => layer.encoderLayers()), ...heads]);
}

/**
 * A deep autoencoder that begins as a stack: up to its top and down again, with separate weights for the two ways (Hinton
 * and Salakhutdinov 2006). Children 0 and 1 are encoder and decoder. `nn.init` copies the stack's weights.
 *
 * Throws an `ArgumentError` for an empty stack.
 *
 * @example
 * ```ts
 * import { nn, zeros } from "gradbook";
 *
 * const stack = [new nn.RBM(8, 4), new nn.RBM(4, 2)].map((rbm, i) => nn.init(rbm, { seed: i }));
 * const deep = nn.init(nn.unrollAutoencoder(stack), { seed: 1 });
 * deep.forward(zeros([3, 8])).shape; // [3, 8]
 * ```
 */
export function unrollAutoencoder(stack: readonly Unrollable[]): Sequential {
  requireSome("unrollAutoencoder", stack);
  const decoder = new Sequential(stack.toReversed().flatMap((layer) => layer.decoderLayers()));
  return new Sequential([unrollEncoder(stack), decoder]);
}

function requireSome(who: string, stack: readonly Unrollable[]): void {
  if (stack.length === 0) throw new ArgumentError(who, "the stack is empty, expected at least one layer.");
}
