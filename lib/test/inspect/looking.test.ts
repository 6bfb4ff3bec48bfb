import { describe, expect, it } from "vitest";
import { flatten, inspect, nn, random, relu, type Tensor, tensor, zeros } from "../../src/index.ts";
import { refused } from "../misuse/refused.ts";

const net = nn.init(
  new nn.Sequential([new nn.Conv2d(2, 3, 3), relu, new nn.MaxPool2d(2), (x) => flatten(x, 1), new nn.Linear(3 * 4, 2)]),
  { seed: 1 },
);
const images = random.seed(2).normal([4, 2, 6, 6]);

describe("filters", () => {
  it("are the weights of convolutions by path, named, and follow the model", async () => {
    const found = inspect.filters(net);
    expect([...found.keys()]).toEqual(["0"]);
    const grid = found.get("0")!;
    expect([grid.layer, grid.shape, grid.names]).toEqual([
      "Conv2d(2 → 3, 3×3)",
      [3, 2, 3, 3],
      ["filter 0", "filter 1", "filter 2"],
    ]);
    const conv = net.layers[0] as nn.Conv2d;
    expect(await grid.data()).toEqual(await conv.weight.data());
    const before = inspect.snapshot(net);
    nn.loadState(net, new Map([...before].map(([path, x]) => [path, x.mul(2)])));
    expect(await grid.data()).toEqual(await before.get("0.weight")!.mul(2).data());
    nn.loadState(net, before);
  });
});

describe("feature maps", () => {
  it("are what the channels make of one example", async () => {
    const found = inspect.featureMaps(net, images, { example: 2 });
    expect([...found].map(([path, { layer, shape }]) => [path, layer, shape])).toEqual([
      ["0", "Conv2d(2 → 3, 3×3)", [3, 4, 4]],
      ["1", "function", [3, 4, 4]],
      ["2", expect.stringContaining("MaxPool2d"), [3, 2, 2]],
    ]);
    const alone = net.layers.slice(0, 2).reduce<Tensor>(
      (x, layer) => {
        return typeof layer === "function" ? layer(x) : layer.forward(x);
      },
      images.slice({ axis: 0, start: 2, stop: 3 }),
    );
    expect(await found.get("1")!.data()).toEqual(await alone.data());
  });
});

describe("attention maps", () => {
  const encoder = nn.init(new nn.TransformerEncoder(8, 2, { layers: 3, feedForward: 16 }), { seed: 1 });
  const words = random.seed(3).normal([2, 5, 8]);
  const maps = inspect.attentionMaps(encoder, words);

  it("are every layer's weights, which sum to 1", async () => {
    expect([...maps.keys()]).toEqual(["layers.0.self_attn", "layers.1.self_attn", "layers.2.self_attn"]);
    for (const weights of maps.values()) {
      expect(weights.shape).toEqual([2, 2, 5, 5]);
      for (const sum of await weights.sum({ axis: -1 }).data()) expect(sum).toBeCloseTo(1, 6);
    }
    const first = encoder.layers[0]!.self_attn.forward(words).weights;
    expect(await maps.get("layers.0.self_attn")!.data()).toEqual(await first.data());
  });

  it("are found in a decoder run by a function", () => {
    const decoder = nn.init(new nn.TransformerDecoder(8, 2, { layers: 1, feedForward: 16 }), { seed: 1 });
    const found = inspect.attentionMaps(decoder, (m) => m.forward(zeros([1, 3, 8]), zeros([1, 4, 8])));
    expect([...found].map(([path, { shape }]) => [path, shape])).toEqual([
      ["layers.0.self_attn", [1, 2, 3, 3]],
      ["layers.0.multihead_attn", [1, 2, 3, 4]],
    ]);
  });

  it("roll out as multiplied by hand", async () => {
    const lower = tensor([
      [
        [
          [1, 0],
          [0.5, 0.5],
        ],
      ],
    ]);
    const upper = tensor([
      [
        [
          [0.2, 0.8],
          [0, 1],
        ],
      ],
    ]);
    // ½W + ½I: lower [[1, 0], [.25, .75]], upper [[.6, .4], [0, 1]].
    const rows = (await inspect.attentionRollout([lower, upper]).toArray()) as number[][][];
    const expected = [0.6 + 0.1, 0.3, 0.25, 0.75];
    rows.flat(2).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 6);
    });
    const rolled = inspect.attentionRollout([...maps.values()], { heads: "max", residual: 0.3 });
    for (const sum of await rolled.sum({ axis: -1 }).data()) expect(sum).toBeCloseTo(1, 6);
  });
});

describe("gate traces", () => {
  it("come from recurrent layers wherever they are, with no change to the output", async () => {
    class Reader extends nn.Module {
      readonly words = new nn.Embedding(9, 3);
      readonly lstm = new nn.LSTM(3, 4, { layers: 2, bidirectional: true });
      readonly answer = new nn.Linear(8, 2);
      forward(tokens: Tensor): Tensor {
        return this.answer.forward(this.lstm.forward(this.words.forward(tokens), { lengths: [4, 2] }).output);
      }
    }
    const reader = nn.init(new Reader(), { seed: 1 });
    const tokens = tensor(Int32Array.from([1, 2, 3, 4, 5, 6, 0, 0]), { shape: [2, 4] });
    const before = await reader.forward(tokens).toArray();
    const traces = inspect.gateTraces(reader, tokens);
    expect([...traces.keys()]).toEqual(["lstm.l0", "lstm.l0_reverse", "lstm.l1", "lstm.l1_reverse"]);
    const { cell, hidden, output } = traces.get("lstm.l1")!;
    const [h, expected] = [await hidden!.data(), await output!.mul(cell!.tanh()).data()];
    h.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 6);
    });
    // Nothing after the second sentence's end.
    expect(await cell!.slice({ axis: 0, start: 1 }).slice({ axis: 1, start: 2 }).abs().sum().item()).toBe(0);
    expect(await reader.forward(tokens).toArray()).toEqual(before);
  });
});

describe("histograms", () => {
  it("count values in bins of equal width", async () => {
    const {
      edges,
      counts,
      mean,
      std,
      zeros: none,
      notFinite,
    } = await inspect.histogram(tensor([0, 0, 1, 2, 4, Number.NaN]), { bins: 4 });
    expect({ edges, counts, none, notFinite }).toEqual({
      edges: [0, 1, 2, 3, 4],
      counts: [2, 1, 1, 1],
      none: 0.4,
      notFinite: 1,
    });
    expect(mean).toBeCloseTo(1.4, 12);
    expect(std).toBeCloseTo(Math.sqrt((1.4 ** 2 * 2 + 0.4 ** 2 + 0.6 ** 2 + 2.6 ** 2) / 5), 12);
    const beyond = await inspect.histogram(tensor([-9, 0.5, 9]), { bins: 2, range: [0, 1] });
    expect(beyond.counts).toEqual([1, 2]);
    expect((await inspect.histogram(tensor([3, 3]), { bins: 1 })).counts).toEqual([2]);
  });

  it("have one for each parameter and each layer", async () => {
    const weights = await inspect.weightHistograms(net, { bins: 5 });
    expect([...weights.keys()]).toEqual(["0.weight", "0.bias", "4.weight", "4.bias"]);
    expect(weights.get("0.weight")!.counts.reduce((a, b) => a + b)).toBe(54);
    const layers = await inspect.activationHistograms(net, images);
    expect([...layers.keys()]).toEqual(["0", "1", "2", "3", "4", ""]);
    expect(layers.get("1")!.zeros).toBeGreaterThan(0.2);
    expect(layers.get("0")!.zeros).toBe(0);
  });
});

describe("unit activity", () => {
  it("finds the channels that are dead for all batches, and counts zeros", async () => {
    const before = inspect.snapshot(net);
    const bias = tensor([0, -1e4, 0]);
    nn.loadState(net, new Map([...before, ["0.bias", bias]]));
    const found = await inspect.unitActivity(net, [images, random.seed(5).normal([3, 2, 6, 6])]);
    nn.loadState(net, before);
    const afterRelu = found.get("1")!;
    expect(afterRelu.dead).toEqual([1]);
    expect(found.get("0")!.dead).toEqual([]);
    expect(afterRelu.active[1]).toBe(0);
    expect(afterRelu.active[0]).toBeCloseTo(found.get("0")!.active[0]!, 12);
    const share = (afterRelu.active[0]! + afterRelu.active[2]!) / 3;
    expect(afterRelu.zeros).toBeCloseTo(1 - share, 12);
  });
});

const plain = nn.init(new nn.Linear(2, 2), { seed: 1 });
const square = zeros([1, 2, 3, 3]);

refused([
  [
    "filters of a model without any",
    () => inspect.filters(plain),
    /filters: Linear has no layer with a weight of four axes/,
  ],
  [
    "maps of a model without any",
    () => inspect.featureMaps(plain, zeros([1, 2])),
    /featureMaps: no layer of Linear gives/,
  ],
  [
    "an example that there is not",
    () => inspect.featureMaps(net, images, { example: 4 }),
    /example 4, expected one of 0 … 3/,
  ],
  ["attention of a model without any", () => inspect.attentionMaps(net, images), /gave attention weights/],
  ["traces of a model without a recurrent layer", () => inspect.gateTraces(net, images), /used no recurrent layer/],
  ["a rollout of no layers", () => inspect.attentionRollout([]), /no layers/],
  [
    "a rollout of weights that are not square",
    () => inspect.attentionRollout([zeros([1, 2, 3, 4])]),
    /layer 0 is \[1, 2, 3, 4\]/,
  ],
  [
    "a rollout of different lengths",
    () => inspect.attentionRollout([square, zeros([1, 2, 4, 4])]),
    /layer 1 is \[1, 2, 4, 4\]/,
  ],
  ["a residual above 1", () => inspect.attentionRollout([square], { residual: 2 }), /residual is 2/],
  ["no bins", () => inspect.histogram(images, { bins: 0 }), /bins is 0/],
  ["an empty range of bins", () => inspect.histogram(images, { range: [1, 1] }), /the range is 1 … 1/],
  ["activity for no batch", () => inspect.unitActivity(net, []), /no batch/],
]);
