import type { Device } from "../device.ts";
import { Context } from "./context.ts";
import { gpuDevice } from "./gpu.ts";
import { compilerBy } from "./gpujs/compiler.ts";
import { Launcher } from "./launcher.ts";
import { type Adapter, limitNames, type WebGpu } from "./webgpu.ts";

/** A GPU that answered. */
export interface Opened {
  readonly device: Device;
  readonly context: Context;
  readonly adapter: Adapter;
  /** What the adapter calls itself. */
  readonly name: string;
  /** Whether it is emulated by the CPU. */
  readonly software: boolean;
}

/** Dawn's object must stay referenced, or the process ends in a crash. */
let dawn: WebGpu | null = null;

/** WebGPU of the browser, or of Dawn's package for Node; null where neither is there. */
export async function webGpu(): Promise<WebGpu | null> {
  const { navigator } = globalThis as { navigator?: { gpu?: WebGpu } };
  if (navigator?.gpu !== undefined) return navigator.gpu;
  if (dawn !== null) return dawn;
  // Not a literal: it need not be installed, and no bundler should look for it.
  const name = "webgpu";
  try {
    const { create } = (await import(name)) as { create(options: readonly string[]): WebGpu };
    dawn = create([]);
    return dawn;
  } catch {
    return null;
  }
}

/** Opens a GPU; null where no adapter answers. */
export async function openGpu(): Promise<Opened | null> {
  const gpu = await webGpu();
  const adapter = await gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null || adapter === undefined) return null;
  const requiredLimits = Object.fromEntries(limitNames.map((name) => [name, adapter.limits[name]]));
  const gpuItself = await adapter.requestDevice({ requiredLimits });
  const launcher = new Launcher(gpuItself);
  void gpuItself.lost.then(({ reason, message }) => launcher.lose(message || reason || "unknown"));
  const software = isSoftware(adapter);
  const context = new Context(launcher, await compilerBy(() => import("gpu.js"), launcher), software);
  return { device: gpuDevice(context), context, adapter, name: adapterName(adapter), software };
}

function isSoftware({ info }: Adapter): boolean {
  const name = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`;
  return info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|software/i.test(name);
}

function adapterName({ info }: Adapter): string {
  return info.description || info.device || info.architecture || info.vendor || "unnamed";
}
