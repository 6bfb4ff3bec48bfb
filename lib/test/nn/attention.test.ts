import { describe, expect, it } from "vitest";
import { nn, ones, random, ShapeError, type Tensor, tensor, valueAndGrad, zeros } from "../../src/index.ts";
import { expectClose, load, type Stored } from "../golden/fixtures.ts";
import { drawn, pythonHasTorch, seed } from "../golden/python.ts";

interface Case {
  readonly kind: "Embedding" | "LayerNorm" | "MultiheadAttention" | "TransformerEncoder" | "TransformerDecoder";
  readonly arguments: readonly never[];
  readonly lengths: readonly number[] | null;
  /** Of the outputs of a decoder. */
  readonly own?: readonly number[];
  readonly rows?: Stored;
  /** Truth values: where attention is allowed. */
  readonly mask?: Stored;
  readonly inputs: Readonly<Record<string, Stored>>;
  readonly weights: Readonly<Record<string, Stored>>;
  readonly results: readonly Stored[];
  readonly cotangents: readonly Stored[];
  readonly gradients: Readonly<Record<string, Stored>>;
}

const script = new URL("./torch_attention.py", import.meta.url);
const count = 60;

function run(net: nn.Module, drawnCase: Case, inputs: Readonly<Record<string, Tensor>>): Tensor[] {
  const { lengths, mask, own } = drawnCase;
  const options = {
    ...(lengths && { lengths }),
    ...(mask && { mask: tensor(Int32Array.from(mask.data), { shape: mask.shape }).cast("bool") }),
  };
  const { x, memory } = inputs;
  if (net instanceof nn.Embedding) {
    const { data, shape } = drawnCase.rows!;
    return [net.forward(tensor(Int32Array.from(data), { shape }))];
  }
  if (net instanceof nn.MultiheadAttention) {
    const { output, weights } = net.forward(x!, memory, memory, options);
    return [output, weights];
  }
  if (net instanceof nn.TransformerDecoder)
    return [net.forward(x!, memory!, { memory: options, ...(own && { self: { lengths: own } }) })];
  if (net instanceof nn.TransformerEncoder) return [net.forward(x!, options)];
  return [(net as nn.LayerNorm).forward(x!)];
}

describe.skipIf(!pythonHasTorch())("attention, normalisation and embeddings against PyTorch", () => {
  it(`${count} random modules, and all gradients, in float64`, async () => {
    for (const [index, drawnCase] of drawn<Case>(script, seed, count).entries()) {
      const { kind, weights, inputs, results, cotangents, gradients } = drawnCase;
      const what = `GRADBOOK_SEED=${seed}, case ${index}: ${kind}(${JSON.stringify(drawnCase.arguments)})`;
      const net = new nn[kind](...(drawnCase.arguments as unknown as [never, never, never])) as nn.Module;
      const double = (all: Readonly<Record<string, Stored>>) =>
        Object.fromEntries(Object.entries(all).map(([name, value]) => [name, load(value, "cpu", "float64")]));
      const leaves = { ...double(inputs), ...double(weights) };
      const places = new Map(nn.parameters(net).map((place) => [place.path, place]));
      expect([...places.keys()].sort(), what).toEqual(Object.keys(weights).sort());
      const of = (values: Readonly<Record<string, Tensor>>) => {
        for (const [path, place] of places) place.set(values[path]!);
        return run(net, drawnCase, values);
      };
      for (const [i, result] of of(leaves).entries())
        await expectClose(result, results[i]!, 1e-9, `${what}, result ${i}`);
      const { gradient } = valueAndGrad(leaves, (values) =>
        of(values as Readonly<Record<string, Tensor>>)
          .map((y, i) => y.mul(load(cotangents[i]!, "cpu", "float64")).sum())
          .reduce((a, b) => a.add(b)),
      );
      for (const [name, expected] of Object.entries(gradients))
        await expectClose(gradient[name]!, expected, 1e-9, `${what}, gradient of ${name}`);
    }
    console.log(`Seed ${seed}: ${count} random modules of attention agree with PyTorch.`);
  }, 120_000);
});

describe("attention", () => {
  it("refuses what does not fit, in words", () => {
    const attention = nn.init(new nn.MultiheadAttention(4, 2), { seed: 1 });
    const x = zeros([2, 3, 4]);
    expect(() => new nn.MultiheadAttention(4, 3)).toThrow(/width 4 is no multiple of 3/);
    expect(() => attention.forward(zeros([2, 3, 5]))).toThrow(/\[2, 3, 5\], expected \[batch, steps, 4\]/);
    expect(() => attention.forward(x, x, x, { lengths: [3] })).toThrow(
      /1 lengths for scores \[2, 2, 3, 3\], expected 2/,
    );
    expect(() => attention.forward(x, x, x, { lengths: [3, 4] })).toThrow(/length 4 of sequence 1, expected 1 … 3/);
    expect(() => attention.forward(x, x, x, { mask: zeros([3, 3]) })).toThrow(/mask is float32, expected bool/);
    const { scaledDotProductAttention: attend } = nn;
    expect(() => attend(zeros([3, 4]), zeros([3, 5]), zeros([3, 4]))).toThrow(
      /\[3, 4\] and keys \[3, 5\] differ in width/,
    );
    expect(() => attend(zeros([3, 4]), zeros([3, 4]), zeros([2, 4]))).toThrow(/3 keys and 2 values/);
  });

  it("attends to nothing that comes later, nor behind the end", async () => {
    const x = random.seed(1).normal([2, 4, 4]);
    const attention = nn.init(new nn.MultiheadAttention(4, 2), { seed: 1 });
    const { weights } = attention.forward(x, x, x, { causal: true, lengths: [4, 2] });
    const rows = (await weights.toArray()) as number[][][][];
    for (const [sequence, heads] of rows.entries())
      for (const head of heads)
        for (const [query, row] of head.entries()) {
          expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
          row.forEach((weight, key) => {
            if (key > query || (sequence === 1 && key >= 2)) expect(weight).toBe(0);
          });
        }
  });

  it("of a decoder stays causal whatever else is said", async () => {
    const x = random.seed(1).normal([1, 4, 4]);
    const decoder = nn.init(new nn.TransformerDecoderLayer(4, 2, { feedForward: 8 }), { seed: 1 });
    const first = { axis: 1, stop: 2 };
    const [whole, part] = [decoder.forward(x, x, { self: { lengths: [4] } }), decoder.forward(x.slice(first), x)];
    const expected = (await part.data()) as Float32Array;
    for (const [i, value] of (await whole.slice(first).data()).entries()) expect(value).toBeCloseTo(expected[i]!, 5);
  });

  it("refuses steps and masks that do not go together", () => {
    const [q, k] = [random.seed(1).normal([2, 3, 4]), random.seed(2).normal([5, 6, 4])];
    const mask = ones([3, 6]).greater(0);
    expect(() => nn.scaledDotProductAttention(q, k, k, { mask })).toThrow(ShapeError);
    const own = ones([1, 1, 3, 3]).greater(0);
    expect(() => nn.scaledDotProductAttention(q, q, q, { mask: own })).toThrow(
      /mask \[1, 1, 3, 3\] does not broadcast/,
    );
  });

  it("drops weights in training and gives them without", async () => {
    const attention = nn.init(new nn.MultiheadAttention(4, 2, { dropout: 0.5 }), { seed: 1 });
    const x = random.seed(1).normal([2, 3, 4]);
    const key = random.seed(2);
    const { output, weights } = nn.training(key, () => attention.forward(x));
    expect(await weights.toArray()).toEqual(await attention.forward(x).weights.toArray());
    const kept = key.child(0).bernoulli([2, 2, 3, 3], 0.5).where(weights.mul(2), 0);
    const values = x.matmul(attention.in_proj_weight.slice({ axis: 0, start: 8 }).transpose());
    const heads = values.reshape([2, 3, 2, 2]).transpose([0, 2, 1, 3]);
    const joined = kept.matmul(heads).transpose([0, 2, 1, 3]).reshape([2, 3, 4]);
    const expected = await attention.out_proj.forward(joined).data();
    for (const [i, value] of (await output.data()).entries()) expect(value).toBeCloseTo(expected[i]!, 5);
  });

  it("starts with an output bias of zeros, as PyTorch's", async () => {
    const attention = nn.init(new nn.MultiheadAttention(4, 2), { seed: 1 });
    expect(await attention.out_proj.bias!.toArray()).toEqual([0, 0, 0, 0]);
    expect(await attention.in_proj_bias!.toArray()).toEqual(new Array(12).fill(0));
  });

  it("marks positions by waves", async () => {
    const waves = (await nn.sinusoidalPositions(3, 4).toArray()) as number[][];
    expect(waves[0]).toEqual([0, 1, 0, 1]);
    expect(waves[2]![0]).toBeCloseTo(Math.sin(2), 6);
    expect(waves[2]![3]).toBeCloseTo(Math.cos(2 / 100), 6);
    expect(() => nn.sinusoidalPositions(3, 5)).toThrow(/expected an even number/);
  });
});

describe("an embedding", () => {
  it("names the row that there is not", () => {
    const words = nn.init(new nn.Embedding(10, 3), { seed: 1 });
    const rows = tensor(
      [
        [1, 2],
        [3, 10],
      ],
      { dtype: "int32" },
    );
    expect(() => words.forward(rows)).toThrow("Embedding(10 × 3): row 10 at [1, 1] is outside 0 … 9.");
    expect(() => words.forward(zeros([2]))).toThrow(/float32, expected the int32 numbers of rows\. Cast it/);
    expect(() => new nn.Embedding(10, 3, { paddingIndex: 10 })).toThrow(/paddingIndex is 10, expected one of 0 … 9/);
  });

  it("starts with zeros for padding, and does not train them", async () => {
    const words = nn.init(new nn.Embedding(3, 2, { paddingIndex: 0 }), { seed: 1 });
    const rows = tensor([0, 2, 0], { dtype: "int32" });
    expect(((await words.forward(rows).toArray()) as number[][])[0]).toEqual([0, 0]);
    const { gradient } = valueAndGrad(words, (m) => m.forward(rows).sum());
    expect(await gradient.get("weight")!.toArray()).toEqual([
      [0, 0],
      [0, 0],
      [1, 1],
    ]);
  });
});
