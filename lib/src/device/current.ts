import { cpu } from "./cpu/cpu.ts";
import { modeAsked } from "./cpu/mode.ts";
import { plain } from "./cpu/plain/plain.ts";
import type { Device } from "./device.ts";

/** `cpu` is the fast device; `plain` is the reference, slow and obvious, that it is checked against. */
export type DeviceName = "cpu" | "plain";

const devices: Record<DeviceName, Device> = { cpu, plain };

let current: Device = devices[modeAsked() === "plain" ? "plain" : "cpu"];

/** The device on which tensors are made. */
export function currentDevice(): Device {
  return current;
}

/** The device of that name. */
export function deviceNamed(name: DeviceName): Device {
  if (!Object.hasOwn(devices, name))
    throw new RangeError(`device: "${name}" is not known, expected one of ${Object.keys(devices).join(", ")}.`);
  return devices[name];
}

/** Every device that there is. */
export function knownDevices(): readonly Device[] {
  return Object.values(devices);
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
