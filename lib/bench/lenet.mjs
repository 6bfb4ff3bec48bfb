// An epoch of the rectified LeNet-5 of notebook 06, on the 60,000 digits of MNIST in batches of 64, against PyTorch, in
// turns in the same run: `npm run bench [-- --threads N]`, on one thread if not said. Prints seconds of each epoch, and
// the ratio of the shortest; the first of ours compiles its kernels too.
import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { data, losses, optim, random, setThreads, train } from "../dist/index.js";
import { rectifiedLeNet } from "./rectified-lenet.mjs";

const { values } = parseArgs({
  options: { threads: { type: "string", default: "1" }, epochs: { type: "string", default: "3" } },
});
const threads = Number(values.threads);
const epochs = Number(values.epochs);
const python = process.env.GRADBOOK_PYTHON ?? "/usr/bin/python3";

const { train: digits } = await data.mnist({ range: [-0.1, 1.175] });
const batches = digits.batches({ size: 64, shuffle: random.seed(1998).child("batches") });
const model = rectifiedLeNet(1998);
const optimizer = optim.sgd({ rate: 0.05, momentum: 0.9 });
setThreads(threads);

async function ours() {
  const before = performance.now();
  let last;
  for await (const step of train(model, batches, {
    loss: (m, { image, label }) => losses.crossEntropy(m.forward(image), label),
    optimizer,
    epochs: 1,
  }))
    last = step.loss;
  return { seconds: (performance.now() - before) / 1000, loss: last };
}

/** PyTorch in a process of its own, which makes an epoch for every line it is sent. */
async function startTorch() {
  if (spawnSync(python, ["-c", "import torch"], { stdio: "ignore" }).status !== 0) return null;
  const folder = await mkdtemp(join(tmpdir(), "gradbook-bench-"));
  const all = digits.gather(Array.from({ length: digits.length }, (_, i) => i));
  await writeFile(join(folder, "images"), await all.image.data());
  await writeFile(join(folder, "labels"), await all.label.data());
  const child = spawn(python, [fileURLToPath(new URL("./lenet_torch.py", import.meta.url)), folder], {
    stdio: ["pipe", "pipe", "inherit"],
    // `torch.set_num_threads` does not reach OpenBLAS, whose products would run on every core.
    env: { ...process.env, OMP_NUM_THREADS: threads, OPENBLAS_NUM_THREADS: threads, MKL_NUM_THREADS: threads },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const epoch = async () => {
    child.stdin.write("go\n");
    return JSON.parse((await lines.next()).value);
  };
  const stop = async () => {
    child.kill();
    await rm(folder, { recursive: true });
  };
  return { epoch, stop };
}

const torch = await startTorch();
if (!torch) console.log(`No PyTorch in ${python} to compare with. On Debian: apt-get install python3-torch`);
console.log(`LeNet-5 with rectifiers, 938 steps of 64 digits, ${threads === 1 ? "one thread" : `${threads} threads`}`);
const times = { gradbook: [], PyTorch: [] };
for (let epoch = 0; epoch < epochs; epoch++)
  for (const [name, run] of [["gradbook", ours], ...(torch ? [["PyTorch", torch.epoch]] : [])]) {
    const { seconds, loss } = await run();
    times[name].push(seconds);
    console.log(`${name.padEnd(9)} ${seconds.toFixed(2)} s, the last loss ${loss.toFixed(4)}`);
  }
await torch?.stop();
const least = (name) => Math.min(...times[name]);
if (torch) console.log(`PyTorch ÷ gradbook: ${(least("PyTorch") / least("gradbook")).toFixed(2)} (least of ${epochs})`);
