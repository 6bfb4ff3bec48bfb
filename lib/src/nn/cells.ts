import { relu, tanh } from "../operations/activation.ts";
import { add } from "../operations/arithmetic.ts";
import { matmul } from "../operations/contraction.ts";
import { transpose } from "../operations/rearrange.ts";
import { zeros } from "../tensor/create.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { sameShape, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { gruStep } from "./gru.ts";
import { fanInUniform } from "./initialisers.ts";
import { lstmStep } from "./lstm.ts";
import { checkCount, Module, parameter } from "./module.ts";
import type { Step } from "./recurrent.ts";
import { rnnStep } from "./rnn.ts";

/** Whether a cell has biases; true if not said. */
export interface CellOptions {
  readonly bias?: boolean;
}

/** One step of a recurrent net, `[batch, inputs]`, under PyTorch's names: `weight_ih [gates · hidden, inputs]` and so on. */
abstract class Cell extends Module {
  readonly weight_ih: Tensor<"float32">;
  readonly weight_hh: Tensor<"float32">;
  readonly bias_ih: Tensor<"float32"> | null;
  readonly bias_hh: Tensor<"float32"> | null;
  readonly inputs: number;
  readonly hidden: number;

  constructor(inputs: number, hidden: number, { gates, bias = true }: CellOptions & { readonly gates: number }) {
    super();
    checkCount(this.constructor.name, "inputs", inputs);
    checkCount(this.constructor.name, "hidden", hidden);
    const start = fanInUniform(hidden);
    this.inputs = inputs;
    this.hidden = hidden;
    this.weight_ih = parameter([gates * hidden, inputs], start);
    this.weight_hh = parameter([gates * hidden, hidden], start);
    this.bias_ih = bias ? parameter([gates * hidden], start) : null;
    this.bias_hh = bias ? parameter([gates * hidden], start) : null;
  }

  /** What a step makes of an input and a state of so many parts, zeros where they are not given. */
  protected next(
    x: Tensor,
    given: readonly (Tensor | undefined)[],
    step: (input: Tensor, state: readonly Tensor[], recur: (h: Tensor) => Tensor) => Step,
  ): readonly Tensor[] {
    if (x.rank !== 2 || x.shape[1] !== this.inputs)
      throw new ShapeError(this.where, `the input is ${showShape(x.shape)}, expected [batch, ${this.inputs}].`, [
        x.shape,
      ]);
    const shape = [x.shape[0]!, this.hidden];
    const state = given.map((part) => {
      if (part !== undefined && !sameShape(part.shape, shape))
        throw new ShapeError(this.where, `the state is ${showShape(part.shape)}, expected ${showShape(shape)}.`, [
          part.shape,
        ]);
      return part ?? zeros(shape, { dtype: x.dtype, device: x.device });
    });
    const affine = (input: Tensor, weight: Tensor, bias: Tensor | null) => {
      const product = matmul(input, transpose(weight));
      return bias === null ? product : add(product, bias);
    };
    return step(affine(x, this.weight_ih, this.bias_ih), state, (h) => affine(h, this.weight_hh, this.bias_hh)).state;
  }

  override describe(): string {
    return `${this.constructor.name}(${this.inputs} → ${this.hidden})`;
  }
}

/**
 * One step of `RNN`: the input `[batch, inputs]` and the state `[batch, hidden]` (zeros if not said) to the next state; for
 * decoders and loops of one's own.
 */
export class RNNCell extends Cell {
  readonly #activation: (x: Tensor) => Tensor;

  constructor(
    inputs: number,
    hidden: number,
    { activation = "tanh", ...options }: CellOptions & { readonly activation?: "tanh" | "relu" } = {},
  ) {
    super(inputs, hidden, { ...options, gates: 1 });
    if (activation !== "tanh" && activation !== "relu")
      throw new ArgumentError("RNNCell", `activation is ${String(activation)}, expected tanh or relu.`);
    this.#activation = activation === "tanh" ? tanh : relu;
  }

  forward(x: Tensor, hidden?: Tensor): Tensor<"float32"> {
    return this.next(x, [hidden], rnnStep(this.#activation))[0] as Tensor<"float32">;
  }
}

/** One step of `GRU`: the input `[batch, inputs]` and the state `[batch, hidden]` (zeros if not said) to the next state. */
export class GRUCell extends Cell {
  constructor(inputs: number, hidden: number, options: CellOptions = {}) {
    super(inputs, hidden, { ...options, gates: 3 });
  }

  forward(x: Tensor, hidden?: Tensor): Tensor<"float32"> {
    return this.next(x, [hidden], gruStep)[0] as Tensor<"float32">;
  }
}

/** The state of an LSTM cell, `[batch, hidden]` each. */
export interface CellState {
  readonly hidden: Tensor;
  readonly cell: Tensor;
}

/**
 * One step of `LSTM`: the input `[batch, inputs]` and the state (zeros if not said) to the next state.
 *
 * @example
 * ```ts
 * import { nn, zeros } from "gradbook";
 *
 * const cell = nn.init(new nn.LSTMCell(3, 4), { seed: 1 });
 * let state: nn.CellState | undefined;
 * for (let t = 0; t < 5; t++) state = cell.forward(zeros([2, 3]), state);
 * state!.hidden.shape; // [2, 4]
 * ```
 */
export class LSTMCell extends Cell {
  constructor(inputs: number, hidden: number, options: CellOptions = {}) {
    super(inputs, hidden, { ...options, gates: 4 });
  }

  forward(x: Tensor, state?: CellState): CellState {
    const [hidden, cell] = this.next(x, [state?.hidden, state?.cell], lstmStep()) as [Tensor, Tensor];
    return { hidden, cell };
  }
}
