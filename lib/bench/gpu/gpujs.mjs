// A peer of the GPU device: gpu.js alone, as its documentation has it, on arrays that stay on the GPU. It has kernels and
// no derivatives, so that it is measured in what goes forward: products, convolutions, sums, softmax.
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

/** What does the work of some kernels once, and waits for it: each gets the inputs and what came of those before it. */
async function work(kernels, inputs) {
  const made = kernels.map(({ source, output, constants = {} }) =>
    js.createKernel(source, { output, constants, ...stays }),
  );
  const given = await Promise.all(inputs);
  return async (then = async () => {}) => {
    const results = [];
    for (const kernel of made) results.push(await kernel(...given, ...results));
    await device.queue.onSubmittedWorkDone();
    await then(results.at(-1));
    for (const result of results) result.delete();
  };
}

const product = (n) => {
  const source = `function (a, b) {
    let sum = 0;
    for (let i = 0; i < this.constants.n; i++) { sum += a[this.thread.y][i] * b[i][this.thread.x]; }
    return sum;
  }`;
  return work([{ source, output: [n, n], constants: { n } }], [numbers(n, n), numbers(n, n)]);
};
const sum = (n) => {
  const source = "function (a, b) { return a[this.thread.x] + b[this.thread.x]; }";
  return work([{ source, output: [n] }], [numbers(n), numbers(n)]);
};

/** In as many threads as divide them; the rest of the sum is the CPU's. */
async function chain(n) {
  const threads = 1000;
  const source = `function (x) {
    let sum = 0;
    for (let i = 0; i < this.constants.each; i++) { sum += Math.tanh(2 * x[i * this.constants.threads + this.thread.x] + 1); }
    return sum;
  }`;
  const run = await work([{ source, output: [threads], constants: { threads, each: n / threads } }], [numbers(n)]);
  return () => run(async (sums) => (await sums.toArray()).reduce((a, b) => a + b));
}

function convolution(batch, channels, size, filters, taps) {
  const source = `function (x, w, bias) {
    const filter = this.thread.z % this.constants.filters;
    const image = Math.floor(this.thread.z / this.constants.filters);
    let sum = bias[filter];
    for (let c = 0; c < this.constants.channels; c++) {
      for (let ky = 0; ky < this.constants.taps; ky++) {
        for (let kx = 0; kx < this.constants.taps; kx++) {
          const row = this.thread.y + ky - this.constants.padding;
          const column = this.thread.x + kx - this.constants.padding;
          if (row >= 0 && row < this.constants.size && column >= 0 && column < this.constants.size) {
            sum += x[image * this.constants.channels + c][row][column] * w[filter * this.constants.channels + c][ky][kx];
          }
        }
      }
    }
    return sum;
  }`;
  const constants = { channels, size, filters, taps, padding: (taps - 1) / 2 };
  return work(
    [{ source, output: [size, size, batch * filters], constants }],
    [numbers(size, size, batch * channels), numbers(taps, taps, filters * channels), numbers(filters)],
  );
}

function softmax(rows, columns) {
  const constants = { columns };
  const top = `function (x) {
    let top = x[this.thread.x][0];
    for (let i = 1; i < this.constants.columns; i++) { top = Math.max(top, x[this.thread.x][i]); }
    return top;
  }`;
  const total = `function (x, top) {
    let sum = 0;
    for (let i = 0; i < this.constants.columns; i++) { sum += Math.exp(x[this.thread.x][i] - top[this.thread.x]); }
    return sum;
  }`;
  const share =
    "function (x, top, total) { return Math.exp(x[this.thread.y][this.thread.x] - top[this.thread.y]) / total[this.thread.y]; }";
  return work(
    [
      { source: top, output: [rows], constants },
      { source: total, output: [rows], constants },
      { source: share, output: [columns, rows], constants },
    ],
    [numbers(columns, rows)],
  );
}

const sized = [
  [/^matmul (\d+)$/, product],
  [/^x \+ y, (1e\d)$/, sum],
  [/^sum\(tanh\(2x\+1\)\), (1e\d)$/, chain],
  [/^conv (\d+)×(\d+)×(\d+)→(\d+)@(\d+), forward$/, convolution],
  [/^softmax (\d+)×(\d+)$/, softmax],
];
await serve(
  (name) => {
    for (const [pattern, make] of sized)
      if (pattern.test(name)) return make(...pattern.exec(name).slice(1).map(Number));
    return undefined;
  },
  { peer: true },
);
process.exit(0);
