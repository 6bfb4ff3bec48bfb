import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { RunEvent } from "../../src/run/execute-notebook.ts";
import type { CodeCell } from "../../src/run/notebook.ts";
import { readNotebook } from "../../src/run/notebook-file.ts";
import { type RunOptions, runNotebook } from "../../src/run/run-notebook.ts";
import { code, jupyterFolder, newFolder, notebookJson } from "./scripted.ts";

beforeAll(() => {
  vi.stubEnv("JUPYTER_PATH", jupyterFolder());
});
afterAll(() => {
  vi.unstubAllEnvs();
});

type Source = Parameters<typeof notebookJson>[1][number];

async function run(sources: Source[], options: RunOptions = {}) {
  const path = join(newFolder(), "notebook.ipynb");
  writeFileSync(path, notebookJson("scripted", sources));
  const report = await runNotebook(path, options);
  const cells = (await readNotebook(report.out)).cells as CodeCell[];
  return { path, report, cells, notebook: await readNotebook(report.out) };
}

/** What a cell shows, as one text: streams and errors. */
function shown(cell: CodeCell | undefined): string {
  const parts = cell!.outputs.map((output) =>
    output.output_type === "stream" ? output.text : output.output_type === "error" ? `${output.ename}|` : "?",
  );
  return parts.join("");
}

/** Aborts when a cell has printed this. */
function whenPrinted(text: string, then: () => void): Pick<RunOptions, "onEvent"> {
  return { onEvent: (event) => void (event.kind === "output" && event.text.includes(text) && then()) };
}

describe("running a notebook", () => {
  it("stores outputs, counts and times, and writes executed.ipynb beside it", async () => {
    const { path, report, cells, notebook } = await run([code(["print", "one"]), "  \n", code(["print", "two"])]);
    expect(report).toMatchObject({ status: "ok", kernel: "scripted", notebook: path });
    expect(report.out).toBe(path.replace("notebook.ipynb", "executed.ipynb"));
    expect(cells.map(shown)).toEqual(["one", "", "two"]);
    expect(cells.map((cell) => cell.execution_count)).toEqual([1, null, 2]);
    expect(report.cells.map(({ status }) => status)).toEqual(["ok", "skipped", "ok"]);
    const times = cells[0]!.metadata.execution as Record<string, string>;
    expect(Object.keys(times).sort()).toEqual([
      "iopub.execute_input",
      "iopub.status.busy",
      "iopub.status.idle",
      "shell.execute_reply",
    ]);
    for (const time of Object.values(times)) expect(new Date(time).toISOString()).toBe(time);
    expect(notebook.metadata.language_info).toMatchObject({ name: "steps" });
    expect(notebook.metadata.kernelspec).toEqual({ name: "scripted", display_name: "Scripted", language: "steps" });
  });

  it("leaves the notebook itself as it was", async () => {
    const { path } = await run([code(["print", "one"])]);
    const [cell] = (await readNotebook(path)).cells as CodeCell[];
    expect(shown(cell)).toBe("of an earlier run\n");
  });

  it("stops at a cell that fails, and the cells after it show nothing of an earlier run", async () => {
    const { report, cells } = await run([code(["fail", "no"]), code(["print", "never"])]);
    expect(report.status).toBe("failed");
    expect(report.cells).toHaveLength(1);
    expect(report.cells[0]!.error).toMatchObject({ ename: "Failure", evalue: "no" });
    expect(cells.map(shown)).toEqual(["Failure|", ""]);
    expect(cells[1]!.execution_count).toBeNull();
  });

  it("goes on after failures that are allowed, by the option or by the cell's tag", async () => {
    const failing = code(["fail", "no"]);
    const all = await run([failing, code(["print", "after"])], { allowErrors: true });
    const tagged = await run([{ source: failing, tags: ["raises-exception"] }, code(["print", "after"])]);
    for (const { report, cells } of [all, tagged]) {
      expect(report.status).toBe("ok");
      expect(report.cells[0]!.status).toBe("tolerated");
      expect(cells.map(shown)).toEqual(["Failure|", "after"]);
    }
  });

  it("leaves out cells tagged skip-execution, with the outputs they have", async () => {
    const { cells } = await run([{ source: code(["fail", "no"]), tags: ["skip-execution"] }, code(["print", "b"])]);
    expect(cells.map(shown)).toEqual(["of an earlier run\n", "b"]);
  });

  it("puts output that arrives late into the cell that caused it", async () => {
    const late = code(["later", 50, "stream", { name: "stdout", text: "late" }]);
    const { cells } = await run([late, code(["sleep", 300], ["print", "b"])]);
    expect(cells.map(shown)).toEqual(["late", "b"]);
  });

  it("updates a display of an earlier cell", async () => {
    const show = (text: string) => ({ data: { "text/plain": text }, metadata: {}, transient: { display_id: "d" } });
    const { cells } = await run([
      code(["publish", "display_data", show("old")]),
      code(["publish", "update_display_data", show("new")]),
    ]);
    expect(cells.map((cell) => cell.outputs)).toEqual([
      [{ output_type: "display_data", data: { "text/plain": "new" }, metadata: {} }],
      [],
    ]);
  });

  it("tells the kernel which cell it runs", async () => {
    const { cells } = await run([code(["metadata"])]);
    expect(JSON.parse(shown(cells[0]))).toEqual({ cellId: cells[0]!.id });
  });

  it("interrupts a cell that takes too long and says so in the cell", async () => {
    const slow = code(["print", "x"], ["sleep", 60_000]);
    const { report, cells } = await run([slow, code(["print", "never"])], { cellSeconds: 0.3 });
    expect(report.status).toBe("failed");
    expect(cells.map(shown)).toEqual(["xKeyboardInterrupt|CellTimeout|", ""]);
    expect(report.cells[0]!.error!.evalue).toMatch(/did not finish within 0.3 s/);
  });

  it("keeps what is there when the kernel dies, even where errors are allowed", async () => {
    const cells = [code(["print", "x"], ["sleep", 100], ["die", 9]), code(["print", "never"])];
    const { report, cells: saved } = await run(cells, { allowErrors: true });
    expect(report.status).toBe("failed");
    expect(saved.map(shown)).toEqual(["xKernelDied|", ""]);
    expect(report.cells[0]!.error!.evalue).toContain("code 9");
  });

  it("ends a cell whose idle was lost", async () => {
    const { report, cells } = await run([code(["print", "x"], ["never idle"]), code(["print", "y"])]);
    expect(report.status).toBe("ok");
    expect(cells.map(shown)).toEqual(["x", "y"]);
  });
});

describe("stopping a run", () => {
  const slow = code(["print", "begun"], ["sleep", 60_000]);

  it("interrupts the cell and keeps its output", async () => {
    const stop = new AbortController();
    const options = { stop: stop.signal, ...whenPrinted("begun", () => stop.abort()) };
    const { report, cells } = await run([code(["print", "a"]), slow, code(["print", "never"])], options);
    expect(report.status).toBe("interrupted");
    expect(report.cells.map(({ status }) => status)).toEqual(["ok", "interrupted"]);
    expect(cells.map(shown)).toEqual(["a", "begunKeyboardInterrupt|", ""]);
  });

  it("ends at once a kernel that does not obey", async () => {
    const [stop, kill] = [new AbortController(), new AbortController()];
    const deaf = code(["deaf"], ["print", "begun"], ["sleep", 60_000]);
    const onPrint = whenPrinted("begun", () => {
      stop.abort();
      void delay(200).then(() => kill.abort());
    });
    const started = performance.now();
    const { report, cells } = await run([deaf], { stop: stop.signal, kill: kill.signal, ...onPrint });
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(report.status).toBe("interrupted");
    expect(cells.map(shown)).toEqual(["begun"]);
  });
});

describe("parameters and expectations of a run", () => {
  const metric = (value: number) => {
    const data = { "application/vnd.gradbook.metrics+json": { error: value } };
    return code(["publish", "display_data", { data, metadata: {} }]);
  };

  it("succeed when the metrics are as expected, and fail otherwise", async () => {
    const expectation = { metrics: { error: { "at most": 2 } } };
    const good = await run([metric(1.5)], { expect: expectation });
    const bad = await run([metric(2.5)], { expect: expectation });
    const missing = await run([code()], { expect: expectation });
    expect([good, bad, missing].map(({ report }) => report.status)).toEqual(["ok", "failed", "failed"]);
    expect(bad.report.metrics).toEqual({ error: 2.5 });
  });

  it("refuse a language they cannot be written in", async () => {
    await expect(run([code()], { parameters: { a: 1 } })).rejects.toThrow(/language is steps/);
  });
});

describe("the progress of a run", () => {
  it("is told event by event", async () => {
    const events: RunEvent[] = [];
    await run([code(["print", "x"]), code(["fail", "no"])], { onEvent: (event) => void events.push(event) });
    expect(events).toMatchObject([
      { kind: "start", number: 1, total: 2, title: '[["print","x"]]' },
      { kind: "output", text: "x" },
      { kind: "end", cell: { status: "ok" } },
      { kind: "start", number: 2 },
      { kind: "end", cell: { status: "failed", error: { evalue: "no" } } },
    ]);
  });
});

describe("a display that changes while its cell runs", () => {
  it("tells its state as progress", async () => {
    const show = (text: string) => ({ data: { "text/plain": text }, metadata: {}, transient: { display_id: "d" } });
    const said: string[] = [];
    await run(
      [code(["publish", "display_data", show("loss –")], ["publish", "update_display_data", show("loss 0.1")])],
      {
        onEvent: (event) => {
          if (event.kind === "output") said.push(event.text.trim());
        },
      },
    );
    expect(said).toEqual(["loss 0.1"]);
  });
});

describe("the kernel of a notebook", () => {
  it("is refused by name when it is not installed", async () => {
    const path = join(newFolder(), "n.ipynb");
    writeFileSync(path, notebookJson("no-such", ["1"]));
    await expect(runNotebook(path)).rejects.toThrow(
      /The kernel "no-such", which the notebook names, is not installed. Installed: gradbook, .*scripted.*--kernel NAME/,
    );
  });
});
