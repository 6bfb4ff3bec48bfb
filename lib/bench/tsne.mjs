// t-SNE of the 1,797 handwritten digits of scikit-learn, and of ten clusters of 10,000 points in 50 dimensions: time, divergence, purity.
// Needs GRADBOOK_DATA with digits8x8/digits.csv.gz: node lib/bench/tsne.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { random, tensor, tsne } from "../dist/index.js";

function purity(positions, labels, sample = labels.length) {
  let same = 0;
  for (let i = 0; i < sample; i++) {
    const apart = labels.map((_, j) => [
      (positions[2 * i] - positions[2 * j]) ** 2 + (positions[2 * i + 1] - positions[2 * j + 1]) ** 2,
      j,
    ]);
    apart[i][0] = Number.POSITIVE_INFINITY;
    apart.sort(([a], [b]) => a - b);
    for (const [, j] of apart.slice(0, 10)) if (labels[j] === labels[i]) same++;
  }
  return same / (10 * sample);
}

async function run(what, x, labels, options) {
  const started = performance.now();
  let last;
  for await (const step of tsne(x, { every: 100, ...options })) {
    last = step;
    if (process.stderr.isTTY) process.stderr.write(`\r${what}: ${step.iteration}, KL ${step.klDivergence.toFixed(3)} `);
  }
  const seconds = (performance.now() - started) / 1000;
  const sample = Math.min(labels.length, 2000);
  const found = purity(await last.positions.data(), labels, sample);
  const of = labels.length > sample ? ` (of ${sample} points)` : "";
  console.log(
    `${what}: KL ${last.klDivergence.toFixed(3)}, 10-NN purity ${found.toFixed(3)}${of}, ${seconds.toFixed(1)} s`,
  );
  return { klDivergence: last.klDivergence, purity: found, seconds };
}

const file = join(process.env.GRADBOOK_DATA ?? ".", "digits8x8", "digits.csv.gz");
const rows = gunzipSync(readFileSync(file))
  .toString()
  .trim()
  .split("\n")
  .map((row) => row.split(",").map(Number));
const digits = tensor(rows.map((row) => row.slice(0, 64)));
const barnesHut = await run(
  "1,797 digits, Barnes–Hut",
  digits,
  rows.map((row) => row[64]),
  { perplexity: 30 },
);
const labels = Array.from({ length: 10_000 }, (_, i) => i % 10);
const centres = await random.seed(1).normal([10, 50], { std: 3 }).data();
const noise = await random.seed(2).normal([10_000, 50]).data();
const cloud = tensor(
  noise.map((value, i) => value + centres[(Math.floor(i / 50) % 10) * 50 + (i % 50)]),
  { shape: [10_000, 50] },
);
const many = await run("10,000 points, Barnes–Hut", cloud, labels, { perplexity: 30 });
writeFileSync(
  new URL("results/tsne.json", import.meta.url),
  `${JSON.stringify({ digits: barnesHut, tenThousand: many }, null, 2)}\n`,
);
const holds = barnesHut.klDivergence <= 0.78 && barnesHut.purity >= 0.97 && many.seconds < 120;
console.log(
  holds ? "All figures hold." : "Some figure does not hold: KL ≤ 0.78, purity ≥ .97, 10,000 points in 120 s.",
);
process.exitCode = holds ? 0 : 1;
