import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { pythonHas, runPython } from "./debian-python.ts";
import { gradbook as command } from "./gradbook-command.ts";
import { code, jupyterFolder, newFolder, notebookJson, readJson, type Step } from "./scripted.ts";

const jupyter = jupyterFolder();

const gradbook = (words: string[], meanwhile?: (interrupt: () => void) => unknown) =>
  command(words, { jupyter, ...(meanwhile && { meanwhile }) });

function notebook(...cells: Step[][]): string {
  const path = join(newFolder(), "notebook.ipynb");
  const sources = cells.map((steps) => code(...steps));
  writeFileSync(path, notebookJson("scripted", sources));
  return path;
}

const metric = (error: number): Step => [
  "publish",
  "display_data",
  { data: { "application/vnd.gradbook.metrics+json": { "error, %": error } }, metadata: {} },
];

describe("gradbook", () => {
  it("tells its version and its commands", async () => {
    expect((await gradbook(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const { stdout, status } = await gradbook(["--help"]);
    expect(status).toBe(0);
    for (const command of ["run", "server", "install", "uninstall", "list", "kernel"])
      expect(stdout).toMatch(`\n  ${command} `);
  });

  it("refuses what it does not know with a way on", async () => {
    const { status, stderr } = await gradbook(["rum"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/unknown command 'rum'.*Did you mean run\?.*gradbook --help/s);
  });
});

describe("gradbook run", () => {
  it("shows the cells, the metrics and where the executed notebook lies", async () => {
    const path = notebook([["print", "hello\n"]], [metric(1.5)]);
    const { status, stdout, stderr } = await gradbook(["run", path]);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^✓ \[1\/2\] \[\["print","hello\\n"\]\] {2}(\d+ ms|[\d.]+ s)\n✓ \[2\/2\] /);
    expect(stdout).toContain("error, %       1.5");
    expect(stdout).toContain(`The executed notebook: ${join(dirname(path), "executed.ipynb")}\n`);
  });

  it("fails when a cell fails, and prints its traceback without colours in a log", async () => {
    const { status, stderr } = await gradbook(["run", notebook([["fail", "no such layer"]])]);
    expect(status).toBe(1);
    expect(stderr).toBe('\nCell 1 failed: [["fail","no such layer"]]\nFailure: no such layer\n');
  });

  it("fails when a metric is not as expected, and reports it for programs too", async () => {
    const path = notebook([metric(2.5)]);
    const file = (name: string) => join(dirname(path), name);
    writeFileSync(file("expected.json"), JSON.stringify({ metrics: { "error, %": { "at most": 2 } } }));
    const words = ["--expect", file("expected.json"), "--json", file("report.json"), "-o", file("out.ipynb")];
    const { status, stdout } = await gradbook(["run", path, ...words]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/error, % {7}2\.5 {2}≤ 2 {7}✗/);
    expect(existsSync(file("out.ipynb"))).toBe(true);
    expect(readJson(file("report.json"))).toMatchObject({
      gradbook: expect.any(String),
      runs: [{ status: "failed", out: file("out.ipynb"), checks: [{ metric: "error, %", measured: 2.5, ok: false }] }],
    });
  });

  it("says what is wrong with a file of expectations before it runs anything", async () => {
    const path = notebook([["print", "x"]]);
    const expectations = join(dirname(path), "expected.json");
    writeFileSync(expectations, '{"metrics": {"loss": {"atmost": 1}}}');
    const { status, stdout, stderr } = await gradbook(["run", path, "--expect", expectations]);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toContain('the metric "loss" has the condition "atmost"');
  });

  it("interrupts the cell at Ctrl-C, saves what is there and leaves nothing behind", async () => {
    const pidFile = join(newFolder(), "pid");
    const path = notebook(
      [
        ["print", "begun\n"],
        ["note pid", pidFile],
        ["sleep", 60_000],
      ],
      [["print", "never"]],
    );
    const report = join(dirname(path), "report.json");
    const { status, stdout } = await gradbook(["run", path, "--inplace", "--json", report], async (interrupt) => {
      while (!existsSync(pidFile)) await delay(20);
      interrupt();
    });
    expect(status).toBe(130);
    expect(stdout).toMatch(/^■ \[1\/2\] .* interrupted\n/);
    expect(readJson(report)).toMatchObject({ runs: [{ status: "interrupted" }] });
    expect(readFileSync(path, "utf8")).toContain('"begun\\n"');
    expect(readdirSync(dirname(path)).sort()).toEqual(["notebook.ipynb", "report.json"]);
    const kernel = Number(readFileSync(pidFile, "utf8"));
    expect(() => process.kill(kernel, 0)).toThrow("ESRCH");
  });
});

describe.runIf(pythonHas("nbformat", "python3-nbformat"))("an executed notebook", () => {
  it("is valid by Jupyter's own validator", async () => {
    const failure = { ename: "E", evalue: "v", traceback: ["a", "b"] };
    const bundle = { data: { "text/html": "<b>\n</b>", "application/json": [1] }, metadata: { isolated: true } };
    const path = notebook(
      [
        ["print", "a\nb\n"],
        ["publish", "display_data", { ...bundle, transient: { display_id: "x" } }],
      ],
      [["publish", "execute_result", { ...bundle, execution_count: 2 }]],
      [
        ["publish", "error", failure],
        ["fail", "end"],
      ],
    );
    await gradbook(["run", path, "--inplace"]);
    const program = `
import json, sys, nbformat
text = open(sys.argv[1]).read()
book = nbformat.reads(text, as_version=nbformat.NO_CONVERT)
nbformat.validate(book)
print(json.dumps([book.nbformat, book.nbformat_minor, [[o.output_type for o in c.outputs] for c in book.cells], json.loads(text)["cells"][0]["outputs"][0]["text"]]))`;
    expect(JSON.parse(runPython(program, path))).toEqual([
      4,
      5,
      [["stream", "display_data"], ["execute_result"], ["error", "error"]],
      ["a\n", "b\n"],
    ]);
  });
});
