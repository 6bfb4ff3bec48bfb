import { sigmoid } from "../../operations/activation.ts";
import { add, mul, sub } from "../../operations/arithmetic.ts";
import { matmul } from "../../operations/contraction.ts";
import { expandDims, squeeze } from "../../operations/rearrange.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { Linear } from "../linear.ts";
import { addressed, MemoryHead, type MemoryHeadOptions } from "./addressing.ts";

/** Reads the mean of the slots of a memory under its weights (Graves et al. 2014, equation 2). */
export class ReadHead extends MemoryHead {
  forward(controller: Tensor, memory: Tensor, before: Tensor): { readonly read: Tensor; readonly weights: Tensor } {
    const weights = addressed(memory, before, this.address(controller));
    return { read: squeeze(matmul(expandDims(weights, 1), memory), 1), weights };
  }
}

/** Erases and adds where its weights say (equations 3 and 4): M ← M · (1 − w eᵀ) + w aᵀ. */
export class WriteHead extends MemoryHead {
  readonly erase: Linear;
  readonly add: Linear;

  constructor(controller: number, options: MemoryHeadOptions) {
    super(controller, options);
    this.erase = new Linear(controller, options.width);
    this.add = new Linear(controller, options.width);
  }

  forward(controller: Tensor, memory: Tensor, before: Tensor): { readonly memory: Tensor; readonly weights: Tensor } {
    const weights = addressed(memory, before, this.address(controller));
    const erase = sigmoid(this.erase.forward(controller));
    const written = this.add.forward(controller);
    return { memory: writtenTo(memory, { weights, erase, add: written }), weights };
  }
}

/** A memory after writing: what the weights point at is erased by `erase [batch, width]`, then `add [batch, width]` comes to it. */
export function writtenTo(
  memory: Tensor,
  { weights, erase, add: addition }: { readonly weights: Tensor; readonly erase: Tensor; readonly add: Tensor },
): Tensor {
  const where = expandDims(weights, -1);
  const kept = sub(1, mul(where, expandDims(erase, 1)));
  return add(mul(memory, kept), mul(where, expandDims(addition, 1)));
}
