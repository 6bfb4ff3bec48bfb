// A deep autoencoder with a code of 30 numbers against 30 principal components (Hinton and Salakhutdinov, Science 2006):
// squared error per test image of MNIST, pixels from 0 to 1. Rectifiers, Adam and no pre-training reach in minutes what took
// restricted Boltzmann machines then. About ten minutes: node lib/bench/autoencoder.mjs [epochs]
import { writeFile } from "node:fs/promises";
import { data, flatten, losses, nn, optim, pca, random, relu, sigmoid, train } from "../dist/index.js";

const epochs = Number(process.argv[2] ?? 12);
const sizes = [784, 512, 256, 30];
const { train: digits, test } = await data.mnist();
const all = (set) => set.gather(Array.from({ length: set.length }, (_, i) => i)).image.reshape([-1, 784]);
const began = process.cpuUsage();
const seconds = () => Math.round(process.cpuUsage(began).user / 1e6);

const layer = (from, to) => new nn.Linear(from, to, { initialiser: nn.heNormal(from), biasInitialiser: nn.zerosInit });
const encoder = sizes.slice(1).flatMap((to, i) => [layer(sizes[i], to), ...(to === 30 ? [] : [relu])]);
const decoder = sizes
  .slice(0, -1)
  .toReversed()
  .flatMap((to, i) => [layer(sizes.at(-1 - i), to), to === 784 ? sigmoid : relu]);
const model = nn.init(new nn.Sequential([...encoder, ...decoder]), { seed: 2006 });

const size = 128;
const steps = epochs * Math.ceil(digits.length / size);
const optimizer = optim.adam({ rate: (step) => 1e-3 * Math.max(0.02, 1 - step / steps) });
const images = test.batches({ size: 1000 });
async function error() {
  let sum = 0;
  for (const { image } of images) {
    const x = flatten(image, 1);
    sum += await model.forward(x).sub(x).square().sum().item();
  }
  return sum / test.length;
}

const found = await pca(all(digits), { components: 30 });
const given = all(test);
const pca30 = await found.inverse(found.transform(given)).sub(given).square().sum({ axis: 1 }).mean().item();
const results = { sizes, pca30, planned: epochs, epochs: [] };
for (let epoch = 1; epoch <= epochs; epoch++) {
  const loss = (net, { image }) => losses.squaredError(net.forward(flatten(image, 1)), flatten(image, 1));
  const batches = digits.batches({ size, shuffle: random.seed(2006) });
  for await (const step of train(model, batches, { loss, optimizer, every: 10_000 })) void step;
  results.epochs.push({ epoch, error: await error(), seconds: seconds() });
  results.autoencoder30 = results.epochs.at(-1).error;
  await writeFile(new URL("./results/autoencoder.json", import.meta.url), `${JSON.stringify(results, null, 2)}\n`);
  console.log(`epoch ${epoch}: ${results.epochs.at(-1).error.toFixed(3)} per test image, ${seconds()} s of CPU`);
}
console.log(`PCA-30 ${results.pca30.toFixed(3)}, autoencoder-30 ${results.autoencoder30.toFixed(3)}`);
const holds = Math.abs(results.pca30 - 13.87) <= 0.01 && results.autoencoder30 < 9;
console.log(`The figure ${holds ? "holds" : "does not hold"}.`);
process.exitCode = holds ? 0 : 1;
