import { sigmoid, softmax, softplus } from "../../operations/activation.ts";
import { add, mul, sub } from "../../operations/arithmetic.ts";
import { cosineSimilarity } from "../../operations/distances.ts";
import { log } from "../../operations/exponential.ts";
import { slice } from "../../operations/indexing.ts";
import { expandDims } from "../../operations/rearrange.ts";
import { roll } from "../../operations/tiling.ts";
import { ArgumentError, ShapeError } from "../../tensor/errors.ts";
import { showShape } from "../../tensor/shapes.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { Linear } from "../linear.ts";
import { checkCount, Module } from "../module.ts";

/** What a head asks for: where in the memory to look, equations 5 to 9 of Graves, Wayne and Danihelka 2014. */
export interface Address {
  /** What to look for, `[batch, width]`. */
  readonly key: Tensor;
  /** How strictly (β > 0), `[batch, 1]`. */
  readonly strength: Tensor;
  /** How much to look for it, instead of staying where the head was (g in 0 … 1), `[batch, 1]`. */
  readonly gate: Tensor;
  /** Probabilities of moving by −r … r slots, `[batch, 2r + 1]`. */
  readonly shift: Tensor;
  /** How sharply to look in the end (γ ≥ 1), `[batch, 1]`. */
  readonly sharpness: Tensor;
}

/** Weights of the slots of `memory [batch, slots, width]` by how like the key they are: softmax(β · cosine) (equation 5). */
export function contentWeights(memory: Tensor, { key, strength }: Pick<Address, "key" | "strength">): Tensor {
  return softmax(mul(cosineSimilarity(memory, expandDims(key, 1)), strength));
}

/** Weights `[batch, slots]` moved round the memory by a distribution of shifts: circular convolution (equation 8). */
export function shiftedWeights(weights: Tensor, shift: Tensor): Tensor {
  const reach = (shift.shape[1]! - 1) / 2;
  if (!Number.isInteger(reach))
    throw new ShapeError(
      "shiftedWeights",
      `the shifts are ${showShape(shift.shape)}, expected [batch, an odd number]: from −r to r.`,
      [shift.shape],
    );
  return Array.from({ length: shift.shape[1]! }, (_, i) =>
    mul(roll(weights, { shift: i - reach }), slice(shift, { axis: 1, start: i, stop: i + 1 })),
  ).reduce((sum, part) => add(sum, part));
}

/** Weights to the power γ, over their sum (equation 9). */
export function sharpenedWeights(weights: Tensor, sharpness: Tensor): Tensor {
  // As a softmax of logarithms: powers of small weights would vanish.
  return softmax(mul(log(add(weights, 1e-16)), sharpness));
}

/** Where a head looks, from where it looked before, `[batch, slots]`: by content, staying, moving, sharper (figure 2). */
export function addressed(memory: Tensor, before: Tensor, address: Address): Tensor {
  const content = contentWeights(memory, address);
  const gated = add(before, mul(address.gate, sub(content, before)));
  return sharpenedWeights(shiftedWeights(gated, address.shift), address.sharpness);
}

export interface MemoryHeadOptions {
  /** Width of a slot of the memory. */
  readonly width: number;
  /** How many slots the head may move at a step, either way; 1 if not said. */
  readonly reach?: number;
}

/** The part of read and write heads that says where: an affine map of the controller's output for each part of the address. */
export class MemoryHead extends Module {
  readonly key: Linear;
  readonly strength: Linear;
  readonly gate: Linear;
  readonly shift: Linear;
  readonly sharpness: Linear;

  constructor(controller: number, { width, reach = 1 }: MemoryHeadOptions) {
    super();
    const who = new.target.name;
    checkCount(who, "controller", controller);
    checkCount(who, "width", width);
    if (!Number.isInteger(reach) || reach < 0)
      throw new ArgumentError(who, `reach is ${reach}, expected a whole number from 0.`);
    this.key = new Linear(controller, width);
    this.strength = new Linear(controller, 1);
    this.gate = new Linear(controller, 1);
    this.shift = new Linear(controller, 2 * reach + 1);
    this.sharpness = new Linear(controller, 1);
  }

  /** The address that the controller's output `[batch, controller]` asks for. */
  address(controller: Tensor): Address {
    return {
      key: this.key.forward(controller),
      strength: softplus(this.strength.forward(controller)),
      gate: sigmoid(this.gate.forward(controller)),
      shift: softmax(this.shift.forward(controller)),
      sharpness: add(softplus(this.sharpness.forward(controller)), 1),
    };
  }
}
