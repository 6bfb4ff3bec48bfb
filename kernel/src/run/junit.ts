import { basename } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { create, type XMLElement } from "xmlbuilder";
import type { CellReport } from "./execute-notebook.ts";
import type { CodeCell, ErrorOutput } from "./notebook.ts";
import { readNotebook } from "./notebook-file.ts";
import type { RunResult } from "./run-all.ts";

/** How much of what a cell printed is shown, in characters: a report is read, not archived. */
const MOST_PRINTED = 10_000;

/** One line of a JUnit report. Without an outcome it went well. */
interface TestCase {
  classname: string;
  name: string;
  seconds?: number;
  outcome?: { kind: "failure" | "error" | "skipped"; message?: string; type?: string; text?: string };
  printed?: string;
}

/** The runs as a JUnit report: a suite for each notebook, a case for each cell and for each metric that was checked. */
export async function junitReport(results: readonly RunResult[]): Promise<string> {
  const root = create("testsuites", { encoding: "UTF-8" }, { invalidCharReplacement: "" });
  for (const result of results) {
    const cases = await casesOf(result);
    const count = (kind: string) => cases.filter(({ outcome }) => outcome?.kind === kind).length;
    const suite = root.ele("testsuite", {
      name: result.notebook,
      tests: cases.length,
      failures: count("failure"),
      errors: count("error"),
      skipped: count("skipped"),
      ...("seconds" in result && { time: result.seconds.toFixed(3) }),
    });
    for (const test of cases) addCase(suite, test);
  }
  return root.end({ pretty: true });
}

async function casesOf(result: RunResult): Promise<TestCase[]> {
  const classname = basename(result.notebook, ".ipynb").replaceAll(".", "_");
  if ("problem" in result)
    return [{ classname, name: "start", outcome: { kind: "error", type: "Problem", message: result.problem } }];
  const cells = (await readNotebook(result.out)).cells.filter((cell) => cell.cell_type === "code");
  return [
    ...cells.map((cell, index) => caseOfCell(classname, cell, result.cells[index], index + 1)),
    ...result.checks.map(({ metric, measured, expected, ok }): TestCase => {
      const message = `measured ${measured ?? "nothing"}, expected ${expected}`;
      const test = { classname: `${classname}.metrics`, name: metric };
      return ok ? test : { ...test, outcome: { kind: "failure", type: "Metric", message } };
    }),
  ];
}

function caseOfCell(classname: string, cell: CodeCell, report: CellReport | undefined, number: number): TestCase {
  const title = report?.title ?? cell.source.trim().split("\n", 1)[0] ?? "";
  const test = { classname, name: `[${number}] ${title}`.trim() };
  if (!report) return { ...test, outcome: { kind: "skipped", message: "not reached" } };
  const { status, seconds, error, uncaught = [] } = report;
  if (status === "skipped") return { ...test, outcome: { kind: "skipped", message: "empty, or tagged so" } };
  const printed = cell.outputs.map((output) => (output.output_type === "stream" ? output.text : "")).join("");
  const ran = { ...test, seconds, printed };
  if (status === "interrupted") return { ...ran, outcome: { kind: "error", type: "Interrupted" } };
  const failure = status === "failed" ? error : uncaught[0];
  return failure ? { ...ran, outcome: failureOf(failure) } : ran;
}

function failureOf({ ename, evalue, traceback }: ErrorOutput): NonNullable<TestCase["outcome"]> {
  return { kind: "failure", type: ename, message: `${ename}: ${evalue.split("\n", 1)[0]}`, text: traceback.join("\n") };
}

function addCase(suite: XMLElement, { classname, name, seconds = 0, outcome, printed = "" }: TestCase): void {
  const test = suite.ele("testcase", { classname: clean(classname), name: clean(name), time: seconds.toFixed(3) });
  if (outcome) {
    const { kind, message, type, text } = outcome;
    const attributes = { ...(message && { message: clean(message) }), ...(type && { type: clean(type) }) };
    const element = test.ele(kind, attributes);
    if (text) element.txt(clean(text));
  }
  if (printed !== "") test.ele("system-out").txt(shortened(clean(printed)));
}

/** Without terminal colours. What XML cannot hold, the library leaves out. */
function clean(text: string): string {
  return stripVTControlCharacters(text);
}

function shortened(text: string): string {
  if (text.length <= MOST_PRINTED) return text;
  const half = MOST_PRINTED / 2;
  return `${text.slice(0, half)}\n… ${text.length - MOST_PRINTED} characters left out …\n${text.slice(-half)}`;
}
