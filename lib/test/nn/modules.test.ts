import { describe, expect, it } from "vitest";
import { nn, optim, random, type Tensor, tensor, valueAndGrad, zeros } from "../../src/index.ts";
import { LeNet5 } from "./lenet.ts";

describe("init", () => {
  class Net extends nn.Module {
    readonly first = new nn.Linear(3, 4);
    readonly parts = [new nn.Linear(4, 4), new nn.Linear(4, 2)];
    readonly heads = { left: new nn.Linear(2, 1, { bias: false }) };
  }

  it("names parameters by path, in the order of fields", () => {
    const paths = nn.parameters(nn.init(new Net(), { seed: 1 })).map(({ path }) => path);
    expect(paths).toEqual([
      "first.weight",
      "first.bias",
      "parts.0.weight",
      "parts.0.bias",
      "parts.1.weight",
      "parts.1.bias",
      "heads.left.weight",
    ]);
  });

  it("draws each from the seed and its own path: the same again, another seed differs, other layers do not matter", async () => {
    class Larger extends nn.Module {
      readonly extra = new nn.Linear(7, 7);
      readonly first = new nn.Linear(3, 4);
    }
    const draw = async (model: nn.Module & { first: nn.Linear }, seed: number) => [
      ...(await nn.init(model, { seed }).first.weight.data()),
    ];
    const once = await draw(new Net(), 1);
    expect(await draw(new Net(), 1)).toEqual(once);
    expect(await draw(new Larger(), 1)).toEqual(once);
    expect(await draw(new Net(), 2)).not.toEqual(once);
    expect(Math.max(...once.map(Math.abs))).toBeLessThanOrEqual(1 / Math.sqrt(3));
  });

  it("draws again when asked again", async () => {
    const net = nn.init(new Net(), { seed: 1 });
    const before = [...(await net.first.weight.data())];
    expect([...(await nn.init(net, { seed: 2 }).first.weight.data())]).not.toEqual(before);
    expect([...(await nn.init(net, { seed: 1 }).first.weight.data())]).toEqual(before);
  });

  it("draws afresh after training and loading, too", async () => {
    const net = nn.init(new nn.Linear(2, 1), { seed: 1 });
    const before = await net.weight.data();
    const { gradient } = valueAndGrad(net, (m) => m.forward(tensor([[1, 2]])).sum());
    optim.sgd({ rate: 1 }).update(net, gradient);
    expect(await net.weight.data()).not.toEqual(before);
    expect(await nn.init(net, { seed: 1 }).weight.data()).toEqual(before);
    nn.loadState(
      net,
      new Map<string, Tensor>([
        ["weight", zeros([1, 2])],
        ["bias", zeros([1])],
      ]),
    );
    expect(await nn.init(net, { seed: 1 }).weight.data()).toEqual(before);
  });

  it("reaches parameters in arrays and records", async () => {
    class Lists extends nn.Module {
      readonly ws = [nn.parameter([2], nn.onesInit), nn.parameter([3], nn.onesInit)];
      readonly named = { gain: nn.parameter([1], nn.onesInit) };
    }
    const model = nn.init(new Lists(), { seed: 1 });
    expect(nn.parameters(model).map(({ path }) => path)).toEqual(["ws.0", "ws.1", "named.gain"]);
    expect(await model.ws[1]!.toArray()).toEqual([1, 1, 1]);
  });

  it("asks for the seed", () => {
    expect(() => nn.init(new nn.Linear(1, 1), undefined as never)).toThrow(
      "nn.init: no seed, expected one. nn.init(model, { seed: 1 }).",
    );
  });

  it("keeps shared parameters shared when values are loaded, and one name is enough", () => {
    class Tied extends nn.Module {
      readonly a = nn.parameter([2], nn.onesInit);
      readonly b = this.a;
    }
    for (const names of [["a", "b"], ["a"], ["b"]]) {
      const model = new Tied();
      nn.loadState(model, new Map(names.map((name) => [name, zeros([2])])));
      expect(model.a).toBe(model.b);
    }
    expect(() => nn.loadState(new Tied(), new Map([["a", zeros([2], { dtype: "int32" })]]))).toThrow(
      "a: the saved values are int32, the model expects float32.",
    );
  });

  it("leaves constants alone: they are saved but not trained", () => {
    const net = nn.init(new LeNet5(), { seed: 1 });
    expect(nn.parameters(net).map(({ path }) => path)).not.toContain("output.codes");
    expect(nn.state(net).map(({ path }) => path)).toContain("output.codes");
  });
});

describe("dropout", () => {
  const layer = new nn.Dropout(0.5);
  const x = tensor(new Array(1000).fill(1));

  it("lets everything through outside of training", () => {
    expect(layer.forward(x)).toBe(x);
  });

  it("keeps about its share, scaled, with the same draw for the same key", async () => {
    const draw = (seed: number) => nn.training(random.seed(seed), () => layer.forward(x)).data();
    const y = await draw(1);
    expect(new Set(y)).toEqual(new Set([0, 2]));
    expect(y.filter((value) => value === 2).length).toBeGreaterThan(430);
    expect(y.filter((value) => value === 2).length).toBeLessThan(570);
    expect(await draw(1)).toEqual(y);
    expect(await draw(2)).not.toEqual(y);
  });
});

describe("the parts of LeNet-5", () => {
  it("the table of C3 is Table I of the paper", () => {
    const columns = Array.from({ length: 6 }, (_, map) =>
      nn.c3Table.map((maps) => (maps.includes(map) ? "X" : ".")).join(""),
    );
    expect(columns).toEqual([
      "X...XXX..XXXX.XX",
      "XX...XXX..XXXX.X",
      "XXX...XXX..X.XXX",
      ".XXX..XXXX..X.XX",
      "..XXX..XXXX.XX.X",
      "...XXX..XXXX.XXX",
    ]);
  });

  it("a partial convolution is a full one whose missing filters are zero", async () => {
    const layer = nn.init(new nn.PartialConv2d(3, 2, [[0, 2], [1]]), { seed: 3 });
    const [w, full] = [await layer.weight.data(), await layer.filters().data()];
    expect([...full.subarray(0, 4)]).toEqual([...w.subarray(0, 4)]);
    expect([...full.subarray(4, 8)]).toEqual([0, 0, 0, 0]);
    expect([...full.subarray(8, 12)]).toEqual([...w.subarray(4, 8)]);
    expect([...full.subarray(12, 16)]).toEqual([0, 0, 0, 0]);
    expect([...full.subarray(16, 20)]).toEqual([...w.subarray(8, 12)]);
  });

  it("subsampling adds four neighbours, scales and shifts", async () => {
    const layer = nn.init(new nn.Subsampling(1), { seed: 0 });
    nn.loadState(
      layer,
      new Map<string, Tensor>([
        ["weight", tensor([2])],
        ["bias", tensor([1])],
      ]),
    );
    expect(await layer.forward(tensor([1, 2, 3, 4], { shape: [1, 1, 2, 2] })).toArray()).toEqual([[[[21]]]]);
  });

  it("radial basis units give squared distances", async () => {
    const layer = new nn.RadialBasis([
      [1, 1],
      [-1, 0],
    ]);
    expect(await layer.forward(tensor([[1, 0]])).toArray()).toEqual([[1, 4]]);
  });

  it("has ten different codes of 84 cells", () => {
    expect(nn.digitCodes.map((code) => code.length)).toEqual(new Array(10).fill(84));
    expect(new Set(nn.digitCodes.map(String)).size).toBe(10);
    expect(nn.digitCodes.flat().every((cell) => cell === 1 || cell === -1)).toBe(true);
  });
});

describe("refusals", () => {
  it("say what was given and what was expected", () => {
    expect(() => new nn.Linear(0, 3)).toThrow("Linear: inputs is 0, expected a positive integer.");
    expect(() => new nn.Conv2d(3, 4, 3, { groups: 2 })).toThrow(
      "Conv2d: 3 inputs and 4 outputs do not both divide into 2 groups, expected multiples.",
    );
    expect(() => new nn.Dropout(1)).toThrow("Dropout: rate is 1, expected 0 ≤ rate < 1.");
    const conv = nn.init(new nn.Conv2d(1, 2, 3), { seed: 0 });
    expect(() => conv.forward(zeros([1, 28, 28]))).toThrow(
      "the input is [1, 28, 28], expected [batch, channels, height, width]. One image as a batch: x.expandDims(0).",
    );
  });
});
