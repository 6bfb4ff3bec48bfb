import { describe, expect, it } from "vitest";
import { inspect, losses, nn, random, type Tensor, tensor } from "../../src/index.ts";
import { refused } from "../misuse/refused.ts";

const model = nn.init(new nn.Sequential([new nn.Linear(3, 4), (x) => x.tanh(), new nn.Linear(4, 2)]), { seed: 1 });
const x = random.seed(2).normal([10, 3]);
const y = random.seed(3).normal([10, 2]);
const loss = (m: typeof model) => losses.squaredError(m.forward(x), y);

const values = async (snapshot: inspect.Snapshot) =>
  Promise.all([...snapshot].map(async ([path, t]) => [path, await t.toArray()]));

describe("the loss between two solutions", () => {
  it("is each solution's at its end, and the model keeps its own values", async () => {
    const from = inspect.snapshot(model);
    const to = inspect.snapshot(nn.init(new nn.Sequential(model.layers.map((layer) => layer)), { seed: 5 }));
    nn.loadState(model, from);
    const before = await values(inspect.snapshot(model));
    const line = await inspect.lossLine(model, loss, { from, to, points: 5, range: [0, 1] });
    expect(line.positions).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(line.losses[0]).toBe(await loss(model).item());
    expect(await values(inspect.snapshot(model))).toEqual(before);
    nn.loadState(model, to);
    expect(line.losses[4]).toBeCloseTo(await loss(model).item(), 5);
    nn.loadState(model, from);
  });

  it("is put back when the loss throws", async () => {
    const before = inspect.snapshot(model);
    const fails = () => {
      throw new Error("no");
    };
    await expect(inspect.lossLine(model, fails, { from: before, to: before })).rejects.toThrow("no");
    expect(await values(inspect.snapshot(model))).toEqual(await values(before));
  });
});

describe("the loss in a plane", () => {
  it("has directions with filters as long as the model's", async () => {
    const direction = await inspect.filterDirection(model, random.seed(1));
    const rows = (w: Tensor) => w.square().sum({ axis: 1 }).sqrt().data();
    const [own, drawn] = [await rows(inspect.snapshot(model).get("0.weight")!), await rows(direction.get("0.weight")!)];
    drawn.forEach((length, i) => {
      expect(length).toBeCloseTo(own[i]!, 5);
    });
    expect(await direction.get("0.bias")!.toArray()).toEqual([0, 0, 0, 0]);
  });

  it("is a paraboloid for a quadratic loss, with its lowest point in the middle", async () => {
    const linear = nn.init(new nn.Linear(2, 1), { seed: 1 });
    nn.loadState(
      linear,
      new Map([
        ["weight", tensor([[0, 0]])],
        ["bias", tensor([0])],
      ]),
    );
    const along = (row: number[]) => new Map([["weight", tensor([row])]]);
    const plane = await inspect.lossPlane(linear, (m) => m.weight.square().sum(), {
      directions: [along([1, 0]), along([0, 2])],
      points: 3,
    });
    expect(plane).toEqual({
      x: [-1, 0, 1],
      y: [-1, 0, 1],
      losses: [
        [5, 4, 5],
        [1, 0, 1],
        [5, 4, 5],
      ],
    });
  });

  it("is the same for the same key, and takes a loss that is a promise", async () => {
    const options = { points: 3, key: random.seed(7) };
    const once = await inspect.lossPlane(model, loss, options);
    expect(await inspect.lossPlane(model, (m) => loss(m).item(), options)).toEqual(once);
    expect(once.losses[1]![1]).toBe(await loss(model).item());
  });
});

type Batch = { readonly x: Tensor; readonly y: Tensor };

describe("examination of a model's mistakes", () => {
  const identity = nn.init(new nn.Linear(3, 3, { bias: false }), { seed: 1 });
  nn.loadState(
    identity,
    new Map([
      [
        "weight",
        tensor([
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1],
        ]),
      ],
    ]),
  );
  const batch = (rows: number[][], labels: number[]) => ({ x: tensor(rows), y: tensor(Int32Array.from(labels)) });
  const batches = [
    batch(
      [
        [2, 0, 0],
        [0, 1, 0],
      ],
      [0, 0],
    ),
    batch(
      [
        [0, 3, 0],
        [0, 0, 1],
        [0, 2, 0],
      ],
      [0, 2, 2],
    ),
  ];
  const options = {
    scores: (m: nn.Linear, { x: input }: Batch) => m.forward(input),
    labels: ({ y: label }: Batch) => label,
  };

  it("finds confusions, the surest first, and the worst examples", async () => {
    const found = await inspect.examine(identity, batches, options);
    expect(found.error).toBeCloseTo(3 / 5, 12);
    expect(found.confusion.counts).toEqual([
      [1, 2, 0],
      [0, 0, 0],
      [0, 1, 1],
    ]);
    expect(found.pairs()).toEqual([
      { label: 0, predicted: 1, count: 2 },
      { label: 2, predicted: 1, count: 1 },
    ]);
    expect(found.confused(0, 1).map(({ index }) => index)).toEqual([2, 1]);
    expect(found.worst(2).map(({ index }) => index)).toEqual([2, 4]);
    const { loss: worst, confidence } = found.worst(1)[0]!;
    expect(worst).toBeCloseTo(Math.log(2 + Math.exp(3)), 5);
    expect(confidence).toBeCloseTo(Math.exp(3) / (2 + Math.exp(3)), 5);
  });

  refused([
    ["no batches", () => inspect.examine(identity, [], options), /examine: no batches/],
    [
      "labels that are no integers",
      () => inspect.examine(identity, batches, { ...options, labels: ({ y: label }: Batch) => label.cast("float32") }),
      /float32 labels \[2\], expected \[batch, classes\] and int32 \[batch\]/,
    ],
  ]);
});

const here = inspect.snapshot(model);
refused([
  ["one point", () => inspect.lossLine(model, loss, { from: here, to: here, points: 1 }), /points is 1/],
  ["an empty stretch", () => inspect.lossPlane(model, loss, { range: [1, -1] }), /the range is 1 … -1/],
  [
    "solutions of two models",
    () => inspect.lossLine(model, loss, { from: here, to: new Map() }),
    /"0\.weight" is in one solution only/,
  ],
  [
    "a direction of another model",
    () => inspect.lossPlane(model, loss, { directions: [new Map([["9.weight", x]]), here] }),
    /"9\.weight" is no path of the model/,
  ],
]);
