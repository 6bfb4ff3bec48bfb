import { relu } from "../../operations/activation.ts";
import { add, sub } from "../../operations/arithmetic.ts";
import { flatten } from "../../operations/rearrange.ts";
import { mean } from "../../operations/reduction.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { Conv2d } from "../conv.ts";
import { Linear } from "../linear.ts";
import { checkCount, Module } from "../module.ts";
import { Sequential } from "../sequential.ts";

export interface DQNOptions {
  readonly actions: number;
  /** Images that are seen together; 4 if not said. */
  readonly frames?: number;
  /** Whether the value of the state is apart from what the actions add to it (Wang et al., ICML 2016). */
  readonly dueling?: boolean;
}

/**
 * Deep Q-network (Mnih et al., Nature 2015): from the last frames `[batch, frames, 84, 84]` the value of each action,
 * `[batch, actions]`. 1,686,180 parameters for four actions.
 */
export class DQN extends Module {
  readonly features: Sequential;
  readonly head: Sequential;
  readonly value: Sequential | null;

  constructor({ actions, frames = 4, dueling = false }: DQNOptions) {
    super();
    checkCount("DQN", "actions", actions);
    checkCount("DQN", "frames", frames);
    this.features = new Sequential([
      ...[new Conv2d(frames, 32, 8, { stride: 4 }), relu],
      ...[new Conv2d(32, 64, 4, { stride: 2 }), relu],
      ...[new Conv2d(64, 64, 3), relu],
      (x) => flatten(x, 1),
    ]);
    const head = (outputs: number) => new Sequential([new Linear(64 * 7 * 7, 512), relu, new Linear(512, outputs)]);
    this.head = head(actions);
    this.value = dueling ? head(1) : null;
  }

  forward(x: Tensor): Tensor<"float32"> {
    const seen = this.features.forward(x);
    const each = this.head.forward(seen);
    if (this.value === null) return each as Tensor<"float32">;
    // Equation 9: what the actions add is 0 on average.
    const advantage = sub(each, mean(each, { axis: 1, keepDims: true }));
    return add(this.value.forward(seen), advantage) as Tensor<"float32">;
  }
}
