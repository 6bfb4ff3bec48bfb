// GloVe's 20,000 most frequent words in 100 dimensions against the judgements of WordSim-353: Spearman's rank correlation
// of cosines with means of human scores, at least .5; with neighbours and analogies to look at. Half a minute:
// GRADBOOK_DATA=/path/to/data node lib/bench/word-vectors.mjs
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect, tensor } from "../dist/index.js";

const data = process.env.GRADBOOK_DATA;
if (data === undefined) throw new Error("Set GRADBOOK_DATA to the folder with glove20k and wordsim.");
const file = (...path) => readFileSync(join(data, ...path));
const { n, dim, scale } = JSON.parse(file("glove20k", "meta.json"));
const bytes = file("glove20k", "vectors.int16le.bin");
const whole = new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
const names = file("glove20k", "words.txt").toString().trimEnd().split("\n");
const words = new inspect.WordVectors(
  names,
  tensor(
    Float32Array.from(whole, (value) => value * scale),
    { shape: [n, dim] },
  ),
);

const rows = file("wordsim", "wordsim353_combined.csv").toString().trim().split(/\r?\n/).slice(1);
const [human, cosines] = [[], []];
for (const row of rows) {
  const [a, b, score] = row.split(",");
  if (!words.has(a.toLowerCase()) || !words.has(b.toLowerCase())) continue;
  human.push(Number(score));
  cosines.push(await words.similarity(a.toLowerCase(), b.toLowerCase()));
}
const rho = inspect.spearman(human, cosines);
console.log(`WordSim-353: ρ = ${rho.toFixed(3)} for ${human.length} of ${rows.length} pairs with known words`);

const known = [
  ["man", "king", "woman", "queen"],
  ["france", "paris", "italy", "rome"],
  ["france", "paris", "germany", "berlin"],
  ["japan", "tokyo", "china", "beijing"],
  ["good", "better", "bad", "worse"],
  ["small", "smaller", "large", "larger"],
  ["walk", "walking", "swim", "swimming"],
  ["brother", "sister", "father", "mother"],
];
const right = {};
for (const method of ["add", "multiply"]) {
  right[method] = 0;
  for (const [from, to, as, expected] of known) {
    const found = await words.analogy({ from, to, as }, { method, count: 3 });
    if (found[0].word === expected) right[method]++;
    console.log(`${method}: ${from} : ${to} = ${as} : ${found.map(({ word }) => word).join(", ")}`);
  }
}
const near = await words.nearest("frog", { count: 5 });
console.log(`frog: ${near.map(({ word, score }) => `${word} ${score.toFixed(2)}`).join(", ")}`);

const holds = rho >= 0.5;
console.log(holds ? "The figure holds." : "The figure does not hold: ρ ≥ .5.");
const results = { rho, pairs: human.length, of: rows.length, analogies: known.length, right, frog: near };
const folder = new URL("./results/", import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL("word-vectors.json", folder), `${JSON.stringify(results, null, 2)}\n`);
process.exitCode = holds ? 0 : 1;
