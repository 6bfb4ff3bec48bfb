import { sigmoid, tanh } from "../operations/activation.ts";
import { add, mul } from "../operations/arithmetic.ts";
import { gruCell } from "../operations/gru-cell.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { gatesOf, Recurrent, type RecurrentOptions, type Step } from "./recurrent.ts";
import type { HiddenOptions, HiddenReading } from "./rnn.ts";

/** Gated recurrent units (Cho et al., EMNLP 2014) in PyTorch's form: the reset gate acts on the product with the state. */
export class GRU extends Recurrent {
  constructor(inputs: number, hidden: number, options: RecurrentOptions = {}) {
    super(inputs, hidden, 3, options);
  }

  forward(x: Tensor, { hidden, ...options }: HiddenOptions = {}): HiddenReading {
    const { output, state, traces } = this.read(x, [hidden], options);
    return { output, hidden: state[0]!, traces };
  }

  protected override step(input: Tensor, state: readonly Tensor[], recur: (h: Tensor) => Tensor): Step {
    return gruStep(input, state, recur);
  }
}

/** @internal One step: from the input's part of the gates, the state, and what makes the state's part of the gates. */
export function gruStep(input: Tensor, [h]: readonly Tensor[], recur: (h: Tensor) => Tensor): Step {
  const product = recur(h!);
  const hidden = gruCell(input, product, h!);
  return {
    state: [hidden],
    // For who asks only.
    get gates() {
      const [ri, zi, ni] = gatesOf(input, 3) as [Tensor, Tensor, Tensor];
      const [rh, zh, nh] = gatesOf(product, 3) as [Tensor, Tensor, Tensor];
      const reset = sigmoid(add(ri, rh));
      const candidate = tanh(add(ni, mul(reset, nh)));
      return { reset, update: sigmoid(add(zi, zh)), candidate, hidden };
    },
  };
}
