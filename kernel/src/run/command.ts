import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { Problem } from "../problem.ts";
import { ownVersion } from "../version.ts";
import type { JsonObject } from "./notebook.ts";
import { outputsFor } from "./output-places.ts";
import { parseParameter } from "./parameters.ts";
import type { RunResult } from "./run-all.ts";
import type { RunOptions } from "./run-notebook.ts";
import { obeySignals } from "./signals.ts";

interface RunFlags {
  output?: string;
  inplace?: boolean;
  expect?: string;
  parameter?: JsonObject;
  parametersFile?: string[];
  timeout?: number;
  startTimeout?: number;
  kernel?: string;
  allowErrors?: boolean;
  resume?: boolean;
  from?: string;
  jobs: number;
  server?: string;
  token?: string;
  kernelId?: string;
  keepKernel?: boolean;
  json?: string;
  junit?: string;
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
    .optionsGroup("What is written:")
    .option("-o, --output <file>", "where the executed notebook goes (a folder, for several notebooks)")
    .option("--inplace", "write the outputs into the notebook itself")
    .option("--json <file>", "write a report for programs: status, times, metrics, checks")
    .option("--junit <file>", "write a report that CI systems show: a suite for each notebook, a case for each cell")
    .optionsGroup("How it is run:")
    .option("-p, --parameter <name value>", "set a variable of the cell tagged “parameters”; repeatable", addParameter)
    .option("-f, --parameters-file <file>", "set variables from JSON or YAML; repeatable, and -p wins", append)
    .option("--expect <file>", "a JSON file of what the notebook's metrics must be")
    .option("--timeout <seconds>", "interrupt a cell that takes longer", positive)
    .option("--start-timeout <seconds>", "how long a kernel may take to answer (60)", positive)
    .option("--allow-errors", "go on after a cell that fails")
    .option("-j, --jobs <number>", "how many notebooks run at once; 0: as many as there are processors", count, 1)
    .optionsGroup("What is not run again:")
    .option("--resume", "begin at the first cell whose good result the executed notebook does not hold yet")
    .option("--from <cell>", "begin at this cell: its number, its id, or a tag")
    .optionsGroup("Where it is run:")
    .option("--kernel <name>", "run in this kernel instead of the notebook's")
    .option("--server <url>", "use the kernels of this Jupyter server")
    .option("--token <token>", "the server's token; otherwise JUPYTER_TOKEN, or what the server noted down")
    .option("--keep-kernel", "leave the kernel running on the server, and tell its id")
    .option("--kernel-id <id>", "run in this kernel of the server, with all that was done in it, and leave it running")
    .addHelpText(
      "after",
      `
The executed notebook is saved as executed.ipynb beside the notebook unless -o or --inplace says otherwise.

A notebook states results by displaying an object of numbers as application/vnd.gradbook.metrics+json. A file of
expectations looks like this; the table at the end compares the two:
  { "seconds": 600, "profile": { "epochs": 3 },
    "metrics": { "test error, %": { "at most": 1.8 }, "parameters": { "equals": 60000 },
                 "loss": { "near": 0.12, "tolerance": 0.01 }, "accuracy": { "at least": 0.98 } } }
"profile" sets parameters, as -f and -p do; "seconds" is only reported.

With --resume and --from the cells before the beginning keep the results that the executed notebook holds, as long as
their code and their parameters are the same. Variables live in the kernel only: a fresh kernel runs these cells again
(↻) without recording what they show, except those tagged “stateless” (=); a kernel that was kept goes on at once.
Where every cell has a good result already, no kernel is started.

Exit status: 0 when every cell ran, every error was caught and every metric is as expected; 1 when not; 130 after Ctrl-C.

Examples:
  gradbook run analysis.ipynb
  gradbook run analysis.ipynb -p epochs 3 -p device gpu -o results/three-epochs.ipynb
  gradbook run analysis.ipynb --expect expected.json --timeout 600 --json report.json
  gradbook run notebooks/*/notebook.ipynb -j 4 --resume --junit report.xml
  gradbook run analysis.ipynb --server http://localhost:8888 --keep-kernel
  gradbook run analysis.ipynb --server http://localhost:8888 --kernel-id ID --from evaluation`,
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
  checkTogether(notebooks, flags);
  const atOnce = Math.min(flags.jobs === 0 ? availableParallelism() : flags.jobs, notebooks.length);
  const options = await optionsOf(flags);
  const { stop, kill, ended, release } = obeySignals();
  // Loaded only now: the other commands should not wait for the server and its client.
  const { headStart } = await import("./head-start.ts");
  // A run that is resumed may need no kernel.
  const kernels = await headStart(flags.server || flags.resume ? [] : notebooks.slice(0, atOnce), flags.kernel);
  const [{ labelsFor, runAll }, { JupyterServer }, { Screen }, { writeAtomically }, { startServer }, outcome] =
    await Promise.all([
      import("./run-all.ts"),
      import("./jupyter-server.ts"),
      import("./screen.ts"),
      import("./notebook-file.ts"),
      import("../server/server.ts"),
      import("./outcome.ts"),
    ]);
  const labels = atOnce > 1 ? labelsFor(notebooks) : [];
  const jobs = notebooks.map((path, index) => ({
    path,
    label: labels[index] ?? "",
    options: { ...options, stop, kill, out: outs[index]! },
  }));

  const server = await (flags.server === undefined
    ? JupyterServer.of(await startServer({ kernels }))
    : JupyterServer.connect({ url: flags.server, ...(await tokenFor(flags.server, flags.token)) }));
  const screen = new Screen(process.stdout);
  const show = (result: RunResult) => outcome.showOutcome(result, options.expect?.seconds, server);
  let results: RunResult[] = [];
  try {
    const heading = (path: string) => (notebooks.length > 1 ? screen.print(path) : undefined);
    results = await runAll(jobs, atOnce, screen, server, {
      begun: ({ path }) => atOnce === 1 && heading(path),
      ended: (result) => {
        if (atOnce > 1) return;
        screen.close();
        show(result);
        if (result.notebook !== notebooks.at(-1)) console.log();
      },
    });
    screen.close();
    if (atOnce > 1)
      for (const result of results) {
        console.log(`\n${result.notebook}`);
        show(result);
      }
    if (notebooks.length > 1) console.log(`\n${outcome.countOf(results, notebooks.length)}`);
  } finally {
    screen.close();
    await server.close(!kill.aborted);
    release();
    const report = { gradbook: ownVersion(), runs: results };
    if (flags.json !== undefined) await writeAtomically(resolve(flags.json), `${JSON.stringify(report, null, 2)}\n`);
    if (flags.junit !== undefined) {
      const { junitReport } = await import("./junit.ts");
      await writeAtomically(resolve(flags.junit), await junitReport(results));
    }
  }
  if (ended() !== undefined) process.exitCode = ended()!;
  else if (results.some((result) => result.status !== "ok")) process.exitCode = 1;
}

/** Refuses options that make no sense together. */
function checkTogether(notebooks: readonly string[], flags: RunFlags): void {
  const several = notebooks.length > 1;
  if (flags.expect !== undefined && several)
    throw new Problem("--expect: there are several notebooks, but one file of expectations is for one notebook.");
  if (flags.kernelId !== undefined && several)
    throw new Problem(
      "--kernel-id: there are several notebooks, but a kernel runs one at a time. Run them one by one.",
    );
  if ((flags.kernelId !== undefined || flags.keepKernel) && flags.server === undefined)
    throw new Problem(
      "--kernel-id and --keep-kernel: a kernel goes on only on a server that goes on. Start one with gradbook server, and give its address with --server.",
    );
  if (flags.resume && flags.from !== undefined)
    throw new Problem("--resume and --from: both say where to begin. Give one.");
}

async function optionsOf(flags: RunFlags): Promise<RunOptions> {
  const expect =
    flags.expect === undefined ? undefined : await (await import("./expectations.ts")).readExpectations(flags.expect);
  const parameters: JsonObject = {};
  for (const file of flags.parametersFile ?? [])
    Object.assign(parameters, await (await import("./parameter-files.ts")).readParameters(file));
  Object.assign(parameters, flags.parameter);
  const { trustFile } = await import("../server/contents/trust.ts");
  return {
    parameters,
    trusted: trustFile(),
    ...(expect && { expect }),
    ...(flags.timeout !== undefined && { cellSeconds: flags.timeout }),
    ...(flags.startTimeout !== undefined && { startSeconds: flags.startTimeout }),
    ...(flags.kernel !== undefined && { kernel: flags.kernel }),
    ...(flags.allowErrors && { allowErrors: true }),
    ...(flags.resume && { resume: true }),
    ...(flags.from !== undefined && { from: flags.from }),
    ...(flags.kernelId !== undefined && { kernelId: flags.kernelId }),
    ...(flags.keepKernel && { keepKernel: true }),
  };
}

/** The token given, or the one in the environment; without either, the address may hold it, or the server noted it. */
async function tokenFor(url: string, given: string | undefined): Promise<{ token?: string }> {
  const token = given ?? process.env.JUPYTER_TOKEN;
  if (token) return { token };
  const { parseAddress } = await import("./jupyter-server.ts");
  const { notedServer } = await import("../server/server-notes.ts");
  const address = parseAddress({ url });
  return address.token === "" ? { token: (await notedServer(address.url))?.token ?? "" } : {};
}

function addParameter(word: string, previous: JsonObject = {}): JsonObject {
  const at = word.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("A name and a value are needed: -p epochs 3");
  return { ...previous, [word.slice(0, at)]: parseParameter(word.slice(at + 1)) };
}

function append(word: string, previous: string[] = []): string[] {
  return [...previous, word];
}

function count(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) throw new InvalidArgumentError("A whole number is needed.");
  return number;
}

function positive(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0)) throw new InvalidArgumentError("A positive number of seconds is needed.");
  return seconds;
}
