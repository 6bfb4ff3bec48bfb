// `npm run bench -- cpu [--quick] [--threads N] [TEXT]`: the workloads whose name contains TEXT, on one thread or N: ours,
// ours without machine code (always one thread), and PyTorch, in turns in the same run. Prints milliseconds, least of
// many, and ratios of these, beside what one core can do at all. TensorFlow.js and jax-js, with WebAssembly on one thread,
// and onnxruntime join in for some, where GRADBOOK_PEERS names a folder in which they are installed (@tensorflow/tfjs with
// @tensorflow/tfjs-backend-wasm, @jax-js/jax, onnxruntime-node). The least and the medians go to results/cpu.json, or
// cpu-N-threads.json, where all workloads were run in full.
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measureMachine } from "./cpu/machine.mjs";
import { cell, compare, gradbook, installedPeers, pytorch } from "./cpu/subject.mjs";
import { workloads } from "./cpu/workloads.mjs";

const { values, positionals } = parseArgs({
  options: { quick: { type: "boolean", default: false }, threads: { type: "string", default: "1" } },
  allowPositionals: true,
});
const { quick, threads } = values;
const [text = ""] = positionals;
const [rounds, milliseconds] = quick ? [2, 100] : [5, 400];
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

const peers = installedPeers(threads);
const subjects = {
  gradbook: gradbook({ GRADBOOK_THREADS: threads }),
  wasm: gradbook({ GRADBOOK_CPU: "wasm" }),
  ...pytorch(threads),
  ...peers,
};

const { peak, bandwidth } = await measureMachine();
console.log(
  `${cpus()[0]?.model}, Node ${process.version}, ${threads === "1" ? "one thread" : `${threads} threads`}, least of many, milliseconds`,
);
if (peak !== undefined)
  console.log(
    `one core: ${peak.toFixed(0)} GFLOP/s in the first-level cache, ${bandwidth.toFixed(1)} GB/s copied in memory`,
  );
const titles = Object.keys(peers).map((peer) => `${`${peer} ÷ gradbook`.padStart(24)}`);
console.log(
  `${"".padEnd(42)}gradbook     wasm  PyTorch   PyTorch ÷ gradbook (aim)   ÷ wasm  of peak${titles.join("")}`,
);
const results = [];
for (const { name, operations, ...workload } of workloads.filter((workload) => workload.name.includes(text))) {
  const aim = threads === "1" ? workload.aim : (workload.aimShared ?? workload.aim);
  const { least, median } = await compare(subjects, name, rounds, milliseconds);
  results.push({ name, aim, least, median });
  const { gradbook, wasm, pytorch } = least;
  const ratio = pytorch && pytorch / gradbook;
  // How much of what all cores at work can do at all.
  const share = peak && operations && operations / (gradbook * 1e6 * peak * Number(threads));
  const judged = ratio === undefined ? "" : `${ratio >= aim ? "✓" : " "} (${aim})`;
  const beside = Object.keys(peers).map(
    (peer) => `${cell(least[peer], 15)}${cell(least[peer] && least[peer] / gradbook, 9)}`,
  );
  console.log(
    `${name.padEnd(41)}${cell(gradbook, 9)}${cell(wasm, 9)}${cell(pytorch, 9)}${cell(ratio, 12)} ${judged.padEnd(15)}${cell(pytorch && pytorch / wasm, 9)}${(share === undefined ? "" : `${(100 * share).toFixed(0)} %`).padStart(9)}${beside.join("")}`,
  );
}
for (const subject of Object.values(subjects)) subject.stop();
if (text === "" && !quick)
  await writeFile(
    here(threads === "1" ? "results/cpu.json" : `results/cpu-${threads}-threads.json`),
    `${JSON.stringify({ processor: cpus()[0]?.model, node: process.version, peak, bandwidth, results }, null, 2)}\n`,
  );
