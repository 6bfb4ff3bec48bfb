import { describe, expect, it } from "vitest";
import {
  concat,
  firstNonFinite,
  losses,
  nn,
  ones,
  optim,
  random,
  type Tensor,
  TrainingError,
  tensor,
  train,
  zeros,
} from "../../src/index.ts";
import { modernLeNet } from "../nn/lenet.ts";

async function failure(steps: AsyncIterable<unknown>): Promise<TrainingError> {
  try {
    for await (const _ of steps);
  } catch (error) {
    if (error instanceof TrainingError) return error;
    throw error;
  }
  throw new Error("Training went well.");
}

/** The line of this file that holds a text. */
const lineOf = (stack: string) =>
  /first-non-finite\.test\.ts:(\d+)/.exec(stack.split("\n").find((l) => /^\s+at /.test(l)) ?? "")?.[1];

class Tagger extends nn.Module {
  readonly embedding = new nn.Embedding(10, 4);
  readonly decoder = { lstm: new nn.LSTM(4, 6), out: new nn.Linear(6, 3) };
  forward(words: Tensor<"int32">): Tensor {
    const { output } = this.decoder.lstm.forward(this.embedding.forward(words));
    return this.decoder.out.forward(output);
  }
}

const words = tensor([[1, 2, 3]], { dtype: "int32" });

describe("the first value that is not finite", () => {
  it("is named by operation, layer and parameter where training explodes", async () => {
    const model = nn.init(new Tagger(), { seed: 1 });
    const loss = (m: Tagger, x: Tensor<"int32">) => m.forward(x).square().sum();
    const error = await failure(train(model, [words], { loss, optimizer: optim.sgd({ rate: 50 }), epochs: 200 }));
    expect(error.message).toMatch(
      /^train: the loss became (NaN|Infinity) at step \d+\. First in \w+.*, from numbers in \S+ … \S+\. The nearest parameter is decoder\.\S+\. The gradient norm was \S+ at step \d+\. The parameters are those of step \d+\. A smaller rate/,
    );
  });

  it("has the user's line first on the stack", async () => {
    const model = nn.init(new Tagger(), { seed: 1 });
    const stackHere = new Error().stack!;
    const loss = (m: Tagger, x: Tensor<"int32">) => m.forward(x).abs().neg().log().mean();
    const error = await failure(train(model, [words], { loss, optimizer: optim.sgd({ rate: 1 }) }));
    expect(Number(lineOf(error.stack!))).toBe(Number(lineOf(stackHere)) + 1);
    expect(error.stack).not.toMatch(/lib\/src/);
  });

  it("is found inside a layer", async () => {
    class Scaled extends nn.Module {
      readonly first = new nn.Linear(2, 2);
      readonly logs = new nn.Sequential([(x: Tensor) => x.mul(1), (x: Tensor) => x.relu().log()]);
      forward(x: Tensor): Tensor {
        return this.logs.forward(this.first.forward(x));
      }
    }
    const model = nn.init(new Scaled(), { seed: 1 });
    const found = await firstNonFinite(model, (m) =>
      m
        .forward(
          tensor([
            [5, 5],
            [-5, -5],
          ]),
        )
        .sum(),
    );
    expect(found).toMatchObject({ operation: "log", backward: false, module: "logs.1", parameter: "first.bias" });
    expect(found!.text).toMatch(/^First in log of Scaled\.logs\.1, from numbers in 0 … \d/);
  });

  it("is a weight that became infinite, deep in a recurrent layer", async () => {
    const model = nn.init(new Tagger(), { seed: 1 });
    const weight = nn.parameters(model).find(({ path }) => path === "decoder.lstm.weight_hh_l0")!;
    weight.set(weight.get().mul(Number.POSITIVE_INFINITY));
    const found = await firstNonFinite(model, (m) => m.forward(words).mean());
    expect(found).toMatchObject({ operation: null, parameter: "decoder.lstm.weight_hh_l0" });
    expect(found!.text).toMatch(/^Parameter decoder\.lstm\.weight_hh_l0 \[24, 6\] is itself not finite/);
  });

  it("is a part of the batch", async () => {
    const model = nn.init(modernLeNet(), { seed: 1 });
    const image = concat([zeros([1, 1, 28, 28]), ones([1, 1, 28, 28]).mul(Number.NaN)]);
    const label = tensor([1, 2], { dtype: "int32" });
    const loss = (m: typeof model, b: { image: Tensor; label: Tensor }) =>
      losses.crossEntropy(m.forward(b.image), b.label);
    const error = await failure(train(model, [{ image, label }], { loss, optimizer: optim.sgd({ rate: 1 }) }));
    expect(error.message).toMatch(
      /The batch's image \[2, 1, 28, 28\], given to \w+ of Sequential\.0, Conv2d\(1 → 6.*\), is itself not finite/,
    );
  });

  it("is found on the way back: the root at 0, which is finite forwards", async () => {
    const model = nn.init(new nn.Linear(2, 2), { seed: 1 });
    const found = await firstNonFinite(model, (m) =>
      m
        .forward(ones([1, 2]))
        .mul(0)
        .square()
        .sum()
        .sqrt(),
    );
    expect(found).toMatchObject({ backward: true });
    expect(found!.text).toMatch(/^First in the derivative of sqrt, /);
  });

  it("is not the NaN that a choice leaves out, but is the NaN of its derivative", async () => {
    const model = nn.init(new nn.Linear(2, 2), { seed: 1 });
    const masked = (m: nn.Linear) => {
      const x = m.forward(zeros([1, 2])).mul(0);
      return x.greater(0).where(x.log(), x).sum();
    };
    const found = await firstNonFinite(model, masked);
    expect(found).toMatchObject({ backward: true });
    expect(found!.text).toMatch(/^First in the derivative of log/);
  });

  it("does not blame masks of −Infinity that end in finite values", async () => {
    const model = nn.init(new nn.Linear(2, 2), { seed: 1 });
    const mask = tensor([[1, 0]]).cast("bool");
    const attended = (m: nn.Linear) => mask.where(m.forward(ones([1, 2])), Number.NEGATIVE_INFINITY).softmax(-1);
    expect(await firstNonFinite(model, (m) => attended(m).sum())).toBeNull();
    const found = await firstNonFinite(model, (m) => attended(m).log().sum());
    expect(found).toMatchObject({ operation: "log" });
  });

  it("names what was infinite before it became NaN", async () => {
    const model = nn.init(new nn.Linear(1, 1), { seed: 1 });
    const found = await firstNonFinite(model, (m) => {
      const big = m
        .forward(ones([1, 1]))
        .abs()
        .mul(1000)
        .add(1000)
        .exp();
      return big.sub(big).sum();
    });
    expect(found).toMatchObject({ operation: "exp" });
    expect(found!.text).toMatch(/, and NaN came of it in sub\./);
  });

  it("is found in the same dropout as before, and costs nothing when all is well", async () => {
    const model = nn.init(new nn.Sequential([new nn.Linear(2, 64), new nn.Dropout(0.5)]), { seed: 1 });
    const passes: string[] = [];
    const loss = (m: typeof model, x: Tensor) => {
      const y = m.forward(x);
      passes.push(String(y));
      return (passes.length < 3 ? y : y.mul(0).log()).sum();
    };
    const key = random.seed(7);
    await failure(train(model, [ones([1, 2])], { loss, key, optimizer: optim.sgd({ rate: 0.01 }), epochs: 5 }));
    expect(passes.length).toBe(4);
    expect(passes[3]).toBe(passes[2]);
  });
});
