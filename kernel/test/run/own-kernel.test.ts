import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { install } from "../../src/install/install.ts";
import { OWN_NAME, ownKernelSpec, programFile } from "../../src/install/kernelspec.ts";
import type { RunEvent } from "../../src/run/execute-notebook.ts";
import { Kernel } from "../../src/run/kernel.ts";
import type { CodeCell } from "../../src/run/notebook.ts";
import { readNotebook } from "../../src/run/notebook-file.ts";
import { runNotebook } from "../../src/run/run-notebook.ts";
import { pythonHas, runPython } from "./debian-python.ts";
import { newFolder, readJson } from "./scripted.ts";

const SOURCES = [
  "const epochs: number = 3;\nconst name: string = 'full';",
  "console.log(name, epochs, 'epochs');\nepochs * 14",
  "import { writeFileSync } from 'node:fs';\nwriteFileSync('here.txt', 'written in the notebook folder');",
  "await new Promise(resolve => setTimeout(resolve, 20));\nconst stated = display.mime({ 'application/vnd.gradbook.metrics+json': { epochs, 'a third': 1 / 3 }, 'text/plain': 'metrics' });",
  "const shown = display.mime({ 'text/html': '<b>old</b>' });",
  "shown.update('new');",
];

/** Surroundings in which the command leaves nothing with the one who runs the tests. */
const environment = () => ({ ...process.env, JUPYTER_DATA_DIR: newFolder() });

/** A notebook in TypeScript, in a folder of its own where nothing is installed. */
function notebook(...sources: string[]): string {
  const folder = join(newFolder(), "analysis");
  mkdirSync(folder);
  const cells = sources.map((source, index) => ({
    cell_type: "code",
    execution_count: null,
    id: `cell-${index}`,
    metadata: index === 0 ? { tags: ["parameters"] } : {},
    outputs: [],
    source,
  }));
  const path = join(folder, "notebook.ipynb");
  writeFileSync(path, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells }));
  return path;
}

const outputsOf = async (path: string) =>
  ((await readNotebook(path)).cells as CodeCell[]).map(({ outputs }) => outputs);

describe("a TypeScript notebook run headlessly in our kernel", () => {
  it("gives its outputs, with parameters and metrics", async () => {
    const path = notebook(...SOURCES);
    const report = await runNotebook(path, {
      parameters: { epochs: 2 },
      expect: { metrics: { epochs: { equals: 2 }, "a third": { near: 0.333, tolerance: 0.001 } } },
    });
    expect(report.cells.map(({ status, error }) => error?.evalue ?? status)).toEqual(Array(7).fill("ok"));
    expect(report).toMatchObject({ status: "ok", kernel: "gradbook", metrics: { epochs: 2, "a third": 1 / 3 } });
    const [, , text, , metrics, display] = await outputsOf(report.out);
    expect(text).toMatchObject([
      { output_type: "stream", name: "stdout", text: "full 2 epochs\n" },
      { output_type: "execute_result", data: { "text/plain": "28" } },
    ]);
    expect(metrics).toMatchObject([{ output_type: "display_data", data: { "text/plain": "metrics" } }]);
    expect(display).toMatchObject([{ output_type: "display_data", data: { "text/plain": "'new'" } }]);
    expect(readFileSync(join(dirname(path), "here.txt"), "utf8")).toBe("written in the notebook folder");
    const { metadata } = await readNotebook(report.out);
    expect(metadata.kernelspec).toMatchObject({ name: "gradbook", language: "typescript" });
    expect(metadata.language_info).toMatchObject({ name: "typescript", file_extension: ".ts" });
  });

  it("stops at a type error and says which", async () => {
    const report = await runNotebook(notebook("const n: number = 'three';", "console.log('never')"));
    expect(report.status).toBe("failed");
    expect(report.cells).toHaveLength(1);
    expect(report.cells[0]!.error!.evalue).toContain("not assignable to type 'number'");
  });

  it("is stopped in an endless loop and keeps what it printed", async () => {
    const path = notebook("console.log('begun');\nwhile (true) {}", "console.log('never')");
    const stop = new AbortController();
    const report = await runNotebook(path, {
      stop: stop.signal,
      onEvent: (event) => {
        if (event.kind === "output") stop.abort();
      },
    });
    expect(report.status).toBe("interrupted");
    const [first, second] = await outputsOf(report.out);
    expect(first).toMatchObject([{ text: "begun\n" }, { output_type: "error" }]);
    expect(second).toEqual([]);
  });

  it("fails when nothing caught an error, and says which cell caused it", async () => {
    const path = notebook(
      "const a = 1;",
      "void Promise.reject(new Error('lost'));\nconsole.log('fine');",
      "const timer = setTimeout(() => { throw new RangeError('late') }, 60);",
    );
    const { status, stdout, stderr } = spawnSync(process.execPath, [programFile, "run", path], {
      encoding: "utf8",
      env: environment(),
    });
    expect(status).toBe(1);
    expect(stdout).toContain("! an error nobody caught in cell 2: Error: lost\n");
    expect(stdout).toContain("! an error nobody caught in cell 3: RangeError: late\n");
    expect(stderr).toMatch(/Cell 2 caused an error nobody caught: void Promise.*line 1.*Error: lost.*Cell 3 .*late/s);
    const [, lost, late] = await outputsOf(join(dirname(path), "executed.ipynb"));
    expect(JSON.stringify(lost)).toMatch(/lost.*fine|fine.*lost/);
    expect(late).toMatchObject([{ name: "stderr", text: expect.stringContaining("late") }]);
  });

  it("tells of an error that nothing caught, but does not fail, where cells may fail", async () => {
    const events: RunEvent[] = [];
    const path = notebook("void Promise.reject(new Error('lost'));");
    const report = await runNotebook(path, { allowErrors: true, onEvent: (event) => void events.push(event) });
    expect(report).toMatchObject({ status: "ok", cells: [{ status: "ok" }] });
    expect(report.cells[0]).not.toHaveProperty("uncaught");
    expect(events).toContainEqual(
      expect.objectContaining({ kind: "uncaught", number: 1, error: expect.objectContaining({ evalue: "lost" }) }),
    );
  });

  it("keeps the first few of very many errors that nothing caught", async () => {
    const report = await runNotebook(
      notebook("for (let i = 0; i < 50; i++) void Promise.reject(new Error('no ' + i));"),
    );
    expect(report.status).toBe("failed");
    expect(report.cells[0]!.uncaught!.map(({ evalue }) => evalue)).toEqual(
      Array.from({ length: 10 }, (_, i) => `no ${i}`),
    );
  });

  it("does not charge the first cell for the loading of the compiler", async () => {
    const report = await runNotebook(notebook("const a = 5;"), { cellSeconds: 0.5 });
    expect(report.cells).toMatchObject([{ status: "ok" }]);
    expect(((await readNotebook(report.out)).cells as CodeCell[])[0]!.execution_count).toBe(1);
  });

  it("runs by the command from any folder", () => {
    const path = notebook(...SOURCES);
    const { status, stdout, stderr } = spawnSync(process.execPath, [programFile, "run", path, "-p", "epochs", "5"], {
      encoding: "utf8",
      cwd: newFolder(),
      env: environment(),
    });
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/epochs +5\n/);
  });
});

describe("our kernel, started by the client", () => {
  let kernel: Kernel | undefined;
  afterEach(() => kernel?.shutdown());

  it("gives text while the cell runs, obeys an interrupt and keeps its variables", async () => {
    kernel = await Kernel.start({ name: OWN_NAME, spec: ownKernelSpec() });
    await kernel.execute("let kept = 41;").done;
    const loop = kernel.execute("kept++; console.log('on'); while (true) {}");
    for await (const { header } of loop) if (header.msg_type === "stream") await kernel.interrupt();
    expect((await loop.reply).content.status).toBe("error");
    const results: unknown[] = [];
    for await (const { header, content } of kernel.execute("kept"))
      if (header.msg_type === "execute_result") results.push((content.data as Record<string, unknown>)["text/plain"]);
    expect(results).toEqual(["42"]);
  });
});

describe.runIf(pythonHas("nbformat", "python3-nbformat"))("the executed notebook", () => {
  it("is valid by Jupyter's own validator", async () => {
    const { out } = await runNotebook(notebook(...SOURCES, "throw new RangeError('on purpose')"));
    const program =
      "import nbformat, sys; nbformat.validate(nbformat.read(sys.argv[1], as_version=nbformat.NO_CONVERT))";
    expect(runPython(program, out)).toBe("");
  });
});

describe.runIf(pythonHas("nbclient", "python3-nbclient"))("the installed kernelspec", () => {
  it("lets nbclient run a TypeScript notebook", async () => {
    const [prefix, path] = [newFolder(), notebook(...SOURCES)];
    await install({ prefix });
    const program = `
import json, os, sys, nbformat
os.environ["JUPYTER_PATH"] = sys.argv[1]
from nbclient import NotebookClient
book = nbformat.read(sys.argv[2], as_version=4)
NotebookClient(book, kernel_name="gradbook", timeout=60, resources={"metadata": {"path": os.path.dirname(sys.argv[2])}}).execute()
nbformat.write(book, sys.argv[2] + ".out")`;
    runPython(program, join(prefix, "share", "jupyter"), path);
    const book = readJson<{ cells: CodeCell[] }>(`${path}.out`);
    const types = book.cells.map(({ outputs }) => outputs.map(({ output_type }) => output_type).join(" "));
    expect(types).toEqual(["", "stream execute_result", "", "display_data", "display_data", ""]);
  });
});
