import { describe, expect, it } from "vitest";
import {
  grad,
  jacobian,
  losses,
  nn,
  random,
  type Tensor,
  tensor,
  valueAndGrad,
  vmap,
  where,
  zeros,
} from "../../src/index.ts";
import { refused } from "../misuse/refused.ts";

const one = (x: Tensor, i: number, axis = 0) => x.slice({ axis, start: i, stop: i + 1 }).squeeze(axis);

async function expectEqual(got: Tensor, expected: Tensor): Promise<void> {
  expect(got.shape).toEqual(expected.shape);
  const [a, b] = [await got.data(), await expected.data()];
  a.forEach((value, i) => {
    expect(value).toBeCloseTo(b[i]!, 5);
  });
}

describe("vmap", () => {
  const x = random.seed(1).normal([3, 4]);
  const y = random.seed(2).normal([4, 3]);

  it("takes examples from the axes that it is told", async () => {
    const dot = (a: Tensor, b: Tensor) => a.mul(b).sum();
    await expectEqual(vmap(dot)(x, y.transpose()), x.mul(y.transpose()).sum({ axis: 1 }));
    await expectEqual(vmap(dot, { axes: [0, 1] })(x, y), x.mul(y.transpose()).sum({ axis: 1 }));
    await expectEqual(vmap(dot, { axes: [-1, 0] })(x, y), x.transpose().mul(y).sum({ axis: 1 }));
    await expectEqual(vmap(dot, { axes: [0, null] })(x, one(y, 0, 1)), x.matmul(one(y, 0, 1).expandDims(1)).squeeze(1));
  });

  it("nests: the product of matrices by rows and columns", async () => {
    const dot = (a: Tensor, b: Tensor) => a.mul(b).sum();
    const rows = (a: Tensor, b: Tensor) => vmap(dot, { axes: [null, 1] })(a, b);
    await expectEqual(vmap(rows, { axes: [0, null] })(x, y), x.matmul(y));
  });

  it("takes and gives trees", async () => {
    const f = ({ a, b }: { a: Tensor; b: readonly Tensor[] }) => ({ sum: a.add(b[0]!), rest: [b[0]!.mul(2)] });
    const found = vmap(f)({ a: x, b: [x] });
    await expectEqual(found.sum, x.mul(2));
    await expectEqual(found.rest[0]!, x.mul(2));
  });

  it("repeats what does not depend on the example", async () => {
    const found = vmap((a: Tensor) => ({ same: tensor([1, 2]), own: a }))(x);
    await expectEqual(
      found.same,
      tensor([
        [1, 2],
        [1, 2],
        [1, 2],
      ]),
    );
  });

  it("draws the same random numbers for all examples", async () => {
    const noisy = (a: Tensor) => a.add(random.seed(5).normal([4]));
    await expectEqual(vmap(noisy)(x).sub(x), random.seed(5).normal([4]).broadcastTo([3, 4]));
  });

  it("decides by where, example by example", async () => {
    const f = (a: Tensor) => where(a.sum().greater(0), a, a.neg());
    const expected = x.mul(x.sum({ axis: 1, keepDims: true }).sign());
    await expectEqual(vmap(f)(x), expected);
  });

  it("is forgotten after an error inside", async () => {
    const fails = () =>
      vmap((_: Tensor): Tensor => {
        throw new Error("no");
      })(x);
    expect(fails).toThrow("no");
    await expectEqual(vmap((a: Tensor) => a.mul(2))(x), x.mul(2));
  });
});

/** An image net, a recurrent one and one with attention: scores `[3]` of one example. */
class Images extends nn.Module {
  readonly conv = new nn.Conv2d(1, 2, 3, { padding: 1 });
  readonly out = new nn.Linear(2 * 9, 3);
  forward(x: Tensor): Tensor {
    const maps = this.conv.forward(x.expandDims(0)).relu().maxPool2d({ size: 2 });
    return this.out.forward(maps.reshape([1, -1])).squeeze(0);
  }
}
class Sequences extends nn.Module {
  readonly lstm = new nn.LSTM(2, 3);
  readonly out = new nn.Linear(3, 3);
  forward(x: Tensor): Tensor {
    return this.out.forward(this.lstm.forward(x.expandDims(0)).hidden.squeeze(0)).squeeze(0);
  }
}
class Attention extends nn.Module {
  readonly layer = new nn.TransformerEncoderLayer(4, 2, { feedForward: 6, dropout: 0 });
  readonly out = new nn.Linear(4, 3);
  forward(x: Tensor): Tensor {
    return this.out.forward(this.layer.forward(x.expandDims(0)).mean({ axis: 1 })).squeeze(0);
  }
}

class Words extends nn.Module {
  readonly embedding = new nn.Embedding(7, 4, { paddingIndex: 0 });
  readonly out = new nn.Linear(4, 3);
  forward(x: Tensor): Tensor {
    return this.out.forward(this.embedding.forward(x).mean({ axis: 0, keepDims: true })).squeeze(0);
  }
}

describe("the gradient for each example", () => {
  const nets = [
    ["convolution", nn.init(new Images(), { seed: 1 }), [5, 1, 6, 6]],
    ["LSTM", nn.init(new Sequences(), { seed: 2 }), [5, 4, 2]],
    ["attention", nn.init(new Attention(), { seed: 3 }), [5, 3, 4]],
    ["words", nn.init(new Words(), { seed: 4 }), [5, 3]],
  ] as const;

  it.each(nets)("of a net with %s is that of one after the other, by parameter path", async (what, net, shape) => {
    const drawn = random.seed(7);
    const xs = what === "words" ? drawn.uniform(shape, { high: 7 }).cast("int32") : drawn.normal(shape);
    const labels = tensor(Int32Array.from([0, 1, 2, 1, 0]));
    const of = (x: Tensor, label: Tensor) =>
      valueAndGrad(net as nn.Module & { forward(x: Tensor): Tensor }, (m) => losses.crossEntropy(m.forward(x), label))
        .gradient;
    const all = vmap(of)(xs, labels);
    for (let i = 0; i < 5; i++) {
      const alone = of(one(xs, i), one(labels, i));
      expect([...all.keys()]).toEqual([...alone.keys()]);
      for (const [path, gradient] of alone) await expectEqual(one(all.get(path)!, i), gradient);
    }
    // Together they are the gradient of the mean.
    const batch = valueAndGrad(net as nn.Module & { forward(x: Tensor): Tensor }, (m) =>
      losses.crossEntropy(vmap((x: Tensor) => m.forward(x))(xs), labels),
    ).gradient;
    for (const [path, gradient] of batch) await expectEqual(all.get(path)!.mean({ axis: 0 }), gradient);
  });

  it("of a function of a shared weight, as in the documentation", async () => {
    const loss = (w: Tensor, x: Tensor, y: Tensor) => w.mul(x).sum().sub(y).square();
    const w = random.seed(1).normal([4]);
    const [xs, ys] = [random.seed(2).normal([6, 4]), random.seed(3).normal([6])];
    const each = vmap((x: Tensor, y: Tensor) => grad(loss)(w, x, y))(xs, ys);
    const expected = xs.mul(xs.matmul(w.expandDims(1)).squeeze(1).sub(ys).mul(2).expandDims(1));
    await expectEqual(each, expected);
  });

  it("is a row of the Jacobian of all losses", async () => {
    const w = random.seed(1).normal([4]);
    const xs = random.seed(2).normal([6, 4]);
    const f = (v: Tensor, x: Tensor) => v.mul(x).tanh().sum();
    const each = vmap((x: Tensor) => grad(f)(w, x))(xs);
    const rows = jacobian((v: Tensor) => vmap((x: Tensor) => f(v, x))(xs))(w) as Tensor;
    await expectEqual(each, rows);
  });
});

const f = (a: Tensor, b: Tensor) => a.add(b);
refused([
  ["different numbers of examples", () => vmap(f)(zeros([3]), zeros([4])), /the arguments have 3 and 4 examples/],
  ["no examples at all", () => vmap(f, { axes: [null, null] })(zeros([3]), zeros([3])), /no argument has examples/],
  ["one number as examples", () => vmap(f)(zeros([3]), zeros([])), /argument 1 is one number.*axes: \[null\]/s],
  ["an axis that there is not", () => vmap(f, { axes: [0, 2] })(zeros([3]), zeros([3, 3])), /axis 2/],
  ["a result that is no tensor", () => vmap(((x: Tensor) => x.size) as never)(zeros([3]) as never), /vmap: .*number/],
]);
