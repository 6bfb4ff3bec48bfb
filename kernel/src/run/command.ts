import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { Problem } from "../problem.ts";
import { ownVersion } from "../version.ts";
import type { JsonObject } from "./notebook.ts";
import { parseParameter } from "./parameters.ts";
import type { RunReport } from "./run-notebook.ts";

interface RunFlags {
  output?: string;
  inplace?: boolean;
  expect?: string;
  parameter?: JsonObject;
  timeout?: number;
  kernel?: string;
  allowErrors?: boolean;
  json?: string;
}

/** Adds `gradbook run`. */
export function addRunCommand(program: Command): void {
  program
    .command("run")
    .summary("run notebooks headlessly and save them with their outputs")
    .description(
      `Runs the cells of each notebook in order, in the notebook's own folder, and saves it with its outputs and times. A notebook in TypeScript runs in this kernel, any other in the kernel it names.

The run stops at the first cell that fails. Ctrl-C interrupts the running cell and saves what is there; a second Ctrl-C ends the kernel at once.`,
    )
    .argument("<notebook...>", "the notebooks")
    .option("-o, --output <file>", "where the executed notebook goes (a folder, for several notebooks)")
    .option("--inplace", "write the outputs into the notebook itself")
    .option("--expect <file>", "a JSON file of what the notebook's metrics must be")
    .option("-p, --parameter <name value>", "set a variable of the cell tagged “parameters”; repeatable", addParameter)
    .option("--timeout <seconds>", "interrupt a cell that takes longer", positive)
    .option("--kernel <name>", "run in this kernel instead of the notebook's")
    .option("--allow-errors", "go on after a cell that fails")
    .option("--json <file>", "write a report for programs: status, times, metrics, checks")
    .addHelpText(
      "after",
      `
The executed notebook is saved as executed.ipynb beside the notebook unless -o or --inplace says otherwise.

A notebook states results by displaying an object of numbers as application/vnd.gradbook.metrics+json. A file of
expectations looks like this; the table at the end compares the two:
  { "seconds": 600, "profile": { "epochs": 3 },
    "metrics": { "test error, %": { "at most": 1.8 }, "parameters": { "equals": 60000 },
                 "loss": { "near": 0.12, "tolerance": 0.01 }, "accuracy": { "at least": 0.98 } } }
"profile" sets parameters, as -p does; "seconds" is only reported.

Exit status: 0 when every cell ran, every error was caught and every metric is as expected; 1 when not; 130 after Ctrl-C.

Examples:
  gradbook run analysis.ipynb
  gradbook run analysis.ipynb -p epochs 3 -p device gpu -o results/three-epochs.ipynb
  gradbook run analysis.ipynb --expect expected.json --timeout 600 --json report.json`,
    )
    .action((notebooks: string[], flags: RunFlags) => run(notebooks, flags));
}

/** `-p name value` takes two words, which the option parser cannot: they become the one word `name=value`. */
export function joinParameters(words: readonly string[]): string[] {
  const joined: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === "--") return [...joined, ...words.slice(at)];
    joined.push(word);
    if (word !== "-p" && word !== "--parameter") continue;
    const name = words[++at];
    if (name === undefined) break;
    joined.push(name.includes("=") || at + 1 >= words.length ? name : `${name}=${words[++at]}`);
  }
  return joined;
}

async function run(notebooks: string[], flags: RunFlags): Promise<void> {
  const outs = outputsFor(notebooks, flags);
  if (flags.expect !== undefined && notebooks.length > 1)
    throw new Problem("--expect: there are several notebooks, but one file of expectations is for one notebook.");
  // Loaded only now: the other commands should not wait for ZeroMQ.
  const [{ runNotebook }, { readExpectations }, { Progress }, { summaryOf, failureTexts }, { writeAtomically }] =
    await Promise.all([
      import("./run-notebook.ts"),
      import("./expectations.ts"),
      import("./progress.ts"),
      import("./summary.ts"),
      import("./notebook-file.ts"),
    ]);
  const expect = flags.expect === undefined ? undefined : await readExpectations(flags.expect);

  const reports: RunReport[] = [];
  const { stop, kill, ended, release } = obeySignals();
  try {
    for (const [index, path] of notebooks.entries()) {
      if (notebooks.length > 1) console.log(`${index === 0 ? "" : "\n"}${path}`);
      const progress = new Progress(process.stdout);
      const report = await runNotebook(path, {
        out: outs[index]!,
        stop,
        kill,
        onEvent: (event) => progress.show(event),
        ...(expect && { expect }),
        ...(flags.parameter && { parameters: flags.parameter }),
        ...(flags.timeout !== undefined && { cellSeconds: flags.timeout }),
        ...(flags.kernel !== undefined && { kernel: flags.kernel }),
        ...(flags.allowErrors && { allowErrors: true }),
      }).finally(() => progress.close());
      reports.push(report);
      for (const text of failureTexts(report.cells, process.stderr.isTTY === true)) console.error(`\n${text}`);
      console.log(`\n${summaryOf(report, expect?.seconds)}`);
      if (stop.aborted) break;
    }
  } catch (error) {
    if (!stop.aborted) throw error;
  } finally {
    release();
    if (flags.json !== undefined)
      await writeAtomically(
        resolve(flags.json),
        `${JSON.stringify({ gradbook: ownVersion(), runs: reports }, null, 2)}\n`,
      );
  }
  if (ended() !== undefined) process.exitCode = ended()!;
  else if (reports.some((report) => report.status !== "ok")) process.exitCode = 1;
}

/** Where each notebook's executed copy goes; refuses what would overwrite a notebook or another's output. */
export function outputsFor(
  notebooks: readonly string[],
  { output, inplace }: Pick<RunFlags, "output" | "inplace">,
): string[] {
  if (inplace && output !== undefined) throw new Problem("--inplace and -o: they contradict each other. Give one.");
  if (inplace) return notebooks.map((path) => resolve(path));
  const toFolder =
    output !== undefined &&
    (notebooks.length > 1 || /[\\/]$/.test(output) || (existsSync(output) && statSync(output).isDirectory()));
  const taken = new Map<string, string>();
  return notebooks.map((path) => {
    const out = toFolder ? join(output, basename(path)) : (output ?? join(dirname(path), "executed.ipynb"));
    const full = resolve(out);
    if (full === resolve(path))
      throw new Problem(
        `${path}: the executed notebook would overwrite it. Give another file with -o, or say --inplace.`,
      );
    const other = taken.get(full);
    if (other !== undefined)
      throw new Problem(`${path} and ${other} would both be saved as ${out}. Run them one at a time with -o FILE.`);
    taken.set(full, path);
    return full;
  });
}

/** Turns Ctrl-C and a request to end into `stop`, and a second one into `kill`. */
function obeySignals() {
  const stop = new AbortController();
  const kill = new AbortController();
  let code: number | undefined;
  let first = 0;
  const obey = (signal: NodeJS.Signals) => {
    if (stop.signal.aborted) {
      // Under npm one Ctrl-C arrives twice: from the terminal and passed on by npm.
      if (performance.now() - first > 500) kill.abort();
      return;
    }
    first = performance.now();
    code = signal === "SIGTERM" ? 143 : 130;
    if (process.stderr.isTTY) console.error("\nInterrupting the cell; once more ends the kernel at once.");
    stop.abort();
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, obey);
  return {
    stop: stop.signal,
    kill: kill.signal,
    ended: () => code,
    release: () => {
      for (const signal of signals) process.off(signal, obey);
    },
  };
}

function addParameter(word: string, previous: JsonObject = {}): JsonObject {
  const at = word.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("A name and a value are needed: -p epochs 3");
  return { ...previous, [word.slice(0, at)]: parseParameter(word.slice(at + 1)) };
}

function positive(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0)) throw new InvalidArgumentError("A positive number of seconds is needed.");
  return seconds;
}
