// The processes that measure, from the side of those who compare them.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const python = process.env.GRADBOOK_PYTHON ?? "/usr/bin/python3";

/** A process that measures workloads by name. */
function start(command, script, environment = {}) {
  const stdio = ["pipe", "pipe", "inherit"];
  const child = spawn(command, [here(script)], { stdio, env: { ...process.env, ...environment } });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    /** The milliseconds of each repetition, within so many. */
    async times(name, milliseconds) {
      child.stdin.write(`${milliseconds} ${name}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`${script} ended while it measured ${name}.`);
      return JSON.parse(value);
    },
    stop: () => child.kill(),
  };
}

/** Ours. */
export const gradbook = (environment) => start(process.execPath, "gradbook.mjs", environment);

/** gpu.js alone. */
export const gpujs = () => start(process.execPath, "../gpu/gpujs.mjs");

/** PyTorch on a GPU of NVIDIA, or nothing where it finds none. */
export function pytorchOnGpu() {
  const question = "import sys, torch; sys.exit(not torch.cuda.is_available())";
  if (spawnSync(python, ["-c", question], { stdio: "ignore" }).status !== 0) return {};
  return { pytorch: start(python, "pytorch.py", { GRADBOOK_TORCH_DEVICE: "cuda" }) };
}

/** PyTorch, or nothing where there is none. */
export function pytorch(threads) {
  if (spawnSync(python, ["-c", "import torch"], { stdio: "ignore" }).status !== 0) {
    console.log(`No PyTorch in ${python} to compare with. On Debian: apt-get install python3-torch`);
    return {};
  }
  // `torch.set_num_threads` does not reach OpenBLAS, whose products would run on every core.
  const limited = { OMP_NUM_THREADS: threads, OPENBLAS_NUM_THREADS: threads, MKL_NUM_THREADS: threads };
  return { pytorch: start(python, "pytorch.py", limited) };
}

/** What is compared beside, by the packages that it takes. */
const peers = {
  tfjs: ["@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm"],
  jaxjs: ["@jax-js/jax"],
  onnxruntime: ["onnxruntime-node"],
};

/** Those that are installed in the folder that GRADBOOK_PEERS names. */
export function installedPeers(threads) {
  const folder = process.env.GRADBOOK_PEERS;
  if (!folder) return {};
  const has = (name) => existsSync(join(folder, "node_modules", name, "package.json"));
  const there = Object.keys(peers).filter((peer) => peers[peer].every(has));
  const environment = { GRADBOOK_THREADS: threads };
  return Object.fromEntries(there.map((peer) => [peer, start(process.execPath, `${peer}.mjs`, environment)]));
}

/** The least and the median of the repetitions of each subject, measured in turns. */
export async function compare(subjects, name, rounds, milliseconds) {
  const times = Object.fromEntries(Object.keys(subjects).map((subject) => [subject, []]));
  for (let round = 0; round < rounds; round++)
    for (const [subject, process] of Object.entries(subjects))
      times[subject] = times[subject].concat(await process.times(name, milliseconds));
  const sorted = Object.entries(times).map(([subject, list]) => [subject, list.sort((a, b) => a - b)]);
  return {
    least: Object.fromEntries(sorted.map(([subject, list]) => [subject, list[0]])),
    median: Object.fromEntries(sorted.map(([subject, list]) => [subject, list[list.length >> 1]])),
  };
}

/** A number in a column. */
export const cell = (value, width) => (value === undefined ? "" : value.toPrecision(3)).padStart(width);
