import { knownDevices } from "../device/current.ts";
import type { Buffer, Device, Expression } from "../device/device.ts";
import { scalarsOf } from "../device/scalars-of.ts";

/** A method of a device that has just run. */
export interface Kernel {
  /** `matmul`, `sum`, `convolve` …; an elementwise run by what it computes: `mul, add, tanh`. */
  readonly name: string;
  /** Whether it is an elementwise run. */
  readonly elementwise: boolean;
  readonly seconds: number;
  /** What it made. */
  readonly buffers: readonly Buffer[];
}

type Listener = (kernel: Kernel) => void;
type Method = (...args: unknown[]) => unknown;

const listeners = new Set<Listener>();
/** The methods of devices as they were, while somebody listens. */
let before: { readonly device: Record<string, unknown>; readonly name: string; readonly method: Method }[] = [];
/** A method may call others; the outermost one counts. */
let depth = 0;

const silent = new Set(["read", "peek", "free", "flush"]);
const bytesPer = { float32: 4, float64: 8, int32: 4, bool: 1 } as const;

/** Bytes of a buffer. */
export function bytesOf(buffer: Buffer): number {
  return buffer.length * bytesPer[buffer.dtype];
}

/** Tells of every kernel of every device from now on; what it gives back ends that. */
export function listen(listener: Listener): () => void {
  if (listeners.size === 0) before = knownDevices().flatMap(watched);
  listeners.add(listener);
  return () => {
    if (!listeners.delete(listener) || listeners.size > 0) return;
    for (const { device, name, method } of before) device[name] = method;
    before = [];
  };
}

function watched(given: Device) {
  const device = given as unknown as Record<string, unknown>;
  const methods = Object.keys(device).filter((name) => typeof device[name] === "function" && !silent.has(name));
  return methods.map((name) => {
    const method = device[name] as Method;
    device[name] = (...args: unknown[]) => {
      if (depth > 0) return method.apply(device, args);
      depth++;
      const began = performance.now();
      try {
        const made = method.apply(device, args);
        const seconds = (performance.now() - began) / 1000;
        const kernel = { ...nameOf(name, args), seconds, buffers: buffersIn(made) };
        for (const one of listeners) one(kernel);
        return made;
      } finally {
        depth--;
      }
    };
    return { device, name, method };
  });
}

function nameOf(method: string, args: readonly unknown[]): { readonly name: string; readonly elementwise: boolean } {
  if (method === "map") return { name: scalarsOf(args[0] as Expression).join(", ") || "copy", elementwise: true };
  const by = method === "reduce" || method === "scan" ? String(args[0]) : "";
  return { name: method === "scan" ? `running ${by}` : by || method, elementwise: false };
}

function buffersIn(made: unknown): Buffer[] {
  if (typeof made !== "object" || made === null) return [];
  if ("dtype" in made && "length" in made) return [made as Buffer];
  return Object.values(made).flatMap(buffersIn);
}
