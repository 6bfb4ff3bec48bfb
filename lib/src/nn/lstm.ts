import { sigmoid, tanh } from "../operations/activation.ts";
import { add, mul } from "../operations/arithmetic.ts";
import { matmul } from "../operations/contraction.ts";
import { slice } from "../operations/indexing.ts";
import { concat } from "../operations/joining.ts";
import { lstmCell } from "../operations/lstm-cell.ts";
import { transpose } from "../operations/rearrange.ts";
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
  /**
   * Whether the gates see the cell (Gers and Schmidhuber 2000), by `weight_ci_l0`, `weight_cf_l0` and `weight_co_l0
   * [hidden]`: input and forget gates as it was, the output gate as it is.
   */
  readonly peepholes?: boolean;
  /**
   * Outputs are projected to so many units, and go back into the gates so (Sak, Senior and Beaufays 2014), by
   * `weight_hr_l0 [projection, hidden]`; PyTorch's `proj_size`.
   */
  readonly projection?: number;
}

/** A state to begin with: both parts `[layers · directions, batch, hidden]`, zeros if not said; `hidden` has the width of a projection. */
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
 *
 * @example
 * ```ts
 * import { nn, zeros } from "gradbook";
 *
 * const lstm = nn.init(new nn.LSTM(5, 8, { layers: 2, bidirectional: true }), { seed: 1 });
 * const { output, hidden } = lstm.forward(zeros([3, 7, 5]), { lengths: [7, 4, 2] });
 * output.shape; // [3, 7, 16]
 * hidden.shape; // [4, 3, 8]
 * ```
 */
export class LSTM extends Recurrent {
  constructor(inputs: number, hidden: number, options: LSTMOptions = {}) {
    if (options.forgetBias !== undefined && !Number.isFinite(options.forgetBias))
      throw new ArgumentError("LSTM", `forgetBias is ${options.forgetBias}, expected a number.`);
    const { peepholes = false, projection } = options;
    if (projection !== undefined && !(Number.isInteger(projection) && projection >= 1 && projection < hidden))
      throw new ArgumentError("LSTM", `projection is ${projection}, expected a whole number from 1 to ${hidden - 1}.`);
    const uniform = fanInUniform(hidden);
    super(inputs, hidden, 4, options, {
      ...forgetting(hidden, options.forgetBias),
      ...(projection !== undefined && { output: projection }),
      more: {
        ...(peepholes &&
          Object.fromEntries(["ci", "cf", "co"].map((gate) => [gate, { shape: [hidden], initialiser: uniform }]))),
        ...(projection !== undefined && { hr: { shape: [projection, hidden], initialiser: uniform } }),
      },
    });
  }

  forward(x: Tensor, { hidden, cell, ...options }: LSTMState = {}): LSTMReading {
    const { output, state, traces } = this.read(x, [hidden, cell], options);
    return { output, hidden: state[0]!, cell: state[1]!, traces };
  }

  protected override get addsParts(): boolean {
    return true;
  }

  protected override step(
    input: Tensor,
    state: readonly Tensor[],
    recur: (h: Tensor) => Tensor,
    own: (kind: string) => Tensor | undefined,
  ): Step {
    const peepholes = [own("ci"), own("cf"), own("co")] as const;
    return lstmStep({ peepholes, projection: own("hr") })(input, state, recur);
  }
}

/** What an LSTM may have beside its gates. */
interface Additions {
  /** Weights with which input, forget and output gate see the cell. */
  readonly peepholes?: readonly (Tensor | undefined)[];
  /** Of the outputs. */
  readonly projection?: Tensor | undefined;
}

/** @internal One step: from the input's part of the gates, the state, and what makes the state's part of the gates. */
export function lstmStep({ peepholes = [], projection }: Additions = {}) {
  const seeing = (gate: Tensor, cell: Tensor, weight: Tensor | undefined) =>
    weight === undefined ? gate : add(gate, mul(cell, weight));
  const project = (whole: Tensor) => (projection === undefined ? whole : matmul(whole, transpose(projection)));
  return (input: Tensor, [h, c]: readonly Tensor[], recur: (h: Tensor) => Tensor): Step => {
    const sums = add(input, recur(h!));
    if (peepholes.every((weight) => weight === undefined)) return fusedStep(sums, c!, project);
    const parts = gatesOf(sums, 4) as [Tensor, Tensor, Tensor, Tensor];
    const write = sigmoid(seeing(parts[0], c!, peepholes[0]));
    const forget = sigmoid(seeing(parts[1], c!, peepholes[1]));
    const candidate = tanh(parts[2]);
    const cell = add(mul(forget, c!), mul(write, candidate));
    const output = sigmoid(seeing(parts[3], cell, peepholes[2]));
    const hidden = project(mul(output, tanh(cell)));
    return { state: [hidden, cell], gates: { input: write, forget, candidate, output, cell, hidden } };
  };
}

/** The same where the gates do not see the cell: all of it at once. The gates are there for who asks. */
function fusedStep(sums: Tensor, before: Tensor, project: (whole: Tensor) => Tensor): Step {
  const width = before.shape.at(-1)!;
  const both = lstmCell(sums, before);
  const hidden = project(slice(both, { axis: -1, start: 0, stop: width }));
  const cell = slice(both, { axis: -1, start: width, stop: 2 * width });
  return {
    state: [hidden, cell],
    get gates() {
      const [input, forget, candidate, output] = gatesOf(sums, 4) as [Tensor, Tensor, Tensor, Tensor];
      const gates = { input: sigmoid(input), forget: sigmoid(forget), candidate: tanh(candidate) };
      return { ...gates, output: sigmoid(output), cell, hidden };
    },
  };
}
