// Operations on random numbers, of every kind of kernel that the GPU device has.
import * as g from "gradbook";

const indices = (...values) => g.tensor(Int32Array.from(values));

/** Each has a name, the shapes of its inputs, and what is done with them. */
export const operations = [
  ["add, broadcast", "64×1×5 7×5", (a, b) => a.add(b)],
  ["chain of ten", "1000", (x) => x.mul(2).add(1).tanh().exp().sub(0.5).square().add(x).sigmoid().neg().mul(x)],
  ["div", "100 100", (a, b) => a.div(b.square().add(0.5))],
  ["pow", "100", (x) => x.square().add(0.1).pow(1.7)],
  ["log1p, expm1", "100", (x) => x.square().mul(1e-4).log1p().add(x.mul(1e-4).expm1())],
  ["erf, gelu", "500", (x) => x.erf().add(g.gelu(x))],
  ["sin, cos, atan", "500", (x) => x.sin().add(x.cos()).mul(x.atan())],
  ["lgamma, digamma", "100", (x) => x.square().add(0.7).lgamma().add(x.square().add(0.7).digamma())],
  ["where, less", "50 50", (a, b) => g.where(a.less(b), a.mul(3), b)],
  ["clamp, relu", "200", (x) => x.clamp({ min: -1, max: 1 }).add(g.relu(x))],
  ["sum of all", "100000", (x) => x.sum()],
  ["sum of rows", "130×257", (x) => x.sum({ axis: 1 })],
  ["sum of columns", "257×130", (x) => x.sum({ axis: 0 })],
  ["mean, variance", "33×65", (x) => x.mean({ axis: 0 }).add(x.variance({ axis: 0 }))],
  ["largest", "33×65", (x) => x.max({ axis: 1 })],
  ["argmax", "33×65", (x) => x.argmax(1).cast("float32")],
  ["cumsum", "9×300", (x) => x.cumsum(1)],
  ["sort", "9×100", (x) => x.sort()],
  ["softmax", "33×200", (x) => x.softmax(-1)],
  ["logSoftmax", "33×10", (x) => x.logSoftmax(-1)],
  ["layerNorm", "33×64", (x) => g.nn.init(new g.nn.LayerNorm(64), { seed: 1 }).forward(x)],
  ["matmul", "65×130 130×70", (a, b) => a.matmul(b)],
  ["matmul, large", "256×256 256×256", (a, b) => a.matmul(b)],
  ["matmul, batched, transposed", "5×33×17 5×40×17", (a, b) => a.matmul(b.transpose())],
  ["conv2d", "4×3×12×12 8×3×3×3", (x, w) => g.conv2d(x, w, { padding: 1 })],
  ["conv2d, stride 2", "2×8×15×15 16×8×5×5", (x, w) => g.conv2d(x, w, { stride: 2 })],
  ["conv1d", "4×3×40 6×3×5", (x, w) => g.conv1d(x, w)],
  ["maxPool2d", "2×3×8×8", (x) => g.maxPool2d(x, { size: 2 })],
  ["avgPool2d", "2×3×8×8", (x) => g.avgPool2d(x, { size: 2 })],
  [
    "pad, slice, flip",
    "6×10",
    (x) =>
      x
        .pad({ before: [1, 0], after: [2, 3] })
        .at("1:6", "2:9")
        .flip(1),
  ],
  ["concat", "3×7 5×7", (a, b) => g.concat([a, b], 0)],
  ["transpose, reshape", "6×4×5", (x) => x.transpose([2, 0, 1]).reshape([10, 12]).mul(2)],
  ["take", "20×7", (x) => x.take(indices(3, 3, 19, 0))],
  ["scatterAdd", "4×7", (x) => g.scatterAdd(x, indices(1, 1, 5, 0), { axis: 0, size: 6 })],
  ["inverse", "6×6", (x) => x.matmul(x.transpose()).add(g.eye(6).mul(6)).inverse()],
  ["lstm", "4×9×8", (x) => g.nn.init(new g.nn.LSTM(8, 16), { seed: 1 }).forward(x).output],
];

/** Values, and derivatives of a sum of them with weights, of an operation on the current device. */
async function computed([, shapes, work]) {
  const inputs = shapes.split(" ").map((shape, i) => g.random.seed(i + 1).normal(shape.split("×").map(Number)));
  const value = work(...inputs);
  const weights = g.random.seed(99).normal(value.shape);
  const gradients = g.grad((xs) =>
    work(...xs)
      .mul(weights)
      .sum(),
  )(inputs);
  return { values: await value.data(), gradients: await Promise.all([...gradients].map((each) => each.data())) };
}

/** How far apart two results are at most, relative to numbers above 1. */
function distance(a, b) {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const off = Math.abs(a[i] - b[i]) / Math.max(1, Math.abs(b[i]));
    most = Math.max(most, Number.isNaN(off) ? Number.POSITIVE_INFINITY : off);
  }
  return most;
}

/** How far an operation on the GPU is from the CPU. */
export async function compare(operation) {
  await g.device("cpu");
  const slow = await computed(operation);
  await g.device("gpu", { required: true });
  const fast = await computed(operation);
  return {
    name: operation[0],
    values: distance(fast.values, slow.values),
    gradients: Math.max(0, ...fast.gradients.map((each, i) => distance(each, slow.gradients[i]))),
  };
}
