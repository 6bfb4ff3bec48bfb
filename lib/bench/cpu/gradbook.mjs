// One of the processes that cpu.mjs compares: for each line `milliseconds name` it repeats the workload for so long and
// prints the milliseconds of each repetition as JSON.
import { createInterface } from "node:readline";
import * as g from "../../dist/index.js";
import { rectifiedLeNet } from "../rectified-lenet.mjs";

const { nn } = g;
if (process.env.GRADBOOK_DEVICE) await g.device(process.env.GRADBOOK_DEVICE, { required: true });
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
  return () => {
    const { gradient } = g.valueAndGrad(inputs, ({ x, w, b }) => {
      const y = g.add(g.conv2d(x, w, { padding }), g.reshape(b, [1, filters, 1, 1]));
      return g.sum(g.mul(y, upstream));
    });
    return Promise.all(Object.values(gradient).map(read));
  };
}

/** The value and the gradients of a model's parameters. */
function bothWays(model, value) {
  return async () => {
    const { gradient } = g.valueAndGrad(model, value);
    for (const each of gradient.values()) await read(each);
  };
}

function lenet(batch = 64) {
  const model = rectifiedLeNet(1);
  const optimizer = g.optim.sgd({ rate: 0.01 });
  const images = g.random.seed(1).uniform([batch, 1, 28, 28]);
  const labels = g.tensor(Int32Array.from({ length: batch }, (_, i) => i % 10));
  return async () => {
    const { value, gradient } = g.valueAndGrad(model, (m) => g.losses.crossEntropy(m.forward(images), labels));
    optimizer.update(model, gradient);
    await value.item();
  };
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
  "matmul 64": () => product(64),
  "matmul 256": () => product(256),
  "matmul 512": () => product(512),
  "matmul 1024": () => product(1024),
  "matmul 2048": () => product(2048),
  "matmul 4096": () => product(4096),
  "sum(tanh(2x+1)), 1e6": () => {
    const x = normal([1e6]);
    return () => g.sum(g.tanh(g.add(g.mul(x, 2), 1))).item();
  },
  "conv 64×1×28→6@5, both ways": () => convolution(64, 1, 28, 6, 5, 2),
  "conv 64×16×14→32@3, both ways": () => convolution(64, 16, 14, 32, 3, 1),
  "conv 32×64×56→64@3, both ways": () => convolution(32, 64, 56, 64, 3, 1),
  "LeNet-5 step, batch 64": () => lenet(),
  "LeNet-5 step, batch 1024": () => lenet(1024),
  "LSTM 256, 35×32, both ways": () => {
    const x = normal([32, 35, 256]);
    const model = nn.init(new nn.LSTM(256, 256), { seed: 1 });
    return bothWays(model, (m) => g.sum(m.forward(x).output));
  },
  "transformer layer 256, 8×128, both ways": () => {
    const [x, upstream] = [normal([8, 128, 256]), normal([8, 128, 256], 2)];
    const layer = new nn.TransformerEncoderLayer(256, 8, { feedForward: 1024, dropout: 0 });
    return bothWays(nn.init(layer, { seed: 1 }), (m) => g.sum(g.mul(m.forward(x), upstream)));
  },
  "1,000 adds of 16, both ways": adds,
  "softmax 1024×1000": () => {
    const x = normal([1024, 1000]);
    return () => read(g.softmax(x, -1));
  },
  "layer norm 1024×256": () => {
    const [x, layer] = [normal([1024, 256]), nn.init(new nn.LayerNorm(256), { seed: 1 })];
    return () => read(layer.forward(x));
  },
  "argmax 1024×1000": () => {
    const x = normal([1024, 1000]);
    return () => read(g.argmax(x, -1));
  },
  "embedding 10000×256, 35×32": () => {
    const layer = nn.init(new nn.Embedding(10000, 256), { seed: 1 });
    const rows = g.random.seed(2).integers([35, 32], { high: 10000 });
    return () => read(layer.forward(rows));
  },
};

const made = new Map();
for await (const line of createInterface({ input: process.stdin })) {
  const [milliseconds] = line.split(" ", 1);
  const name = line.slice(milliseconds.length + 1);
  if (!made.has(name)) made.set(name, make[name]());
  const work = made.get(name);
  const times = [];
  const end = performance.now() + Number(milliseconds);
  do {
    const before = performance.now();
    await work();
    times.push(performance.now() - before);
  } while (performance.now() < end);
  process.stdout.write(`${JSON.stringify(times)}\n`);
}
