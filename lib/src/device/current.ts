import { cpu } from "./cpu/cpu.ts";
import { modeAsked } from "./cpu/mode.ts";
import { plain } from "./cpu/plain/plain.ts";
import type { Device } from "./device.ts";
import { DeviceError } from "./errors.ts";

/**
 * `cpu` is the fast device on the CPU; `gpu` is there once it was opened, by `await device("gpu")`; `plain` is the
 * reference, slow and obvious, that both are checked against.
 */
export type DeviceName = "cpu" | "gpu" | "plain";

const devices: Record<Exclude<DeviceName, "gpu">, Device> & { gpu: Device | null } = { cpu, plain, gpu: null };

let current: Device = devices[modeAsked() === "plain" ? "plain" : "cpu"];

/** The device on which tensors are made. */
export function currentDevice(): Device {
  return current;
}

/** The device of that name. */
export function deviceNamed(name: DeviceName): Device {
  if (!Object.hasOwn(devices, name))
    throw new RangeError(`device: "${name}" is not known, expected one of ${Object.keys(devices).join(", ")}.`);
  const device = devices[name];
  if (device === null)
    throw new DeviceError(
      "device",
      `"${name}" is not open, expected a device that is. Open it first: await device("${name}").`,
    );
  return device;
}

/** Every device that there is. */
export function knownDevices(): readonly Device[] {
  return Object.values(devices).filter((device) => device !== null);
}

/** Makes `device` the one called `gpu`; where the current one went by that name, it takes its place. */
export function nameGpu(device: Device): void {
  if (current === devices.gpu) current = device;
  devices.gpu = device;
}

/** Makes tensors on a device from now on. */
export function makeCurrent(device: Device): void {
  current = device;
}

/** Runs `body` with tensors made on another device. */
export function withDevice<T>(name: DeviceName, body: () => T): T {
  const before = current;
  current = deviceNamed(name);
  try {
    return body();
  } finally {
    current = before;
  }
}
