// What a launch costs the CPU, on Dawn's backend that does nothing: elementwise programs on buffers that come again, and
// whole training steps of LeNet-5, tape and optimiser included.
import { create } from "webgpu";
import * as g from "../../dist/index.js";
import { rectifiedLeNet } from "../rectified-lenet.mjs";

const gpu = create(["backend=null"]);
globalThis.keptForTheProcess = gpu;
Object.defineProperty(globalThis, "navigator", { value: { gpu }, configurable: true });
const device = await g.device("gpu", { required: true });

const values = device.write(new Float32Array(1024), "float32");
const view = { buffer: values, shape: [1024], strides: [1], offset: 0 };
const input = (index) => ({ kind: "input", index, dtype: "float32" });
const sum = { kind: "apply", scalar: "add", to: [input(0), input(1)], dtype: "float32" };
let least = Number.POSITIVE_INFINITY;
for (let round = 0; round < 5; round++) {
  const before = performance.now();
  for (let i = 0; i < 5000; i++) device.free(device.map(sum, [view, view], [1024], "float32"));
  least = Math.min(least, (performance.now() - before) / 5000);
  await device.finish();
}
console.log(`a launch: ${(1000 * least).toFixed(1)} µs of the CPU`);

const model = rectifiedLeNet(1);
const optimizer = g.optim.sgd({ rate: 0.01 });
const images = g.random.seed(1).uniform([64, 1, 28, 28]);
const labels = g.tensor(Int32Array.from({ length: 64 }, (_, i) => i % 10));
const step = () =>
  g.scope(() => {
    const { gradient } = g.valueAndGrad(model, (m) => g.losses.crossEntropy(m.forward(images), labels));
    optimizer.update(model, gradient);
  });
let step64 = Number.POSITIVE_INFINITY;
for (let round = 0; round < 20; round++) {
  const before = performance.now();
  for (let i = 0; i < 10; i++) step();
  step64 = Math.min(step64, (performance.now() - before) / 10);
  await device.finish();
}
console.log(`a step of LeNet-5, batch 64: ${step64.toFixed(2)} ms of the CPU`);
process.exit(0);
