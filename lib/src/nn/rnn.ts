import { relu, tanh } from "../operations/activation.ts";
import { add } from "../operations/arithmetic.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { identityInit, zerosInit } from "./initialisers.ts";
import { Recurrent, type RecurrentOptions, type SequenceOptions, type Step, type Traces } from "./recurrent.ts";

export interface RNNOptions extends RecurrentOptions {
  readonly activation?: "tanh" | "relu";
  /** Hidden weights start as the identity, biases at 0 (Le, Jaitly and Hinton 2015); for rectifiers. */
  readonly identityStart?: boolean;
}

/** A state to begin with. */
export interface HiddenOptions extends SequenceOptions {
  /** `[layers · directions, batch, hidden]`; zeros if not said. */
  readonly hidden?: Tensor;
}

/** What a net with a state of one part gives. */
export interface HiddenReading {
  /** The last layer's states at every step, `[batch, time, directions · hidden]`. */
  readonly output: Tensor<"float32">;
  /** The state after the last step, `[layers · directions, batch, hidden]`. */
  readonly hidden: Tensor;
  /** The gates by layer and direction, where asked for. */
  readonly traces: readonly Traces[];
}

/** The simple recurrent net (Elman 1990): h ← tanh(W x + b + U h + c), over `[batch, time, inputs]`. */
export class RNN extends Recurrent {
  readonly activation: "tanh" | "relu";

  constructor(inputs: number, hidden: number, options: RNNOptions = {}) {
    const { activation = "tanh", identityStart = false } = options;
    const start = identityStart ? { hidden: identityInit, inputBias: zerosInit, hiddenBias: zerosInit } : {};
    super(inputs, hidden, 1, options, start);
    if (activation !== "tanh" && activation !== "relu")
      throw new ArgumentError("RNN", `activation is ${String(activation)}, expected tanh or relu.`);
    this.activation = activation;
  }

  forward(x: Tensor, { hidden, ...options }: HiddenOptions = {}): HiddenReading {
    const { output, state, traces } = this.read(x, [hidden], options);
    return { output, hidden: state[0]!, traces };
  }

  protected override get addsParts(): boolean {
    return true;
  }

  protected override step(input: Tensor, state: readonly Tensor[], recur: (h: Tensor) => Tensor): Step {
    return rnnStep(this.activation === "tanh" ? tanh : relu)(input, state, recur);
  }
}

/** @internal One step: from the input's part, the state, and what makes the state's part. */
export function rnnStep(activation: (x: Tensor) => Tensor) {
  return (input: Tensor, [h]: readonly Tensor[], recur: (h: Tensor) => Tensor): Step => {
    const hidden = activation(add(input, recur(h!)));
    return { state: [hidden], gates: { hidden } };
  };
}
