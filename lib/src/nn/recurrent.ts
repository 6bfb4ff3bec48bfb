import type { Shape } from "../device/device.ts";
import { add } from "../operations/arithmetic.ts";
import { matmul } from "../operations/contraction.ts";
import { slice } from "../operations/indexing.ts";
import { concat, stack } from "../operations/joining.ts";
import { squeeze, transpose } from "../operations/rearrange.ts";
import { where } from "../operations/selection.ts";
import { tensorOf, zeros } from "../tensor/create.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { sameShape, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Dropout } from "./dropout.ts";
import { fanInUniform, type Initialiser } from "./initialisers.ts";
import { checkCount, Module, parameter } from "./module.ts";

export interface RecurrentOptions {
  /** Layers on top of each other; 1 if not said. */
  readonly layers?: number;
  /** A second net that reads from the end, its outputs beside the first's. */
  readonly bidirectional?: boolean;
  readonly bias?: boolean;
  /** Rate of dropout between layers, while training. */
  readonly dropout?: number;
}

/** How long each sequence of a batch is; without, all are as long as the batch. */
export interface SequenceOptions {
  /**
   * One whole number for each sequence, from 1 to the length of the batch. After its end, outputs are 0 and the state
   * stays; a net that reads from the end begins there.
   */
  readonly lengths?: ArrayLike<number>;
  /** Whether to give the values of all gates, too. */
  readonly trace?: boolean;
}

/** The values of the gates of one layer in one direction, by name: each `[batch, time, hidden]`, 0 after the end. */
export type Traces = Readonly<Record<string, Tensor>>;

/** What a step makes of the state, `[batch, hidden]` each, and the gates that it went through. */
export interface Step {
  readonly state: readonly Tensor[];
  readonly gates: Traces;
}

/** The weights that a kind of net starts with, where they are not uniform in ±1/√hidden as in PyTorch. */
export interface Start {
  readonly hidden?: Initialiser;
  readonly inputBias?: Initialiser;
  readonly hiddenBias?: Initialiser;
  /** Width of the outputs, where it is another than that of the rest of the state. */
  readonly output?: number;
  /** Parameters beside the gates', each `weight_KIND_l0`. */
  readonly more?: Readonly<Record<string, { readonly shape: Shape; readonly initialiser: Initialiser }>>;
}

/** The result of reading sequences. */
export interface Reading {
  /** The last layer's states at every step, `[batch, time, directions · hidden]`. */
  readonly output: Tensor<"float32">;
  /** The parts of the state after the last step, each `[layers · directions, batch, hidden]`. */
  readonly state: readonly Tensor[];
  /** By layer and direction, where asked for. */
  readonly traces: readonly Traces[];
}

/**
 * A net that reads sequences `[batch, time, inputs]` step by step, under PyTorch's names: `weight_ih_l0
 * [gates · hidden, inputs]`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, with `_reverse` for the other direction.
 */
export abstract class Recurrent extends Module {
  readonly inputs: number;
  readonly hidden: number;
  readonly layers: number;
  readonly #output: number;
  readonly #directions: readonly string[];
  readonly bidirectional: boolean;
  readonly dropout: number;
  readonly #between: Dropout | null;

  constructor(inputs: number, hidden: number, gates: number, options: RecurrentOptions, start: Start = {}) {
    super();
    const { layers = 1, bidirectional = false, bias = true, dropout = 0 } = options;
    const name = this.constructor.name;
    checkCount(name, "inputs", inputs);
    checkCount(name, "hidden", hidden);
    checkCount(name, "layers", layers);
    this.inputs = inputs;
    this.hidden = hidden;
    this.layers = layers;
    const width = start.output ?? hidden;
    this.#output = width;
    this.#directions = bidirectional ? ["", "_reverse"] : [""];
    this.bidirectional = bidirectional;
    this.dropout = dropout;
    this.#between = dropout === 0 ? null : new Dropout(dropout);
    const uniform = fanInUniform(hidden);
    for (let layer = 0; layer < layers; layer++)
      for (const direction of this.#directions) {
        const end = `l${layer}${direction}`;
        const below = layer === 0 ? inputs : width * this.#directions.length;
        const own: Record<string, Tensor> = {
          [`weight_ih_${end}`]: parameter([gates * hidden, below], uniform),
          [`weight_hh_${end}`]: parameter([gates * hidden, width], start.hidden ?? uniform),
        };
        if (bias) {
          own[`bias_ih_${end}`] = parameter([gates * hidden], start.inputBias ?? uniform);
          own[`bias_hh_${end}`] = parameter([gates * hidden], start.hiddenBias ?? uniform);
        }
        for (const [kind, { shape, initialiser }] of Object.entries(start.more ?? {}))
          own[`weight_${kind}_${end}`] = parameter(shape, initialiser);
        Object.assign(this, own);
      }
  }

  /**
   * Whether the steps do nothing with the state's part of the gates but add it to the input's, which has both biases then.
   * Who inherits a net and does more with it in `step` says no.
   */
  protected get addsParts(): boolean {
    return false;
  }

  /** One step: what comes of the input's and the state's part of the gates, and of weights `own` beside the gates'. */
  protected abstract step(
    input: Tensor,
    state: readonly Tensor[],
    recur: (h: Tensor) => Tensor,
    own: (kind: string) => Tensor | undefined,
  ): Step;

  /** Reads sequences from a state of so many parts, which are zeros where they are not given. */
  protected read(x: Tensor, given: readonly (Tensor | undefined)[], options: SequenceOptions): Reading {
    if (x.rank !== 3 || x.shape[2] !== this.inputs) {
      const hint = x.rank === 2 ? " One sequence as a batch: x.expandDims(0)." : "";
      throw new ShapeError(
        this.where,
        `the input is ${showShape(x.shape)}, expected [batch, time, ${this.inputs}].${hint}`,
        [x.shape],
      );
    }
    const [batch, time] = x.shape as [number, number, number];
    if (time === 0) throw new ShapeError(this.where, "the sequences have no steps, expected at least one.", [x.shape]);
    const masks = options.lengths === undefined ? undefined : this.#masks(options.lengths, x);
    const states = given.map((state, part) => {
      const shape = [this.layers * this.#directions.length, batch, part === 0 ? this.#output : this.hidden];
      if (state !== undefined && !sameShape(state.shape, shape))
        throw new ShapeError(
          this.where,
          `the state is ${showShape(state.shape)}, expected ${showShape(shape)}: layers and directions, batch, hidden.`,
          [state.shape],
        );
      return state ?? zeros(shape, { dtype: x.dtype, device: x.device });
    });
    const ends: (readonly Tensor[])[] = [];
    const traces: Traces[] = [];
    let sequence = x;
    for (let layer = 0; layer < this.layers; layer++) {
      if (layer > 0 && this.#between !== null) sequence = this.#between.forward(sequence);
      const outputs = this.#directions.map((direction, d) => {
        const place = layer * this.#directions.length + d;
        const start = states.map((state) => squeeze(slice(state, { axis: 0, start: place, stop: place + 1 }), 0));
        const run = this.#run(
          sequence,
          start,
          `l${layer}${direction}`,
          direction !== "",
          masks,
          options.trace === true,
        );
        ends.push(run.state);
        if (options.trace === true) traces.push(run.traces);
        return run.output;
      });
      sequence = outputs.length === 1 ? outputs[0]! : concat(outputs, -1);
    }
    const state = states.map((_, part) => stack(ends.map((end) => end[part]!)));
    return { output: sequence as Tensor<"float32">, state, traces };
  }

  #run(
    x: Tensor,
    start: readonly Tensor[],
    end: string,
    backwards: boolean,
    masks: readonly Tensor[] | undefined,
    traced: boolean,
  ): { output: Tensor; state: readonly Tensor[]; traces: Traces } {
    const own = this as unknown as Readonly<Record<string, Tensor | undefined>>;
    const affine = (kind: string, bias: Tensor | undefined) => {
      const weight = transpose(own[`weight_${kind}_${end}`]!);
      return (input: Tensor) => (bias === undefined ? matmul(input, weight) : add(matmul(input, weight), bias));
    };
    const time = x.shape[1]!;
    const [ofInput, ofState] = [own[`bias_ih_${end}`], own[`bias_hh_${end}`]];
    const together = this.addsParts && ofInput !== undefined && ofState !== undefined;
    // Before the inputs' part: what comes back to its steps is put together first then, and serves this weight as well.
    const recur = affine("hh", together ? undefined : ofState);
    // The inputs' part of all steps is one product, and has the state's bias with it where the two are added anyway.
    const inputs = affine("ih", together ? add(ofInput, ofState) : ofInput)(x);
    const more = (kind: string) => own[`weight_${kind}_${end}`];
    const outputs = new Array<Tensor>(time);
    const gates: Record<string, Tensor[]> = {};
    let state = start;
    for (let i = 0; i < time; i++) {
      const t = backwards ? time - 1 - i : i;
      const next = this.step(squeeze(slice(inputs, { axis: 1, start: t, stop: t + 1 }), 1), state, recur, more);
      const mask = masks?.[t];
      state = mask === undefined ? next.state : next.state.map((part, k) => where(mask, part, state[k]!));
      outputs[t] = mask === undefined ? state[0]! : where(mask, next.state[0]!, 0);
      if (traced)
        for (const [name, value] of Object.entries(next.gates)) {
          gates[name] ??= new Array<Tensor>(time);
          gates[name][t] = mask === undefined ? value : where(mask, value, 0);
        }
    }
    const traces = Object.fromEntries(Object.entries(gates).map(([name, values]) => [name, stack(values, 1)]));
    return { output: stack(outputs, 1), state, traces };
  }

  /** By step, which sequences are not over: bool `[batch, 1]`; undefined where all go on. */
  #masks(lengths: ArrayLike<number>, x: Tensor): Tensor[] {
    const [batch, time] = x.shape as [number, number];
    if (lengths.length !== batch)
      throw new ArgumentError(this.where, `${lengths.length} lengths for ${batch} sequences, expected one for each.`);
    const list = Array.from(lengths);
    const odd = list.findIndex((n) => !Number.isInteger(n) || n < 1 || n > time);
    if (odd >= 0)
      throw new ArgumentError(
        this.where,
        `length ${list[odd]} of sequence ${odd}, expected a whole number from 1 to ${time}, the steps of the batch.`,
      );
    return Array.from({ length: time }, (_, t) =>
      tensorOf(
        Uint8Array.from(list, (n) => (t < n ? 1 : 0)),
        "bool",
        [batch, 1],
        x.device,
      ),
    );
  }

  override describe(): string {
    const more = this.layers > 1 ? `, ${this.layers} layers` : "";
    const ways = this.#directions.length > 1 ? ", both directions" : "";
    return `${this.constructor.name}(${this.inputs} → ${this.hidden}${more}${ways})`;
  }
}

/** The parts of `[batch, count · hidden]`, one for each gate. */
export function gatesOf(x: Tensor, count: number): Tensor[] {
  const width = x.shape[1]! / count;
  return Array.from({ length: count }, (_, i) => slice(x, { axis: 1, start: i * width, stop: (i + 1) * width }));
}
