import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  build,
  flatten,
  gelu,
  loadModel,
  describe as modelOf,
  nn,
  random,
  relu,
  save,
  softmax,
  type Tensor,
  tanh,
  tensor,
} from "../../src/index.ts";
import { Tensor as AnyTensor } from "../../src/tensor/tensor.ts";
import { refused } from "../misuse/refused.ts";

const key = random.seed(2);
const normal = (...shape: number[]) => key.normal(shape);
const image = () => normal(2, 4, 8, 8);
const line = () => normal(2, 4, 9);
const volume = () => normal(2, 4, 4, 4, 4);
const sequence = () => normal(2, 5, 6);

const flat = (x: Tensor) => flatten(x, 1);

/** A class of the reader's, made without arguments. */
class Head extends nn.Module {
  readonly linear = new nn.Linear(16, 3);
  forward(x: Tensor): Tensor {
    return softmax(this.linear.forward(x));
  }
}

const same = new nn.Linear(6, 6);

/** Modules with settings other than the usual, and something to give them. */
const models: Readonly<Record<string, readonly [nn.Module, ...unknown[]]>> = {
  Linear: [new nn.Linear(6, 3, { bias: false }), sequence()],
  Bilinear: [new nn.Bilinear([6, 4], 3), normal(2, 6), normal(2, 4)],
  Embedding: [new nn.Embedding(7, 3, { paddingIndex: 2 }), tensor(Int32Array.of(1, 2, 6))],
  Conv1d: [new nn.Conv1d(4, 6, 3, { stride: 2, padding: 1, groups: 2 }), line()],
  Conv2d: [new nn.Conv2d(4, 6, [3, 2], { stride: [2, 1], padding: [1, 0], dilation: 2, bias: false }), image()],
  "Conv2d, the same size": [new nn.Conv2d(4, 3, 4, { padding: "same", paddingMode: "reflect" }), image()],
  Conv3d: [new nn.Conv3d(4, 2, 2), volume()],
  ConvTranspose1d: [new nn.ConvTranspose1d(4, 6, 3, { stride: 2, outputPadding: 1 }), line()],
  ConvTranspose2d: [new nn.ConvTranspose2d(4, 6, 3, { stride: 2, padding: 1, groups: 2 }), image()],
  AvgPool1d: [new nn.AvgPool1d(3), line()],
  AvgPool2d: [new nn.AvgPool2d([2, 3], { stride: 1, padding: 1 }), image()],
  MaxPool1d: [new nn.MaxPool1d(2), line()],
  MaxPool2d: [new nn.MaxPool2d(3, { stride: 2, padding: 1 }), image()],
  MaxPool3d: [new nn.MaxPool3d(2), volume()],
  AvgPool3d: [new nn.AvgPool3d(2), volume()],
  LpPool2d: [new nn.LpPool2d(3, 2), image()],
  AdaptiveAvgPool2d: [new nn.AdaptiveAvgPool2d([3, 2]), image()],
  AdaptiveMaxPool1d: [new nn.AdaptiveMaxPool1d(4), line()],
  Upsample: [new nn.Upsample({ scale: 2, mode: "bilinear", alignCorners: true }), image()],
  Dropout: [new nn.Dropout(0.4), sequence()],
  SpatialDropout: [new nn.SpatialDropout(0.4), image()],
  AlphaDropout: [new nn.AlphaDropout(0.4), sequence()],
  SaltAndPepper: [new nn.SaltAndPepper(0.4, { low: -2, high: 3 }), sequence()],
  GaussianNoise: [new nn.GaussianNoise(0.4), sequence()],
  PReLU: [new nn.PReLU(4), image()],
  BatchNorm1d: [new nn.BatchNorm1d(4, { momentum: null, epsilon: 0.1 }), line()],
  BatchNorm2d: [new nn.BatchNorm2d(4, { affine: false }), image()],
  InstanceNorm2d: [new nn.InstanceNorm2d(4, { affine: true, trackRunningStats: true }), image()],
  GroupNorm: [new nn.GroupNorm(2, 4, { epsilon: 0.1 }), image()],
  LayerNorm: [new nn.LayerNorm([5, 6], { epsilon: 0.1, affine: false }), sequence()],
  RMSNorm: [new nn.RMSNorm(6, { epsilon: 0.1 }), sequence()],
  LocalResponseNorm: [new nn.LocalResponseNorm(3, { alpha: 0.1, beta: 0.5, k: 2 }), image()],
  RNN: [new nn.RNN(6, 4, { activation: "relu", layers: 2, dropout: 0.3, bias: false }), sequence()],
  GRU: [new nn.GRU(6, 4, { bidirectional: true, layers: 2 }), sequence()],
  LSTM: [new nn.LSTM(6, 4, { layers: 2, dropout: 0.3, peepholes: true, projection: 3 }), sequence()],
  MultiheadAttention: [new nn.MultiheadAttention(6, 2, { bias: false, dropout: 0.3 }), sequence()],
  TransformerEncoderLayer: [
    new nn.TransformerEncoderLayer(6, 2, { feedForward: 8, dropout: 0.2, normFirst: true, activation: gelu }),
    sequence(),
  ],
  TransformerEncoder: [new nn.TransformerEncoder(6, 3, { layers: 2, feedForward: 8 }), sequence()],
  TransformerDecoder: [new nn.TransformerDecoder(6, 2, { layers: 1, feedForward: 8 }), sequence(), sequence()],
  "layers of LeNet-5": [
    new nn.Sequential([new nn.Subsampling(6, 2), tanh, new nn.PartialConv2d(6, 3, nn.c3Table)]),
    normal(2, 6, 8, 8),
  ],
  RadialBasis: [
    new nn.RadialBasis([
      [1, -1, 1],
      [0, 1, 2],
    ]),
    normal(2, 3),
  ],
  Residual: [
    new nn.Residual(new nn.Sequential([new nn.Conv2d(4, 5, 1), relu]), { shortcut: new nn.Conv2d(4, 5, 1) }),
    image(),
  ],
  Parallel: [new nn.Parallel([new nn.Linear(6, 2), relu], { axis: -1 }), sequence()],
  "one module twice": [new nn.Sequential([same, relu, same]), sequence()],
};

async function values(result: unknown): Promise<unknown> {
  if (result instanceof AnyTensor) return result.data();
  if (typeof result !== "object" || result === null) return result;
  return Promise.all(Object.values(result).map(values));
}

type Forward = nn.Module & { forward(...inputs: never[]): unknown };

describe("a model described as JSON", () => {
  it.each(Object.keys(models))("%s comes back as it was, also for training", async (name) => {
    const [model, ...inputs] = models[name]! as [Forward, ...never[]];
    nn.init(model, { seed: 1 });
    const text = JSON.stringify(modelOf(model));
    const again = build(JSON.parse(text)) as Forward;
    expect(again.constructor).toBe(model.constructor);
    expect(JSON.stringify(modelOf(again))).toBe(text);
    expect(nn.state(again).map(({ path }) => path)).toEqual(nn.state(model).map(({ path }) => path));
    nn.loadState(again, new Map(nn.state(model).map(({ path, get }) => [path, get()])));
    expect(await values(again.forward(...inputs))).toEqual(await values(model.forward(...inputs)));
    const trained = (m: Forward) => nn.training(random.seed(3), () => m.forward(...inputs));
    expect(await values(trained(again))).toEqual(await values(trained(model)));
  });

  it("knows functions and classes of the reader's by names that both sides are given", async () => {
    const known = { flat, Head };
    const model = nn.init(new nn.Sequential([new nn.MaxPool2d(2), flat, new nn.Linear(64, 16), new Head()]), {
      seed: 1,
    });
    const json = modelOf(model, { known });
    expect(json.model).toEqual({
      module: "Sequential",
      arguments: [
        [
          { module: "MaxPool2d", arguments: [2, { stride: 2, padding: 0 }] },
          { known: "flat" },
          { module: "Linear", arguments: [64, 16, { bias: true }] },
          { known: "Head" },
        ],
      ],
    });
    const again = nn.init(build(json, { known }), { seed: 1 }) as typeof model;
    expect(await again.forward(image()).data()).toEqual(await model.forward(image()).data());
  });

  it("makes a file enough to load a model, also in shards", async () => {
    const folder = mkdtempSync(join(tmpdir(), "gradbook-description-"));
    const model = nn.init(new nn.Sequential([new nn.Linear(6, 4), relu, new nn.BatchNorm1d(5)]), { seed: 1 });
    for (const shards of [{}, { shardBytes: 60 }]) {
      const path = join(folder, `${Object.keys(shards).length}.safetensors`);
      await save(model, path, { ...shards, description: modelOf(model) });
      const again = (await loadModel(path)) as typeof model;
      expect(await again.forward(sequence()).data()).toEqual(await model.forward(sequence()).data());
    }
    const plain = join(folder, "plain.safetensors");
    await save(model, plain);
    await expect(loadModel(plain)).rejects.toThrow(/has no description\. save\(model, path, \{ description/);
    rmSync(folder, { recursive: true });
  });

  it("keeps one module in two places one", () => {
    const again = build(modelOf(models["one module twice"]![0])) as nn.Sequential;
    expect(again.layers[2]).toBe(again.layers[0]);
    expect(nn.parameters(again)).toHaveLength(2);
  });
});

const json = (model: unknown) => build({ gradbook: "model", version: 1, model: model as never });

describe("descriptions that cannot be", () => {
  refused([
    [
      "a function of yours",
      () => modelOf(new nn.Sequential([flat])),
      /the model\.0\.0 is a function of yours, expected an/,
    ],
    [
      "a class of yours",
      () => modelOf(new nn.Sequential([new Head()])),
      /is a Head, expected modules of nn that can be/,
    ],
    ["another JSON", () => build({} as never), /this is no description of a model\. describe\(model\) makes one\./],
    ["a newer version", () => build({ gradbook: "model", version: 2 } as never), /of version 2, expected 1\./],
    ["no module at the top", () => json({ function: "relu" }), /has no module at its top, expected one\./],
    ["an unknown module", () => json({ module: "Magic", arguments: [] }), /there is no module of nn called Magic\./],
    ["what is no module", () => json({ module: "init", arguments: [] }), /or is no module, expected both\./],
    ["no arguments", () => json({ module: "Linear" }), /Linear has no list of arguments/],
    [
      "an unknown function",
      () => json({ module: "Sequential", arguments: [[{ function: "x" }]] }),
      /no operation called x/,
    ],
    [
      "what nobody knows",
      () => json({ known: "Head" }),
      /Head is not known\. Say what it is: \{ known: \{ Head \} \}\./,
    ],
    ["arguments that a module refuses", () => json({ module: "Linear", arguments: [0, 1] }), /inputs is 0, expected a/],
    ["a module before it is made", () => json({ same: 3 }), /module 3 is used before it is made, expected after\./],
  ]);
});
