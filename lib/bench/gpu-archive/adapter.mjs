// Which GPU answers: `node adapter.mjs [--hardware]` prints what it says of itself, and ends with 1 where there is none,
// or none that is not emulated by the CPU.
import { pathToFileURL } from "node:url";
import { create } from "webgpu";

// Must stay referenced, or the process ends in a crash.
const dawn = create([]);

/** What the adapter says of itself; null where none answers. */
export async function adapter() {
  const found = await dawn.requestAdapter({ powerPreference: "high-performance" });
  if (found === null) return null;
  const { vendor, architecture, device, description, isFallbackAdapter } = found.info;
  const name = description || device || architecture || vendor || "unnamed";
  const software =
    isFallbackAdapter === true ||
    /swiftshader|llvmpipe|lavapipe|software/i.test([vendor, architecture, device, description].join(" "));
  return { name, vendor, architecture, software };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const found = await adapter();
  console.log(JSON.stringify(found));
  process.exit(found === null || (found.software && process.argv.includes("--hardware")) ? 1 : 0);
}
