// Times of the CPU device's kernels: `npm run build && node lib/bench/jit.mjs`. Least of many runs, after one that compiles.
import * as jit from "../dist/device/cpu/jit/index.js";

const contiguous = (shape) => shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));

function tensor(shape) {
  const length = shape.reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length }, (_, i) => Math.sin(i * i));
  return { buffer: { dtype: "float32", length, values }, shape, strides: contiguous(shape), offset: 0 };
}

const swap = (view, a, b) => {
  const exchange = (list) => list.map((n, axis) => (axis === a ? list[b] : axis === b ? list[a] : n));
  return { ...view, shape: exchange(view.shape), strides: exchange(view.strides) };
};
/** Height and width backwards. */
const turn = (view) => ({
  ...view,
  strides: view.strides.map((stride, axis) => (axis < 2 ? stride : -stride)),
  offset: view.offset + (view.shape[2] - 1) * view.strides[2] + (view.shape[3] - 1) * view.strides[3],
});

/** Milliseconds: the first run, and the least of those that fit half a second. */
function time(run) {
  const started = performance.now();
  run();
  const first = performance.now() - started;
  let least = first;
  for (let runs = 0; runs < 5 || performance.now() - started < 500; runs++) {
    const before = performance.now();
    run();
    least = Math.min(least, performance.now() - before);
  }
  return { first, least };
}

function report(name, operations, run) {
  const { first, least } = time(run);
  const speed = operations === 0 ? "" : `${(operations / least / 1e6).toFixed(1).padStart(8)} GFLOP/s`;
  console.log(`${name.padEnd(34)}${least.toFixed(3).padStart(9)} ms  (first ${first.toFixed(1)})${speed}`);
  return least;
}

for (const [m, k, n] of [
  [64, 64, 64],
  [256, 256, 256],
  [512, 512, 512],
  [1024, 1024, 1024],
  [64, 400, 120],
  [64, 84, 10],
  [1, 1024, 1024],
  [1024, 1024, 1],
]) {
  const [a, b] = [tensor([m, k]), tensor([k, n])];
  report(`matmul ${m} × ${k} × ${n}`, 2 * m * k * n, () => jit.matmul(a, b));
}
const [q, keys] = [tensor([8, 128, 4, 64]), tensor([8, 128, 4, 64])];
const [heads, keysByHead] = [swap(q, 1, 2), swap(swap(keys, 1, 2), 2, 3)];
report("matmul of attention heads", 2 * 8 * 4 * 128 * 128 * 64, () => jit.matmul(heads, keysByHead));

/** A layer forward, and both of its gradients. */
function layer(name, [batch, channels, size], [filters, taps], { stride = 1, padding = 0, groups = 1 } = {}) {
  const out = Math.floor((size + 2 * padding - taps) / stride) + 1;
  const unused = size + 2 * padding - taps - (out - 1) * stride;
  const options = (over, stride = 1, dilation = 1, inputDilation = 1) => ({
    ...{ stride: [stride, stride], padding: [over, over], dilation: [dilation, dilation] },
    ...{ inputDilation: [inputDilation, inputDilation], groups },
  });
  const [x, w] = [tensor([batch, channels, size, size]), tensor([filters, channels / groups, taps, taps])];
  const g = tensor([batch, filters, out, out]);
  const work = 2 * batch * filters * (channels / groups) * taps * taps * out * out;
  const before = taps - 1 - padding;
  const times = [report(`${name}, forward`, work, () => jit.convolve(x, w, options([padding, padding], stride)))];
  if (groups > 1) return times;
  const toInput = options([before, before + unused], 1, 1, stride);
  const toFilters = options([padding, padding - unused], 1, stride);
  const [turned, images, gs] = [swap(turn(w), 0, 1), swap(x, 0, 1), swap(g, 0, 1)];
  times.push(report(`${name}, gradient of input`, work, () => jit.convolve(g, turned, toInput)));
  times.push(report(`${name}, gradient of filters`, work, () => jit.convolve(images, gs, toFilters)));
  return times;
}

const c1 = layer("LeNet C1", [64, 1, 28], [6, 5], { padding: 2 });
const c3 = layer("LeNet C3", [64, 6, 14], [16, 5]);
console.log(`LeNet step, all but the input's gradient: ${(c1[0] + c1[2] + c3[0] + c3[1] + c3[2]).toFixed(2)} ms`);
layer("64 channels of 56", [2, 64, 56], [64, 3], { padding: 1 });
layer("128 filters, stride 2", [2, 64, 56], [128, 3], { padding: 1, stride: 2 });
layer("512 channels of 7", [8, 512, 7], [512, 3], { padding: 1 });
layer("pointwise", [4, 256, 14], [64, 1]);
layer("depthwise", [4, 128, 28], [128, 3], { padding: 1, groups: 128 });

const million = tensor([1e6]);
for (const scalar of ["exp", "log", "tanh", "sigmoid"]) {
  const x = { kind: "input", index: 0, dtype: "float32" };
  const expression = { kind: "apply", scalar, to: [x], dtype: "float32" };
  report(`${scalar} of a million`, 0, () => jit.map(expression, [million], [1e6], "float32"));
}
