import { grad } from "../gradient/grad.ts";
import { stack } from "../operations/joining.ts";
import { tensorOf } from "../tensor/create.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { sameShape, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { uniformInit } from "./initialisers.ts";
import { checkCount, Module, parameter } from "./module.ts";

/** What a linear chain is scored by. */
export interface ChainFactors {
  /** Of each state at each time, `[batch, time, states]`. */
  readonly emissions: Tensor;
  /** Of each state after each, `[from, to]`. */
  readonly transition: Tensor;
  /** Of each state at the start, `[states]`. */
  readonly initial: Tensor;
  /** Of each state at the end, `[states]`. */
  readonly final: Tensor;
}

/** How long each sequence of the batch is; all of them as long as there are times if not said. */
export interface ChainOptions {
  readonly lengths?: readonly number[];
}

/**
 * ln Σ exp(score) over all sequences of states of each chain, `[batch]`, by the forward algorithm in operations, so that
 * derivatives of any order exist: the first with respect to `emissions` is the probability of each state at each time.
 * Throws a `ShapeError` or `ArgumentError` where the parts do not fit.
 */
export function chainLogPartition(factors: ChainFactors, { lengths }: ChainOptions = {}): Tensor {
  const { emissions, transition, initial, final } = factors;
  const { times } = checked("chainLogPartition", factors, lengths);
  let alpha = at(emissions, 0).add(initial);
  for (let t = 1; t < times; t++) {
    const next = alpha.expandDims(2).add(transition).logSumExp({ axis: 1 }).add(at(emissions, t));
    alpha =
      lengths === undefined
        ? next
        : running(lengths, t, alpha).where(next as Tensor<"float32">, alpha as Tensor<"float32">);
  }
  return alpha.add(final).logSumExp({ axis: 1 });
}

/** The score of given states `[batch, time]` (int32), the sum of what is scored along them, `[batch]`. */
export function chainScore(factors: ChainFactors, labels: Tensor<"int32">, { lengths }: ChainOptions = {}): Tensor {
  const { emissions, transition, initial, final } = factors;
  const { times, states } = checked("chainScore", factors, lengths);
  if (!sameShape(labels.shape, emissions.shape.slice(0, 2)))
    throw new ShapeError(
      "chainScore",
      `the labels are ${showShape(labels.shape)}, expected ${showShape(emissions.shape.slice(0, 2))}.`,
      [labels.shape],
    );
  const column = (t: number) => at(labels, t) as Tensor<"int32">;
  let score = at(emissions, 0)
    .pick(column(0))
    .add(initial.take(column(0)));
  let last = column(0);
  for (let t = 1; t < times; t++) {
    const step = transition.flatten().take(
      column(t - 1)
        .mul(states)
        .add(column(t))
        .cast("int32"),
    );
    const next = score.add(step).add(at(emissions, t).pick(column(t)));
    if (lengths === undefined) [score, last] = [next, column(t)];
    else {
      const going = running(lengths, t, score).squeeze(1);
      score = going.where(next as Tensor<"float32">, score as Tensor<"float32">);
      last = going.where<"int32">(column(t), last);
    }
  }
  return score.add(final.take(last));
}

/**
 * A conditional random field over a linear chain (Lafferty, McCallum and Pereira, ICML 2001): what a net says of each
 * time, `[batch, time, states]`, joined by scores of each state after each. `loss` is −ln p(labels | emissions).
 *
 * Throws an `ArgumentError` for a number of states that is no positive integer; methods throw a `ShapeError` for anything
 * but `[batch, time, states]`.
 *
 * @example
 * ```ts
 * import { nn, tensor } from "gradbook";
 *
 * const crf = nn.init(new nn.LinearChainCRF(2), { seed: 1 });
 * const emissions = tensor([[[3, 0], [0, 3], [3, 0]]]);
 * (await crf.decode(emissions)).map((states) => [...states]); // [[0, 1, 0]]
 * crf.loss(emissions, tensor([[0, 1, 0]], { dtype: "int32" })).shape; // []
 * ```
 */
export class LinearChainCRF extends Module {
  readonly transition: Tensor<"float32">;
  readonly initial: Tensor<"float32">;
  readonly final: Tensor<"float32">;

  constructor(states: number) {
    super();
    checkCount("LinearChainCRF", "states", states);
    this.transition = parameter([states, states], uniformInit(0.1));
    this.initial = parameter([states], uniformInit(0.1));
    this.final = parameter([states], uniformInit(0.1));
  }

  /** ln Σ exp(score) over all sequences, `[batch]`. */
  logPartition(emissions: Tensor, options: ChainOptions = {}): Tensor {
    return chainLogPartition(this.#factors(emissions), options);
  }

  /** ln p(labels | emissions) of each sequence, `[batch]`. */
  forward(emissions: Tensor, labels: Tensor<"int32">, options: ChainOptions = {}): Tensor {
    return chainScore(this.#factors(emissions), labels, options).sub(this.logPartition(emissions, options));
  }

  /** The mean of −ln p(labels | emissions) over the batch. */
  loss(emissions: Tensor, labels: Tensor<"int32">, options: ChainOptions = {}): Tensor {
    return this.forward(emissions, labels, options).mean().neg();
  }

  /** The probability of each state at each time, `[batch, time, states]`; zeros past the end of a sequence. */
  marginals(emissions: Tensor, options: ChainOptions = {}): Tensor {
    return grad((x: Tensor) => this.logPartition(x, options).sum())(emissions as Tensor<"float32">);
  }

  /** The states with the largest score for each sequence (Viterbi 1967). */
  async decode(emissions: Tensor, { lengths }: ChainOptions = {}): Promise<Int32Array[]> {
    const factors = this.#factors(emissions);
    const { batch, times, states } = checked("LinearChainCRF", factors, lengths);
    let best = at(emissions, 0).add(this.initial);
    const back: Tensor[] = [];
    for (let t = 1; t < times; t++) {
      const ways = best.expandDims(2).add(this.transition);
      back.push(ways.argmax(1));
      const next = ways.max({ axis: 1 }).add(at(emissions, t));
      best =
        lengths === undefined
          ? next
          : running(lengths, t, best).where(next as Tensor<"float32">, best as Tensor<"float32">);
    }
    const last = await best.add(this.final).argmax(-1).data();
    const pointers = back.length === 0 ? new Int32Array(0) : await stack(back).data();
    return Array.from({ length: batch }, (_, b) => {
      const path = new Int32Array(lengths?.[b] ?? times);
      path[path.length - 1] = last[b]!;
      for (let t = path.length - 1; t > 0; t--) path[t - 1] = pointers[((t - 1) * batch + b) * states + path[t]!]!;
      return path;
    });
  }

  override describe(): string {
    return `LinearChainCRF(${this.initial.shape[0]})`;
  }

  #factors(emissions: Tensor): ChainFactors {
    return { emissions, transition: this.transition, initial: this.initial, final: this.final };
  }
}

/** One time of `[batch, time, …]`. */
function at(x: Tensor, t: number): Tensor {
  return x.slice({ axis: 1, start: t, stop: t + 1 }).squeeze(1);
}

/** Which sequences are not over at a time, `[batch, 1]`. */
function running(lengths: readonly number[], t: number, like: Tensor): Tensor<"bool"> {
  return tensorOf(
    Uint8Array.from(lengths, (length) => (t < length ? 1 : 0)),
    "bool",
    [lengths.length, 1],
    like.device,
  );
}

function checked(who: string, factors: ChainFactors, lengths: readonly number[] | undefined) {
  const { emissions, transition, initial, final } = factors;
  const [batch, times, states] = emissions.shape as [number, number, number];
  if (emissions.rank !== 3 || times === 0)
    throw new ShapeError(who, `the emissions are ${showShape(emissions.shape)}, expected [batch, time, states].`, [
      emissions.shape,
    ]);
  const parts = {
    transition: [transition, [states, states]],
    initial: [initial, [states]],
    final: [final, [states]],
  } as const;
  for (const [name, [part, expected]] of Object.entries(parts))
    if (!sameShape(part.shape, expected))
      throw new ShapeError(
        who,
        `emissions ${showShape(emissions.shape)} of ${states} states, ${name} ${showShape(part.shape)}; expected ${showShape(expected)}.`,
        [emissions.shape, part.shape],
      );
  if (lengths !== undefined) {
    if (lengths.length !== batch)
      throw new ArgumentError(who, `${lengths.length} lengths for ${batch} sequences, expected one for each.`);
    const bad = lengths.find((length) => !(Number.isInteger(length) && length >= 1 && length <= times));
    if (bad !== undefined) throw new ArgumentError(who, `a length is ${bad}, expected 1 … ${times}.`);
  }
  return { batch, times, states };
}
