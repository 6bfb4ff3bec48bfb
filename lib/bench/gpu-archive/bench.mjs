// How fast the GPU is, beside the CPU device: `node bench.mjs [--quick] [--json FILE]
// [--peak GFLOP/S] [--bandwidth GB/S]`. Prints a table, least of many; with what the card can do, what part of it that is.
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { device, random, scope, threads, version } from "gradbook";
import { adapter } from "./adapter.mjs";
import { training } from "./lenet.mjs";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    peak: { type: "string" },
    bandwidth: { type: "string" },
  },
});
/** What the card can do, by unit. */
const most = { "GFLOP/s": Number(options.peak), "GB/s": Number(options.bandwidth) };
/** Milliseconds that a measurement takes at least, and how often it is taken. */
const [enough, rounds] = options.quick ? [20, 2] : [300, 5];

/** A product of square matrices: GFLOP/s. */
const product = (n) => ({
  name: `matmul ${n}`,
  unit: "GFLOP/s",
  amount: (2 * n ** 3) / 1e9,
  make: async () => {
    const [a, b] = await Promise.all([1, 2].map((seed) => random.seed(seed).normal([n, n]).ready()));
    return repeated(() => a.matmul(b));
  },
});

/** Sums of two arrays, which read two and write one: GB/s. */
const addition = (count) => ({
  name: `add ${count / 2 ** 20} Mi floats`,
  unit: "GB/s",
  amount: (3 * 4 * count) / 1e9,
  make: async () => {
    const [a, b] = await Promise.all([1, 2].map((seed) => random.seed(seed).normal([count]).ready()));
    return repeated(() => a.add(b));
  },
});

/** Steps of a training, with all that belongs to them. */
const lenet = (batch) => ({
  name: `LeNet-5 step, batch ${batch}`,
  unit: "images/s",
  amount: batch,
  make: async () => {
    const steps = training(batch)[Symbol.asyncIterator]();
    return async (times) => {
      for (let i = 0; i < times; i++) await steps.next();
    };
  },
});

const work = options.quick
  ? [product(128), addition(2 ** 18), lenet(8)]
  : [...[1024, 2048, 4096].map(product), ...[2 ** 24, 2 ** 26].map(addition), lenet(64), lenet(1024)];

/** Does something many times before it waits once, so that the way there and back is not what is measured. */
function repeated(once) {
  return async (times) => {
    const done = [];
    // Memory of results that nobody wants goes to the next ones.
    for (let i = 0; i < times; i++) scope(() => void done.push(once().ready()));
    await Promise.all(done);
  };
}

/** The least milliseconds that one repetition takes, of several measurements. */
async function least(run) {
  const time = async (times) => {
    const before = performance.now();
    await run(times);
    return performance.now() - before;
  };
  await time(1); // Compiles kernels.
  let times = 1;
  let found = await time(times);
  for (; found < enough && times < 1024; found = await time(times)) times *= 2;
  let best = found / times;
  for (let i = 1; i < rounds; i++) best = Math.min(best, (await time(times)) / times);
  return best;
}

const found = await adapter();
console.log(`gradbook ${version}, Node ${process.version}, ${cpus()[0]?.model}, ${threads()} threads`);
console.log(`adapter: ${found?.name ?? "none"}${found?.software ? ", which the CPU emulates" : ""}\n`);
const cell = (value, width) => value.toPrecision(3).padStart(width);
console.log(`${"".padEnd(26)}    cpu ms    gpu ms  cpu ÷ gpu   on the gpu`);
const results = [];
for (const { name, unit, amount, make } of work) {
  const milliseconds = {};
  for (const on of ["cpu", "gpu"]) {
    await device(on, { required: true });
    milliseconds[on] = await least(await make());
  }
  const { cpu, gpu } = milliseconds;
  const rate = amount / (gpu / 1000);
  const part = rate / most[unit];
  results.push({ name, cpu, gpu, ratio: cpu / gpu, rate, unit, ...(part > 0 && { part }) });
  const times = `${cell(cpu, 10)}${cell(gpu, 10)}${cell(cpu / gpu, 11)}`;
  const share = part > 0 ? `, ${(100 * part).toFixed(0)} % of the card's` : "";
  console.log(`${name.padEnd(26)}${times}${rate.toFixed(rate < 100 ? 1 : 0).padStart(13)} ${unit}${share}`);
}
if (options.json !== undefined) {
  const about = { date: new Date().toISOString(), node: process.version, cpu: cpus()[0]?.model, threads: threads() };
  writeFileSync(options.json, `${JSON.stringify({ ...about, adapter: found, results }, null, 2)}\n`);
}
process.exit(0);
