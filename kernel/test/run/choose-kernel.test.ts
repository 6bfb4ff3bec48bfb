import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { chooseKernel } from "../../src/run/choose-kernel.ts";
import type { JsonObject, Notebook } from "../../src/run/notebook.ts";
import { jupyterFolder } from "./scripted.ts";

beforeAll(() => {
  vi.stubEnv("JUPYTER_PATH", jupyterFolder());
});
afterAll(() => {
  vi.unstubAllEnvs();
});

const notebook = (metadata: JsonObject): Notebook => ({ cells: [], metadata, nbformat: 4, nbformat_minor: 5 });
const chosen = async (metadata: JsonObject, asked?: string) => (await chooseKernel(notebook(metadata), asked)).name;

describe("the kernel chosen for a notebook", () => {
  it("is ours when the notebook says nothing or says TypeScript, whether ours is installed or not", async () => {
    expect(await chosen({})).toBe("gradbook");
    expect(await chosen({ kernelspec: { name: "tslab", language: "typescript" } })).toBe("gradbook");
    expect(await chosen({ language_info: { name: "TypeScript" } })).toBe("gradbook");
    expect(await chosen({ kernelspec: { name: "gradbook" } })).toBe("gradbook");
  });

  it("is the installed one that the notebook names, or one for its language", async () => {
    expect(await chosen({ kernelspec: { name: "Scripted", language: "steps" } })).toBe("scripted");
    expect(await chosen({ language_info: { name: "steps" } })).toBe("scripted");
  });

  it("is the one asked for before all", async () => {
    expect(await chosen({ kernelspec: { name: "other", language: "typescript" } }, "scripted")).toBe("scripted");
    expect(await chosen({ kernelspec: { name: "scripted" } }, "gradbook")).toBe("gradbook");
  });

  it("is refused when it is not installed", async () => {
    await expect(chosen({}, "none")).rejects.toThrow(/^The kernel "none" is not installed\. Installed: gradbook, /);
    await expect(chosen({ kernelspec: { name: "lost" } })).rejects.toThrow(/"lost", which the notebook names/);
    await expect(chosen({ language_info: { name: "cobol" } })).rejects.toThrow(/"cobol"/);
  });
});
