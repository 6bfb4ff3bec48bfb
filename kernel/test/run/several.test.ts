import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { labelsFor } from "../../src/run/run-all.ts";
import { pythonHas, runPython } from "./debian-python.ts";
import { gradbook } from "./gradbook-command.ts";
import { code, jupyterFolder, newFolder, notebookJson, readJson, type Step } from "./scripted.ts";

const jupyter = jupyterFolder();

/** Notebooks in one folder, by name. */
function notebooks(all: Record<string, Step[][]>, kernel = "scripted") {
  const folder = newFolder();
  const path = (name: string) => join(folder, name);
  for (const [name, cells] of Object.entries(all))
    writeFileSync(
      path(`${name}.ipynb`),
      notebookJson(
        kernel,
        cells.map((steps) => code(...steps)),
      ),
    );
  return { path, paths: Object.keys(all).map((name) => path(`${name}.ipynb`)), out: ["-o", path("out/")] };
}

const metric = (error: number): Step => [
  "publish",
  "display_data",
  { data: { "application/vnd.gradbook.metrics+json": { "error, %": error } }, metadata: {} },
];

describe("several notebooks at once", () => {
  it("run beside each other, each line with its notebook's name, and end in order", async () => {
    const { path, paths, out } = notebooks({
      // Each waits for the other: one after the other they would never end.
      first: [
        [
          ["touch", "a"],
          ["wait for", "b"],
          ["print", "one"],
        ],
      ],
      second: [
        [
          ["touch", "b"],
          ["wait for", "a"],
          ["print", "two"],
        ],
      ],
    });
    const { status, stdout, stderr } = await gradbook(["run", ...paths, ...out, "-j", "2"], { jupyter });
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^first {2}│ ✓ \[1\/1\] /m);
    expect(stdout).toMatch(/^second │ ✓ \[1\/1\] /m);
    const [one, two] = paths.map((name) => stdout.indexOf(`\n${name}\n`));
    expect(one).toBeGreaterThan(0);
    expect(two).toBeGreaterThan(one!);
    expect(stdout).toMatch(/\n2 of 2 notebooks ran well\.\n$/);
    expect(readFileSync(path("out/second.ipynb"), "utf8")).toContain('"two"');
  });

  it("do not stop each other when one fails or cannot begin", async () => {
    const { path, paths, out } = notebooks({ a: [[["fail", "no"]]], c: [[["print", "c"]]] });
    writeFileSync(path("b.ipynb"), "{}");
    const words = [paths[0]!, path("b.ipynb"), paths[1]!, ...out, "--json", path("report.json")];
    for (const jobs of ["1", "3"]) {
      const { status, stdout, stderr } = await gradbook(["run", ...words, "-j", jobs], { jupyter });
      expect(status).toBe(1);
      expect(stderr).toContain("Failure: no");
      expect(stderr).toContain("b.ipynb: this is JSON but not a notebook");
      expect(stdout).toContain(`1 of 3 notebooks ran well. Not: ${paths[0]}, ${path("b.ipynb")}.`);
      expect(readJson(path("report.json"))).toMatchObject({
        runs: [{ status: "failed" }, { status: "failed", problem: expect.any(String) }, { status: "ok" }],
      });
    }
  });

  it("are all stopped by one Ctrl-C, with their kernels", async () => {
    const pids = [0, 1].map(() => join(newFolder(), "pid"));
    const { paths, path, out } = notebooks({
      a: [
        [
          ["note pid", pids[0]],
          ["sleep", 60_000],
        ],
      ],
      b: [
        [
          ["note pid", pids[1]],
          ["sleep", 60_000],
        ],
      ],
      c: [[["print", "never"]]],
    });
    const { status, stdout } = await gradbook(["run", ...paths, ...out, "-j", "2"], {
      jupyter,
      meanwhile: async (interrupt) => {
        while (!pids.every(existsSync)) await delay(20);
        interrupt();
      },
    });
    expect(status).toBe(130);
    expect(stdout).toContain("0 of 3 notebooks ran well.");
    expect(stdout).toContain("1 not begun.");
    expect([existsSync(path("out/a.ipynb")), existsSync(path("out/c.ipynb"))]).toEqual([true, false]);
    for (const pid of pids) expect(() => process.kill(Number(readFileSync(pid, "utf8")), 0)).toThrow("ESRCH");
  });

  it("are told apart by as much of their paths as is needed", () => {
    expect(labelsFor(["01/notebook.ipynb", "02/notebook.ipynb"])).toEqual(["01/notebook", "02/notebook"]);
    expect(labelsFor(["x/a.ipynb", "x/long.ipynb"])).toEqual(["a   ", "long"]);
  });
});

describe("parameters from files", () => {
  it("are set from YAML and JSON; what is said last, and -p before all, wins", async () => {
    const { path, paths } = notebooks({ a: [[]] }, "python3");
    writeFileSync(
      path("a.ipynb"),
      notebookJson("python3", [
        { source: "rate = 1; name = ''; deep = {}", tags: ["parameters"] },
        "print(rate, name, deep)",
      ]),
    );
    writeFileSync(path("a.yaml"), "rate: 0.5\nname: from YAML\ndeep:\n  layers: [1, 2]\n");
    writeFileSync(path("b.json"), '{"name": "from JSON"}');
    const files = ["-f", path("a.yaml"), "--parameters-file", path("b.json")];
    const { status, stderr } = await gradbook(["run", ...paths, ...files, "-p", "rate", "0.1", "--inplace"], {
      jupyter,
    });
    expect([status, stderr]).toEqual([0, ""]);
    expect(readFileSync(path("a.ipynb"), "utf8")).toContain("0.1 from JSON {'layers': [1, 2]}");
  });

  it("are refused when they are no names with values", async () => {
    const { path, paths } = notebooks({ a: [[]] });
    writeFileSync(path("list.yaml"), "- 1\n");
    writeFileSync(path("broken.yaml"), "a: [1\n");
    for (const file of ["list", "broken", "missing"]) {
      const { status, stdout, stderr } = await gradbook(["run", ...paths, "-f", path(`${file}.yaml`)], { jupyter });
      expect([status, stdout]).toEqual([1, ""]);
      expect(stderr).toContain(`${file}.yaml: `);
    }
  });
});

describe("the kernels of a run", () => {
  it("are as many as the notebooks, although the first are started ahead", async () => {
    const { path, paths, out } = notebooks({ a: [[["print", "a"]]], b: [[]], c: [[]] });
    const counting = jupyterFolder({ STARTS_FILE: path("starts") });
    expect((await gradbook(["run", ...paths, ...out, "-j", "2"], { jupyter: counting })).status).toBe(0);
    expect(readFileSync(path("starts"), "utf8").trim().split("\n")).toHaveLength(3);
    // Where nothing is left to do, none is started.
    expect((await gradbook(["run", ...paths, ...out, "--resume"], { jupyter: counting })).status).toBe(0);
    expect(readFileSync(path("starts"), "utf8").trim().split("\n")).toHaveLength(3);
  });
});

describe("the options of a run", () => {
  it("give a kernel the time that is said to start", async () => {
    const { paths } = notebooks({ a: [[]] });
    const slow = jupyterFolder({ IOPUB_DELAY: "60000" });
    const { status, stderr } = await gradbook(["run", ...paths, "--start-timeout", "1"], { jupyter: slow });
    expect(status).toBe(1);
    expect(stderr).toContain("Kernel scripted did not start. The kernel did not answer within 1 s");
  });

  it("are refused when they make no sense together", async () => {
    for (const [words, message] of [
      ["a b -o c --kernel-id x --server y", "--kernel-id: there are several notebooks"],
      ["a --keep-kernel", "gradbook server"],
      ["a --resume --from 2", "Give one"],
      ["a -j x", "whole number"],
    ] as const) {
      const { status, stderr } = await gradbook(["run", ...words.split(" ")], { jupyter });
      expect(status).toBe(1);
      expect(stderr).toContain(message);
    }
  });
});

describe.runIf(pythonHas("xml.etree", "python3"))("the JUnit report", () => {
  it("has a suite for each notebook and a case for each cell and metric", async () => {
    const long = "x".repeat(30_000);
    const { path, paths, out } = notebooks({
      good: [[["print", "\x1b[32ma < b & c\x1b[0m \0\ufffe"]], [], [["print", long]], [metric(2.5)]],
      bad: [[["fail", "no <such> layer"]], [["print", "never"]]],
    });
    writeFileSync(path("expected.json"), JSON.stringify({ metrics: { "error, %": { "at most": 2 } } }));
    writeFileSync(path("none.ipynb"), "{}");
    const program = `
import json, sys, xml.etree.ElementTree as E
def case(c): return [c.get("classname"), c.get("name")[:5], [x.tag for x in c], "".join(c.itertext())]
root = E.parse(sys.argv[1]).getroot()
print(json.dumps([[dict(s.attrib), [case(c) for c in s]] for s in root]))`;
    type Parsed = [Record<string, string>, [string, string, string[], string][]][];
    const parsed = () => JSON.parse(runPython(program, path("junit.xml"))) as Parsed;

    await gradbook(["run", paths[0]!, ...out, "--expect", path("expected.json"), "--junit", path("junit.xml")], {
      jupyter,
    });
    const [suite, cases] = parsed()[0]!;
    expect(suite).toMatchObject({ name: paths[0], tests: "5", failures: "1", errors: "0", skipped: "0" });
    expect(Number(suite.time)).toBeGreaterThan(0);
    expect(cases.map(([, , tags]) => tags)).toEqual([["system-out"], [], ["system-out"], [], ["failure"]]);
    expect(cases[0]![3].trim()).toBe("a < b & c");
    expect(cases[2]![3].length).toBeLessThan(11_000);
    expect(cases[4]!.slice(0, 2)).toEqual(["good.metrics", "error"]);

    await gradbook(["run", paths[1]!, path("none.ipynb"), ...out, "--junit", path("junit.xml")], { jupyter });
    const [bad, none] = parsed();
    expect(bad![0]).toMatchObject({ tests: "2", failures: "1", skipped: "1" });
    expect(bad![1].map(([, , tags]) => tags)).toEqual([["failure"], ["skipped"]]);
    expect(bad![1][0]![3]).toContain("Failure: no <such> layer");
    expect(none![0]).toMatchObject({ tests: "1", errors: "1" });
  });
});
