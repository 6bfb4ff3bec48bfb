// memory.mjs OPTIMISER STEPS EVERY COLLECT: trains a small network on the GPU device, and prints what it holds after every
// EVERY steps as JSON; with a garbage collection there and after every COLLECT steps, or none but the library's own for 0.
import { device, losses, nn, optim, random, tanh, tensor, train } from "gradbook";

const [steps, every, collect] = process.argv.slice(3).map(Number);
const { gpuOpened } = await import(new URL("device/open.js", import.meta.resolve("gradbook")));
const { pool } = (await gpuOpened()).context.launcher;
await device("gpu");

/** Goes through everything, and lets finalisers run. */
async function collected() {
  globalThis.gc();
  await new Promise((resolve) => setTimeout(resolve, 0));
}

const optimizer = { sgd: () => optim.sgd({ rate: 0.05, momentum: 0.9 }), adam: () => optim.adam() }[process.argv[2]]();
const model = nn.init(new nn.Sequential([new nn.Linear(4, 8), tanh, new nn.Linear(8, 2)]), { seed: 1 });
const x = random.seed(2).normal([16, 4]);
const target = tensor(Int32Array.from({ length: 16 }, (_, i) => i % 2));
const held = [];
const loss = () => losses.crossEntropy(model.forward(x), target);
const options = { loss, optimizer, average: optim.movingAverage(), epochs: steps };
for await (const { step } of train(model, [0], options)) {
  if (collect > 0 && (step % collect === 0 || step % every === 0)) await collected();
  if (step % every !== 0) continue;
  // Once more, for what finalisers let go.
  if (collect > 0) await collected();
  const { heapUsed, heapTotal, rss } = process.memoryUsage();
  const { buffers, live, spare } = pool;
  held.push({ buffers, live, pool: live + spare, heapUsed, rss, outside: rss - heapTotal });
}
console.log(JSON.stringify(held));
// Dawn need not be taken down.
process.exit(0);
