import { describe, expect, it } from "vitest";
import { inference, random } from "../../src/index.ts";
import { type Mistake, refused } from "../misuse/refused.ts";
import { logSum, scoreOf, sequences } from "./brute.ts";

const { HiddenMarkov, CategoricalEmissions, GaussianEmissions, viterbi } = inference;

/** Rows of numbers that add up to 1. */
function distributions(rows: number, columns: number, name: string): number[][] {
  const bits = random
    .seed(11)
    .child(name)
    .bits(rows * columns);
  return Array.from({ length: rows }, (_, i) => {
    const row = Array.from({ length: columns }, (_, j) => 0.1 + (bits[i * columns + j]! >>> 0) / 2 ** 32);
    const sum = row.reduce((a, b) => a + b, 0);
    return row.map((value) => value / sum);
  });
}

const initial = distributions(1, 3, "initial")[0]!;
const transition = distributions(3, 3, "transition");
const shown = distributions(3, 4, "shown");
const discrete = new HiddenMarkov({ initial, transition, emissions: new CategoricalEmissions(shown) });
const sequence = [0, 3, 1, 1, 2, 0];
const parts = {
  initial: initial.map(Math.log),
  transition: transition.map((row) => row.map(Math.log)),
  emission: sequence.map((symbol) => shown.map((row) => Math.log(row[symbol]!))),
};
const all = sequences(3, 6).map((path) => ({ path, score: scoreOf(path, parts) }));

describe("a hidden Markov model", () => {
  it("has the likelihood and the best states that trying all sequences gives", () => {
    const total = logSum(all.map(({ score }) => score));
    expect(Math.abs(discrete.logLikelihood(sequence) - total)).toBeLessThan(1e-10);
    const best = all.reduce((a, b) => (b.score > a.score ? b : a));
    const found = discrete.viterbi(sequence);
    expect([...found.states]).toEqual(best.path);
    expect(Math.abs(found.score - best.score)).toBeLessThan(1e-10);
  });

  it("has the posteriors that trying all sequences gives", () => {
    const total = logSum(all.map(({ score }) => score));
    const { states, steps, logPartition } = discrete.posterior(sequence);
    expect(Math.abs(logPartition - total)).toBeLessThan(1e-10);
    const share = (of: (path: readonly number[]) => number) =>
      all.reduce((sum, { path, score }) => sum + of(path) * Math.exp(score - total), 0);
    for (let t = 0; t < 6; t++)
      for (let s = 0; s < 3; s++)
        expect(states[3 * t + s]).toBeCloseTo(
          share((path) => Number(path[t] === s)),
          10,
        );
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++) {
        const expected = share((path) => path.filter((s, t) => s === j && t > 0 && path[t - 1] === i).length);
        expect(steps[3 * i + j]).toBeCloseTo(expected, 10);
      }
  });

  it("keeps to what is possible, and stays finite where a sequence is long", () => {
    const left = new HiddenMarkov({
      initial: [1, 0],
      transition: [
        [0.9, 0.1],
        [0, 1],
      ],
      emissions: new CategoricalEmissions([
        [0.8, 0.2],
        [0.3, 0.7],
      ]),
    });
    const { states } = left.viterbi([1, 1, 0, 0, 1, 1, 1, 1, 1]);
    expect([...states]).toEqual([...states].sort());
    const long = Array.from({ length: 20_000 }, (_, i) => i % 2);
    expect(Number.isFinite(left.logLikelihood(long))).toBe(true);
    expect(left.viterbi(long).states).toHaveLength(20_000);
  });

  it("learns without ever becoming less likely, and finds what it was drawn from", async () => {
    const truth = new HiddenMarkov({
      initial: [0.5, 0.5],
      transition: [
        [0.9, 0.1],
        [0.2, 0.8],
      ],
      emissions: new GaussianEmissions(
        [
          [0, 0],
          [3, -2],
        ],
        [
          [1, 0.5],
          [0.5, 2],
        ],
      ),
    });
    const drawn = Array.from({ length: 20 }, (_, i) => truth.sample(random.seed(i), { length: 60 }).sequence);
    let model = new HiddenMarkov({
      initial: [0.5, 0.5],
      transition: [
        [0.6, 0.4],
        [0.4, 0.6],
      ],
      emissions: new GaussianEmissions(
        [
          [1, 0],
          [2, 0],
        ],
        [
          [2, 2],
          [2, 2],
        ],
      ),
    });
    let before = Number.NEGATIVE_INFINITY;
    for await (const step of model.baumWelch(drawn, { iterations: 40 })) {
      expect(step.logLikelihood).toBeGreaterThanOrEqual(before - 1e-8);
      before = step.logLikelihood;
      model = step.model as typeof model;
    }
    const { means, variances } = model.emissions as inference.GaussianEmissions;
    for (const [i, row] of [
      [0, 0],
      [3, -2],
    ].entries())
      for (const [k, value] of row.entries()) expect(means[i]![k]!).toBeCloseTo(value, 0.5);
    expect(variances[1]![1]!).toBeCloseTo(2, 0);
    expect(model.transition[0]![0]!).toBeCloseTo(0.9, 1);
  });

  it("takes the step of expectation and maximisation that counting all sequences gives", async () => {
    const total = logSum(all.map(({ score }) => score));
    const weights = all.map(({ path, score }) => ({ path, p: Math.exp(score - total) }));
    const [step] = await collect(discrete.baumWelch([sequence], { iterations: 1 }));
    const { model } = step!;
    const inState = (s: number, symbol?: number) =>
      weights.reduce(
        (sum, { path, p }) =>
          sum + p * path.filter((state, t) => state === s && (symbol ?? sequence[t]) === sequence[t]).length,
        0,
      );
    const learnt = (model.emissions as inference.CategoricalEmissions).probabilities;
    for (let s = 0; s < 3; s++)
      for (let symbol = 0; symbol < 4; symbol++)
        expect(learnt[s]![symbol]).toBeCloseTo(inState(s, symbol) / inState(s), 10);
    for (let s = 0; s < 3; s++)
      expect(model.initial[s]).toBeCloseTo(
        weights.reduce((sum, { path, p }) => sum + (path[0] === s ? p : 0), 0),
        10,
      );
  });

  it("draws states and what they show from a key", () => {
    const { states, sequence: drawn } = discrete.sample(random.seed(3), { length: 5000 });
    expect(discrete.sample(random.seed(3), { length: 5000 }).states).toEqual(states);
    let [from, stayed] = [0, 0];
    for (let t = 1; t < 5000; t++)
      if (states[t - 1] === 1) {
        from++;
        if (states[t] === 1) stayed++;
      }
    expect(stayed / from).toBeCloseTo(transition[1]![1]!, 1);
    const symbols = drawn.filter((_, t) => states[t] === 2);
    expect(symbols.filter((symbol) => symbol === 3).length / symbols.length).toBeCloseTo(shown[2]![3]!, 1);
  });

  it("decodes what a net says of each time", () => {
    const { states, score } = viterbi(parts.emission, { transition, initial });
    expect([...states]).toEqual([...discrete.viterbi(sequence).states]);
    expect(score).toBeCloseTo(discrete.viterbi(sequence).score, 10);
    // A state that flickers for one time is smoothed away.
    const sticky = [
      [0.95, 0.05],
      [0.05, 0.95],
    ];
    const flicker = [
      [0, -3],
      [0, -3],
      [-1, 0],
      [0, -3],
      [0, -3],
    ];
    expect([...viterbi(flicker, { transition: sticky }).states]).toEqual([0, 0, 0, 0, 0]);
  });

  it("stops when told", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(collect(discrete.baumWelch([sequence], { signal }))).rejects.toThrow("enough");
  });
});

async function collect<T>(steps: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const step of steps) list.push(step);
  return list;
}

const half = [
  [0.5, 0.5],
  [0.5, 0.5],
];
const two = new CategoricalEmissions(half);
const fair = { initial: [0.5, 0.5], transition: half, emissions: two };
const mistakes: Mistake[] = [
  [
    "probabilities that are too many",
    () => new CategoricalEmissions([[0.5, 0.6]]),
    /add up to 1\.1, expected numbers that add up to 1/,
  ],
  ["a negative probability", () => new HiddenMarkov({ ...fair, initial: [1.5, -0.5] }), /of the start 0 add up to 1/],
  ["rows of two lengths", () => new CategoricalEmissions([[1], [0.5, 0.5]]), /the row of state 1 has 2/],
  [
    "more states than are shown",
    () => new HiddenMarkov({ ...fair, initial: [0.2, 0.3, 0.5] }),
    /3 states at the start, transitions \[2, 2\]/,
  ],
  ["no states", () => new CategoricalEmissions([]), /no probabilities/],
  ["a symbol that there is not", () => new HiddenMarkov(fair).viterbi([0, 5]), /symbol 5 at 1 is outside 0 … 1/],
  ["an empty sequence", () => new HiddenMarkov(fair).logLikelihood([]), /the sequence is empty/],
  ["a variance of none", () => new GaussianEmissions([[0]], [[0]]), /a variance is 0/],
  [
    "means and variances of other sizes",
    () => new GaussianEmissions([[0], [1]], [[1]]),
    /means of 2 states and 1 axes, variances of 1/,
  ],
  [
    "a point of another size",
    () => new GaussianEmissions([[0]], [[1]]).logProbabilities([[1, 2]]),
    /the point at 0 has 2 axes, expected 1/,
  ],
  ["nothing to learn from", () => new HiddenMarkov(fair).baumWelch([]).next(), /no sequences/],
  ["scores of other states", () => viterbi([[0, 1, 2]], { transition: half }), /a row has 3 states, expected 2/],
  ["no scores", () => viterbi([], { transition: half }), /no times/],
];
describe("a mistake with a hidden Markov model", () => refused(mistakes));
