// `npm run bench -- gpu [--quick] [TEXT]`: what starting a program on the GPU costs the CPU, measured on Dawn's backend
// that does nothing; then the workloads of `bench -- cpu` whose name contains TEXT on the CPU device and on the GPU, in
// turns in the same run, and LeNet-5 in large batches. Prints milliseconds, least of many, and their ratio. Without a GPU
// it needs a driver that emulates one: VK_DRIVER_FILES=/usr/lib/chromium/vk_swiftshader_icd.json.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { cell, compare, gradbook } from "./cpu/subject.mjs";
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
const devices = { cpu: on("cpu"), gpu: on("gpu") };
/** Floating-point operations of a product of matrices of that size. */
const product = (name) => (/^matmul \d+$/.test(name) ? 2 * Number(name.slice(7)) ** 3 : undefined);
console.log(`${"".padEnd(42)}      cpu      gpu   cpu ÷ gpu   GFLOP/s on the GPU`);
const names = [...workloads.map(({ name }) => name), "matmul 4096", "LeNet-5 step, batch 1024"];
for (const name of names.filter((each) => each.includes(text))) {
  const { least } = await compare(devices, name, rounds, milliseconds);
  const flops = product(name);
  const speed = flops && flops / least.gpu / 1e6;
  console.log(
    `${name.padEnd(41)}${cell(least.cpu, 9)}${cell(least.gpu, 9)}${cell(least.cpu / least.gpu, 12)}${cell(speed, 16)}`,
  );
}
for (const device of Object.values(devices)) device.stop();
