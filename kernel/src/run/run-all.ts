import { Problem } from "../problem.ts";
import type { JupyterServer } from "./jupyter-server.ts";
import { Progress } from "./progress.ts";
import { type RunOptions, type RunReport, runNotebook } from "./run-notebook.ts";
import type { Screen } from "./screen.ts";

/** A notebook of which no cell could be run, with the reason. */
export interface RunProblem {
  notebook: string;
  status: "failed";
  problem: string;
}

/** How a run ended, or why it could not begin. */
export type RunResult = RunReport | RunProblem;

/** A notebook to be run, and what stands in front of its lines of progress. */
export interface Job {
  path: string;
  label: string;
  options: RunOptions;
}

/**
 * Runs notebooks, several at once, each in a kernel of its own. One that fails does not stop the others; when `stop` is
 * raised, those not begun are left out.
 * @returns how each ended, in the order of the jobs.
 */
export async function runAll(
  jobs: readonly Job[],
  atOnce: number,
  screen: Screen,
  server: JupyterServer,
  { begun, ended }: { begun?: (job: Job) => void; ended?: (result: RunResult) => void } = {},
): Promise<RunResult[]> {
  const results: (RunResult | undefined)[] = jobs.map(() => undefined);
  const waiting = [...jobs.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, job] = next;
      if (job.options.stop?.aborted) return;
      begun?.(job);
      const result = await runOne(job, screen, server);
      results[index] = result;
      if (result) ended?.(result);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, jobs.length) }, work));
  return results.filter((result) => result !== undefined);
}

async function runOne({ path, label, options }: Job, screen: Screen, server: JupyterServer) {
  const progress = new Progress(screen, label);
  try {
    return await runNotebook(path, { ...options, server, onEvent: (event) => progress.show(event) });
  } catch (error) {
    // Stopped before its kernel was there: nothing was run, and that is what was wanted.
    if (options.stop?.aborted) return undefined;
    // Whatever it was, the other notebooks go on.
    const problem = error instanceof Problem ? error.message : String((error as Error).stack ?? error);
    return { notebook: path, status: "failed", problem } satisfies RunProblem;
  } finally {
    progress.close();
  }
}

/** The shortest names that tell notebooks apart: their files' names, or as much of the paths as is needed. */
export function labelsFor(paths: readonly string[]): string[] {
  const parts = paths.map((path) => path.replace(/\.ipynb$/, "").split(/[\\/]/));
  const labels = parts.map((words) => {
    for (let count = 1; count < words.length; count++) {
      const label = words.slice(-count).join("/");
      if (parts.filter((others) => others.slice(-count).join("/") === label).length === 1) return label;
    }
    return words.join("/");
  });
  const width = Math.max(...labels.map((label) => label.length));
  return labels.map((label) => label.padEnd(width));
}
