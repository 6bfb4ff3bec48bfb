import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lossesOn } from "./net.ts";
import { advice, type Bundle, browserMissing, bundled, mayBeLeftOut, ServedPage } from "./page.ts";

let bundle: Bundle;
beforeAll(async () => {
  bundle = await bundled();
});

it("is bundled for a page with nothing of Node", () => {
  expect(bundle.outside).toEqual([]);
});

if (browserMissing) console.warn(`Skipped: ${advice}`);
describe.skipIf(mayBeLeftOut)("the library in a page of Chromium", { timeout: 300_000 }, () => {
  let served: ServedPage;
  let inNode: readonly number[];
  beforeAll(async () => {
    inNode = await lossesOn("cpu");
    served = await ServedPage.open(bundle);
  }, 300_000);
  afterAll(() => served?.close());

  const expectSame = (losses: readonly number[], tolerance: number) => {
    expect(losses).toHaveLength(inNode.length);
    losses.forEach((loss, i) => {
      expect(Math.abs(loss - inNode[i]!), `step ${i + 1}`).toBeLessThanOrEqual(tolerance);
    });
    expect(served.complaints).toEqual([]);
  };

  it("trains a net on the CPU device with the losses that Node has", async () => {
    expectSame(await served.value('inPage.lossesOn("cpu")'), 1e-5);
  });

  it("trains a net on the GPU device with the losses that Node's CPU has; gpu.js compiles there, too", async () => {
    expectSame(await served.value('inPage.lossesOn("gpu")'), 1e-3);
    const shaders = await served.value<string[]>("inPage.shaders");
    // gpu.js names it so; our own WGSL does not.
    const [ofGpuJs, own] = [true, false].map((is) => shaders.filter((code) => code.includes("dispatchWidth") === is));
    expect(ofGpuJs).not.toEqual([]);
    expect(own).not.toEqual([]);
  });

  it("says so where something needs Node", async () => {
    await expect(served.value("inPage.mnist()")).rejects.toThrow(/needs Node's .*, and here is none/);
    expect((await served.value<{ runtime: string }>("inPage.card()")).runtime).toContain("Chrome");
  });
});
