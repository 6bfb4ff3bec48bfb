import type { Key } from "../random/key.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { Breather, signalOf } from "../tensor/stop.ts";
import {
  type BestStates,
  bestStates,
  type ChainPosterior,
  type ChainScores,
  chainPosterior,
  forwardScores,
} from "./chain.ts";
import { normalised, requireDistributions } from "./distributions.ts";
import type { Emissions } from "./emissions.ts";
import { logSum } from "./log-domain.ts";

export interface HiddenMarkovOptions<Observation> {
  /** Probability of each state at the start. */
  readonly initial: readonly number[];
  /** Probability of each state after each: `[from, to]`. */
  readonly transition: readonly (readonly number[])[];
  /** What the states show. */
  readonly emissions: Emissions<Observation>;
}

/** One pass of learning. */
export interface BaumWelchStep<Observation> {
  readonly iteration: number;
  /** ln of the probability of all sequences under the model before this pass; it never falls. */
  readonly logLikelihood: number;
  /** The model after it. */
  readonly model: HiddenMarkov<Observation>;
}

export interface BaumWelchOptions {
  /** Passes at most; 100 if not said. */
  readonly iterations?: number;
  /** Ends when the likelihood grows by less, in nats for each observation; 1e-6 if not said. */
  readonly tolerance?: number;
  /** Stops it; in a notebook the kernel's own signal does so without being named. */
  readonly signal?: AbortSignal;
}

/**
 * A hidden Markov model (Baum and Petrie 1966; Rabiner, Proceedings of the IEEE 1989): a chain of states that shows
 * something at each time. Everything is computed in logarithms and float64, so that sequences may be long.
 *
 * Throws an `ArgumentError` for probabilities that do not add up to 1 or parts of different sizes; methods throw one for
 * an empty sequence.
 *
 * @example
 * ```ts
 * import { inference } from "gradbook";
 *
 * const weather = new inference.HiddenMarkov({
 *   initial: [0.6, 0.4],
 *   transition: [[0.7, 0.3], [0.4, 0.6]],
 *   emissions: new inference.CategoricalEmissions([[0.1, 0.4, 0.5], [0.6, 0.3, 0.1]]),
 * });
 * [...weather.viterbi([2, 1, 0]).states]; // [0, 0, 1]
 * Math.exp(weather.logLikelihood([2, 1, 0])).toFixed(6); // "0.036280"
 * ```
 */
export class HiddenMarkov<Observation> {
  readonly initial: readonly number[];
  readonly transition: readonly (readonly number[])[];
  readonly emissions: Emissions<Observation>;

  constructor({ initial, transition, emissions }: HiddenMarkovOptions<Observation>) {
    requireDistributions("HiddenMarkov", "the start", [initial]);
    requireDistributions("HiddenMarkov", "state", transition);
    const n = initial.length;
    if (transition.length !== n || transition[0]!.length !== n || emissions.states !== n)
      throw new ArgumentError(
        "HiddenMarkov",
        `${n} states at the start, transitions [${transition.length}, ${transition[0]!.length}], emissions of ${emissions.states}; expected as many of each.`,
      );
    this.initial = initial;
    this.transition = transition;
    this.emissions = emissions;
  }

  /** ln of the probability of a sequence, over all states that may have been behind it: the forward algorithm. */
  logLikelihood(sequence: readonly Observation[]): number {
    const alpha = forwardScores(this.scores(sequence));
    return logSum(alpha.subarray(alpha.length - this.initial.length));
  }

  /** The most probable states behind a sequence, and ln of their probability together with it. */
  viterbi(sequence: readonly Observation[]): BestStates {
    return bestStates(this.scores(sequence));
  }

  /** What each state's probability is at each time, given the whole sequence: forward–backward. */
  posterior(sequence: readonly Observation[]): ChainPosterior {
    return chainPosterior(this.scores(sequence));
  }

  /**
   * Learns from sequences by expectation and maximisation (Baum et al. 1970), as you iterate; `break` stops it. Each step
   * gives a new model; this one stays as it is.
   */
  async *baumWelch(
    sequences: readonly (readonly Observation[])[],
    { iterations = 100, tolerance = 1e-6, signal }: BaumWelchOptions = {},
  ): AsyncGenerator<BaumWelchStep<Observation>, void> {
    if (sequences.length === 0) throw new ArgumentError("baumWelch", "no sequences, expected at least one.");
    if (!Number.isInteger(iterations) || iterations < 1)
      throw new ArgumentError("baumWelch", `iterations is ${iterations}, expected a positive integer.`);
    const observations = sequences.reduce((sum, sequence) => sum + sequence.length, 0);
    const breather = new Breather();
    let model: HiddenMarkov<Observation> = this;
    let before = Number.NEGATIVE_INFINITY;
    for (let iteration = 1; iteration <= iterations; iteration++) {
      signalOf(signal)?.throwIfAborted();
      const posteriors = sequences.map((sequence) => model.posterior(sequence));
      const logLikelihood = posteriors.reduce((sum, { logPartition }) => sum + logPartition, 0);
      model = model.#learnt(sequences, posteriors);
      yield { iteration, logLikelihood, model };
      if (logLikelihood - before < tolerance * observations) return;
      before = logLikelihood;
      await breather.breathe();
    }
  }

  /** States and what they show, drawn from the model. */
  sample(key: Key, { length }: { readonly length: number }): { states: Int32Array; sequence: Observation[] } {
    if (!Number.isInteger(length) || length < 1)
      throw new ArgumentError("HiddenMarkov", `length is ${length}, expected a positive integer.`);
    const bits = key.child("states").bits(length);
    const states = new Int32Array(length);
    const sequence: Observation[] = [];
    for (let t = 0; t < length; t++) {
      const row = t === 0 ? this.initial : this.transition[states[t - 1]!]!;
      let rest = (bits[t]! >>> 0) / 2 ** 32;
      let state = 0;
      while (state < row.length - 1 && rest >= row[state]!) rest -= row[state++]!;
      states[t] = state;
      sequence.push(this.emissions.draw(state, key.child("shown").child(t)));
    }
    return { states, sequence };
  }

  /** All scores of a sequence, for the algorithms on chains. */
  scores(sequence: readonly Observation[]): ChainScores {
    if (sequence.length === 0) throw new ArgumentError("HiddenMarkov", "the sequence is empty, expected observations.");
    return {
      initial: Float64Array.from(this.initial, Math.log),
      transition: Float64Array.from(this.transition.flat(), Math.log),
      emission: this.emissions.logProbabilities(sequence),
    };
  }

  #learnt(
    sequences: readonly (readonly Observation[])[],
    posteriors: readonly ChainPosterior[],
  ): HiddenMarkov<Observation> {
    const n = this.initial.length;
    const sum = (of: (posterior: ChainPosterior) => number) => posteriors.reduce((all, one) => all + of(one), 0);
    const initial = this.initial.map((_, state) => sum(({ states }) => states[state]!));
    const transition = this.transition.map((row, from) =>
      normalised(
        row.map((_, to) => sum(({ steps }) => steps[from * n + to]!)),
        row,
      ),
    );
    const emissions = this.emissions.learnt(
      sequences,
      posteriors.map(({ states }) => states),
    );
    return new HiddenMarkov({ initial: normalised(initial, this.initial), transition, emissions });
  }
}

export interface DecodeOptions {
  /** Probability of each state at the start; all alike if not said. */
  readonly initial?: readonly number[];
  /** Probability of each state after each: `[from, to]`. */
  readonly transition: readonly (readonly number[])[];
}

/**
 * The most probable states of a chain where something else, such as a net, scores each state at each time:
 * `scores [times][states]`, ln p(state | input) − ln p(state) for a net in place of emissions (Bourlard and Morgan 1994).
 * Throws an `ArgumentError` for no times or parts of different sizes.
 */
export function viterbi(scores: readonly (readonly number[])[], { transition, initial }: DecodeOptions): BestStates {
  requireDistributions("viterbi", "state", transition);
  const n = transition.length;
  const start = initial ?? Array.from({ length: n }, () => 1 / n);
  requireDistributions("viterbi", "the start", [start]);
  if (scores.length === 0) throw new ArgumentError("viterbi", "no times, expected scores [times][states].");
  const odd = [start, ...transition, ...scores].find((row) => row.length !== n);
  if (odd !== undefined)
    throw new ArgumentError(
      "viterbi",
      `a row has ${odd.length} states, expected ${n}, as there are rows of transitions.`,
    );
  return bestStates({
    initial: Float64Array.from(start, Math.log),
    transition: Float64Array.from(transition.flat(), Math.log),
    emission: Float64Array.from(scores.flat()),
  });
}
