import { describe, expect, it } from "vitest";
import { checkGradient, nn, optim, random, tensor, train, zeros } from "../../src/index.ts";
import { logSum, scoreOf, sequences } from "../inference/brute.ts";
import { type Mistake, refused } from "../misuse/refused.ts";

const { chainLogPartition, chainScore } = nn;
const [batch, times, states] = [3, 5, 3];
const lengths = [5, 2, 1];
const rows = async (x: { toArray(): Promise<unknown> }) => (await x.toArray()) as number[][];
const key = random.seed(8);
const factors = {
  emissions: key.child("e").normal([batch, times, states]).cast("float64"),
  transition: key.child("t").normal([states, states]).cast("float64"),
  initial: key.child("i").normal([states]).cast("float64"),
  final: key.child("f").normal([states]).cast("float64"),
};

async function plain() {
  const emissions = (await factors.emissions.toArray()) as number[][][];
  const transition = await rows(factors.transition);
  const initial = (await factors.initial.toArray()) as unknown as number[];
  const final = (await factors.final.toArray()) as unknown as number[];
  const score = (b: number, path: readonly number[]) =>
    scoreOf(path, { initial, transition, emission: emissions[b]! }) + final[path.at(-1)!]!;
  return score;
}

describe("a conditional random field over a chain", () => {
  it("has the partition function that trying all sequences gives, of any length", async () => {
    const score = await plain();
    const whole = await chainLogPartition(factors).data();
    const cut = await chainLogPartition(factors, { lengths }).data();
    for (let b = 0; b < batch; b++) {
      const sum = (length: number) => logSum(sequences(states, length).map((path) => score(b, path)));
      expect(Math.abs(whole[b]! - sum(times))).toBeLessThan(1e-10);
      expect(Math.abs(cut[b]! - sum(lengths[b]!))).toBeLessThan(1e-10);
    }
  });

  it("scores given labels word for word", async () => {
    const score = await plain();
    const labels = [
      [0, 2, 1, 1, 0],
      [1, 1, 0, 0, 0],
      [2, 0, 0, 0, 0],
    ];
    const given = tensor(labels, { dtype: "int32" });
    const [whole, cut] = [
      await chainScore(factors, given).data(),
      await chainScore(factors, given, { lengths }).data(),
    ];
    for (const [b, path] of labels.entries()) {
      expect(Math.abs(whole[b]! - score(b, path))).toBeLessThan(1e-10);
      expect(Math.abs(cut[b]! - score(b, path.slice(0, lengths[b]!)))).toBeLessThan(1e-10);
    }
  });

  it("has derivatives with respect to all of its parts", async () => {
    const plainly = (name: keyof typeof factors) => (x: (typeof factors)["initial"]) => {
      const moved = { ...factors, [name]: x };
      return chainLogPartition(moved, { lengths });
    };
    for (const name of ["emissions", "transition", "initial", "final"] as const) {
      const others = await Promise.all(
        Object.entries(factors).map(async ([k, v]) => [k, await v.to("plain")] as const),
      );
      const onPlain = Object.fromEntries(others) as unknown as typeof factors;
      await checkGradient((x) => chainLogPartition({ ...onPlain, [name]: x }, { lengths }), factors[name]);
      expect(plainly(name)(factors[name]).shape).toEqual([batch]);
    }
  });

  it("decodes the best sequence of all, and has marginals that add up to 1", async () => {
    const crf = nn.init(new nn.LinearChainCRF(states), {
      seed: 3,
      initialisers: { "*": (shape, k) => k.normal(shape) },
    });
    const [transition, initial, final] = [await rows(crf.transition), await crf.initial.data(), await crf.final.data()];
    const emissions = factors.emissions.cast("float32");
    const values = (await emissions.toArray()) as number[][][];
    const score = (b: number, path: readonly number[]) =>
      scoreOf(path, { initial: Array.from(initial), transition, emission: values[b]! }) + final[path.at(-1)!]!;
    const found = await crf.decode(emissions, { lengths });
    for (const [b, path] of found.entries()) {
      const best = sequences(states, lengths[b]!).reduce((x, y) => (score(b, y) > score(b, x) ? y : x));
      expect([...path]).toEqual(best);
    }
    const sums = await crf.marginals(emissions, { lengths }).sum({ axis: 2 }).data();
    for (const [i, sum] of sums.entries())
      expect(sum).toBeCloseTo(i % times < lengths[Math.floor(i / times)]! ? 1 : 0, 5);
    expect((await crf.decode(emissions))[1]).toHaveLength(times);
  });

  it("learns which state follows which", async () => {
    // What is seen says nothing; labels alternate.
    const crf = nn.init(new nn.LinearChainCRF(2), { seed: 1 });
    const labels = tensor([[0, 1, 0, 1, 0, 1]], { dtype: "int32" });
    const blank = zeros([1, 6, 2]);
    const options = {
      loss: (m: nn.LinearChainCRF) => m.loss(blank, labels),
      optimizer: optim.adam({ rate: 0.1 }),
      epochs: 80,
      every: 80,
    };
    let last = 1;
    for await (const { loss } of train(crf, [0], options)) last = loss;
    expect(last).toBeLessThan(1.5);
    expect([...(await crf.decode(blank))[0]!]).toEqual([0, 1, 0, 1, 0, 1]);
    expect(await crf.loss(blank, labels).item()).toBeLessThan(0.3);
  });
});

const crf = nn.init(new nn.LinearChainCRF(2), { seed: 1 });
const seen = zeros([3, 4, 2]);
const mistakes: Mistake[] = [
  ["no states", () => new nn.LinearChainCRF(0), /states is 0/],
  [
    "emissions without a batch",
    () => crf.logPartition(zeros([4, 2])),
    /emissions are \[4, 2\], expected \[batch, time, states\]/,
  ],
  ["no times", () => crf.logPartition(zeros([3, 0, 2])), /emissions are \[3, 0, 2\]/],
  [
    "emissions of other states",
    () => crf.logPartition(zeros([3, 4, 5])),
    /of 5 states, transition \[2, 2\]; expected \[5, 5\]/,
  ],
  [
    "labels of another length",
    () => crf.loss(seen, zeros([3, 3], { dtype: "int32" })),
    /labels are \[3, 3\], expected \[3, 4\]/,
  ],
  ["too few lengths", () => crf.logPartition(seen, { lengths: [1] }), /1 lengths for 3 sequences/],
  ["a length beyond the times", () => crf.decode(seen, { lengths: [1, 2, 9] }), /a length is 9, expected 1 … 4/],
  ["a length of none", () => crf.marginals(seen, { lengths: [1, 2, 0] }), /a length is 0/],
];
describe("a mistake with a random field", () => refused(mistakes));
