// `npm run bench -- sizes [--quick] [--threads N] [TEXT]`: cost against size, ours beside PyTorch, in turns in the same run:
// products of matrices, a training step of LeNet-5 by the size of its batch, an LSTM and a layer of a transformer by the
// length of their sequences, those whose name contains TEXT. Prints milliseconds, least of many, their ratios, and what a
// unit of the work costs, against the size at which it costs least. Goes to results/sizes.json, or sizes-N-threads.json,
// where all was run in full.
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { cell, compare, gradbook, pytorch } from "./cpu/subject.mjs";

const doublings = (from, to) => (from > to ? [] : [from, ...doublings(2 * from, to)]);
const lengths = doublings(16, 1024);

/** What is measured in which sizes, and how much work there is in a size. */
const families = [
  { unit: "10⁹ operations", name: (n) => `matmul ${n}`, sizes: doublings(8, 2048), work: (n) => (2 * n ** 3) / 1e9 },
  { unit: "image", name: (n) => `LeNet-5 step, batch ${n}`, sizes: [1, 4, 16, 64, 256, 1024], work: (n) => n },
  { unit: "step", name: (n) => `LSTM 256, ${n}×32, both ways`, sizes: lengths, work: (n) => n },
  {
    unit: "place",
    name: (n) => `transformer layer 256, 2×${n}, both ways`,
    sizes: lengths,
    // That of the scores grows with the square: beside 12 · 256² for the matrices it is 2 · 256 for each place looked at.
    work: (n) => 2 * n * (1 + (2 * 256 * n) / (12 * 256 ** 2)),
  },
];

const { values, positionals } = parseArgs({
  options: { quick: { type: "boolean", default: false }, threads: { type: "string", default: "1" } },
  allowPositionals: true,
});
const { quick, threads } = values;
const [text = ""] = positionals;
const [rounds, milliseconds] = quick ? [2, 50] : [6, 250];

const subjects = { gradbook: gradbook({ GRADBOOK_THREADS: threads }), ...pytorch(threads) };
console.log(
  `${cpus()[0]?.model}, Node ${process.version}, ${threads === "1" ? "one thread" : `${threads} threads`}, least of many, milliseconds`,
);
console.log(
  `${"".padEnd(42)}gradbook  PyTorch   PyTorch ÷ gradbook   gradbook and PyTorch by unit of work, against their least`,
);
const results = [];
for (const { unit, name, sizes, work } of families) {
  const chosen = sizes.filter((size) => name(size).includes(text));
  const rows = [];
  for (const size of chosen) {
    const { least, median } = await compare(subjects, name(size), rounds, milliseconds);
    rows.push({ name: name(size), size, work: work(size), least, median });
  }
  const cheapest = (subject) => Math.min(...rows.map(({ least, work }) => least[subject] / work));
  for (const { name, least, work } of rows) {
    const { gradbook, pytorch } = least;
    const against = (subject) => least[subject] && least[subject] / work / cheapest(subject);
    console.log(
      `${name.padEnd(41)}${cell(gradbook, 9)}${cell(pytorch, 9)}${cell(pytorch && pytorch / gradbook, 21)}${cell(against("gradbook"), 12)}${cell(against("pytorch"), 9)}`,
    );
  }
  if (rows.length > 0) console.log(`${"".padEnd(4)}at best ${cell(cheapest("gradbook"), 0)} ms for each ${unit}`);
  results.push({ unit, rows });
}
for (const subject of Object.values(subjects)) subject.stop();
if (text === "" && !quick)
  await writeFile(
    fileURLToPath(new URL(`results/sizes${threads === "1" ? "" : `-${threads}-threads`}.json`, import.meta.url)),
    `${JSON.stringify({ processor: cpus()[0]?.model, node: process.version, results }, null, 2)}\n`,
  );
