import { cpu } from "../../src/device/cpu/cpu.ts";
import type { Buffer, Device } from "../../src/device/device.ts";
import type { Tensor } from "../../src/index.ts";

/** What happened to the memory of the CPU device while it was counted. */
export interface Counted {
  readonly made: ReadonlySet<Buffer>;
  readonly freed: ReadonlySet<Buffer>;
  /** Made and not freed. */
  live(): Set<Buffer>;
}

/**
 * Runs `body` while the CPU device keeps account of its buffers, and is strict as a device with memory of its own:
 * freeing twice, freeing what it did not make meanwhile, and using what was freed are errors.
 */
export async function counted(body: (account: Counted) => unknown): Promise<Counted> {
  const made = new Set<Buffer>();
  const freed = new Set<Buffer>();
  const device = cpu as unknown as Record<string, unknown>;
  const before = { ...device };
  const account = { made, freed, live: () => new Set([...made].filter((buffer) => !freed.has(buffer))) };
  const refuseFreed = (name: string, value: unknown): void => {
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
    if (freed.has(value as Buffer)) throw new Error(`${name} was given memory that had been freed`);
    for (const inner of Object.values(value)) refuseFreed(name, inner);
  };
  const note = (value: unknown): void => {
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || value instanceof Promise) return;
    if ("values" in value && "dtype" in value) made.add(value as unknown as Buffer);
    else Object.values(value).forEach(note);
  };
  for (const [name, method] of Object.entries(before)) {
    if (typeof method !== "function") continue;
    device[name] = (...args: unknown[]) => {
      refuseFreed(name, args);
      const result = method(...args);
      if (name !== "peek") note(result);
      return result;
    };
  }
  device.free = ((buffer) => {
    if (freed.has(buffer)) throw new Error("memory was freed twice");
    if (!made.has(buffer)) throw new Error("memory was freed that was not made");
    freed.add(buffer);
  }) satisfies Device["free"];
  try {
    await body(account);
  } finally {
    Object.assign(device, before);
  }
  return account;
}

/** The memory in which a tensor's values lie. */
export function bufferOf({ state }: Tensor): Buffer {
  if (state.kind !== "stored") throw new Error(`the tensor is ${state.kind}`);
  return state.view.buffer;
}
