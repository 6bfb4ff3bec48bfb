import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  argmax,
  argsort,
  concat,
  customPullback,
  einsum,
  flatten,
  fromOnnx,
  loadOnnx,
  logSoftmax,
  losses,
  nn,
  optim,
  random,
  relu,
  saveOnnx,
  stack,
  stopGradient,
  type Tensor,
  tanh,
  tensor,
  toOnnx,
  topK,
  train,
  zeros,
} from "../../src/index.ts";
import { decodeModel, type ValueInfoProto } from "../../src/io/onnx/schema.ts";
import { Tensor as AnyTensor } from "../../src/tensor/tensor.ts";
import { refused } from "../misuse/refused.ts";
import { modernLeNet } from "../nn/lenet.ts";
import { runtime } from "./onnx-runtime.ts";

type Model = nn.Module & { forward(...inputs: never[]): unknown };

const key = random.seed(3);
const normal = (name: string, ...shape: number[]) => key.child(name).normal(shape);
const init = <M extends nn.Module>(model: M) => nn.init(model, { seed: 1 });

/** A function as a model. */
class Of extends nn.Module {
  readonly #f: (...inputs: Tensor[]) => unknown;
  constructor(f: (...inputs: Tensor[]) => unknown) {
    super();
    this.#f = f;
  }
  forward(...inputs: Tensor[]) {
    return this.#f(...inputs);
  }
}

class Causal extends nn.Module {
  readonly attention = new nn.MultiheadAttention(8, 2);
  forward(x: Tensor) {
    return this.attention.forward(x, x, x, { causal: true });
  }
}

function resultsOf(value: unknown, path = ""): [string, Tensor][] {
  if (value instanceof AnyTensor) return [[path || "output", value]];
  return Object.entries((value ?? {}) as object).flatMap(([name, item]) =>
    resultsOf(item, path === "" ? name : `${path}.${name}`),
  );
}

/** The largest difference between what the model computes, what ONNX Runtime does and what our own import does. */
async function apart(model: Model, file: Uint8Array, inputs: readonly Tensor[]): Promise<number> {
  const expected = resultsOf(model.forward(...(inputs as never[])));
  const imported = fromOnnx(file);
  const given = Object.fromEntries(imported.inputs().map((name, i) => [name, inputs[i]!]));
  const ours = imported.run(given);
  expect(imported.outputs()).toEqual(expected.map(([name]) => name));
  const theirs = await runtime?.run(file, given);
  let worst = 0;
  for (const [name, tensor] of expected) {
    expect(ours[name]!.shape).toEqual(tensor.shape);
    const values = await tensor.data();
    for (const found of [await ours[name]!.data(), theirs?.[name]])
      if (found !== undefined)
        for (const [i, value] of values.entries())
          if (!Object.is(value, found[i]))
            worst = Math.max(worst, Math.abs(value - found[i]!) / Math.max(1, Math.abs(value)));
  }
  return worst;
}

const sequences = (build: () => nn.Module) => () =>
  [init(build()), normal("s", 2, 4, 5), normal("t", 3, 4, 5)] as const;
const indices = (...values: number[]) => tensor(Int32Array.from(values), { shape: [values.length / 3, 3] });

/** A model, the examples that it is written from, and others of another batch. */
const models: Readonly<Record<string, () => readonly [nn.Module, ...(Tensor | readonly Tensor[])[]]>> = {
  "LeNet-5": () => [init(modernLeNet()), normal("a", 1, 1, 28, 28), normal("b", 4, 1, 28, 28)],
  "LeNet-5 of 1998": () => [
    init(
      new nn.Sequential([
        new nn.Conv2d(1, 6, 5),
        new nn.Subsampling(6),
        tanh,
        new nn.PartialConv2d(6, 5, nn.c3Table),
        new nn.Subsampling(16),
        tanh,
        (x) => flatten(x, 1),
        new nn.Linear(400, 84),
        new nn.RadialBasis(nn.digitCodes),
      ]),
    ),
    normal("a", 2, 1, 32, 32),
    normal("b", 3, 1, 32, 32),
  ],
  "a net with batch normalisation": () => [
    init(
      new nn.Sequential([
        new nn.Conv2d(3, 4, 3, { stride: 2, bias: false }),
        new nn.BatchNorm2d(4),
        relu,
        new nn.Dropout(0.5),
        (x) => x.mean({ axis: [2, 3] }),
        (x) => logSoftmax(x),
      ]),
    ),
    normal("a", 2, 3, 9, 9),
    normal("b", 5, 3, 9, 9),
  ],
  LSTM: sequences(() => new nn.LSTM(5, 7, { layers: 2, bidirectional: true })),
  GRU: sequences(() => new nn.GRU(5, 7, { bidirectional: true })),
  RNN: sequences(() => new nn.RNN(5, 7, { activation: "relu" })),
  "a transformer": () => [
    init(new nn.TransformerEncoder(8, 2, { layers: 2, feedForward: 16, normFirst: true })),
    normal("a", 2, 5, 8),
    normal("b", 3, 5, 8),
  ],
  "causal attention": () => [init(new Causal()), normal("a", 2, 5, 8), normal("b", 4, 5, 8)],
  "an embedding": () => [
    init(new nn.Sequential([new nn.Embedding(11, 6, { paddingIndex: 0 }), new nn.Linear(6, 3)])),
    indices(1, 0, 3, 5, 7, 10),
    indices(1, 2, 3, 0, 7, 10, 4, 5, 6),
  ],
  "elementwise operations": () => [
    new Of((x, y) => [
      ...[x!.add(y!), x!.sub(2), x!.mul(y!), x!.div(y!.abs().add(1)), x!.square(), x!.abs().add(1).pow(y!), x!.neg()],
      ...[x!.exp(), x!.expm1(), x!.abs().log1p(), x!.abs().log2(), x!.abs().sqrt(), x!.maximum(y!), x!.minimum(y!)],
      ...[x!.clamp({ min: -0.5, max: 0.5 }), x!.clamp({ max: 0.2 }), x!.sin(), x!.greater(y!).where(x!, y!)],
      ...[x!.greater(0).and(y!.less(0)), x!.floor(), x!.round(), x!.trunc(), x!.sign(), x!.remainder(0.7)],
      ...[x!.isFinite(), x!.erf(), x!.erfc(), x!.leakyRelu(0.2), x!.elu(0.7), x!.selu(), x!.gelu(), x!.silu()],
      ...[x!.mish(), x!.hardTanh(), x!.hardSigmoid(), x!.softSign(), x!.softplus(), x!.logSigmoid()],
      ...[x!.cast("int32"), x!.notEqual(y!).not(), x!.equal(y!).xor(x!.greater(y!)), x!.floorDiv(0.5)],
    ]),
    [normal("a", 2, 4), normal("c", 2, 4)],
    [normal("b", 3, 4), normal("d", 3, 4)],
  ],
  "operations on layout": () => [
    new Of((x) => [
      ...[
        x!.reshape([-1, 24]),
        x!.transpose([2, 0, 1]),
        x!.slice({ axis: 1, start: 1, stop: -1 }),
        x!.at("...", "::-2"),
      ],
      ...[x!.flip([1, 2]), x!.expandDims(0), x!.tile([2, 1]), x!.repeat({ count: 2 }), concat([x!, x!.mul(2)], -1)],
      ...[x!.pad({ before: [0, 1, 2], after: [0, 0, 1], value: 3 }), stack([x!, x!]), x!.tril(), x!.cumsum(1)],
      x!.unfold({ axis: 1, size: 2, dilation: 2 }),
      ...[x!.pad({ before: [0, 1, 2], after: [0, 0, 1], mode: "reflect" }), x!.moveAxis({ from: 0, to: 2 })],
      ...[x!.broadcastTo([2, ...x!.shape]), x!.squeeze(), x!.take(tensor(Int32Array.of(0, 3, 3)), 1)],
      ...[zeros([x!.shape[0]!, 3]).add(1), stopGradient(x!)],
    ]),
    normal("a", 2, 4, 6),
    normal("b", 5, 4, 6),
  ],
  "reductions and orders": () => [
    new Of((x) => [
      ...[x!.sum(), x!.mean({ axis: 1 }), x!.max({ axis: 2, keepDims: true }), x!.min({ axis: [0, 1] })],
      ...[x!.prod({ axis: 2 }), argmax(x!), x!.argmin(1), x!.norm({ axis: 1 }), x!.logSumExp({ axis: 1 })],
      ...[x!.variance({ axis: 1 }), x!.std({ axis: [1, 2] }), x!.softmax(1), x!.logSoftmax(0), x!.sort({ axis: 1 })],
      ...[argsort(x!, { descending: true }), topK(x!, 2), x!.any({ axis: 1 }), x!.greater(0).sum({ axis: 1 })],
    ]),
    normal("a", 2, 4, 5),
    normal("b", 3, 4, 5),
  ],
  einsum: () => [
    new Of((a, b) => einsum("bij,bkj->bik", a!, b!)),
    [normal("a", 2, 3, 4), normal("b", 2, 5, 4)],
    [normal("c", 4, 3, 4), normal("d", 4, 5, 4)],
  ],
  "a residual net": () => [init(new nn.models.CifarResNet(8)), normal("a", 1, 3, 32, 32), normal("b", 2, 3, 32, 32)],
  "a language model": () => [
    init(new nn.models.TransformerLanguageModel({ words: 20, width: 8, heads: 2, layers: 1, context: 6 })),
    indices(1, 0, 3, 5, 7, 10),
    indices(1, 2, 3, 0, 7, 10, 4, 5, 19),
  ],
  "normalisations and images of other sizes": () => [
    init(
      new nn.Sequential([
        new nn.ConvTranspose2d(3, 4, 3, { stride: 2, padding: 1, outputPadding: 1 }),
        new nn.GroupNorm(2, 4),
        new nn.InstanceNorm2d(4, { affine: true }),
        new nn.LocalResponseNorm(3),
        new nn.PReLU(4),
        new nn.Conv2d(4, 4, 4, { padding: "same", paddingMode: "reflect" }),
        new nn.RMSNorm(10),
        new nn.AdaptiveAvgPool2d([4, 5]),
        new nn.Upsample({ scale: 2 }),
      ]),
    ),
    normal("a", 2, 3, 4, 5),
    normal("b", 3, 3, 4, 5),
  ],
  "a function with a pullback of its own": () => [
    new Of(
      customPullback(
        (x) => x.mul(2).tanh(),
        (g) => [g],
      ),
    ),
    normal("a", 2, 4),
    normal("b", 3, 4),
  ],
};

describe("a model written as ONNX", () => {
  it.each(Object.keys(models))(
    "%s computes the same in ONNX Runtime and read back, for other batches, too",
    async (name) => {
      const [model, ...examples] = models[name]!();
      const file = await toOnnx(model as Model, examples[0]!);
      for (const example of examples) {
        const inputs = Array.isArray(example) ? (example as readonly Tensor[]) : [example as Tensor];
        expect(await apart(model as Model, file, inputs)).toBeLessThan(1e-5);
      }
    },
  );

  it("keeps parameters under their paths, and says what goes in and out", async () => {
    const model = init(modernLeNet());
    const { graph, metadataProps, opsetImport, producerName } = decodeModel(
      await toOnnx(model, normal("a", 1, 1, 28, 28), { inputs: ["image"], metadata: { note: "MNIST" } }),
    );
    const names = graph!.initializer.map(({ name }) => name);
    for (const { path } of nn.parameters(model)) expect(names).toContain(path);
    const shape = (info: ValueInfoProto) =>
      info.type!.tensorType!.shape!.dim.map(({ dimParam, dimValue }) => dimParam || Number(dimValue));
    expect(graph!.input.map((info) => [info.name, shape(info)])).toEqual([["image", ["batch", 1, 28, 28]]]);
    expect(graph!.output.map((info) => [info.name, shape(info)])).toEqual([["output", ["batch", 10]]]);
    expect(metadataProps).toMatchObject([{ key: "note", value: "MNIST" }]);
    expect([producerName, opsetImport[0]!.version]).toEqual(["gradbook", 17n]);
    expect(graph!.node.map(({ opType }) => opType).filter((name) => /Conv|Pool|Relu|MatMul/.test(name))).toEqual([
      ...["Conv", "Relu", "MaxPool", "Conv", "Relu", "MaxPool", "MatMul", "Relu", "MatMul", "Relu", "MatMul"],
    ]);
  });

  it("may hold to one number of examples", async () => {
    const model = new Of((x) => x!.reshape([6, -1]).add(tensor([[1], [2], [3], [4], [5], [6]])));
    const file = await toOnnx(model, normal("a", 3, 4), { batch: "fixed" });
    expect(await apart(model, file, [normal("b", 3, 4)])).toBeLessThan(1e-6);
    expect(decodeModel(file).graph!.input[0]!.type!.tensorType!.shape!.dim[0]!.dimValue).toBe(3n);
  });

  it("can be read back and trained further, from a file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "gradbook-onnx-"));
    const path = join(folder, "net.onnx");
    const x = normal("x", 16, 4);
    await saveOnnx(init(new nn.Sequential([new nn.Linear(4, 8), tanh, new nn.Linear(8, 1)])), path, { example: x });
    const model = await loadOnnx(path);
    rmSync(folder, { recursive: true });
    expect(
      nn
        .parameters(model)
        .map((place) => place.path)
        .sort(),
    ).toEqual(["0.bias", "0.weight", "2.bias", "2.weight"]);
    const found: number[] = [];
    const goal = x.sum({ axis: 1, keepDims: true });
    const loss = (m: nn.Module & { forward(x: Tensor): Tensor }) => losses.squaredError(m.forward(x), goal);
    for await (const step of train(model, [{}], { loss, optimizer: optim.adam({ rate: 0.05 }), epochs: 60 }))
      found.push(step.loss);
    expect(found.at(-1)!).toBeLessThan(found[0]! / 20);
  });
});

const folder = mkdtempSync(join(tmpdir(), "gradbook-onnx-refused-"));
afterAll(() => rmSync(folder, { recursive: true }));
const x = normal("x", 2, 3);
const linear = init(new nn.Linear(3, 2));
const attempt =
  (f: (...inputs: Tensor[]) => unknown, example: Tensor | readonly Tensor[] = x) =>
  () =>
    toOnnx(new Of(f), example);
const written = () => toOnnx(linear, x);
const renamed = async (from: string, to: string) => {
  const text = Buffer.from(await written())
    .toString("latin1")
    .replaceAll(from, to);
  return fromOnnx(Buffer.from(text, "latin1"));
};
const text = async () => {
  writeFileSync(join(folder, "text.onnx"), "no model at all");
  return loadOnnx(join(folder, "text.onnx"));
};

describe("ONNX files that cannot be", () => {
  refused([
    ["an operation without counterpart", attempt((y) => y!.cumprod(0)), /cumprod has no counterpart in ONNX/],
    ["a forward that gives nothing", attempt(() => undefined), /Of\.forward gives no tensor, expected at least one\./],
    [
      "a scalar example",
      attempt((y) => y, tensor(1)),
      /an example is \[\], expected \[batch, …\] with one row or more\./,
    ],
    ["an example without rows", attempt((y) => y, zeros([0, 2])), /an example is \[0, 2\]/],
    [
      "other operations for other batches",
      attempt((y) => (y!.shape[0] === 2 ? y!.tanh() : y!.exp())),
      /computes other things for 3 examples than for 2, from operation 0 on\./,
    ],
    [
      "numbers that depend on the batch",
      attempt((y) => y!.add(tensor(Array.from({ length: y!.shape[0]! }, (_, i) => [i])))),
      /depends on the data or on how many examples there are, in a way that no operation shows/,
    ],
    ["an odd batch", () => toOnnx(linear, x, { batch: "any" as never }), /batch is any, expected dynamic or fixed\./],
    ["names for other inputs", () => toOnnx(linear, x, { inputs: ["a", "b"] }), /expected 1 different names\./],
    [
      "a folder that is not there",
      () => saveOnnx(linear, "/nowhere/x.onnx", { example: x }),
      /there is no such folder/,
    ],
    ["a model without values", () => toOnnx(new nn.Linear(3, 2), x), /this parameter has no values yet/],
    ["text", text, /text\.onnx: this is no ONNX file, or it was cut off or damaged\./],
    ["nothing", () => fromOnnx(new Uint8Array(0)), /the file has no graph or no version of operations/],
    [
      "half a file",
      async () => fromOnnx((await written()).slice(0, 100)),
      /no ONNX file, or it was cut off or damaged/,
    ],
    ["an unknown operation", () => renamed("MatMul", "MutMal"), /has operations that are not supported: MutMal\./],
    ["a file that is not there", () => loadOnnx("/nowhere/x.onnx"), /there is no such file\. saveOnnx\(model, path/],
    ["no input", async () => fromOnnx(await written()).forward(), /0 inputs, expected 1: input\./],
    [
      "another input",
      async () => fromOnnx(await written()).run({ image: x }),
      /the input input is missing, expected a/,
    ],
    ["a wrong shape", async () => fromOnnx(await written()).forward(zeros([2, 4])), /inner sizes 4 and 3 differ/],
  ]);
});
