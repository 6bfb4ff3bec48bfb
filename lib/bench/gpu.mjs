// `npm run bench -- gpu [--quick] [TEXT]`: what starting a program on the GPU costs the CPU, measured on Dawn's backend
// that does nothing; then the workloads of `bench -- cpu` whose name contains TEXT, and some larger ones, on the CPU
// device and on the GPU, by gpu.js alone as far as it goes, and by PyTorch where it finds a GPU, in turns in the same run.
// Prints milliseconds, least of many, ratios, and the pace of arithmetic and memory on the GPU. Without a GPU
// it needs a driver that emulates one: VK_DRIVER_FILES=/usr/lib/chromium/vk_swiftshader_icd.json.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { cell, compare, gpujs, gradbook, pytorchOnGpu } from "./cpu/subject.mjs";
import { workloads } from "./cpu/workloads.mjs";

const { values, positionals } = parseArgs({
  options: { quick: { type: "boolean", default: false } },
  allowPositionals: true,
});
const [text = ""] = positionals;
const [rounds, milliseconds] = values.quick ? [1, 100] : [3, 400];
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
console.log(
  `${"".padEnd(42)}      cpu      gpu  gpu.js alone  PyTorch on CUDA   cpu ÷ gpu   on the GPU: GFLOP/s     GB/s`,
);
const names = [
  ...["x + y, 1e6", "x + y, 1e7", "matmul 4096", "LeNet-5 step, batch 1024"],
  ...workloads.map(({ name }) => name),
];
for (const name of names.filter((each) => each.includes(text))) {
  const { least } = await compare(devices, name, rounds, milliseconds);
  const pace = (work) => work && work / least.gpu / 1e6;
  console.log(
    `${name.padEnd(41)}${cell(least.cpu, 9)}${cell(least.gpu, 9)}${cell(least.gpujs, 14)}${cell(least.pytorch, 17)}${cell(least.cpu / least.gpu, 12)}${cell(pace(operations(name)), 22)}${cell(pace(bytes(name)), 9)}`,
  );
}
for (const device of Object.values(devices)) device.stop();
