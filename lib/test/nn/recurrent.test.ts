import { describe, expect, it } from "vitest";
import { losses, nn, optim, random, type Tensor, tensor, train, valueAndGrad, zeros } from "../../src/index.ts";
import { expectClose, load, type Stored } from "../golden/fixtures.ts";
import { drawn, pythonHasTorch, seed } from "../golden/python.ts";

interface Case {
  readonly kind: "RNN" | "LSTM" | "GRU";
  readonly inputs: number;
  readonly hidden: number;
  readonly lengths: readonly number[] | null;
  readonly options: nn.RNNOptions;
  readonly leaves: Readonly<Record<string, Stored>>;
  readonly results: readonly Stored[];
  readonly cotangents: readonly Stored[];
  readonly gradients: Readonly<Record<string, Stored>>;
}

const script = new URL("./torch_recurrent.py", import.meta.url);
const count = 60;

describe.skipIf(!pythonHasTorch())("recurrent nets against PyTorch", () => {
  it(`${count} random nets: layers, directions, states, lengths, and all gradients`, async () => {
    for (const [index, { kind, inputs, hidden, lengths, options, ...values }] of drawn<Case>(
      script,
      seed,
      count,
    ).entries()) {
      const what = `GRADBOOK_SEED=${seed}, case ${index}: ${kind}(${inputs}, ${hidden}, ${JSON.stringify(options)})`;
      const leaves = Object.fromEntries(
        Object.entries(values.leaves).map(([name, stored]) => [name, load(stored, "cpu", "float64")]),
      );
      const net = new nn[kind](inputs, hidden, options);
      expect(
        nn
          .parameters(net)
          .map(({ path }) => path)
          .sort(),
        what,
      ).toEqual(
        Object.keys(leaves)
          .filter((name) => /^(weight|bias)_/.test(name))
          .sort(),
      );
      const run = ({ x, h, c, ...weights }: Record<string, Tensor>): Tensor[] => {
        Object.assign(net, weights);
        const reading = net.forward(x!, {
          ...(h && { hidden: h }),
          ...(c && { cell: c }),
          ...(lengths && { lengths }),
        });
        return [reading.output, reading.hidden, ...("cell" in reading ? [reading.cell] : [])] as Tensor[];
      };
      for (const [i, result] of run(leaves).entries())
        await expectClose(result, values.results[i]!, 1e-9, `${what}, ${i}`);
      const { gradient } = valueAndGrad(leaves, (p) =>
        run(p as Record<string, Tensor>)
          .map((y, i) => y.mul(load(values.cotangents[i]!, "cpu", "float64")).sum())
          .reduce((a, b) => a.add(b)),
      );
      for (const [name, expected] of Object.entries(values.gradients))
        await expectClose(gradient[name]!, expected, 1e-9, `${what}, gradient of ${name}`);
    }
    console.log(`Seed ${seed}: ${count} random recurrent nets agree with PyTorch.`);
  }, 120_000);
});

describe("recurrent nets", () => {
  const net = nn.init(new nn.LSTM(2, 3), { seed: 1 });

  it("say what does not fit", () => {
    const x = zeros([2, 4, 2]);
    expect(() => net.forward(zeros([2, 4, 5]))).toThrow(
      /LSTM\(2 → 3\): the input is \[2, 4, 5\], expected \[batch, time, 2\]/,
    );
    expect(() => net.forward(zeros([4, 2]))).toThrow(/One sequence as a batch: x\.expandDims\(0\)/);
    expect(() => net.forward(x, { lengths: [4] })).toThrow(/1 lengths for 2 sequences/);
    expect(() => net.forward(x, { lengths: [4, 5] })).toThrow(
      /length 5 of sequence 1, expected a whole number from 1 to 4/,
    );
    expect(() => net.forward(x, { lengths: [0, 4] })).toThrow(/length 0 of sequence 0/);
    expect(() => net.forward(x, { hidden: zeros([2, 3]) })).toThrow(/the state is \[2, 3\], expected \[1, 2, 3\]/);
    expect(() => net.forward(zeros([2, 0, 2]))).toThrow(/no steps/);
    expect(() => new nn.GRU(0, 3)).toThrow(/inputs is 0/);
  });

  it("go on where they ended: two halves are the whole", async () => {
    const x = random.seed(3).normal([2, 6, 2]);
    const whole = net.forward(x);
    const first = net.forward(x.slice({ axis: 1, stop: 3 }));
    const second = net.forward(x.slice({ axis: 1, start: 3 }), first);
    expect(await second.output.toArray()).toEqual(await whole.output.slice({ axis: 1, start: 3 }).toArray());
    expect(await second.cell.toArray()).toEqual(await whole.cell.toArray());
  });

  it("show the gates that a sequence went through", async () => {
    const x = random.seed(4).normal([1, 5, 2]);
    const { traces, output } = net.forward(x, { trace: true });
    const { input, forget, candidate, cell, hidden } = traces[0]!;
    expect(await hidden!.toArray()).toEqual(await output.toArray());
    const at = (t: number) => ({ axis: 1, start: t, stop: t + 1 });
    const next = forget!
      .slice(at(3))
      .mul(cell!.slice(at(2)))
      .add(input!.slice(at(3)).mul(candidate!.slice(at(3))));
    expect(await next.toArray()).toEqual(await cell!.slice(at(3)).toArray());
    expect(net.forward(x).traces).toEqual([]);
    const short = net.forward(x, { trace: true, lengths: [3] }).traces[0]!;
    for (const gate of Object.values(short))
      expect(await gate.slice({ axis: 1, start: 3 }).toArray()).toEqual([new Array(2).fill([0, 0, 0])]);
  });

  it.each([3, 300])("show the gates of a GRU of %i, which its states are made of", async (hidden) => {
    const gru = nn.init(new nn.GRU(2, hidden), { seed: 2 });
    const { traces, output } = gru.forward(random.seed(4).normal([2, 5, 2]), { trace: true });
    const at = (gate: string, t: number) => traces[0]![gate]!.slice({ axis: 1, start: t, stop: t + 1 });
    const candidate = at("candidate", 3);
    const next = candidate.add(at("update", 3).mul(at("hidden", 2).sub(candidate)));
    expect(await next.toArray()).toEqual(await output.slice({ axis: 1, start: 3, stop: 4 }).toArray());
  });

  it("start as they are told to", async () => {
    const identity = nn.init(new nn.RNN(2, 3, { activation: "relu", identityStart: true }), { seed: 1 });
    const state = new Map(nn.state(identity).map(({ path, get }) => [path, get()]));
    expect(await state.get("weight_hh_l0")!.toArray()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    expect(await state.get("bias_hh_l0")!.toArray()).toEqual([0, 0, 0]);
    const lasting = nn.init(new nn.LSTM(2, 2, { forgetBias: 1 }), { seed: 1 });
    const biases = new Map(nn.state(lasting).map(({ path, get }) => [path, get()]));
    const forget = biases.get("bias_ih_l0")!.add(biases.get("bias_hh_l0")!).slice({ axis: 0, start: 2, stop: 4 });
    expect(await forget.toArray()).toEqual([1, 1]);
  });

  it("learn which of two sequences began with a one", async () => {
    class Net extends nn.Module {
      readonly reader = new nn.GRU(1, 8);
      readonly answer = new nn.Linear(8, 2);
      forward(x: Tensor): Tensor {
        return this.answer.forward(this.reader.forward(x).hidden.squeeze(0));
      }
    }
    const noise = random.seed(5).normal([32, 8, 1], { std: 0.3 });
    const label = tensor(
      Array.from({ length: 32 }, (_, i) => i % 2),
      { dtype: "int32" },
    );
    const first = tensor(Array.from({ length: 32 }, (_, i) => [[i % 2]])).pad({ before: [0, 0, 0], after: [0, 7, 0] });
    const x = noise.add(first);
    const model = nn.init(new Net(), { seed: 2 });
    let loss = Number.POSITIVE_INFINITY;
    const batches = Array.from({ length: 80 }, () => ({ x, label }));
    const settings = {
      loss: (m: Net, batch: { x: Tensor; label: Tensor }) => losses.crossEntropy(m.forward(batch.x), batch.label),
      optimizer: optim.adam({ rate: 0.03 }),
    };
    for await (const step of train(model, batches, settings)) loss = step.loss;
    expect(loss).toBeLessThan(0.1);
  });
});
