import { logSum } from "./log-domain.ts";

/** Scores of the states of a chain: of the first, of each after each, and of each at each time, in logarithms. */
export interface ChainScores {
  /** `[states]` */
  readonly initial: Float64Array;
  /** `[states, states]`, row by row: from, to. */
  readonly transition: Float64Array;
  /** `[times, states]`, row by row. */
  readonly emission: Float64Array;
}

/** The best sequence of states and its score. */
export interface BestStates {
  readonly states: Int32Array;
  /** The sum of the scores along it. */
  readonly score: number;
}

/** For each time and state ln of the sum over all ways there, scores of that time included: `[times, states]`. */
export function forwardScores({ initial, transition, emission }: ChainScores): Float64Array {
  const n = initial.length;
  const alpha = new Float64Array(emission.length);
  const ways = new Float64Array(n);
  for (let at = 0; at < alpha.length; at += n)
    for (let to = 0; to < n; to++) {
      if (at > 0) for (let from = 0; from < n; from++) ways[from] = alpha[at - n + from]! + transition[from * n + to]!;
      alpha[at + to] = (at === 0 ? initial[to]! : logSum(ways)) + emission[at + to]!;
    }
  return alpha;
}

/** For each time and state ln of the sum over all ways on from there, scores of that time left out: `[times, states]`. */
export function backwardScores({ initial, transition, emission }: ChainScores): Float64Array {
  const n = initial.length;
  const beta = new Float64Array(emission.length);
  const ways = new Float64Array(n);
  for (let at = beta.length - 2 * n; at >= 0; at -= n)
    for (let from = 0; from < n; from++) {
      for (let to = 0; to < n; to++)
        ways[to] = transition[from * n + to]! + emission[at + n + to]! + beta[at + n + to]!;
      beta[at + from] = logSum(ways);
    }
  return beta;
}

/** The sequence of states with the largest sum of scores (Viterbi 1967); the first of equals. */
export function bestStates({ initial, transition, emission }: ChainScores): BestStates {
  const n = initial.length;
  const times = emission.length / n;
  let scores = initial.map((score, state) => score + emission[state]!);
  const back = new Int32Array(emission.length);
  for (let at = n; at < emission.length; at += n) {
    const next = new Float64Array(n);
    for (let to = 0; to < n; to++) {
      let best = 0;
      for (let from = 1; from < n; from++)
        if (scores[from]! + transition[from * n + to]! > scores[best]! + transition[best * n + to]!) best = from;
      back[at + to] = best;
      next[to] = scores[best]! + transition[best * n + to]! + emission[at + to]!;
    }
    scores = next;
  }
  const score = Math.max(...scores);
  const states = new Int32Array(times);
  states[times - 1] = scores.indexOf(score);
  for (let t = times - 1; t > 0; t--) states[t - 1] = back[t * n + states[t]!]!;
  return { states, score };
}

/** What a chain is believed to do, given all of its scores. */
export interface ChainPosterior {
  /** ln of the sum over all sequences. */
  readonly logPartition: number;
  /** Probability of each state at each time, `[times, states]`. */
  readonly states: Float64Array;
  /** Expected number of steps from each state to each, `[states, states]`. */
  readonly steps: Float64Array;
}

/** Forward–backward (Baum and Eagon 1967; Rabiner 1989). */
export function chainPosterior(chain: ChainScores): ChainPosterior {
  const n = chain.initial.length;
  const [alpha, beta] = [forwardScores(chain), backwardScores(chain)];
  const logPartition = logSum(alpha.subarray(alpha.length - n));
  const steps = new Float64Array(n * n);
  for (let at = 0; at + n < alpha.length; at += n)
    for (let from = 0; from < n; from++)
      for (let to = 0; to < n; to++) {
        const on = chain.transition[from * n + to]! + chain.emission[at + n + to]! + beta[at + n + to]!;
        steps[from * n + to]! += Math.exp(alpha[at + from]! + on - logPartition);
      }
  return { logPartition, states: alpha.map((a, i) => Math.exp(a + beta[i]! - logPartition)), steps };
}
