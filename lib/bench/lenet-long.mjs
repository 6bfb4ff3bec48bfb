// A long run of the network of notebooks/06-lenet-5 with rectifiers and max-pooling: its error on the 10,000 test digits
// of MNIST (LeCun et al. 1998). About five minutes: node lib/bench/lenet-long.mjs [epochs]
import { writeFile } from "node:fs/promises";
import { accuracy, data, evaluate, losses, optim, random, train } from "../dist/index.js";
import { rectifiedLeNet } from "./rectified-lenet.mjs";

const epochs = Number(process.argv[2] ?? 12);
const seed = 1998;
const { train: digits, test } = await data.mnist({ range: [-0.1, 1.175] });
const model = rectifiedLeNet(seed);
const batches = digits.batches({ size: 64, shuffle: random.seed(seed).child("batches") });
const steps = epochs * batches.length;
const began = process.cpuUsage();
const results = { seed, planned: epochs, epochs: [] };
for await (const step of train(model, batches, {
  loss: (net, { image, label }) => losses.crossEntropy(net.forward(image), label),
  optimizer: optim.sgd({ rate: (at) => 0.05 * (1 - at / steps), momentum: 0.9 }),
  epochs,
  every: batches.length,
})) {
  if (step.step % batches.length !== 0) continue;
  const tested = test.batches({ size: 500 });
  const right = await evaluate(model, tested, (net, { image, label }) => accuracy(net.forward(image), label));
  const seconds = Math.round(process.cpuUsage(began).user / 1e6);
  results.epochs.push({ epoch: step.epoch, wrong: Math.round((1 - right) * test.length), of: test.length, seconds });
  await writeFile(new URL("./results/lenet-long.json", import.meta.url), `${JSON.stringify(results, null, 2)}\n`);
  console.log(`epoch ${step.epoch}: ${results.epochs.at(-1).wrong} of ${test.length} wrong, ${seconds} s of CPU`);
}
const holds = results.epochs.at(-1).wrong <= 0.011 * test.length;
console.log(`The figure ${holds ? "holds" : "does not hold"}.`);
process.exitCode = holds ? 0 : 1;
