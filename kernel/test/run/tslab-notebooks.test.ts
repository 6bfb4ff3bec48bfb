import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { gradbook } from "./gradbook-command.ts";
import { jupyterFolder, newFolder, readJson } from "./scripted.ts";

const jupyter = jupyterFolder();

async function run(
  kernel: string,
  ...sources: string[]
): Promise<{ status: number | null; stderr: string; path: string }> {
  const folder = newFolder();
  const path = join(folder, "notebook.ipynb");
  const cells = sources.map((source, i) => ({
    cell_type: "code",
    id: `cell-${i}`,
    metadata: {},
    execution_count: null,
    outputs: [],
    source,
  }));
  const metadata = {
    kernelspec: { name: kernel, display_name: kernel, language: kernel === "jslab" ? "javascript" : "typescript" },
  };
  writeFileSync(path, JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }));
  const { status, stderr } = await gradbook(["run", path], { jupyter });
  return { status, stderr, path: join(folder, "executed.ipynb") };
}

describe("a notebook written for tslab", () => {
  it("is checked as tslab checks, and keeps its kernel's name so that it can be run again", async () => {
    const { status, stderr, path } = await run(
      "tslab",
      "function f(a) { return a }\nconst row = [];\nrow.push(f(1));",
      "row",
    );
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(readJson(path)).toMatchObject({ metadata: { kernelspec: { name: "tslab" } } });
    expect((await run("tslab", "const n: number = 'text';")).stderr).toContain("TS2322");
  }, 120_000);

  it("is checked by its syntax alone where it is in JavaScript", async () => {
    const { status, stderr } = await run(
      "jslab",
      "class A { constructor(n) { this.n = n } }\nlet x = 1; x = 'text';",
      "new A(x).n",
    );
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect((await run("jslab", "const a = )")).status).toBe(1);
  }, 120_000);

  it("is checked strictly as soon as it names our kernel", async () => {
    expect((await run("gradbook", "function f(a) { return a }")).stderr).toContain("implicitly has an 'any' type");
  }, 120_000);
});
