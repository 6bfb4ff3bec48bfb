import { fileURLToPath } from "node:url";
import { type Check, type GpuTrial, ok, warning } from "./check.ts";
import { run } from "./trial.ts";

const trial = fileURLToPath(new URL("gpu-trial.js", import.meta.url));

/** Asks for the GPU that `await device("gpu")` would find in a notebook of this folder. */
export async function tryGpu(): Promise<GpuTrial> {
  const { status, stdout, stderr } = await run([trial], 20_000);
  try {
    return JSON.parse(stdout) as GpuTrial;
  } catch {
    return { failure: /^\w*Error.*/m.exec(stderr)?.[0] ?? `its process ended with ${status}` };
  }
}

const driver = "Install your GPU's Vulkan driver, and see whether it is found: vulkaninfo --summary.";

/** The GPU, which is no must: everything runs on the CPU, too. */
export const gpu: Check = {
  name: "GPU",
  run: async (patient) => {
    const { missing, failure, name, vendor, bytes = 0, threads } = await patient.gpu();
    if (missing)
      return [
        ok("The package webgpu is not installed here, so notebooks compute on the CPU. For a GPU: npm install webgpu"),
      ];
    if (failure !== undefined) return [warning(`The package webgpu does not work here: ${failure}.`, driver)];
    if (name === undefined) return [ok(`No GPU answers, so notebooks compute on the CPU. For one: ${driver}`)];
    const size = `tensors of up to ${(bytes / 2 ** 30).toFixed(1)} GiB, ${threads} threads in a workgroup`;
    if (/swiftshader|llvmpipe|lavapipe/i.test(`${name} ${vendor}`))
      return [
        warning(
          `The GPU is ${name}, which the CPU emulates: device("gpu") is correct there, and slow; ${size}.`,
          driver,
        ),
      ];
    return [ok(`The GPU is ${name}: await device("gpu") uses it; ${size}.`)];
  },
};
