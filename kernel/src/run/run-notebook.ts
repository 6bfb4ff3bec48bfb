import { access } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { FoundKernelSpec } from "../install/kernelspec.ts";
import { Problem } from "../problem.ts";
import { notedServer, pathOnServer } from "../server/server-notes.ts";
import { choiceOf, chooseKernel } from "./choose-kernel.ts";
import { type CellReport, type ExecuteNotebookOptions, executeNotebook } from "./execute-notebook.ts";
import { type Check, checkMetrics, type Expectations } from "./expectations.ts";
import { JupyterServer, type ServerAddress } from "./jupyter-server.ts";
import { Kernel } from "./kernel.ts";
import type { KernelWait } from "./kernel-wait.ts";
import { collectMetrics } from "./metrics.ts";
import type { CodeCell, JsonObject, Notebook } from "./notebook.ts";
import { readNotebook, writeNotebook } from "./notebook-file.ts";
import { injectParameters } from "./parameters.ts";
import { planResume, type ResumeOptions, type Step } from "./resume.ts";
import { RunTrust } from "./run-trust.ts";

/** How a notebook file is to be run. */
export interface RunOptions extends Omit<ExecuteNotebookOptions, "afterCell" | "steps">, ResumeOptions {
  /** Where the executed notebook goes; `executed.ipynb` beside the notebook unless given. */
  out?: string;
  /** The name of the kernelspec, instead of the one the notebook names. */
  kernel?: string;
  /** Values for the variables of the cell tagged `parameters`. */
  parameters?: JsonObject;
  /** What the metrics that the notebook states must be. */
  expect?: Expectations;
  /** How long the kernel may take until it answers, in seconds; 60 unless given. */
  startSeconds?: number;
  /** The Jupyter server whose kernels are used; one in this process unless given. */
  server?: ServerAddress | JupyterServer;
  /** A kernel that runs on the server already; it is used with all that was done in it, and left running. */
  kernelId?: string;
  /** Leave the kernel running on the server. */
  keepKernel?: boolean;
  /** The file that says which notebooks pages show live: what the run saves is added, if it ran here. None unless given. */
  trusted?: string;
}

/** How a run ended. */
export interface RunReport {
  notebook: string;
  /** Where the executed notebook lies. */
  out: string;
  /** The kernelspec that ran it. */
  kernel: string;
  /** The kernel's id on the server, when it was left running. */
  kernelId?: string;
  /** `failed` also when all cells ran but a metric is missing or not as expected. */
  status: "ok" | "failed" | "interrupted";
  seconds: number;
  cells: CellReport[];
  /** The numbers the notebook stated; null for one that is no number. */
  metrics: Record<string, number | null>;
  checks: Check[];
}

/** During a run the notebook is saved at most this often, in milliseconds. */
const SAVE_INTERVAL = 10_000;

/**
 * Runs a notebook file headlessly in its own folder and writes the executed notebook, also when a cell fails or the run
 * is stopped.
 * @throws NotebookError, UnknownKernelError, ParameterError, ServerError, KernelError when the run cannot begin.
 */
export async function runNotebook(path: string, options: RunOptions = {}): Promise<RunReport> {
  const { server } = options;
  if (!server || server instanceof JupyterServer) return runOn(server, path, options);
  const connected = await JupyterServer.connect(server);
  try {
    return await runOn(connected, path, options);
  } finally {
    await connected.close();
  }
}

async function runOn(server: JupyterServer | undefined, path: string, options: RunOptions): Promise<RunReport> {
  const { out = resolve(dirname(path), "executed.ipynb"), expect, onEvent } = options;
  const started = performance.now();
  const notebook = await readNotebook(path);
  if (staysOn(options) && (!server || server.isLocal))
    throw new Problem("A kernel that goes on needs a server that goes on. Start one with: gradbook server");
  const living = options.kernelId === undefined ? undefined : await attached(server!, options.kernelId, options);
  try {
    const found = living?.found ?? (await chosenKernel(notebook, server, options.kernel));
    const { name, spec } = found;
    const parameters = { ...expect?.profile, ...options.parameters };
    for (const unknown of injectParameters(notebook, parameters, spec.language.toLowerCase()))
      onEvent?.({
        kind: "warning",
        message: `The parameter ${unknown} does not stand in the cell tagged "parameters"; is it misspelt?`,
      });
    // What is checked as its own kernel checks has to keep that kernel's name, to be run again.
    if (!found.env) notebook.metadata.kernelspec = { display_name: spec.display_name, language: spec.language, name };
    const trust = options.trusted === undefined ? undefined : await RunTrust.of(options.trusted, path, out);
    const steps = await resumed(notebook, path, out, options, living !== undefined);

    const codeCells = notebook.cells.filter((cell) => cell.cell_type === "code");
    const isDone = codeCells.length > 0 && codeCells.every((cell) => steps.get(cell) === "keep");
    const kernel = living?.kernel ?? (isDone ? undefined : await startKernel(found, server, path, options));
    const { cells, goesOn } = await execute(notebook, kernel, out, steps, options);
    await trust?.saved(notebook, cells);

    const metrics = collectMetrics(notebook);
    const checks = expect ? checkMetrics(metrics, expect) : [];
    return {
      notebook: path,
      out,
      kernel: name,
      ...(kernel && goesOn && { kernelId: kernel.id }),
      status: outcome(notebook, cells, checks),
      seconds: (performance.now() - started) / 1000,
      cells,
      metrics: Object.fromEntries(
        [...metrics].map(([metric, value]) => [metric, Number.isFinite(value) ? value : null]),
      ),
      checks,
    };
  } finally {
    await living?.kernel.leave();
  }
}

/** Runs the cells, and ends the kernel unless it stays. Where all results are kept, there is no kernel. */
async function execute(
  notebook: Notebook,
  kernel: Kernel | undefined,
  out: string,
  steps: ReadonlyMap<CodeCell, Step>,
  options: RunOptions,
): Promise<{ cells: CellReport[]; goesOn: boolean }> {
  try {
    if (kernel?.info.language_info)
      notebook.metadata.language_info = structuredClone(kernel.info.language_info) as JsonObject;
    const afterCell = savingNowAndThen(out, notebook);
    try {
      const cells = await executeNotebook(notebook, kernel, { ...options, steps, afterCell });
      return { cells, goesOn: staysOn(options) && kernel?.closed === false };
    } finally {
      await writeNotebook(out, notebook);
    }
  } finally {
    if (options.kill?.aborted) kernel?.kill();
    if (staysOn(options)) await kernel?.leave();
    // Also one that died: a server may have started it anew.
    else await kernel?.shutdown();
  }
}

function staysOn({ keepKernel, kernelId }: RunOptions): boolean {
  return keepKernel === true || kernelId !== undefined;
}

async function attached(server: JupyterServer, id: string, { startSeconds, stop }: RunOptions) {
  const specs = await server.kernelSpecs();
  const kernel = await Kernel.attach(id, server, waitOf(startSeconds, stop));
  const language = kernel.info.language_info?.name ?? "";
  const unknown: FoundKernelSpec = { name: kernel.name, spec: { argv: [], display_name: kernel.name, language } };
  return { kernel, found: specs.find(({ name }) => name === kernel.name) ?? unknown };
}

async function chosenKernel(notebook: Notebook, server: JupyterServer | undefined, asked: string | undefined) {
  if (!server || server.isLocal) return chooseKernel(notebook, asked);
  return chooseKernel(notebook, asked, choiceOf(await server.kernelSpecs()));
}

async function startKernel(
  found: FoundKernelSpec,
  server: JupyterServer | undefined,
  path: string,
  { startSeconds, stop }: RunOptions,
): Promise<Kernel> {
  const noted = server && !server.isLocal ? await notedServer(server.url) : undefined;
  const onServer = noted && pathOnServer(resolve(path), noted);
  return Kernel.start(found, {
    // A server elsewhere has other folders.
    ...((!server || isHere(server)) && { cwd: resolve(dirname(path)) }),
    ...(onServer !== undefined && { path: onServer }),
    ...waitOf(startSeconds, stop),
    ...(server && { server }),
  });
}

function isHere({ url }: JupyterServer): boolean {
  return /^(localhost|127\.|\[::1\])/.test(new URL(url).hostname);
}

function waitOf(startSeconds: number | undefined, cancel: AbortSignal | undefined): KernelWait {
  return { ...(startSeconds !== undefined && { startSeconds }), ...(cancel && { cancel }) };
}

/** What is kept of the run before: of the executed notebook or, to start somewhere else, of the notebook itself. */
async function resumed(notebook: Notebook, path: string, out: string, options: RunOptions, living: boolean) {
  if (options.from === undefined && !options.resume) return new Map<CodeCell, Step>();
  const before = (await exists(out))
    ? await readNotebook(out)
    : options.from === undefined
      ? undefined
      : await readNotebook(path);
  if (before?.metadata.widgets) notebook.metadata.widgets = before.metadata.widgets;
  return planResume(notebook, before, options, living);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function outcome(notebook: Notebook, cells: CellReport[], checks: Check[]): RunReport["status"] {
  const complete = cells.length === notebook.cells.filter((cell) => cell.cell_type === "code").length;
  const { status } = cells.at(-1) ?? { status: "ok" };
  if (status === "interrupted" || (!complete && status !== "failed")) return "interrupted";
  return status === "failed" || cells.some((cell) => cell.uncaught) || checks.some((check) => !check.ok)
    ? "failed"
    : "ok";
}

/** A long run that the machine ends should not take its results along. */
function savingNowAndThen(out: string, notebook: Notebook): () => Promise<void> {
  let saved = performance.now();
  return async () => {
    if (performance.now() - saved < SAVE_INTERVAL) return;
    await writeNotebook(out, notebook);
    saved = performance.now();
  };
}
