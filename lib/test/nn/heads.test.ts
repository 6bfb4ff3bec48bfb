import { describe, expect, it } from "vitest";
import { nn, optim, random, split, type Tensor, tanh, tensor, train, valueAndGrad, zeros } from "../../src/index.ts";
import { expectClose, load, type Stored } from "../golden/fixtures.ts";
import { drawn, pythonHasTorch, seed } from "../golden/python.ts";
import { refused } from "../misuse/refused.ts";

interface Case {
  readonly kind: "MixtureDensity" | "HandwritingHead" | "rotary" | "RelativeBias";
  readonly arguments: readonly never[];
  readonly constants: { readonly target: Stored; readonly sizes: readonly [number, number] };
  readonly leaves: Readonly<Record<string, Stored>>;
  readonly result: Stored;
  readonly cotangent: Stored;
  readonly gradients: Readonly<Record<string, Stored>>;
}

const script = new URL("./torch_heads.py", import.meta.url);
const count = 80;
const double = (stored: Stored) => load(stored, "cpu", "float64");

/** What a case computes from its leaves. */
function computation({
  kind,
  arguments: given,
  constants,
}: Case): (leaves: Readonly<Record<string, Tensor>>) => Tensor {
  if (kind === "rotary") return ({ x }) => nn.rotaryPositions(x!, given[0]);
  const module = new nn[kind](...(given as unknown as [never, never, never])) as nn.Module;
  const places = nn.parameters(module);
  return (leaves) => {
    for (const { path, set } of places) set(leaves[path]!);
    if (module instanceof nn.RelativeBias) return module.forward(...constants.sizes);
    const head = module as nn.MixtureDensity;
    return head.logProbability(head.forward(leaves.x!), double(constants.target));
  };
}

describe.skipIf(!pythonHasTorch())("mixture densities and positions against PyTorch", () => {
  it(`${count} random ones, and all gradients, in float64`, async () => {
    for (const [index, drawnCase] of drawn<Case>(script, seed, count).entries()) {
      const { kind, leaves, result, cotangent, gradients } = drawnCase;
      const what = `GRADBOOK_SEED=${seed}, case ${index}: ${kind}(${JSON.stringify(drawnCase.arguments)})`;
      const compute = computation(drawnCase);
      const values = Object.fromEntries(Object.entries(leaves).map(([name, stored]) => [name, double(stored)]));
      await expectClose(compute(values), result, 1e-9, what);
      const { gradient } = valueAndGrad(values, (at) =>
        compute(at as Record<string, Tensor>)
          .mul(double(cotangent))
          .sum(),
      );
      for (const [name, expected] of Object.entries(gradients))
        await expectClose(gradient[name]!, expected, 1e-9, `${what}, gradient of ${name}`);
    }
    console.log(`Seed ${seed}: ${count} random mixtures and positions agree with PyTorch.`);
  }, 120_000);
});

const moments = (values: readonly number[]) => {
  const mean = values.reduce((a, b) => a + b) / values.length;
  return { mean, variance: values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length };
};

describe("a mixture density head", () => {
  const rows = 4000;
  const same = (x: Tensor) => x.expandDims(0).broadcastTo([rows, ...x.shape]);
  const head = nn.init(new nn.MixtureDensity(1, 1, { components: 2 }), { seed: 1 });
  const mixture = {
    logWeights: same(tensor([0.3, 0.7]).log()),
    means: same(tensor([[-4], [4]])),
    logDeviations: same(tensor([[0.5], [1]]).log()),
  };

  it("draws from the mixture: each component as often, and as wide, as it should be", async () => {
    const values = Array.from(await (await head.sample(mixture, random.seed(2))).data());
    const left = values.filter((value) => value < 0);
    expect(Math.abs(left.length / rows - 0.3)).toBeLessThan(4 * Math.sqrt(0.21 / rows));
    const { mean, variance } = moments(left);
    expect(Math.abs(mean + 4)).toBeLessThan((4 * 0.5) / Math.sqrt(left.length));
    expect(Math.abs(variance - 0.25)).toBeLessThan((4 * 0.25 * Math.sqrt(2)) / Math.sqrt(left.length));
    const again = Array.from(await (await head.sample(mixture, random.seed(2))).data());
    expect(again).toEqual(values);
  });

  it("draws what is likely, where it is told to", async () => {
    const values = Array.from(await (await head.sample(mixture, random.seed(2), { bias: 1 })).data());
    const left = values.filter((value) => value < 0);
    // Weights squared: 9 of 58.
    expect(Math.abs(left.length / rows - 9 / 58)).toBeLessThan(4 * Math.sqrt((9 * 49) / 58 ** 2 / rows));
    expect(moments(left).variance).toBeCloseTo((0.5 / Math.E) ** 2, 2);
  });

  it("learns a relation with several answers, where the mean is none of them", async () => {
    class Net extends nn.Module {
      readonly hidden = new nn.Linear(1, 16);
      readonly head = new nn.MixtureDensity(16, 1, { components: 3 });
      forward = (x: Tensor) => this.head.forward(tanh(this.hidden.forward(x)));
    }
    // The answer to x is x + 1 or x − 1.
    const x = random.seed(1).uniform([256, 1], { low: -1 });
    const sign = random.seed(2).bernoulli([256, 1], 0.5).cast("float32").mul(2).sub(1);
    const batch = { x, y: x.add(sign).add(random.seed(3).normal([256, 1], { std: 0.1 })) };
    const net = nn.init(new Net(), { seed: 4 });
    const settings = {
      loss: (m: Net, { x, y }: { readonly x: Tensor; readonly y: Tensor }) =>
        m.head.negativeLogLikelihood(m.forward(x), y),
      optimizer: optim.adam({ rate: 0.02 }),
    };
    let loss = Number.NaN;
    for await (const step of train(net, new Array(300).fill(batch), settings)) loss = step.loss;
    // The entropy of two normal distributions of deviation .1, either of which it may be.
    expect(loss).toBeLessThan(Math.log(2) + Math.log(0.1) + 0.5 * Math.log(2 * Math.PI * Math.E) + 0.15);
    const right = await net.head.logProbability(net.forward(tensor([[0], [0]])), tensor([[1], [0]])).data();
    expect(right[0]! - right[1]!).toBeGreaterThan(3);
  });
});

describe("siamese and triplet heads", () => {
  const encoder = () => new nn.Linear(3, 2, { bias: false });
  const weight = tensor([
    [1, 0, 0],
    [0, 1, 0],
  ]);
  const [a, b] = [
    tensor([
      [3, 4, 9],
      [1, 0, 0],
    ]),
    tensor([
      [4, 3, 1],
      [0, 2, 5],
    ]),
  ];

  it.each([
    ["euclidean", {}, [Math.sqrt(0.08), Math.SQRT2]],
    ["squared", { distance: "squared" }, [0.08, 2]],
    ["cosine", { distance: "cosine" }, [0.04, 1]],
    ["euclidean without normalising", { normalise: false }, [Math.SQRT2, Math.sqrt(5)]],
    ["cosine without normalising", { normalise: false, distance: "cosine" }, [0.04, 1]],
  ] as const)("measure the distance of embeddings: %s", async (_what, options, expected) => {
    const pair = Object.assign(new nn.Siamese(encoder(), options));
    nn.parameters(pair)[0]!.set(weight);
    (await pair.forward(a, b).data()).forEach((value: number, i: number) => {
      expect(value).toBeCloseTo(expected[i]!, 5);
    });
    const three = new nn.Triplet(encoder(), options);
    nn.parameters(three)[0]!.set(weight);
    const { positive, negative, embeddings } = three.forward(a, { positive: a, negative: b });
    (await negative.data()).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 5);
    });
    for (const value of await positive.data()) expect(value).toBeCloseTo(0, 5);
    expect(embeddings.map(({ shape }) => shape)).toEqual([
      [2, 2],
      [2, 2],
      [2, 2],
    ]);
  });

  it("have finite derivatives where things are equal or nothing", async () => {
    const pair = nn.init(new nn.Siamese(encoder()), { seed: 1 });
    for (const x of [a, zeros([2, 3])]) {
      const { gradient } = valueAndGrad(pair, (m) => m.forward(x, x).sum());
      for (const value of await gradient.get("encoder.weight")!.data()) expect(value).toBe(0);
    }
  });

  it("learn to put like things together", async () => {
    const key = random.seed(1);
    // Ten kinds in ten dimensions, of which two say the kind's name.
    const centres = key.child("centres").normal([4, 10]);
    const thing = (kind: Tensor, noise: number) =>
      centres.take(kind as Tensor<"int32">).add(key.child(noise).normal([32, 10], { std: 0.7 }));
    const kinds = tensor(Int32Array.from({ length: 32 }, (_, i) => i % 4));
    const others = tensor(Int32Array.from({ length: 32 }, (_, i) => (i + 1 + (i % 3)) % 4));
    const batches = Array.from({ length: 60 }, (_, i) => ({
      anchor: thing(kinds, 3 * i),
      positive: thing(kinds, 3 * i + 1),
      negative: thing(others, 3 * i + 2),
    }));
    const model = nn.init(new nn.Triplet(new nn.Linear(10, 3), { distance: "squared" }), { seed: 2 });
    const settings = {
      loss: (m: nn.Triplet, { anchor, ...rest }: (typeof batches)[number]) => {
        const { positive, negative } = m.forward(anchor, rest);
        return positive.sub(negative).add(0.5).relu().mean();
      },
      optimizer: optim.adam({ rate: 0.02 }),
    };
    const seen: number[] = [];
    for await (const { loss } of train(model, batches, settings)) seen.push(loss);
    const mean = (list: readonly number[]) => list.reduce((x, y) => x + y) / list.length;
    expect(mean(seen.slice(-10))).toBeLessThan(0.3 * mean(seen.slice(0, 5)));
  });
});

describe("positions", () => {
  it("turned round depend on nothing but how far apart two things are", async () => {
    const [q, k] = [random.seed(1).normal([1, 8]), random.seed(2).normal([1, 8])];
    const product = (i: number, j: number) =>
      nn
        .rotaryPositions(q, { offset: i })
        .mul(nn.rotaryPositions(k, { offset: j }))
        .sum()
        .item();
    expect(await product(3, 5)).toBeCloseTo(await product(103, 105), 4);
    expect(await product(3, 5)).not.toBeCloseTo(await product(3, 6), 3);
  });

  it("learned are added, from where they are said to begin", async () => {
    const positions = nn.init(new nn.LearnedPositions(5, 2), { seed: 1 });
    const rows = (await positions.weight.toArray()) as number[][];
    expect(await positions.forward(zeros([1, 2, 2]), { offset: 3 }).toArray()).toEqual([rows.slice(3)]);
  });

  it("turned inside of attention are those of its own queries and keys", async () => {
    const attention = nn.init(new nn.MultiheadAttention(4, 1, { rotary: true, bias: false }), { seed: 1 });
    const x = random.seed(2).normal([1, 5, 4]);
    const [q, k, v] = split(attention.in_proj_weight, 4).map((part) => x.matmul(part.transpose())) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    const own = nn.scaledDotProductAttention(nn.rotaryPositions(q), nn.rotaryPositions(k), v);
    const expected = await own.weights.data();
    (await attention.forward(x).weights.data()).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 5);
    });
    // The same five steps in other places look at each other in the same way; a layer of a transformer has it, too.
    const layer = nn.init(new nn.TransformerEncoderLayer(4, 2, { feedForward: 8, rotary: true }), { seed: 1 });
    const plain = nn.init(new nn.TransformerEncoderLayer(4, 2, { feedForward: 8 }), { seed: 1 });
    expect(await layer.forward(x).toArray()).not.toEqual(await plain.forward(x).toArray());
  });

  it("relative ones change what attention looks at", async () => {
    const attention = nn.init(new nn.MultiheadAttention(4, 2), { seed: 1 });
    const x = random.seed(2).normal([1, 3, 4]);
    const bias = tensor([
      [
        [0, 0, 100],
        [0, 0, 100],
        [0, 0, 100],
      ],
    ]);
    const { weights } = attention.forward(x, x, x, { bias });
    expect(await weights.slice({ axis: -1, start: 2 }).toArray()).toEqual([new Array(2).fill([[1], [1], [1]])]);
  });
});

describe("what does not fit heads and positions", () => {
  const head = nn.init(new nn.MixtureDensity(2, 3, { components: 2 }), { seed: 1 });
  const pen = nn.init(new nn.HandwritingHead(2), { seed: 1 });
  const pair = nn.init(new nn.Siamese(new nn.Linear(3, 2)), { seed: 1 });
  const positions = nn.init(new nn.LearnedPositions(5, 2), { seed: 1 });
  const bias = { heads: 2 };
  const attention = nn.init(new nn.MultiheadAttention(4, 2), { seed: 1 });
  const x = zeros([1, 3, 4]);
  refused([
    ["no components", () => new nn.MixtureDensity(2, 3, { components: 0 }), /components is 0, expected a positive/],
    [
      "a target of another width",
      () => head.logProbability(head.forward(zeros([4, 2])), zeros([4, 2])),
      /the target is \[4, 2\], expected \[4, 3\]/,
    ],
    [
      "a movement without its end",
      () => pen.negativeLogLikelihood(pen.forward(zeros([4, 2])), zeros([4, 2])),
      /the target is \[4, 2\], expected \[4, 3\]/,
    ],
    [
      "an untidy bias",
      () => pen.sample(pen.forward(zeros([4, 2])), random.seed(1), { bias: -1 }),
      /bias is -1, expected a number from 0/,
    ],
    [
      "a distance that there is not",
      () => new nn.Siamese(new nn.Linear(3, 2), { distance: "manhattan" as never }),
      /distance is manhattan/,
    ],
    [
      "pairs of unequal number",
      () => pair.forward(zeros([2, 3]), zeros([3, 3])),
      /\[2, 3\] and \[3, 3\], expected the same shape/,
    ],
    [
      "an encoder that gives sequences",
      () => pair.forward(zeros([2, 4, 3]), zeros([2, 4, 3])),
      /the encoder gave \[4, 4, 2\], expected \[batch, width\]/,
    ],
    ["an odd width to turn", () => nn.rotaryPositions(zeros([2, 3])), /\[2, 3\], expected \[…, steps, an even width\]/],
    ["a base of nothing", () => nn.rotaryPositions(zeros([2, 2]), { base: 0 }), /base is 0/],
    [
      "heads of an odd width to turn",
      () => new nn.MultiheadAttention(6, 2, { rotary: true }),
      /each of 2 heads has 3 elements, expected an even number/,
    ],
    ["pairs that there are not", () => nn.rotaryPositions(zeros([2, 2]), { pairs: "all" as never }), /pairs is all/],
    [
      "positions that were not learned",
      () => positions.forward(zeros([1, 3, 2]), { offset: 3 }),
      /positions 3 … 5 are asked for, expected within 0 … 4/,
    ],
    ["vectors of another width", () => positions.forward(zeros([1, 3, 4])), /expected \[…, steps, 2\]/],
    [
      "a broken number of buckets",
      () => new nn.RelativeBias({ ...bias, buckets: 6 }),
      /buckets is 6, expected a multiple of 4/,
    ],
    ["far that is near", () => new nn.RelativeBias({ ...bias, farthest: 8 }), /farthest is 8, expected more than 8/],
    [
      "a bias of another size",
      () => attention.forward(x, x, x, { bias: zeros([4, 4]) }),
      /the bias \[4, 4\] does not broadcast to the scores \[1, 2, 3, 3\]/,
    ],
  ]);
});
