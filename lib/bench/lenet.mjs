// A training step of LeNet-5 (ReLU, max-pooling, batch 64) against PyTorch on one thread, in turns in the same run:
// `npm run bench`. Prints CPU milliseconds a step, least and median, and their ratio.
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { data, losses, optim, valueAndGrad } from "../dist/index.js";
import { rectifiedLeNet } from "./rectified-lenet.mjs";

const rounds = 12;
const steps = 20;
const python = process.env.GRADBOOK_PYTHON ?? "/usr/bin/python3";

const { train } = await data.mnist();
const model = rectifiedLeNet(1);
const optimizer = optim.sgd({ rate: 0.01 });
const { image, label } = train.gather(Array.from({ length: 64 }, (_, i) => i));

async function ours() {
  const before = process.cpuUsage();
  for (let i = 0; i < steps; i++) {
    const { value, gradient } = valueAndGrad(model, (m) => losses.crossEntropy(m.forward(image), label));
    optimizer.update(model, gradient);
    await value.item();
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / steps;
}

/** PyTorch in a process of its own, which makes a round of steps for every line it is sent. */
function startTorch() {
  if (spawnSync(python, ["-c", "import torch"], { stdio: "ignore" }).status !== 0) return null;
  const child = spawn(python, [fileURLToPath(new URL("./lenet_torch.py", import.meta.url)), String(steps)], {
    stdio: ["pipe", "pipe", "inherit"],
    // `torch.set_num_threads` does not reach OpenBLAS, whose products would run on every core.
    env: { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const round = async () => {
    child.stdin.write("go\n");
    return Number((await lines.next()).value);
  };
  return { round, stop: () => child.kill() };
}

const torch = startTorch();
const times = { gradbook: [], pytorch: [] };
for (let round = 0; round < rounds; round++) {
  times.gradbook.push(await ours());
  if (torch) times.pytorch.push(await torch.round());
}
torch?.stop();

const summary = (list) => {
  // The first rounds compile and warm up.
  const sorted = list.slice(2).sort((a, b) => a - b);
  return { least: sorted[0], median: sorted[sorted.length >> 1] };
};
const own = summary(times.gradbook);
console.log(`gradbook  least ${own.least.toFixed(2)} ms, median ${own.median.toFixed(2)} ms of CPU a step`);
if (torch) {
  const peer = summary(times.pytorch);
  console.log(`PyTorch   least ${peer.least.toFixed(2)} ms, median ${peer.median.toFixed(2)} ms of CPU a step`);
  console.log(
    `PyTorch ÷ gradbook: ${(peer.least / own.least).toFixed(2)} (least), ${(peer.median / own.median).toFixed(2)} (median)`,
  );
} else console.log(`No PyTorch in ${python} to compare with. On Debian: apt-get install python3-torch`);
