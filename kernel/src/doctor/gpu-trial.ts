import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

// Run as a process of its own, because a driver that does not fit can end the process that loads it. Prints what the
// package webgpu, as notebooks in this folder would find it, says of the GPU.

interface Adapter {
  readonly info: { readonly vendor: string; readonly architecture: string; readonly description: string };
  readonly limits: { readonly maxStorageBufferBindingSize: number; readonly maxComputeInvocationsPerWorkgroup: number };
}
interface WebGpuPackage {
  create(options: readonly string[]): { requestAdapter(options: object): Promise<Adapter | null> };
}

const from = [join(process.cwd(), "notebook.ts"), import.meta.url];
const found = from.flatMap((place) => {
  try {
    return [createRequire(place).resolve("webgpu")];
  } catch {
    return [];
  }
})[0];
if (found === undefined) console.log(JSON.stringify({ missing: true }));
else {
  const { create } = (await import(pathToFileURL(found).href)) as WebGpuPackage;
  const gpu = create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  const { info, limits } = adapter ?? {};
  console.log(
    JSON.stringify({
      name: info && (info.description || info.architecture || info.vendor),
      vendor: info?.vendor,
      bytes: limits?.maxStorageBufferBindingSize,
      threads: limits?.maxComputeInvocationsPerWorkgroup,
    }),
  );
}
process.exit(0);
