import { existsSync, readdirSync } from "node:fs";
import { type Opened, openGpu } from "../../../src/device/gpu/open.ts";
import { gpuOpened } from "../../../src/device/open.ts";

/** Chromium's Vulkan driver that the CPU emulates: correct, and slow. */
const swiftshader = "/usr/lib/chromium/vk_swiftshader_icd.json";
const folders = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"];

// Before Dawn looks for drivers: the machine's own come first.
const own = folders.some((folder) => existsSync(folder) && readdirSync(folder).some((file) => file.endsWith(".json")));
if (!own && existsSync(swiftshader)) process.env.VK_DRIVER_FILES ??= swiftshader;

/** The GPU that tests use, or null where there is none: then they are skipped, unless all are required. */
export const gpu: Opened | null = await gpuOpened();

const advice = "no WebGPU adapter answers. Install a Vulkan driver; one without a GPU: apt install chromium libvulkan1";
if (gpu === null) {
  if (process.env.GRADBOOK_REQUIRE === "all") throw new Error(advice);
  console.warn(`skipped: ${advice}`);
}

/** A device of its own, for what would harm others. */
export const another = openGpu;
