import { describe, expect, it } from "vitest";
import { nn, ones, random, relu, tensor, valueAndGrad, zeros } from "../../src/index.ts";
import { type Mistake, refused } from "../misuse/refused.ts";

const x = random.seed(1).normal([2, 3, 4, 4]);

describe("a residual", () => {
  it("adds its layer to what comes in", async () => {
    const block = nn.init(new nn.Residual(new nn.Conv2d(3, 3, 3, { padding: "same" })), { seed: 1 });
    const layer = block.layer as nn.Conv2d;
    expect(await block.forward(x).toArray()).toEqual(await layer.forward(x).add(x).toArray());
    expect(nn.parameters(block).map(({ path }) => path)).toEqual(["layer.weight", "layer.bias"]);
  });

  it("has a shortcut where shapes change", () => {
    const block = new nn.Residual(new nn.Conv2d(3, 5, 3, { stride: 2, padding: 1 }), {
      shortcut: new nn.Conv2d(3, 5, 1, { stride: 2, bias: false }),
    });
    expect(nn.init(block, { seed: 1 }).forward(x).shape).toEqual([2, 5, 2, 2]);
    const { gradient } = valueAndGrad(block, (m) => m.forward(x).square().sum());
    expect([...gradient.keys()]).toEqual(["layer.weight", "layer.bias", "shortcut.weight"]);
  });
});

describe("layers in parallel", () => {
  const layers = () => [new nn.Conv2d(3, 2, 1), new nn.Conv2d(3, 4, 3, { padding: 1 }), relu] as const;

  it("lie beside each other along the channels, under the names of their positions", () => {
    const model = nn.init(new nn.Parallel(layers()), { seed: 1 });
    expect(model.forward(x).shape).toEqual([2, 9, 4, 4]);
    expect(nn.parameters(model).map(({ path }) => path)).toEqual(["0.weight", "0.bias", "1.weight", "1.bias"]);
  });

  it("are added up, or joined as one says", async () => {
    const double = new nn.Parallel([(y) => y, (y) => y], { join: "sum" });
    expect(await double.forward(tensor([1, 2])).toArray()).toEqual([2, 4]);
    const product = new nn.Parallel([(y) => y.add(1), (y) => y], { join: ([a, b]) => a!.mul(b!) });
    expect(await product.forward(tensor([1, 2])).toArray()).toEqual([2, 6]);
  });
});

describe("PReLU", () => {
  it("learns its slope", async () => {
    const layer = nn.init(new nn.PReLU(), { seed: 1 });
    const { gradient } = valueAndGrad(layer, (m) => m.forward(tensor([-2, 3])).sum());
    expect(await gradient.get("weight")!.toArray()).toEqual([-2]);
  });
});

describe("single cells", () => {
  it("go through a sequence as the whole net does", async () => {
    const [whole, cell] = [nn.init(new nn.LSTM(2, 3), { seed: 1 }), new nn.LSTMCell(2, 3)];
    nn.loadState(cell, new Map(nn.state(whole).map(({ path, get }) => [path.replace("_l0", ""), get()])));
    const sequence = random.seed(2).normal([2, 4, 2]);
    let state: nn.CellState | undefined;
    for (let t = 0; t < 4; t++)
      state = cell.forward(sequence.slice({ axis: 1, start: t, stop: t + 1 }).squeeze(1), state);
    const end = whole.forward(sequence);
    const expected = await end.cell.squeeze(0).data();
    for (const [i, value] of (await state!.cell.data()).entries()) expect(value).toBeCloseTo(expected[i]!, 6);
  });
});

describe("padding", () => {
  it('"same" keeps the size of even and odd windows, "valid" takes none', () => {
    for (const size of [1, 2, 3, 4, 5]) {
      const conv = nn.init(new nn.Conv2d(3, 1, size, { padding: "same", dilation: 2 }), { seed: 1 });
      expect(conv.forward(ones([1, 3, 9, 7])).shape).toEqual([1, 1, 9, 7]);
    }
    expect(nn.init(new nn.Conv1d(1, 1, 3, { padding: "valid" }), { seed: 1 }).forward(ones([1, 1, 5])).shape).toEqual([
      1, 1, 3,
    ]);
  });
});

describe("a mistake with layers", () => {
  const mistakes: readonly Mistake[] = [
    [
      "a residual of another shape",
      () => nn.init(new nn.Residual(new nn.Linear(2, 3)), { seed: 1 }).forward(ones([1, 2])),
      /the layer gives \[1, 3\], beside it is \[1, 2\]; expected the same shape.*shortcut/,
    ],
    ["nothing in parallel", () => new nn.Parallel([]), /no layers, expected at least one/],
    [
      "a join that there is not",
      () => new nn.Parallel([relu], { join: "mean" as never }),
      /join is mean, expected concat, sum/,
    ],
    [
      "a stride that changes what should stay",
      () => new nn.Conv2d(1, 1, 3, { padding: "same", stride: 2 }),
      /padding "same" with a stride of 2 × 2, expected 1/,
    ],
    [
      "a padding mode that there is not",
      () => new nn.Conv1d(1, 1, 3, { paddingMode: "mirror" as never }),
      /paddingMode is mirror, expected one of zeros, reflect/,
    ],
    [
      "groups that do not divide",
      () => new nn.ConvTranspose2d(3, 4, 3, { groups: 2 }),
      /3 inputs and 4 outputs do not both divide into 2 groups/,
    ],
    [
      "a filter of no size",
      () => new nn.Conv3d(1, 1, [3, 0, 3]),
      /size is \[3, 0, 3\], expected a whole number of 1 or more, or 3 of them/,
    ],
    [
      "padding by a misspelt name",
      () => new nn.Conv2d(1, 1, 3, { padding: "sam" as "same" }),
      /padding is "sam", expected a whole number of 0 or more, or 2 of them \(height, width\), "same" or "valid"/,
    ],
    [
      "padding of less than nothing",
      () => new nn.Conv1d(1, 1, 3, { padding: -1 }),
      /Conv1d: padding is -1, expected a whole number of 0 or more, "same"/,
    ],
    [
      "padding for one axis of three",
      () => new nn.Conv3d(1, 1, 3, { padding: [1] as never }),
      /padding is \[1\], expected/,
    ],
    [
      "half a step",
      () => new nn.Conv2d(1, 1, 3, { stride: [1, 0.5] }),
      /stride is \[1, 0\.5\], expected a whole number of 1/,
    ],
    ["holes of no size", () => new nn.Conv2d(1, 1, 3, { dilation: 0 }), /dilation is 0, expected a whole number of 1/],
    [
      "transposed padding by name",
      () => new nn.ConvTranspose2d(1, 1, 3, { padding: "same" as never }),
      /padding is "same"/,
    ],
    ["an output made smaller", () => new nn.ConvTranspose1d(1, 1, 3, { outputPadding: -1 }), /outputPadding is -1/],
    ...([nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d, nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d] as const).flatMap(
      (Pool): Mistake[] => [
        [
          `padding by name of ${Pool.name}`,
          () => new Pool(2, { padding: "same" as never }),
          /padding is "same", expected a wh/,
        ],
        [
          `negative padding of ${Pool.name}`,
          () => new Pool(2, { padding: -1 }),
          /padding is -1, expected a whole number of 0/,
        ],
      ],
    ),
    [
      "negative padding of norms",
      () => new nn.LpPool2d(2, 2, { padding: -1 }),
      /padding is -1, expected a whole number/,
    ],
    ["shares of no number", () => new nn.AdaptiveAvgPool1d(0), /size is 0, expected a whole number of 1 or more\./],
    [
      "a line alone",
      () => nn.init(new nn.Conv1d(2, 1, 3), { seed: 1 }).forward(ones([2, 5])),
      /expected \[batch, channels, length\]\. One line as a batch/,
    ],
    [
      "a volume of other channels",
      () => nn.init(new nn.Conv3d(2, 1, 3), { seed: 1 }).forward(ones([1, 1, 5, 5, 5])),
      /the input has 1 channel, the filters expect 2/,
    ],
    [
      "a mirror beyond the edge",
      () =>
        nn.init(new nn.Conv1d(1, 1, 3, { padding: 3, paddingMode: "reflect" }), { seed: 1 }).forward(ones([1, 1, 3])),
      /at most 2 can be added by reflection/,
    ],
    ["a pool of no size", () => new nn.MaxPool3d(0), /size is 0, expected a whole number of 1 or more, or 3/],
    [
      "a pool of another rank",
      () => new nn.AdaptiveAvgPool2d(1).forward(ones([1, 2, 3])),
      /expected \[batch, channels, height, width\]/,
    ],
    ["a power below 1", () => new nn.LpPool2d(0.5, 2), /the power is 0.5, expected 1 or more/],
    ["neither size nor scale", () => new nn.Upsample({}), /neither size nor scale, expected one of the two/],
    [
      "inputs of another batch",
      () => nn.init(new nn.Bilinear([2, 3], 1), { seed: 1 }).forward(ones([4, 2]), ones([5, 3])),
      /\[4, 2\] and \[5, 3\], expected \[…, 2\] and \[…, 3\], alike/,
    ],
    [
      "rows that there are not",
      () => nn.init(new nn.EmbeddingBag(3, 2), { seed: 1 }).forward(tensor([[0, 3]], { dtype: "int32" })),
      /row 3 at \[0, 1\] is outside 0 … 2/,
    ],
    [
      "bags out of order",
      () =>
        nn
          .init(new nn.EmbeddingBag(3, 2), { seed: 1 })
          .forward(tensor([0, 1], { dtype: "int32" }), { offsets: [0, 2, 1] }),
      /bag 2 begins at 1, expected 0 for the first, then ascending/,
    ],
    [
      "rows without offsets",
      () => nn.init(new nn.EmbeddingBag(3, 2), { seed: 1 }).forward(tensor([0, 1], { dtype: "int32" })),
      /the rows are \[2\], expected \[bags, rows\], or \[rows\] with the offsets/,
    ],
    [
      "a mean with weights",
      () =>
        nn
          .init(new nn.EmbeddingBag(3, 2), { seed: 1 })
          .forward(tensor([[0, 1]], { dtype: "int32" }), { weights: ones([1, 2]) }),
      /in mode mean, expected as many, and mode "sum"/,
    ],
    [
      "slopes for other channels",
      () => nn.init(new nn.PReLU(3), { seed: 1 }).forward(ones([2, 4])),
      /the input is \[2, 4\], expected \[batch, 3, …\]/,
    ],
    [
      "a state of another size",
      () => nn.init(new nn.GRUCell(2, 3), { seed: 1 }).forward(ones([1, 2]), zeros([1, 4])),
      /the state is \[1, 4\], expected \[1, 3\]/,
    ],
    [
      "a sequence for a cell",
      () => nn.init(new nn.RNNCell(2, 3), { seed: 1 }).forward(ones([1, 4, 2])),
      /the input is \[1, 4, 2\], expected \[batch, 2\]/,
    ],
    [
      "a projection that is none",
      () => new nn.LSTM(2, 3, { projection: 3 }),
      /projection is 3, expected a whole number from 1 to 2/,
    ],
  ];
  refused(mistakes);
});
