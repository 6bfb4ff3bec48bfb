import { softmax, tanh } from "../../operations/activation.ts";
import { slice } from "../../operations/indexing.ts";
import { concat, stack } from "../../operations/joining.ts";
import { broadcastTo, expandDims, squeeze } from "../../operations/rearrange.ts";
import { full, zeros } from "../../tensor/create.ts";
import { ArgumentError, ShapeError } from "../../tensor/errors.ts";
import { showShape } from "../../tensor/shapes.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { fanInUniform } from "../initialisers.ts";
import { Linear } from "../linear.ts";
import { LSTM } from "../lstm.ts";
import { checkCount, Module, parameter } from "../module.ts";
import { ReadHead, WriteHead } from "./heads.ts";

export interface TuringMachineOptions {
  /** Slots of the memory, and how wide each is; 128 × 20 if not said. */
  readonly slots?: number;
  readonly width?: number;
  /** Units of the controller; 100 if not said. */
  readonly hidden?: number;
  readonly controller?: "LSTM" | "feedforward";
  /** How many heads of each kind; 1 if not said. */
  readonly readHeads?: number;
  readonly writeHeads?: number;
  /** How many slots a head may move at a step, either way; 1 if not said. */
  readonly reach?: number;
}

/** All that the machine knows; the batch is the first axis of every tensor. */
export interface TuringMachineState {
  /** `[batch, slots, width]`. */
  readonly memory: Tensor;
  /** What each read head read last, `[batch, width]`. */
  readonly reads: readonly Tensor[];
  /** Where the heads looked last, reading ones first, `[batch, slots]`. */
  readonly weights: readonly Tensor[];
  /** Of an LSTM: output and cell, `[batch, hidden]`. */
  readonly controller: readonly Tensor[];
}

/**
 * Neural Turing machine (Graves, Wayne and Danihelka 2014): a controller that reads and writes a memory by heads, all of
 * it differentiable. The memory starts at 1e-6 everywhere (Collier and Beel 2018); what the heads have read and where
 * they look at first is learned.
 *
 * @example
 * ```ts
 * import { nn, zeros } from "gradbook";
 *
 * const machine = nn.init(new nn.TuringMachine(5, 4, { slots: 16, width: 8, hidden: 32 }), { seed: 1 });
 * const { output, state } = machine.forward(zeros([2, 10, 5]));
 * console.log(output.shape, state.memory.shape); // [ 2, 10, 4 ] [ 2, 16, 8 ]
 * ```
 */
export class TuringMachine extends Module {
  readonly controller: LSTM | Linear;
  readonly readers: readonly ReadHead[];
  readonly writers: readonly WriteHead[];
  readonly output: Linear;
  readonly firstReads: Tensor<"float32">;
  /** Their softmax is where the heads look at first. */
  readonly firstWeights: Tensor<"float32">;
  readonly inputs: number;
  readonly slots: number;
  readonly width: number;
  readonly hidden: number;

  constructor(inputs: number, outputs: number, options: TuringMachineOptions = {}) {
    super();
    const { slots = 128, width = 20, hidden = 100, controller = "LSTM", readHeads = 1, writeHeads = 1 } = options;
    for (const [what, value] of Object.entries({ inputs, outputs, slots, width, hidden, readHeads, writeHeads }))
      checkCount("TuringMachine", what, value);
    if (controller !== "LSTM" && controller !== "feedforward")
      throw new ArgumentError(
        "TuringMachine",
        `controller is ${String(controller)}, expected "LSTM" or "feedforward".`,
      );
    const reach = options.reach ?? 1;
    if (2 * reach + 1 > slots)
      throw new ArgumentError("TuringMachine", `reach is ${reach}, expected less than half of the ${slots} slots.`);
    const seen = inputs + readHeads * width;
    this.inputs = inputs;
    this.slots = slots;
    this.width = width;
    this.hidden = hidden;
    this.controller = controller === "LSTM" ? new LSTM(seen, hidden) : new Linear(seen, hidden);
    this.readers = Array.from({ length: readHeads }, () => new ReadHead(hidden, { width, reach }));
    this.writers = Array.from({ length: writeHeads }, () => new WriteHead(hidden, { width, reach }));
    this.output = new Linear(hidden + readHeads * width, outputs);
    this.firstReads = parameter([readHeads, width], fanInUniform(width));
    this.firstWeights = parameter([readHeads + writeHeads, slots], fanInUniform(1));
  }

  /** The state before the first step. */
  start(batch: number): TuringMachineState {
    const like = { dtype: this.firstReads.dtype, device: this.firstReads.device };
    const rows = (x: Tensor, n: number) =>
      Array.from({ length: n }, (_, i) =>
        broadcastTo(slice(x, { axis: 0, start: i, stop: i + 1 }), [batch, x.shape[1]!]),
      );
    const controller = this.controller instanceof LSTM ? [0, 1].map(() => zeros([batch, this.hidden], like)) : [];
    return {
      memory: full([batch, this.slots, this.width], 1e-6, like),
      reads: rows(tanh(this.firstReads), this.readers.length),
      weights: rows(softmax(this.firstWeights), this.readers.length + this.writers.length),
      controller,
    };
  }

  /** One step: from the state and an input `[batch, inputs]`, the output `[batch, outputs]` and the state after. */
  step(
    state: TuringMachineState,
    x: Tensor,
  ): { readonly output: Tensor<"float32">; readonly state: TuringMachineState } {
    const input = concat([x, ...state.reads], -1);
    const { hidden, controller } = this.#control(input, state.controller);
    const looks: Tensor[] = [];
    const reads = this.readers.map((head, i) => {
      const { read, weights } = head.forward(hidden, state.memory, state.weights[i]!);
      looks.push(weights);
      return read;
    });
    let memory = state.memory;
    for (const [i, head] of this.writers.entries()) {
      const written = head.forward(hidden, memory, state.weights[this.readers.length + i]!);
      looks.push(written.weights);
      memory = written.memory;
    }
    const output = this.output.forward(concat([hidden, ...reads], -1));
    return { output, state: { memory, reads, weights: looks, controller } };
  }

  #control(
    input: Tensor,
    before: readonly Tensor[],
  ): { readonly hidden: Tensor; readonly controller: readonly Tensor[] } {
    if (this.controller instanceof Linear) return { hidden: tanh(this.controller.forward(input)), controller: [] };
    const [h, c] = before.map((part) => expandDims(part, 0)) as [Tensor, Tensor];
    const { hidden, cell } = this.controller.forward(expandDims(input, 1), { hidden: h, cell: c });
    const controller = [squeeze(hidden, 0), squeeze(cell, 0)];
    return { hidden: controller[0]!, controller };
  }

  /**
   * All steps of `x [batch, time, inputs]`, from a state if one is given: outputs `[batch, time, outputs]`, the state
   * after, and by head, reading ones first, where it looked at every step, `[batch, time, slots]`.
   */
  forward(
    x: Tensor,
    options: { readonly state?: TuringMachineState } = {},
  ): { readonly output: Tensor<"float32">; readonly state: TuringMachineState; readonly weights: readonly Tensor[] } {
    if (x.rank !== 3 || x.shape[2] !== this.inputs || x.shape[1] === 0)
      throw new ShapeError(this.where, `the input is ${showShape(x.shape)}, expected [batch, time, ${this.inputs}].`, [
        x.shape,
      ]);
    let state = options.state ?? this.start(x.shape[0]!);
    const outputs: Tensor[] = [];
    const looks: (readonly Tensor[])[] = [];
    for (let t = 0; t < x.shape[1]!; t++) {
      const step = this.step(state, squeeze(slice(x, { axis: 1, start: t, stop: t + 1 }), 1));
      state = step.state;
      outputs.push(step.output);
      looks.push(state.weights);
    }
    const weights = looks[0]!.map((_, head) =>
      stack(
        looks.map((look) => look[head]!),
        1,
      ),
    );
    return { output: stack(outputs, 1) as Tensor<"float32">, state, weights };
  }
}
