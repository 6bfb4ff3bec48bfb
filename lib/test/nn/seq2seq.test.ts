import { describe, expect, it } from "vitest";
import { nn, random, type Tensor, tensor, valueAndGrad, zeros } from "../../src/index.ts";
import { expectClose, load, type Stored } from "../golden/fixtures.ts";
import { drawn, pythonHasTorch, seed } from "../golden/python.ts";
import { refused } from "../misuse/refused.ts";

interface Case {
  readonly kind: "AdditiveAttention" | "MultiplicativeAttention" | "DotProductAttention" | "Seq2Seq";
  readonly arguments: readonly never[];
  readonly lengths: readonly number[] | null;
  readonly rows: Readonly<Record<string, Stored>>;
  readonly inputs: Readonly<Record<string, Stored>>;
  readonly weights: Readonly<Record<string, Stored>>;
  readonly results: readonly Stored[];
  readonly cotangents: readonly Stored[];
  readonly gradients: Readonly<Record<string, Stored>>;
}

type Named = Readonly<Record<string, Tensor>>;

const script = new URL("./torch_seq2seq.py", import.meta.url);
const count = 60;

function made({ kind, arguments: given }: Case): nn.Module {
  const kinds = { ...nn, Seq2Seq: nn.models.Seq2Seq };
  return new (kinds[kind] as unknown as new (...all: readonly never[]) => nn.Module)(...given);
}

function run(net: nn.Module, { lengths, rows }: Case, { q, k, values }: Named): Tensor[] {
  const options = lengths === null ? {} : { lengths };
  if (net instanceof nn.models.Seq2Seq) {
    const words = ({ data, shape }: Stored) => tensor(Int32Array.from(data), { shape });
    const { logits, weights } = net.forward(words(rows.source!), words(rows.target!), options);
    return weights === undefined ? [logits] : [logits, weights];
  }
  const { output, weights } = (net as nn.ScoredAttention).forward(q!, k!, { ...options, ...(values && { values }) });
  return [output, weights];
}

describe.skipIf(!pythonHasTorch())("attention by scores and encoder–decoders against PyTorch", () => {
  it(`${count} random modules, and all gradients, in float64`, async () => {
    for (const [index, drawnCase] of drawn<Case>(script, seed, count).entries()) {
      const { kind, weights, inputs, results, cotangents, gradients } = drawnCase;
      const what = `GRADBOOK_SEED=${seed}, case ${index}: ${kind}(${JSON.stringify(drawnCase.arguments)})`;
      const net = made(drawnCase);
      const double = (all: Readonly<Record<string, Stored>>) =>
        Object.fromEntries(Object.entries(all).map(([name, value]) => [name, load(value, "cpu", "float64")]));
      const leaves = { ...double(inputs), ...double(weights) };
      const places = new Map(nn.parameters(net).map((place) => [place.path, place]));
      expect([...places.keys()].sort(), what).toEqual(Object.keys(weights).sort());
      const of = (values: Named) => {
        for (const [path, place] of places) place.set(values[path]!);
        return run(net, drawnCase, values);
      };
      const own = of(leaves);
      expect(own.length, what).toBe(results.length);
      for (const [i, result] of own.entries()) await expectClose(result, results[i]!, 1e-9, `${what}, result ${i}`);
      const { gradient } = valueAndGrad(leaves, (values) =>
        of(values as Named)
          .map((y, i) => y.mul(load(cotangents[i]!, "cpu", "float64")).sum())
          .reduce((a, b) => a.add(b)),
      );
      for (const [name, expected] of Object.entries(gradients))
        await expectClose(gradient[name]!, expected, 1e-9, `${what}, gradient of ${name}`);
    }
    console.log(`Seed ${seed}: ${count} random encoder–decoders and attentions agree with PyTorch.`);
  }, 120_000);
});

const model = nn.init(new nn.models.Seq2Seq({ sourceWords: 6, targetWords: 5, hidden: 4, dropout: 0.5 }), { seed: 1 });
const int = (values: readonly (readonly number[])[]) => tensor(values, { dtype: "int32" });
const source = int([
  [1, 2, 3],
  [4, 5, 0],
]);

describe("an encoder–decoder", () => {
  it("does not look behind the end of a source", async () => {
    const target = int([[1], [1]]);
    const other = int([
      [1, 2, 3],
      [4, 5, 3],
    ]);
    const lengths = [3, 2];
    const [one, two] = [model.forward(source, target, { lengths }), model.forward(other, target, { lengths })];
    expect(await one.logits.toArray()).toEqual(await two.logits.toArray());
    const weights = (await one.weights!.toArray()) as number[][][];
    expect(weights[1]![0]![2]).toBe(0);
  });

  it("says step by step what it says of the whole", async () => {
    const target = int([
      [1, 2, 3],
      [1, 4, 0],
    ]);
    const { logits } = model.forward(source, target, { lengths: [3, 2] });
    let state = model.encode(source, { lengths: [3, 2] });
    for (let t = 0; t < 3; t++) {
      const step = model.step(state, target.slice({ axis: 1, start: t, stop: t + 1 }).squeeze(1));
      state = step.state;
      const expected = logits.slice({ axis: 1, start: t, stop: t + 1 }).squeeze(1);
      expect(await step.logits.toArray()).toEqual(await expected.toArray());
    }
  });

  it("is led by the likeliest word where it is not forced", async () => {
    const exact = nn.init(new nn.models.Seq2Seq({ sourceWords: 6, targetWords: 5, hidden: 4 }), { seed: 1 });
    const free = nn.training(random.seed(1), () =>
      exact.forward(
        source,
        int([
          [1, 0, 0],
          [1, 0, 0],
        ]),
        { forcing: 0 },
      ),
    );
    const words = (await free.logits.argmax(-1).toArray()) as number[][];
    const led = exact.forward(source, int(words.map((row) => [1, ...row.slice(0, 2)])));
    expect(await free.logits.toArray()).toEqual(await led.logits.toArray());
  });
});

describe("what does not fit", () => {
  const additive = nn.init(new nn.AdditiveAttention(4, 6), { seed: 1 });
  const options = { sourceWords: 6, targetWords: 5, hidden: 4 };
  refused([
    [
      "queries of another width",
      () => additive.forward(zeros([2, 1, 5]), zeros([2, 3, 6])),
      /the queries are \[2, 1, 5\], expected \[…, queries, 4\]/,
    ],
    [
      "keys of another width",
      () => additive.forward(zeros([2, 1, 4]), zeros([2, 3, 4])),
      /the keys are \[2, 3, 4\], expected \[…, keys, 6\]/,
    ],
    ["a vector as a query", () => additive.forward(zeros([4]), zeros([2, 3, 6])), /the queries are \[4\]/],
    [
      "fewer values than keys",
      () => additive.forward(zeros([2, 1, 4]), zeros([2, 3, 6]), { values: zeros([2, 2, 6]) }),
      /3 keys and 2 values, expected as many/,
    ],
    [
      "a mask of numbers",
      () => additive.forward(zeros([2, 1, 4]), zeros([2, 3, 6]), { mask: zeros([3]) }),
      /mask is float32, expected bool/,
    ],
    [
      "a mask of another size",
      () => additive.forward(zeros([2, 1, 4]), zeros([2, 3, 6]), { mask: zeros([4]).cast("bool") }),
      /the mask \[4\] does not broadcast to the scores \[2, 1, 3\]/,
    ],
    [
      "a mask with more axes",
      () => additive.forward(zeros([2, 1, 4]), zeros([2, 3, 6]), { mask: zeros([2, 2, 1, 3]).cast("bool") }),
      /does not broadcast to the scores/,
    ],
    [
      "a length beyond the keys",
      () => additive.forward(zeros([2, 1, 4]), zeros([2, 3, 6]), { lengths: [3, 4] }),
      /length 4 of sequence 1, expected 1 … 3/,
    ],
    [
      "a length for one of two",
      () => additive.forward(zeros([2, 1, 4]), zeros([2, 3, 6]), { lengths: [3] }),
      /1 lengths for scores \[2, 1, 3\], expected 2/,
    ],
    [
      "a product of unequal widths",
      () => new nn.MultiplicativeAttention(4, 6, { score: "dot" }),
      /queries of width 4 and keys of width 6.*Use score: "general"/,
    ],
    [
      "a score that there is not",
      () => new nn.MultiplicativeAttention(4, 6, { score: "cosine" as never }),
      /score is cosine, expected "dot"/,
    ],
    [
      "a unit that there is not",
      () => new nn.models.Seq2Seq({ ...options, unit: "RNN" as never }),
      /unit is RNN, expected "GRU" or "LSTM"/,
    ],
    [
      "an attention that there is not",
      () => new nn.models.Seq2Seq({ ...options, attention: "dot" as never }),
      /attention is dot, expected/,
    ],
    [
      "no words",
      () => new nn.models.Seq2Seq({ ...options, targetWords: 0 }),
      /targetWords is 0, expected a positive integer/,
    ],
    [
      "a sentence without a batch",
      () => model.encode(tensor(Int32Array.of(1, 2))),
      /the source is \[2\], expected \[batch, time\] of int32 words/,
    ],
    [
      "other numbers of sequences",
      () => model.forward(source, int([[1]])),
      /the source is \[2, 3\], the target \[1, 1\]; expected as many sequences/,
    ],
    ["forcing beyond 1", () => model.forward(source, source, { forcing: 2 }), /forcing is 2, expected a probability/],
    ["a word that there is not", () => model.encode(int([[7]])), /row 7 at \[0, 0\] is outside 0 … 5/],
  ]);
});
