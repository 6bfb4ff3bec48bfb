import { describe, expect, it } from "vitest";
import { losses, nn, optim, random, summary, type Tensor, tensor, train, zeros } from "../../src/index.ts";
import { expectClose, type Stored } from "../golden/fixtures.ts";
import { drawn, pythonHasTorch, seed } from "../golden/python.ts";
import { refused } from "../misuse/refused.ts";

const { models } = nn;
const count = (model: nn.Module) => nn.parameters(model).reduce((sum, place) => sum + place.get().size, 0);

describe("parameters of ready models are as many as published", () => {
  it.each<[string, () => nn.Module, number]>([
    ["LeNet-5", () => new models.LeNet5(), 60_000],
    ["AlexNet", () => new models.AlexNet(), 60_965_224],
    ["AlexNet of 2014, as torchvision's", () => new models.AlexNet({ version: 2014 }), 61_100_840],
    ["cuda-convnet's net for CIFAR-10", () => new models.SmallAlexNet(), 89_578],
    ["VGG-11", () => new models.VGG(11), 132_863_336],
    ["VGG-13", () => new models.VGG(13), 133_047_848],
    ["VGG-16", () => new models.VGG(16), 138_357_544],
    ["VGG-19", () => new models.VGG(19), 143_667_240],
    ["VGG-16 with batch normalisation", () => new models.VGG(16, { batchNorm: true }), 138_365_992],
    ["ResNet-18", () => new models.ResNet(18), 11_689_512],
    ["ResNet-34", () => new models.ResNet(34), 21_797_672],
    ["ResNet-50", () => new models.ResNet(50), 25_557_032],
    ["ResNet-101", () => new models.ResNet(101), 44_549_160],
    ["ResNet-152", () => new models.ResNet(152), 60_192_808],
    ["ResNet-20 for CIFAR-10, .27 million", () => new models.CifarResNet(20), 269_722],
    ["ResNet-110 for CIFAR-10, 1.7 million", () => new models.CifarResNet(110), 1_727_962],
    ["DQN with four actions", () => new models.DQN({ actions: 4 }), 1_686_180],
    // |V|(1 + nm + h) + h(1 + (n − 1)m) of the paper, with n − 1 words before.
    [
      "NPLM of the Brown corpus (|V| 16,383, n 5, m 30, h 100)",
      () => new models.NPLM({ words: 16_383, context: 4, width: 30, hidden: 100 }),
      16_383 * (1 + 5 * 30 + 100) + 100 * (1 + 4 * 30),
    ],
    // GPT-2 small.
    [
      "a transformer of GPT-2's size",
      () => new models.TransformerLanguageModel({ words: 50_257, width: 768, heads: 12, layers: 12, context: 1024 }),
      124_439_808,
    ],
  ])("%s", (_what, make, expected) => {
    expect(count(make())).toBe(expected);
  });

  it("LeNet-5 has 340,908 connections", () => {
    const table = summary(nn.init(new models.LeNet5(), { seed: 1 }), [1, 28, 28]);
    expect(table.connections).toBe(340_908);
  });
});

interface Case {
  readonly name: string;
  readonly phase: number;
  readonly parameters: number;
  readonly keys: Readonly<Record<string, readonly number[]>>;
  readonly inputs: readonly (Stored & { readonly whole: boolean })[];
  readonly result: Stored;
}

type Model = nn.Module & { forward(...inputs: readonly never[]): Tensor | { readonly logits: Tensor } };

const made: Readonly<Record<string, () => nn.Module>> = {
  ResNet18: () => new models.ResNet(18, { classes: 10 }),
  ResNet50: () => new models.ResNet(50, { classes: 10 }),
  CifarResNet20: () => new models.CifarResNet(20),
  DQN: () => new models.DQN({ actions: 4 }),
  DuelingDQN: () => new models.DQN({ actions: 3, dueling: true }),
  NPLM: () => new models.NPLM({ words: 11, context: 3, width: 4, hidden: 5 }),
  LSTMLanguageModel: () => new models.LSTMLanguageModel({ words: 9, embedding: 3, hidden: 4, layers: 2 }),
  TransformerLanguageModel: () =>
    new models.TransformerLanguageModel({ words: 9, width: 6, heads: 2, layers: 2, context: 7 }),
  Captioner: () => new models.Captioner({ words: 8, width: 5, hidden: 4, embedding: 3 }),
};

/** The same waves as in the script. */
function wave(name: string, shape: readonly number[], start: number): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const gain = /(bn\d|downsample\.1)\.weight$/.test(name) || (name.includes("norm") && name.endsWith("weight"));
  const rows = shape.slice(1).reduce((a, b) => a * b, 1);
  const [centre, spread] = name.endsWith("running_var")
    ? [1.5, 0.5]
    : shape.length > 1
      ? [0, Math.sqrt(2 / rows)]
      : [gain ? 1 : 0, 0.1];
  const values = Float64Array.from({ length: size }, (_, i) => centre + spread * Math.sin(0.7 * i + start));
  return tensor(values, { shape });
}

describe.skipIf(!pythonHasTorch())("ready models against PyTorch", () => {
  it("have its names and shapes, and answer the same in float64", async () => {
    const cases = drawn<Case>(new URL("./torch_models.py", import.meta.url), seed, Object.keys(made).length);
    for (const { name, phase, keys, inputs, result, parameters } of cases) {
      const model = made[name]!() as Model;
      expect(count(model), name).toBe(parameters);
      const places = nn.state(model).filter(({ path }) => !path.endsWith("num_batches_tracked"));
      const shapes = Object.fromEntries(places.map(({ path, get }) => [path, get().shape]));
      expect(shapes, name).toEqual(keys);
      const order = Object.keys(keys).sort();
      for (const { path, set } of places) set(wave(path, keys[path]!, order.indexOf(path) + phase));
      const given = inputs.map(({ shape, data, whole }) =>
        whole ? tensor(Int32Array.from(data), { shape }) : tensor(Float64Array.from(data), { shape }),
      );
      const output = model.forward(...(given as never[]));
      await expectClose("logits" in output ? output.logits : output, result, 1e-8, `GRADBOOK_SEED=${seed}, ${name}`);
    }
    console.log(`Seed ${seed}: ${cases.length} ready models agree with PyTorch.`);
  }, 240_000);
});

describe("ready models", () => {
  it.each<[string, nn.Sequential, readonly number[]]>([
    ["AlexNet", new models.AlexNet().features, [1, 256, 6, 6]],
    ["AlexNet of 2014", new models.AlexNet({ version: 2014 }).features, [1, 256, 6, 6]],
  ])(
    "%s makes of an image maps of the published size",
    (_what, features, expected) => {
      expect(nn.init(features, { seed: 1 }).forward(zeros([1, 3, 224, 224])).shape).toEqual(expected);
    },
    60_000,
  );

  it("of torchvision have its names in their Sequentials", () => {
    const names = (model: nn.Module) => nn.parameters(model).map(({ path }) => path.replace(/\.(weight|bias)$/, ""));
    const unique = (model: nn.Module) => [...new Set(names(model))];
    const [alex, vgg] = [new models.AlexNet({ version: 2014 }), new models.VGG(11)];
    expect(unique(alex)).toEqual([
      ...[0, 3, 6, 8, 10].map((i) => `features.${i}`),
      ...[1, 4, 6].map((i) => `classifier.${i}`),
    ]);
    expect(unique(vgg)).toEqual([
      ...[0, 3, 6, 8, 11, 13, 16, 18].map((i) => `features.${i}`),
      ...[0, 3, 6].map((i) => `classifier.${i}`),
    ]);
  });

  it("a small AlexNet answers with its activation", async () => {
    const net = nn.init(new models.SmallAlexNet({ activation: (x: Tensor) => x.tanh() }), { seed: 1 });
    expect(net.forward(random.seed(1).normal([2, 3, 32, 32])).shape).toEqual([2, 10]);
  });

  it("language models say step by step what they say of the whole", async () => {
    const tokens = tensor(
      [
        [1, 2, 3, 4],
        [5, 6, 7, 8],
      ],
      { dtype: "int32" },
    );
    const lstm = nn.init(new models.LSTMLanguageModel({ words: 9, hidden: 4, layers: 2 }), { seed: 1 });
    const transformer = nn.init(
      new models.TransformerLanguageModel({ words: 9, width: 4, heads: 2, layers: 2, context: 4 }),
      { seed: 1 },
    );
    const at = (x: Tensor, t: number) => x.slice({ axis: 1, start: t, stop: t + 1 }).squeeze(1);
    const whole = [lstm.forward(tokens).logits, transformer.forward(tokens)];
    let [one, two] = [lstm.start(2), transformer.start(2)];
    for (let t = 0; t < 4; t++) {
      const steps = [lstm.step(one, at(tokens, t)), transformer.step(two, at(tokens, t))] as const;
      [one, two] = [steps[0].state, steps[1].state];
      for (const [i, { logits }] of steps.entries()) {
        const expected = await at(whole[i]!, t).data();
        (await logits.data()).forEach((value, k) => {
          expect(value).toBeCloseTo(expected[k]!, 5);
        });
      }
    }
    // Beyond its context it forgets the first.
    expect(two.tokens.shape).toEqual([2, 3]);
    const further = transformer.step(two, at(tokens, 0));
    expect(further.logits.shape).toEqual([2, 9]);
  });

  it("a character model learns a sentence by heart and says it again", async () => {
    const text = "deep learning in a notebook. ";
    const characters = [...new Set(text)];
    const tokens = Array.from(text.repeat(2), (c) => characters.indexOf(c));
    const n = text.length;
    const batch = {
      x: tensor([tokens.slice(0, n)], { dtype: "int32" }),
      y: tensor([tokens.slice(1, n + 1)], { dtype: "int32" }),
    };
    const model = nn.init(new models.LSTMLanguageModel({ words: characters.length, hidden: 32 }), { seed: 1 });
    const settings = {
      loss: (m: nn.models.LSTMLanguageModel, { x, y }: typeof batch) => losses.crossEntropy(m.forward(x).logits, y),
      optimizer: optim.adam({ rate: 0.02 }),
    };
    for await (const _ of train(model, new Array(100).fill(batch), settings));
    const [said] = await nn.sampleSequences(
      (state: nn.models.LSTMLanguageModelState, last) => model.step(state, last),
      {
        ...{ state: model.start(1), first: [tokens[0]!], steps: n - 1 },
        ...{ key: random.seed(1), temperature: 0.2 },
      },
    );
    expect(said!.tokens.map((token) => characters[token]).join("")).toBe(text.slice(1));
  });

  it("word vectors know which words stand together", async () => {
    // Words 0 … 3 stand among themselves, and 4 … 7.
    const bits = random.seed(1).bits(4000);
    const pairs = Array.from({ length: 1000 }, (_, i) => {
      const [a, b, side, other] = [0, 1, 2, 3].map((k) => bits[4 * i + k]! >>> 9) as [number, number, number, number];
      const half = 4 * (side % 2);
      return { word: half + (a % 4), near: half + (b % 4), far: other % 8 };
    });
    const word = tensor(Int32Array.from(pairs, (p) => p.word));
    const candidates = tensor(
      pairs.map((p) => [p.near, p.far]),
      { dtype: "int32" },
    );
    const truth = tensor(pairs.map(() => [1, 0]));
    const around = tensor(
      pairs.map((p) => [p.word, p.word]),
      { dtype: "int32" },
    );
    for (const kind of ["SkipGram", "CBOW"] as const) {
      const model = nn.init(new models[kind]({ words: 8, width: 4 }), { seed: 1 });
      const settings = {
        loss: (m: typeof model, batch: { readonly given: Tensor }) =>
          losses.binaryCrossEntropy(m.forward(batch.given, candidates), truth),
        optimizer: optim.adam({ rate: 0.05 }),
      };
      const given = kind === "SkipGram" ? word : around;
      for await (const _ of train(model, new Array(60).fill({ given }), settings));
      const all = tensor(Int32Array.from({ length: 8 }, (_, i) => i));
      const logits = model.forward(kind === "SkipGram" ? all : all.expandDims(1));
      const rows = (await logits.toArray()) as number[][];
      rows.forEach((row, i) => {
        const best = row.indexOf(Math.max(...row));
        expect(Math.floor(best / 4)).toBe(Math.floor(i / 4));
      });
    }
  });

  it("a captioner pays for what it does not look at", async () => {
    // Two places, two words: once each is free; the same one twice costs 1 + 1.
    const weights = tensor([
      [
        [1, 0],
        [0, 1],
      ],
      [
        [1, 0],
        [1, 0],
      ],
    ]);
    expect(await models.attentionPenalty(weights).item()).toBeCloseTo(1, 6);
  });

  it("a captioner says step by step what it says of the whole", async () => {
    const model = nn.init(new models.Captioner({ words: 8, width: 5, hidden: 4 }), { seed: 1 });
    const maps = random.seed(2).normal([2, 5, 2, 3]);
    const found = await nn.beamSearch((state: nn.models.CaptionerState, words) => model.step(state, words), {
      ...{ state: model.start(maps), first: [1, 1], end: 2, steps: 4, width: 3 },
    });
    for (const [i, [best]] of found.entries()) {
      const caption = tensor([[1, ...best!.tokens]], { dtype: "int32" });
      const { logits } = model.forward(maps.slice({ axis: 0, start: i, stop: i + 1 }), caption);
      const rows = (await logits.logSoftmax().toArray()) as number[][][];
      const written = best!.ended ? [...best!.tokens, 2] : best!.tokens;
      const sum = written.reduce((total, token, t) => total + rows[0]![t]![token]!, 0);
      expect(best!.logProbability).toBeCloseTo(sum, 4);
    }
  });
});

describe("what ready models refuse", () => {
  const transformer = nn.init(
    new models.TransformerLanguageModel({ words: 9, width: 4, heads: 2, layers: 1, context: 4 }),
    { seed: 1 },
  );
  const captioner = nn.init(new models.Captioner({ words: 8, width: 5, hidden: 4 }), { seed: 1 });
  const nplm = nn.init(new models.NPLM({ words: 11, context: 3, width: 4, hidden: 5 }), { seed: 1 });
  const skip = nn.init(new models.SkipGram({ words: 8, width: 4 }), { seed: 1 });
  const int = (shape: readonly number[]) => zeros(shape).cast("int32");
  refused([
    ["a depth of VGG that there is not", () => new models.VGG(12 as never), /depth is 12, expected 11, 13, 16 or 19/],
    ["a depth of ResNet that there is not", () => new models.ResNet(20 as never), /depth is 20, expected 18, 34, 50/],
    ["a depth that is not 6n + 2", () => new models.CifarResNet(18), /depth is 18, expected 6n \+ 2/],
    ["a version of AlexNet that there is not", () => new models.AlexNet({ version: 2013 as never }), /version is 2013/],
    ["no classes", () => new models.ResNet(18, { classes: 0 }), /classes is 0/],
    ["no actions", () => new models.DQN({ actions: 0 }), /actions is 0/],
    [
      "more tokens than its context",
      () => transformer.forward(int([1, 5])),
      /the tokens are \[1, 5\], expected \[batch, 1 … 4\]/,
    ],
    [
      "another number of words before",
      () => nplm.forward(int([2, 4])),
      /the words are \[2, 4\], expected \[batch, 3\]/,
    ],
    [
      "maps of another width",
      () => captioner.start(zeros([2, 4, 3, 3])),
      /the maps are \[2, 4, 3, 3\], expected \[batch, 5, h, w\]/,
    ],
    [
      "captions for other images",
      () => captioner.forward(zeros([2, 5, 3, 3]), int([3, 4])),
      /the captions are \[3, 4\], expected \[2, time\]/,
    ],
    ["words in rows", () => skip.forward(int([2, 3])), /the words are \[2, 3\], expected \[batch\]/],
    [
      "candidates for other words",
      () => skip.forward(int([2]), int([3, 4])),
      /the candidates are \[3, 4\], expected \[2, candidates\]/,
    ],
    [
      "a penalty of one caption's weights",
      () => models.attentionPenalty(zeros([2, 3])),
      /expected \[batch, time, places\]/,
    ],
  ]);
});
