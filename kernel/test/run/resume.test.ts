import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Kernel } from "../../src/run/kernel.ts";
import type { CodeCell } from "../../src/run/notebook.ts";
import { readNotebook } from "../../src/run/notebook-file.ts";
import { type RunOptions, runNotebook } from "../../src/run/run-notebook.ts";
import { startServer } from "../../src/server/server.ts";
import { code, jupyterFolder, newFolder, notebookJson, type Step, scripted } from "./scripted.ts";

beforeAll(() => {
  vi.stubEnv("JUPYTER_PATH", jupyterFolder());
});
afterAll(() => {
  vi.unstubAllEnvs();
});

type Source = Parameters<typeof notebookJson>[1][number];

/** A notebook whose sources may change between its runs. */
function notebook() {
  const path = join(newFolder(), "notebook.ipynb");
  return async (sources: Source[], options: RunOptions = {}) => {
    writeFileSync(path, notebookJson("scripted", sources));
    const report = await runNotebook(path, options);
    const { cells } = await readNotebook(report.out);
    const texts = (cells as CodeCell[]).map(({ outputs }) =>
      outputs.map((output) => (output.output_type === "stream" ? output.text : output.output_type)).join(""),
    );
    return { report, statuses: report.cells.map(({ status }) => status), texts, out: report.out };
  };
}

/** A cell whose output tells which run it is from. */
const time = (file: string): Step => ["count", file];
const print = (text: string) => code(["print", text]);

describe("a run that is resumed", () => {
  it("starts no kernel when every cell has a good result", async () => {
    const run = notebook();
    const count = join(newFolder(), "count");
    await run([code(time(count)), print("b")]);
    const { report, statuses, texts } = await run([code(time(count)), print("b")], { resume: true });
    expect(report.status).toBe("ok");
    expect(statuses).toEqual(["kept", "kept"]);
    expect(texts).toEqual(["1", "b"]);
    expect(readFileSync(count, "utf8")).toBe("1");
  });

  it("runs good cells again for their variables, keeps their results, and goes on where the first run failed", async () => {
    const run = notebook();
    const count = join(newFolder(), "count");
    const first = await run([code(time(count)), code(["fail", "no"]), print("c")]);
    expect(first.report.status).toBe("failed");
    const { report, statuses, texts } = await run([code(time(count)), print("mended"), print("c")], { resume: true });
    expect(report.status).toBe("ok");
    expect(statuses).toEqual(["replayed", "ok", "ok"]);
    expect(texts).toEqual(["1", "mended", "c"]);
    expect(readFileSync(count, "utf8")).toBe("2");
  });

  it("does not run again cells that are tagged stateless", async () => {
    const run = notebook();
    const count = join(newFolder(), "count");
    const cells: Source[] = [{ source: code(time(count)), tags: ["stateless"] }, print("b")];
    await run(cells);
    const { statuses, texts } = await run([cells[0]!, print("changed")], { resume: true });
    expect([statuses, texts]).toEqual([
      ["kept", "ok"],
      ["1", "changed"],
    ]);
    expect(readFileSync(count, "utf8")).toBe("1");
  });

  it("trusts no result behind a cell that changed, was put in or taken out", async () => {
    const run = notebook();
    const [a, b, c] = ["a", "b", "c"].map(print) as [string, string, string];
    await run([a, b, c]);
    expect((await run([a, print("B"), c], { resume: true })).statuses).toEqual(["replayed", "ok", "ok"]);
    expect((await run([a, print("new"), b, c], { resume: true })).statuses).toEqual(["replayed", "ok", "ok", "ok"]);
    expect((await run([b, c], { resume: true })).statuses).toEqual(["ok", "ok"]);
  });

  it("records the failure of a cell that went well before", async () => {
    const run = notebook();
    const marker = join(newFolder(), "marker");
    await run([code(["fail if there", marker]), print("b")]);
    writeFileSync(marker, "");
    const { report, texts } = await run([code(["fail if there", marker]), print("changed")], { resume: true });
    expect(report).toMatchObject({ status: "failed", cells: [{ status: "failed" }] });
    expect(texts).toEqual(["error", ""]);
  });

  it("runs everything when there was no run before", async () => {
    expect((await notebook()([print("a")], { resume: true })).statuses).toEqual(["ok"]);
  });
});

describe("a run from a cell", () => {
  it("begins at its number, its id or its tag", async () => {
    const run = notebook();
    const cells: Source[] = [print("a"), print("b"), { source: print("c"), tags: ["evaluation"] }];
    const { out } = await run(cells);
    const { id } = (await readNotebook(out)).cells[1]!;
    expect((await run(cells, { from: "2" })).statuses).toEqual(["replayed", "ok", "ok"]);
    expect((await run(cells, { from: id })).statuses).toEqual(["replayed", "ok", "ok"]);
    expect((await run(cells, { from: "evaluation" })).statuses).toEqual(["replayed", "replayed", "ok"]);
    await expect(run(cells, { from: "training" })).rejects.toThrow(/--from training: no cell .* 3 code cells/);
  });

  it("goes on in a kernel that was kept, without running anything again", async () => {
    const server = await startServer({ specs: [scripted] });
    try {
      const run = notebook();
      const count = join(newFolder(), "count");
      const cells = [code(time(count)), code(["fail", "no"]), code(time(count))];
      const first = await run(cells, { server, keepKernel: true });
      expect(first.report).toMatchObject({ status: "failed", kernelId: expect.any(String) });
      const kernelId = first.report.kernelId!;
      const { report, statuses, texts } = await run([cells[0]!, print("mended"), cells[2]!], {
        server,
        kernelId,
        from: "2",
      });
      expect(report).toMatchObject({ status: "ok", kernelId });
      expect([statuses, texts]).toEqual([
        ["kept", "ok", "ok"],
        ["1", "mended", "2"],
      ]);
      const kernel = await Kernel.attach(kernelId, server);
      await kernel.shutdown();
      await expect(run(cells, { server, kernelId })).rejects.toThrow(/runs no kernel/);
    } finally {
      await server.close();
    }
  });

  it("is refused to keep a kernel of which nothing could be left", async () => {
    await expect(notebook()([print("a")], { keepKernel: true })).rejects.toThrow(/a server that goes on/);
    expect(existsSync("executed.ipynb")).toBe(false);
  });
});
