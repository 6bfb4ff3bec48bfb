// What our side of the comparisons does, by name.
import * as g from "../../dist/index.js";
import { materialise } from "../../dist/tensor/lazy.js";
import { rectifiedLeNet } from "../rectified-lenet.mjs";

const { nn } = g;
const normal = (shape, seed = 1) => g.random.seed(seed).normal(shape);
// Values in memory, as the peer has them, and no copy of them.
const read = (tensor) => tensor.ready();

function product(n) {
  const [a, b] = [normal([n, n]), normal([n, n], 2)];
  return () => read(a.matmul(b));
}

function convolution(batch, channels, size, filters, taps, padding) {
  const layer = nn.init(new nn.Conv2d(channels, filters, taps, { padding }), { seed: 1 });
  const inputs = { x: normal([batch, channels, size, size]), w: layer.weight, b: layer.bias };
  const upstream = normal([batch, filters, size + 2 * padding - taps + 1, size + 2 * padding - taps + 1], 3);
  const convolved = ({ x, w, b }) => g.add(g.conv2d(x, w, { padding }), g.reshape(b, [1, filters, 1, 1]));
  return step(() => {
    const { value, pullBack } = g.vjp(convolved, inputs);
    return [value, ...Object.values(pullBack(upstream))];
  });
}

function forwardConvolution(batch, channels, size, filters, taps, padding) {
  const layer = nn.init(new nn.Conv2d(channels, filters, taps, { padding }), { seed: 1 });
  const x = normal([batch, channels, size, size]);
  return step(() => [layer.forward(x)]);
}

/**
 * A step of a loop written by hand: its memory serves the next one, as the peer's does. `queued` does the same without
 * waiting until it is done.
 */
function step(work) {
  const whole = async () => {
    let done;
    g.scope(() => {
      done = Promise.all(work().map(read));
    });
    await done;
  };
  const queued = () =>
    g.scope(() => {
      for (const tensor of work()) materialise(tensor);
    });
  return Object.assign(whole, { queued });
}

/** What a model gives, and the gradients of its parameters; all ones come back where nothing else is said. */
function bothWays(model, forward, upstream) {
  return step(() => {
    const { value, pullBack } = g.vjp(forward, model);
    return [value, ...pullBack(upstream ?? g.ones(value.shape)).values()];
  });
}

function lenet(batch) {
  const model = rectifiedLeNet(1);
  const optimizer = g.optim.sgd({ rate: 0.01 });
  const images = g.random.seed(1).uniform([batch, 1, 28, 28]);
  const labels = g.tensor(Int32Array.from({ length: batch }, (_, i) => i % 10));
  return step(() => {
    const { value, gradient } = g.valueAndGrad(model, (m) => g.losses.crossEntropy(m.forward(images), labels));
    optimizer.update(model, gradient);
    return [value];
  });
}

function recurrent(Kind, length, batch) {
  const x = normal([batch, length, 256]);
  return bothWays(nn.init(new Kind(256, 256), { seed: 1 }), (m) => m.forward(x).output);
}

function transformer(batch, length) {
  const [x, upstream] = [normal([batch, length, 256]), normal([batch, length, 256], 2)];
  const layer = new nn.TransformerEncoderLayer(256, 8, { feedForward: 1024, dropout: 0 });
  return bothWays(nn.init(layer, { seed: 1 }), (m) => m.forward(x), upstream);
}

function attention(matrices, places, width) {
  const [q, k, v, upstream] = [1, 2, 3, 4].map((seed) => normal([matrices, places, width], seed));
  return step(() => {
    const { value, pullBack } = g.vjp((x) => nn.scaledDotProductAttention(x.q, x.k, x.v).output, { q, k, v });
    return [value, ...Object.values(pullBack(upstream))];
  });
}

function sum(n) {
  const [x, y] = [normal([n]), normal([n], 2)];
  return step(() => [g.add(x, y)]);
}

function chain(n) {
  const x = normal([n]);
  return () => g.sum(g.tanh(g.add(g.mul(x, 2), 1))).item();
}

function adds() {
  const [x, b] = [normal([16]), normal([16], 2)];
  const chain = (y) => {
    let sum = y;
    for (let i = 0; i < 1000; i++) sum = g.add(sum, b);
    return g.sum(sum);
  };
  return () => read(g.grad(chain)(x));
}

const make = {
  "sum(tanh(2x+1)), 1e6": () => chain(1e6),
  "sum(tanh(2x+1)), 1e7": () => chain(1e7),
  "conv 64×1×28→6@5, both ways": () => convolution(64, 1, 28, 6, 5, 2),
  "conv 64×1×28→6@5, forward": () => forwardConvolution(64, 1, 28, 6, 5, 2),
  "conv 64×16×14→32@3, both ways": () => convolution(64, 16, 14, 32, 3, 1),
  "conv 64×16×14→32@3, forward": () => forwardConvolution(64, 16, 14, 32, 3, 1),
  "conv 32×64×56→64@3, both ways": () => convolution(32, 64, 56, 64, 3, 1),
  "conv 32×64×56→64@3, forward": () => forwardConvolution(32, 64, 56, 64, 3, 1),
  "1,000 adds of 16, both ways": adds,
  "softmax 1024×1000": () => {
    const x = normal([1024, 1000]);
    return step(() => [g.softmax(x, -1)]);
  },
  "layer norm 1024×256": () => {
    const [x, layer] = [normal([1024, 256]), nn.init(new nn.LayerNorm(256), { seed: 1 })];
    return step(() => [layer.forward(x)]);
  },
  "argmax 1024×1000": () => {
    const x = normal([1024, 1000]);
    return step(() => [g.argmax(x, -1)]);
  },
  "embedding 10000×256, 35×32": () => {
    const layer = nn.init(new nn.Embedding(10000, 256), { seed: 1 });
    const rows = g.random.seed(2).integers([35, 32], { high: 10000 });
    return step(() => [layer.forward(rows)]);
  },
  "gelu, 1e6": () => {
    const x = normal([1e6]);
    return step(() => [g.gelu(x)]);
  },
  "sort, 1e6": () => {
    const x = normal([1e6]);
    return step(() => [g.sort(x)]);
  },
  "normal numbers, 1e6": () => step(() => [normal([1e6])]),
};

/** Workloads of any size, which their names say. */
const sized = [
  [/^matmul (\d+)$/, product],
  [/^x \+ y, (1e\d)$/, sum],
  [/^LeNet-5 step, batch (\d+)$/, lenet],
  [/^LSTM 256, (\d+)×(\d+), both ways$/, (length, batch) => recurrent(nn.LSTM, length, batch)],
  [/^GRU 256, (\d+)×(\d+), both ways$/, (length, batch) => recurrent(nn.GRU, length, batch)],
  [/^transformer layer 256, (\d+)×(\d+), both ways$/, transformer],
  [/^attention (\d+)×(\d+)×(\d+), both ways$/, attention],
];

/** What does a workload's work once; undefined for a name that is not known. */
export function named(name) {
  for (const [pattern, makeSized] of sized) {
    const sizes = pattern.exec(name)?.slice(1).map(Number);
    if (sizes !== undefined) return makeSized(...sizes);
  }
  return make[name]?.();
}
