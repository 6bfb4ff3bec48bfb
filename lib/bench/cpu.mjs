// `npm run bench -- cpu [--quick] [--threads N] [TEXT]`: the workloads whose name contains TEXT, on one thread or N: ours,
// ours without machine code (always one thread), and PyTorch, in turns in the same run. Prints milliseconds, least of
// many, and ratios of these, beside what one core can do at all; TensorFlow.js joins in for some, on one thread, where
// GRADBOOK_PEERS names a folder with @tensorflow/tfjs and @tensorflow/tfjs-backend-wasm; the least and the medians go to results/cpu.json, or
// cpu-N-threads.json, where all workloads were run in full.
import { spawn, spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measureMachine } from "./cpu/machine.mjs";
import { workloads } from "./cpu/workloads.mjs";

const { values, positionals } = parseArgs({
  options: { quick: { type: "boolean", default: false }, threads: { type: "string", default: "1" } },
  allowPositionals: true,
});
const { quick, threads } = values;
const [text = ""] = positionals;
const [rounds, milliseconds] = quick ? [2, 100] : [5, 400];
const python = process.env.GRADBOOK_PYTHON ?? "/usr/bin/python3";
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** A process that measures workloads by name. */
function start(command, script, environment = {}) {
  const stdio = ["pipe", "pipe", "inherit"];
  const child = spawn(command, [script], { stdio, env: { ...process.env, ...environment } });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async times(name) {
      child.stdin.write(`${milliseconds} ${name}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`${script} ended while it measured ${name}.`);
      return JSON.parse(value);
    },
    stop: () => child.kill(),
  };
}

// `torch.set_num_threads` does not reach OpenBLAS, whose products would run on every core.
const limited = { OMP_NUM_THREADS: threads, OPENBLAS_NUM_THREADS: threads, MKL_NUM_THREADS: threads };
const hasTorch = spawnSync(python, ["-c", "import torch"], { stdio: "ignore" }).status === 0;
if (!hasTorch) console.log(`No PyTorch in ${python} to compare with. On Debian: apt-get install python3-torch`);
const subjects = {
  gradbook: start(process.execPath, here("cpu/gradbook.mjs"), { GRADBOOK_THREADS: threads }),
  wasm: start(process.execPath, here("cpu/gradbook.mjs"), { GRADBOOK_CPU: "wasm" }),
  ...(hasTorch && { pytorch: start(python, here("cpu/pytorch.py"), limited) }),
  ...(process.env.GRADBOOK_PEERS && { tfjs: start(process.execPath, here("cpu/tfjs.mjs")) }),
};

const { peak, bandwidth } = await measureMachine();
const cell = (value, width) => (value === undefined ? "" : value.toPrecision(3)).padStart(width);
console.log(
  `${cpus()[0]?.model}, Node ${process.version}, ${threads === "1" ? "one thread" : `${threads} threads`}, least of many, milliseconds`,
);
if (peak !== undefined)
  console.log(
    `one core: ${peak.toFixed(0)} GFLOP/s in the first-level cache, ${bandwidth.toFixed(1)} GB/s copied in memory`,
  );
console.log(
  `${"".padEnd(42)}gradbook     wasm  PyTorch   PyTorch ÷ gradbook (aim)   ÷ wasm${subjects.tfjs ? "   tfjs-wasm ÷ gradbook" : ""}`,
);
const results = [];
for (const { name, aim } of workloads.filter((workload) => workload.name.includes(text))) {
  const times = Object.fromEntries(Object.keys(subjects).map((subject) => [subject, []]));
  for (let round = 0; round < rounds; round++)
    for (const [subject, process] of Object.entries(subjects)) times[subject].push(...(await process.times(name)));
  const sorted = Object.entries(times).map(([subject, list]) => [subject, list.sort((a, b) => a - b)]);
  const least = Object.fromEntries(sorted.map(([subject, list]) => [subject, list[0]]));
  const median = Object.fromEntries(sorted.map(([subject, list]) => [subject, list[list.length >> 1]]));
  results.push({ name, aim, least, median });
  const { gradbook, wasm, pytorch, tfjs } = least;
  const ratio = pytorch && pytorch / gradbook;
  const judged = ratio === undefined ? "" : `${ratio >= aim ? "✓" : " "} (${aim})`;
  console.log(
    `${name.padEnd(41)}${cell(gradbook, 9)}${cell(wasm, 9)}${cell(pytorch, 9)}${cell(ratio, 12)} ${judged.padEnd(15)}${cell(pytorch && pytorch / wasm, 9)}${tfjs ? `${cell(tfjs, 9)} ms ${cell(tfjs / gradbook, 9)}` : ""}`,
  );
}
for (const subject of Object.values(subjects)) subject.stop();
if (text === "" && !quick)
  await writeFile(
    here(threads === "1" ? "results/cpu.json" : `results/cpu-${threads}-threads.json`),
    `${JSON.stringify({ processor: cpus()[0]?.model, node: process.version, peak, bandwidth, results }, null, 2)}\n`,
  );
