import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { device, ones, scope, tensor, withDevice } from "../../../src/index.ts";
import { gpu } from "./adapter.ts";

const library = new URL("../../../dist/index.js", import.meta.url).href;

/** Runs a program with the library as built, in a process of its own. */
async function run(program: string, env: Record<string, string> = {}) {
  return promisify(execFile)(
    process.execPath,
    ["--input-type=module", "-e", `const g = await import(${JSON.stringify(library)});\n${program}`],
    { env: { ...process.env, ...env } },
  );
}

describe("a machine without a GPU", () => {
  const none = { VK_DRIVER_FILES: "/nowhere/none.json" };

  it("stays on the CPU and says what to install", async () => {
    const { stdout, stderr } = await run(
      `const d = await g.device("gpu"); console.log(d.name, g.ones([2]).device.name, await g.ones([2]).sum().item()); process.exit(0);`,
      none,
    );
    expect(stdout.trim()).toBe("cpu cpu 2");
    expect(stderr).toMatch(/device\("gpu"\): no adapter answered\. Staying on cpu\..*vulkaninfo --summary/);
  });

  it("fails where a GPU is required, and where one is named without being open", async () => {
    const { stdout } = await run(
      `await g.device("gpu", { required: true }).catch((e) => console.log(e.name, e.message));
       try { g.tensor([1], { device: "gpu" }); } catch (e) { console.log(e.message); } process.exit(0);`,
      none,
    );
    expect(stdout).toMatch(/DeviceError device\("gpu"\): no adapter answered/);
    expect(stdout).toMatch(/device: "gpu" is not open.*await device\("gpu"\)/);
  });
});

describe.skipIf(gpu === null)("the gpu device", () => {
  afterEach(() => device("cpu"));

  it("makes tensors where one is, and others where one says", async () => {
    await device("gpu");
    expect(ones([2]).device.name).toBe("gpu");
    expect(withDevice("cpu", () => ones([2])).device.name).toBe("cpu");
    expect((await ones([2]).to("cpu")).device.name).toBe("cpu");
    await device("cpu");
    expect(ones([2]).device.name).toBe("cpu");
    expect(await (await tensor([1, 2]).to("gpu")).mul(2).toArray()).toEqual([2, 4]);
  });

  it("warns once of an adapter that the CPU emulates", async () => {
    if (!gpu!.software) return;
    const { stderr } = await run(
      `await g.device("gpu"); await g.device("cpu"); await g.device("gpu"); process.exit(0);`,
    );
    expect(stderr.match(/which the CPU emulates/g)).toHaveLength(1);
  });

  it("says which tensors are on two devices", async () => {
    const [a, b] = [ones([2], { device: "gpu" }), ones([2])];
    expect(() => a.add(b)).toThrow(/add: one tensor is on gpu, another on cpu\. Move one: x\.to\("gpu"\)/);
  });

  it("refuses float64, and says how to go on", () => {
    expect(() => ones([2], { device: "gpu", dtype: "float64" })).toThrow(/GPUs have no float64.*cast\("float32"\)/);
    const x = ones([2], { device: "gpu" });
    expect(() => x.cast("float64").sum()).toThrow(/GPUs have no float64/);
  });

  it("refuses indices from the host that are out of range", () => {
    const x = ones([3, 2], { device: "gpu" });
    expect(() => x.take(tensor(Int32Array.of(0, 3), { device: "gpu" }))).toThrow(/3 is outside 0 … 2/);
  });

  it("gives back in a scope what was made there", async () => {
    const { pool } = gpu!.context.launcher;
    const x = ones([100, 100], { device: "gpu" });
    const before = pool.buffers;
    const kept = scope(() => x.matmul(x).tanh().sum({ axis: 0 }).add(1));
    await kept.data();
    expect(pool.buffers).toBe(before + 1);
  });

  it("prints without values, which come by promise", () => {
    expect(String(ones([2, 2], { device: "gpu" }))).toBe("Tensor float32 [2, 2]");
  });

  it("waits in ready() until all is done", async () => {
    const x = await ones([64, 64], { device: "gpu" }).add(1).ready();
    expect(await x.max().item()).toBe(2);
  });

  it("says when it was lost, and opens anew", async () => {
    await device("gpu");
    const x = ones([4]);
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    gpu!.context.launcher.gpu.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(() => x.add(1).sum()).toThrow(/the device was lost .*Open it anew, await device\("gpu"\)/);
    await expect(x.data()).rejects.toThrow(/the device was lost/);
    const fresh = await device("gpu");
    expect(fresh).not.toBe(gpu!.device);
    expect(await ones([4]).sum().item()).toBe(4);
    expect(() => ones([4]).add(x)).toThrow(/one tensor is on gpu, another on gpu, which was lost/);
    warn.mockRestore();
  });
});
