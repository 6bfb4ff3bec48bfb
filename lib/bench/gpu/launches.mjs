// What a launch costs the CPU, on Dawn's backend that does nothing: elementwise programs on buffers that come again, and
// whole steps with tape and optimiser.
import { create } from "webgpu";
import { gpuOpened } from "../../dist/device/open.js";
import * as g from "../../dist/index.js";
import { named } from "../cpu/ours.mjs";

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

const { launcher } = (await gpuOpened()).context;
console.log(`${"a step".padEnd(42)}launches  ms of the CPU  µs for each launch`);
for (const name of [
  "LeNet-5 step, batch 64",
  "LeNet-5 step, batch 1024",
  "LSTM 256, 35×32, both ways",
  "transformer layer 256, 8×128, both ways",
]) {
  const { queued } = named(name);
  queued();
  await device.finish();
  let shortest = Number.POSITIVE_INFINITY;
  const end = performance.now() + 3000;
  const before = launcher.launches;
  let steps = 0;
  while (steps === 0 || (steps < 100 && performance.now() < end)) {
    const start = performance.now();
    for (let i = 0; i < 5; i++) queued();
    shortest = Math.min(shortest, (performance.now() - start) / 5);
    steps += 5;
    await device.finish();
  }
  const launches = (launcher.launches - before) / steps;
  const cells = [launches.toFixed(0).padStart(8), shortest.toFixed(2).padStart(15)];
  console.log(`${name.padEnd(42)}${cells.join("")}${((1000 * shortest) / launches).toFixed(1).padStart(20)}`);
}
process.exit(0);
