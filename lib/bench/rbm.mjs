// A restricted Boltzmann machine 784-500 on MNIST by contrastive divergence (Hinton 2002, 2006): error of the
// reconstruction per pixel of the test images after each epoch, from means and from samples of the hidden units, and ln Z
// of a tiny machine by annealed importance sampling against going through all its states (Salakhutdinov and Murray 2008).
// Some minutes: node lib/bench/rbm.mjs [epochs]
import { writeFile } from "node:fs/promises";
import { data, flatten, nn, optim, random, train } from "../dist/index.js";

const epochs = Number(process.argv[2] ?? 3);
const { train: digits, test } = await data.mnist();
const began = process.cpuUsage();
const seconds = () => Math.round(process.cpuUsage(began).user / 1e6);

const rbm = nn.init(new nn.RBM(784, 500), { seed: 2006 });
// As Hinton (2010, section 9): half the momentum to begin with.
const optimizers = [0.5, 0.9].map((momentum) => optim.sgd({ rate: momentum < 0.9 ? 0.1 : 0.05, momentum }));
const loss = (model, { image }) => model.contrastiveDivergence(flatten(image, 1), { weightDecay: 2e-4 });
const images = test.batches({ size: 1000 });
async function reconstruction() {
  const sums = { error: 0, sampled: 0 };
  for (const { image } of images) {
    const v = flatten(image, 1);
    const apart = (w) => w.sub(v).square().sum().item();
    sums.error += await apart(rbm.reconstruct(v));
    sums.sampled += await apart(rbm.visibleGiven(rbm.sampleHidden(v, random.seed(1))));
  }
  return { error: sums.error / test.length / 784, sampled: sums.sampled / test.length / 784 };
}

const results = { reconstruction: [] };
for (let epoch = 1; epoch <= epochs; epoch++) {
  const batches = digits.batches({ size: 100, shuffle: random.seed(epoch) });
  const optimizer = optimizers[epoch === 1 ? 0 : 1];
  for await (const step of train(rbm, batches, { loss, optimizer, every: 1000, key: random.seed(epoch) })) void step;
  results.reconstruction.push({ epoch, ...(await reconstruction()), seconds: seconds() });
  console.log(`epoch ${epoch}: ${results.reconstruction.at(-1).error.toFixed(4)} per pixel, ${seconds()} s of CPU`);
}

const wide = (shape, key) => key.normal(shape, { std: 0.5 });
const tiny = nn.init(new nn.RBM(20, 12), { seed: 1, initialisers: { "*": wide } });
const exact = await tiny.logPartition().item();
const { logZ, range } = await nn.annealedImportanceSampling(tiny, {
  key: random.seed(1),
  chains: 100,
  temperatures: 2000,
});
results.tiny = { exact, annealed: logZ, range };
console.log(
  `ln Z of 20-12: ${exact.toFixed(3)}, annealed ${logZ.toFixed(3)} (${range.map((x) => x.toFixed(3)).join(" … ")})`,
);
await writeFile(new URL("./results/rbm.json", import.meta.url), `${JSON.stringify(results, null, 2)}\n`);
const holds = results.reconstruction[0].sampled <= 0.045 && Math.abs(logZ - exact) <= 0.1;
console.log(`The figure ${holds ? "holds" : "does not hold"}.`);
process.exitCode = holds ? 0 : 1;
