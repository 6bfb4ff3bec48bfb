import { currentDevice, type DeviceName, deviceNamed, makeCurrent, nameGpu } from "./current.ts";
import type { Device } from "./device.ts";
import { DeviceError } from "./errors.ts";
import type { Opened } from "./gpu/open.ts";

let opened: Opened | null = null;
let opening: Promise<Opened | null> | null = null;
let warned = false;

/** @internal The GPU, opened now unless it is: one at a time, and a new one after it was lost. */
export async function gpuOpened(): Promise<Opened | null> {
  if (opened !== null && !opened.context.launcher.lost) return opened;
  // Loaded when it is asked for: other programs start without it.
  opening ??= import("./gpu/open.ts").then(({ openGpu }) => openGpu());
  try {
    opened = await opening;
  } finally {
    opening = null;
  }
  if (opened !== null) nameGpu(opened.device);
  return opened;
}

export interface DeviceOptions {
  /** Whether to fail, instead of staying where one is, when there is no such device; `false`, if not said. */
  readonly required?: boolean;
}

/**
 * Makes tensors on that device from now on, and opens it first, where it has to be: `await device("gpu")` in the first
 * cell is all that a notebook needs to train on the GPU. Tensors that are there already stay where they are; `x.to("gpu")`
 * moves one. `withDevice("cpu", …)` makes some on another.
 *
 * The GPU computes in float32, int32 and truth values. Where none answers, a warning says what to install, and the
 * current device stays. A GPU that the CPU emulates is warned of once.
 * @throws DeviceError where there is none and it is required.
 *
 * @example
 * ```ts
 * import { device, tensor } from "gradbook";
 *
 * await device("cpu");
 * tensor([1, 2]).device.name; // "cpu"
 * ```
 */
export async function device(name: DeviceName, { required = false }: DeviceOptions = {}): Promise<Device> {
  if (name !== "gpu") {
    makeCurrent(deviceNamed(name));
    return currentDevice();
  }
  const gpu = await gpuOpened();
  if (gpu === null) {
    const text = `no adapter answered. ${required ? "" : `Staying on ${currentDevice().name}. `}Install a Vulkan driver for your GPU, and see whether it is found: vulkaninfo --summary. In Node the package webgpu must be there, too: npm install webgpu.`;
    if (required) throw new DeviceError('device("gpu")', text);
    console.warn(`device("gpu"): ${text}`);
    return currentDevice();
  }
  if (gpu.software && !warned) {
    warned = true;
    console.warn(
      `device("gpu"): the adapter is ${gpu.name}, which the CPU emulates: correct, but slower than device("cpu"). For a GPU install its driver: vulkaninfo --summary.`,
    );
  }
  makeCurrent(gpu.device);
  return gpu.device;
}
