// Reconstructions of MNIST's test images from 30 principal components of the training images: squared error per image,
// pixels from 0 to 1. Hinton and Salakhutdinov (Science 2006) give 13.87. About a minute: node lib/bench/pca.mjs
import { writeFileSync } from "node:fs";
import { data, pca } from "../dist/index.js";

const { train, test } = await data.mnist();
const images = (set) => set.gather(Array.from({ length: set.length }, (_, i) => i)).image.reshape([-1, 784]);
const started = performance.now();
const found = await pca(images(train), { components: 30 });
const given = images(test);
const error = await found.inverse(found.transform(given)).sub(given).square().sum({ axis: 1 }).mean().item();
const seconds = (performance.now() - started) / 1000;
writeFileSync(new URL("results/pca.json", import.meta.url), `${JSON.stringify({ pca30: error, seconds }, null, 2)}\n`);
console.log(`PCA-30 of MNIST: ${error.toFixed(3)} per test image, ${seconds.toFixed(0)} s`);
const holds = Math.abs(error - 13.87) <= 0.01;
console.log(holds ? "The figure holds." : "The figure does not hold: 13.87 ± .01.");
process.exitCode = holds ? 0 : 1;
