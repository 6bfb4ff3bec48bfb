import { describe, expect, it } from "vitest";
import { nn, oneHot, random, type Tensor, tensor, zeros } from "../../src/index.ts";
import { refused } from "../misuse/refused.ts";

const words = 4;
const end = 3;

/** A net of one state, with weights so large that tokens long past matter. */
class Writer extends nn.Module {
  readonly reader = new nn.GRU(words, 5);
  readonly answer = new nn.Linear(5, words);
  step = ({ hidden }: { readonly hidden: Tensor }, tokens: Tensor) => {
    const input = oneHot(tokens as Tensor<"int32">, words).expandDims(1);
    const reading = this.reader.forward(input.mul(4), { hidden: hidden.expandDims(0) });
    const after = reading.hidden.squeeze(0);
    return { logits: this.answer.forward(after).mul(4), state: { hidden: after }, weights: after };
  };
}

const writer = (seed: number) => nn.init(new Writer(), { seed });
const start = (sequences: number) => ({ hidden: random.seed(9).normal([sequences, 5]) });
const one = (state: { readonly hidden: Tensor }, i: number) => ({
  hidden: state.hidden.slice({ axis: 0, start: i, stop: i + 1 }),
});

interface Known {
  readonly tokens: readonly number[];
  readonly logProbability: number;
  readonly ended: boolean;
}

/** Every sequence of at most so many steps and its probability, found by asking the model for each of them. */
async function exhaustive(model: Writer, state: { readonly hidden: Tensor }, steps: number): Promise<Known[]> {
  const all: Known[] = [];
  const go = async (at: { readonly hidden: Tensor }, last: number, tokens: readonly number[], sum: number) => {
    if (tokens.length === steps) return void all.push({ tokens, logProbability: sum, ended: false });
    const { logits, state: after } = model.step(at, tensor(Int32Array.of(last)));
    const logs = (await logits.cast("float64").logSoftmax().data()) as Float64Array;
    for (let token = 0; token < words; token++) {
      if (token === end) all.push({ tokens, logProbability: sum + logs[token]!, ended: true });
      else await go(after, token, [...tokens, token], sum + logs[token]!);
    }
  };
  await go(state, 0, [], 0);
  return all;
}

const scored = (all: readonly Known[], power: number) =>
  all
    .map((known) => {
      const length = known.tokens.length + (known.ended ? 1 : 0);
      return { ...known, score: known.logProbability / ((5 + length) / 6) ** power };
    })
    .sort((a, b) => b.score - a.score);

describe("beam search", () => {
  it.each([0, 0.6, 1, 2])("finds what an exhaustive search finds, with length penalty %d", async (lengthPenalty) => {
    for (const seed of [1, 2, 3]) {
      const model = writer(seed);
      const state = start(1);
      const best = scored(await exhaustive(model, state, 4), lengthPenalty);
      const options = { state, first: [0], end, steps: 4, width: 81, nBest: 12, lengthPenalty };
      const [found] = await nn.beamSearch(model.step, options);
      expect(found!.map(({ tokens }) => tokens)).toEqual(best.slice(0, 12).map(({ tokens }) => tokens));
      found!.forEach(({ score, logProbability, ended }, i) => {
        expect(score).toBeCloseTo(best[i]!.score, 5);
        expect(logProbability).toBeCloseTo(best[i]!.logProbability, 5);
        expect(ended).toBe(best[i]!.ended);
      });
    }
  });

  it("is a greedy search where it is one draft wide, and no worse where it is wider", async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const model = writer(seed);
      const options = { state: start(3), first: [0, 1, 2], end, steps: 6 };
      const greedy = await nn.greedySearch(model.step, options);
      const narrow = await nn.beamSearch(model.step, { ...options, width: 1 });
      expect(narrow.map(([best]) => best)).toEqual(greedy);
      const exact = scored(await exhaustive(model, one(options.state, 0), 4), 0)[0]!;
      for (const width of [2, 3, 8]) {
        const [[best]] = (await nn.beamSearch(model.step, { ...options, steps: 4, width })) as [[nn.Decoded]];
        expect(best.score).toBeLessThanOrEqual(exact.score + 1e-5);
      }
    }
  });

  it("writes each sequence of a batch as if it were alone", async () => {
    const model = writer(2);
    const options = { end, steps: 6, width: 3, nBest: 2, lengthPenalty: 0.5 };
    const together = await nn.beamSearch(model.step, { ...options, state: start(4), first: [0, 1, 2, 0] });
    for (const [i, first] of [0, 1, 2, 0].entries()) {
      const [alone] = await nn.beamSearch(model.step, { ...options, state: one(start(4), i), first: [first] });
      expect(together[i]!.map(({ tokens }) => tokens)).toEqual(alone!.map(({ tokens }) => tokens));
    }
  });

  it("keeps the weights of each step with its own draft", async () => {
    const model = writer(1);
    const state = start(2);
    const found = await nn.beamSearch(model.step, { state, first: [0, 1], end, steps: 5, width: 3 });
    for (const [i, [best]] of found.entries()) {
      const { tokens, weights, ended } = best!;
      expect(weights.length).toBe(tokens.length + (ended ? 1 : 0));
      let at: { readonly hidden: Tensor } = one(state, i);
      let last = i;
      for (const [t, expected] of weights.entries()) {
        const step = model.step(at, tensor(Int32Array.of(last)));
        const own = (await step.weights.data()) as Float32Array;
        own.forEach((value, k) => {
          expect(expected[k]).toBeCloseTo(value, 5);
        });
        at = step.state;
        last = tokens[t] ?? end;
      }
    }
  });
});

describe("sampling", () => {
  const chances = [0.5, 0.25, 0.15, 0.1];
  const step = (state: Tensor) => ({ logits: tensor(chances).log().expandDims(0).add(state.mul(0)), state });
  const count = 4000;
  const options = { state: zeros([count, 1]), first: new Array<number>(count).fill(0), steps: 1 };

  /** The part of each token among so many draws. */
  async function parts(more: Omit<nn.SamplingOptions<Tensor>, "state" | "first" | "steps" | "key">): Promise<number[]> {
    const drawn = await nn.sampleSequences(step, { ...options, ...more, key: random.seed(7) });
    return chances.map((_, token) => drawn.filter(({ tokens }) => tokens[0] === token).length / count);
  }

  const share = (weights: readonly number[]) => {
    const total = weights.reduce((a, b) => a + b, 0);
    return weights.map((weight) => weight / total);
  };

  it.each([
    ["draws by the model's probabilities", {}, chances],
    ["is bolder at a low temperature", { temperature: 0.5 }, share(chances.map((p) => p ** 2))],
    ["is wilder at a high one", { temperature: 2 }, share(chances.map((p) => p ** 0.5))],
    ["keeps to the likeliest k", { topK: 2 }, share([0.5, 0.25, 0, 0])],
    ["keeps to the nucleus", { topP: 0.8 }, share([0.5, 0.25, 0.15, 0])],
    ["takes the token that completes the nucleus exactly, and no further", { topP: 0.5 }, [1, 0, 0, 0]],
    ["cuts k first and the nucleus from the rest", { topK: 3, topP: 0.7 }, share([0.5, 0.25, 0, 0])],
    ["cuts after the temperature", { temperature: 0.5, topP: 0.9 }, share([0.25, 0.0625, 0, 0])],
  ] as const)("%s", async (_what, more, expected) => {
    for (const [token, part] of (await parts(more)).entries()) {
      const p = expected[token]!;
      // Four standard deviations of a share.
      expect(Math.abs(part - p)).toBeLessThanOrEqual(4 * Math.sqrt((p * (1 - p)) / count) + 1e-9);
    }
  });

  it("draws the same for the same key, for each sequence whatever the others do", async () => {
    const model = writer(3);
    const all = { state: start(3), first: [0, 1, 2], end, steps: 8, key: random.seed(5) };
    const twice = [await nn.sampleSequences(model.step, all), await nn.sampleSequences(model.step, all)];
    expect(twice[0]).toEqual(twice[1]);
    const alone = await nn.sampleSequences(model.step, { ...all, state: one(start(3), 0), first: [0] });
    expect(alone[0]!.tokens).toEqual(twice[0]![0]!.tokens);
    const other = await nn.sampleSequences(model.step, { ...all, key: random.seed(6) });
    expect(other.map(({ tokens }) => tokens)).not.toEqual(twice[0]!.map(({ tokens }) => tokens));
  });

  it("gives the model's own probability of what it drew", async () => {
    const model = writer(1);
    const all = await exhaustive(model, start(1), 4);
    for (let seed = 0; seed < 20; seed++) {
      const [drawn] = await nn.sampleSequences(model.step, {
        ...{ state: start(1), first: [0], end, steps: 4, temperature: 3 },
        key: random.seed(seed),
      });
      const known = all.find(({ tokens, ended }) => ended === drawn!.ended && tokens.join() === drawn!.tokens.join());
      expect(drawn!.logProbability).toBeCloseTo(known!.logProbability, 5);
    }
  });
});

it("stops between two steps when it is told to", async () => {
  const control = new AbortController();
  let steps = 0;
  const step = (state: Tensor) => {
    if (++steps === 3) control.abort();
    return { logits: zeros([1, 4]), state };
  };
  const options = { state: zeros([1, 1]), first: [0], steps: 100, signal: control.signal };
  await expect(nn.greedySearch(step, options)).rejects.toThrow(/abort/i);
  expect(steps).toBe(3);
});

describe("what cannot be decoded", () => {
  const step = (state: Tensor) => ({ logits: zeros([2, 4]), state });
  const options = { state: zeros([2, 1]), first: [0, 0], steps: 3 };
  const key = random.seed(1);
  refused([
    [
      "no steps",
      () => nn.greedySearch(step, { ...options, steps: 0 }),
      /greedySearch: steps is 0, expected a positive/,
    ],
    ["no sequences", () => nn.greedySearch(step, { ...options, first: [] }), /first has no tokens/],
    ["a broken token", () => nn.greedySearch(step, { ...options, first: [0.5, 0] }), /token 0.5, expected a whole/],
    [
      "an end outside the vocabulary",
      () => nn.greedySearch(step, { ...options, end: 4 }),
      /end is 4, expected one of the tokens 0 … 3/,
    ],
    [
      "a state for other sequences",
      () => nn.greedySearch(step, { ...options, first: [0, 0, 0] }),
      /the state is \[2, 1\] for 3 sequences, expected \[3, …\]/,
    ],
    [
      "logits of a whole sentence",
      () => nn.greedySearch((s: Tensor) => ({ logits: zeros([2, 3, 4]), state: s }), options),
      /logits \[2, 3, 4\], expected \[2, tokens\]/,
    ],
    [
      "logits that are tokens",
      () => nn.greedySearch((s: Tensor) => ({ logits: zeros([2, 4]).cast("int32"), state: s }), options),
      /logits of int32/,
    ],
    [
      "logits that are not finite",
      () => nn.greedySearch((s: Tensor) => ({ logits: zeros([2, 4]).div(0), state: s }), options),
      /greatest logit of a step is NaN/,
    ],
    [
      "temperature 0",
      () => nn.sampleSequences(step, { ...options, key, temperature: 0 }),
      /temperature is 0.*greedySearch/,
    ],
    [
      "no tokens to draw from",
      () => nn.sampleSequences(step, { ...options, key, topK: 0 }),
      /topK is 0, expected a positive/,
    ],
    [
      "an empty nucleus",
      () => nn.sampleSequences(step, { ...options, key, topP: 0 }),
      /topP is 0, expected 0 < topP ≤ 1/,
    ],
    ["a beam without width", () => nn.beamSearch(step, { ...options, width: 0 }), /width is 0/],
    [
      "more results than drafts",
      () => nn.beamSearch(step, { ...options, width: 2, nBest: 3 }),
      /nBest is 3, expected at most 2/,
    ],
    [
      "a negative penalty",
      () => nn.beamSearch(step, { ...options, width: 2, lengthPenalty: -1 }),
      /lengthPenalty is -1/,
    ],
  ]);
});
