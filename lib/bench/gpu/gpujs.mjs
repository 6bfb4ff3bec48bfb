// A peer of the GPU device: gpu.js alone, as its documentation has it, on arrays that stay on the GPU. It has kernels and
// no derivatives, so that it is measured in products of matrices and sums of arrays.
import { create } from "webgpu";
import { serve } from "../cpu/serve.mjs";

const gpu = create([]);
// Dawn's object must stay referenced.
globalThis.keptForTheProcess = gpu;
Object.defineProperty(globalThis, "navigator", { value: { gpu }, configurable: true, writable: true });
const { default: library } = await import("gpu.js");
const { GPU, WebGPUContext } = library;
const { device } = await WebGPUContext.acquire();
const js = new GPU({ mode: "webgpu" });
const stays = { pipeline: true, immutable: true, loopMaxIterations: 2 ** 31 - 1 };

/** Numbers on the GPU, in so many columns and rows. */
const numbers = (...output) => js.createKernel("function () { return this.thread.x * 0.5; }", { output, ...stays })();

/** What does a kernel's work once, and waits for it. */
async function work(source, output, inputs, constants = {}) {
  const kernel = js.createKernel(source, { output, constants, ...stays });
  const given = await Promise.all(inputs);
  return async () => {
    const result = await kernel(...given);
    await device.queue.onSubmittedWorkDone();
    result.delete();
  };
}

const product = (n) =>
  work(
    `function (a, b) {
      let sum = 0;
      for (let i = 0; i < this.constants.n; i++) { sum += a[this.thread.y][i] * b[i][this.thread.x]; }
      return sum;
    }`,
    [n, n],
    [numbers(n, n), numbers(n, n)],
    { n },
  );
const sum = (n) =>
  work("function (a, b) { return a[this.thread.x] + b[this.thread.x]; }", [n], [numbers(n), numbers(n)]);

const sized = [
  [/^matmul (\d+)$/, product],
  [/^x \+ y, (1e\d)$/, sum],
];
await serve(
  (name) => {
    for (const [pattern, make] of sized) if (pattern.test(name)) return make(Number(pattern.exec(name)[1]));
    return undefined;
  },
  { peer: true },
);
process.exit(0);
