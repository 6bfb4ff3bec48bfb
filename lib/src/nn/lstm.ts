import { sigmoid, tanh } from "../operations/activation.ts";
import { add, mul } from "../operations/arithmetic.ts";
import { concat } from "../operations/joining.ts";
import { full } from "../tensor/create.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { fanInUniform, type Initialiser } from "./initialisers.ts";
import {
  gatesOf,
  Recurrent,
  type RecurrentOptions,
  type SequenceOptions,
  type Step,
  type Traces,
} from "./recurrent.ts";

export interface LSTMOptions extends RecurrentOptions {
  /** Where the bias of the forget gates starts, so that cells remember at first (Gers et al. 2000); as the others if not said. */
  readonly forgetBias?: number;
}

/** A state to begin with: both parts `[layers · directions, batch, hidden]`, zeros if not said. */
export interface LSTMState extends SequenceOptions {
  readonly hidden?: Tensor;
  readonly cell?: Tensor;
}

export interface LSTMReading {
  /** The last layer's outputs at every step, `[batch, time, directions · hidden]`. */
  readonly output: Tensor<"float32">;
  /** The outputs and the cells after the last step, `[layers · directions, batch, hidden]`. */
  readonly hidden: Tensor;
  readonly cell: Tensor;
  /** The gates by layer and direction, where asked for. */
  readonly traces: readonly Traces[];
}

function forgetting(hidden: number, bias: number | undefined): { inputBias: Initialiser; hiddenBias: Initialiser } {
  const uniform = fanInUniform(hidden);
  if (bias === undefined) return { inputBias: uniform, hiddenBias: uniform };
  const from = (value: number): Initialiser => {
    return (_, key) => {
      const drawn = uniform([4 * hidden], key);
      const part = (start: number, stop: number) => drawn.slice({ axis: 0, start, stop });
      return concat([part(0, hidden), full([hidden], value), part(2 * hidden, 4 * hidden)]) as Tensor<"float32">;
    };
  };
  return { inputBias: from(bias), hiddenBias: from(0) };
}

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000) over
 * `[batch, time, inputs]`: c ← σ(f)·c + σ(i)·tanh(g), h ← σ(o)·tanh(c), the gates in PyTorch's order i, f, g, o.
 */
export class LSTM extends Recurrent {
  constructor(inputs: number, hidden: number, options: LSTMOptions = {}) {
    if (options.forgetBias !== undefined && !Number.isFinite(options.forgetBias))
      throw new ArgumentError("LSTM", `forgetBias is ${options.forgetBias}, expected a number.`);
    super(inputs, hidden, 4, options, forgetting(hidden, options.forgetBias));
  }

  forward(x: Tensor, { hidden, cell, ...options }: LSTMState = {}): LSTMReading {
    const { output, state, traces } = this.read(x, [hidden, cell], options);
    return { output, hidden: state[0]!, cell: state[1]!, traces };
  }

  protected override step(input: Tensor, [h, c]: readonly Tensor[], recur: (h: Tensor) => Tensor): Step {
    const parts = gatesOf(add(input, recur(h!)), 4) as [Tensor, Tensor, Tensor, Tensor];
    const write = sigmoid(parts[0]);
    const forget = sigmoid(parts[1]);
    const candidate = tanh(parts[2]);
    const output = sigmoid(parts[3]);
    const cell = add(mul(forget, c!), mul(write, candidate));
    const hidden = mul(output, tanh(cell));
    return { state: [hidden, cell], gates: { input: write, forget, candidate, output, cell, hidden } };
  }
}
