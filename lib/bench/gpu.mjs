// `npm run bench -- gpu [--quick] [--budget SECONDS] [TEXT]`: what starting a program on the GPU costs the CPU, measured on
// Dawn's backend that does nothing; then the workloads of `bench -- cpu` whose name contains TEXT, and some others, on the
// CPU device and on the GPU, by gpu.js alone as far as it goes, and by PyTorch where it finds a GPU, in turns in the same
// run. Prints milliseconds, least of the runs whose number stands behind, ratios, and the pace of arithmetic and memory on
// the GPU. So that drivers that emulate a GPU come to an end, too, whoever has taken the budget, 20 seconds if not said, gets
// no further turn at a workload, and larger products and convolutions are left out where a run would take three times that
// by the pace of smaller ones; everything else is done once at least. Without a GPU such a driver is needed:
// VK_DRIVER_FILES=/usr/lib/chromium/vk_swiftshader_icd.json.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { cell, gpujs, gradbook, pytorchOnGpu } from "./cpu/subject.mjs";
import { workloads } from "./cpu/workloads.mjs";

const { values, positionals } = parseArgs({
  options: { quick: { type: "boolean", default: false }, budget: { type: "string", default: "20" } },
  allowPositionals: true,
});
const [text = ""] = positionals;
const [rounds, milliseconds] = values.quick ? [1, 100] : [3, 400];
const budget = 1000 * Number(values.budget);
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

const launches = spawnSync(process.execPath, [here("gpu/launches.mjs")], {
  encoding: "utf8",
  stdio: ["ignore", "pipe", "inherit"],
});
process.stdout.write(launches.stdout);

const on = (device) => gradbook({ GRADBOOK_DEVICE: device, GRADBOOK_THREADS: "1" });
const devices = { cpu: on("cpu"), gpu: on("gpu"), gpujs: gpujs(), ...pytorchOnGpu() };
/** Multiplications and additions, where products and convolutions are what there is to do, and bytes, where these are. */
const operations = (name) =>
  /^matmul \d+$/.test(name)
    ? 2 * Number(name.slice(7)) ** 3
    : workloads.find((workload) => workload.name === name)?.operations;
const bytes = (name) => (/^x \+ y/.test(name) ? 12 * Number(name.slice(7)) : undefined);
/** Products and convolutions come in sizes, of which each says how long the next will take. */
const kindOf = (name) => /^(matmul|conv.*both ways|conv.*forward)/.exec(name)?.[1].replace(/\d.*@\d+/, "");
const paces = new Map();
/** Milliseconds that a run will take, as far as one can tell. */
const expected = (subject, name) => operations(name) / paces.get(`${subject} ${kindOf(name)}`);

/** The milliseconds of every run of each subject, measured in turns; how long it would take where that is too long. */
async function measured(name) {
  const [times, spent] = [{}, {}];
  for (let round = 0; round < rounds; round++)
    for (const [subject, process] of Object.entries(devices)) {
      times[subject] ??= expected(subject, name) > 3 * budget ? expected(subject, name) : [];
      if (typeof times[subject] === "number" || spent[subject] >= budget) continue;
      const before = performance.now();
      times[subject] = times[subject].concat(await process.times(name, milliseconds));
      spent[subject] = (spent[subject] ?? 0) + performance.now() - before;
    }
  for (const [subject, list] of Object.entries(times))
    if (list.length > 0 && kindOf(name)) paces.set(`${subject} ${kindOf(name)}`, operations(name) / least(list));
  return times;
}
/** The least of some times, and how many there were. */
const least = (times) => (times?.length > 0 ? Math.min(...times) : undefined);
function figure(times, width) {
  if (typeof times === "number") return `~ ${cell(times / 1000, 1)} s`.padStart(width);
  return (times?.length > 0 ? `${cell(least(times), 1)} (${times.length})` : "").padStart(width);
}
console.log(
  `${"milliseconds (runs); ~ what is left out".padEnd(42)}               cpu           gpu  gpu.js alone  PyTorch on CUDA   cpu ÷ gpu   on the GPU: GFLOP/s     GB/s`,
);
const names = [
  ...["x + y, 1e6", "x + y, 1e7"],
  ...workloads.map(({ name }) => name),
  ...["LeNet-5 step, batch 1024", "attention 64×128×32, both ways", "matmul 4096"],
];
for (const name of names.filter((each) => each.includes(text))) {
  const times = await measured(name);
  const [cpu, gpu] = [least(times.cpu), least(times.gpu)];
  const pace = (work) => work && gpu && work / gpu / 1e6;
  console.log(
    `${name.padEnd(42)}${figure(times.cpu, 18)}${figure(times.gpu, 14)}${figure(times.gpujs, 14)}${figure(times.pytorch, 17)}${cell(gpu && cpu / gpu, 12)}${cell(pace(operations(name)), 22)}${cell(pace(bytes(name)), 9)}`,
  );
}
for (const device of Object.values(devices)) device.stop();
