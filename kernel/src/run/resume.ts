import { Problem } from "../problem.ts";
import { type CodeCell, isObject, type Notebook, tagsOf } from "./notebook.ts";

/** What becomes of a cell that is not simply run: its result is kept, and it is run again for its variables, or not. */
export type Step = "replay" | "keep";

/** How much of an earlier run is kept. */
export interface ResumeOptions {
  /** Start at the code cell of this number, or at the first code cell from the cell of this id or tag on. */
  from?: string;
  /** Start at the first cell that the earlier run did not bring to a good end with the same code. */
  resume?: boolean;
}

/** A cell that defines nothing that other cells use may say so: it need not run again to bring variables back. */
const STATELESS = "stateless";

/**
 * Puts the results of an earlier run into the cells before the start, and says what is to be done with these cells.
 * Only results count that stand in the same place with the same code, and behind none that does not: a cell is worth
 * what the cells before it made of the kernel.
 * @param living whether the kernel still has the variables of the cells before the start.
 * @throws Problem when `from` names no cell.
 */
export function planResume(
  notebook: Notebook,
  previous: Notebook | undefined,
  { from, resume }: ResumeOptions,
  living: boolean,
): Map<CodeCell, Step> {
  const steps = new Map<CodeCell, Step>();
  const cells = codeCells(notebook);
  const before = previous && sameKernel(notebook, previous) ? codeCells(previous) : [];
  const differing = cells.findIndex((cell, index) => !isDone(cell, before[index]));
  const done = differing < 0 ? cells.length : differing;
  const start = from === undefined ? (resume ? done : 0) : startOf(notebook, from);
  for (const [index, cell] of cells.slice(0, start).entries()) {
    const result = index < done ? before[index] : undefined;
    if (result) {
      cell.outputs = structuredClone(result.outputs);
      cell.execution_count = result.execution_count;
      if (result.metadata.execution) cell.metadata.execution = structuredClone(result.metadata.execution);
    }
    // When nothing is left to do, no kernel is needed either.
    if (living || (result && (start === cells.length || tagsOf(cell).includes(STATELESS)))) steps.set(cell, "keep");
    else if (result) steps.set(cell, "replay");
  }
  return steps;
}

/** The number of code cells before the one that is meant. */
function startOf({ cells }: Notebook, from: string): number {
  const codes = cells.filter((cell) => cell.cell_type === "code");
  const number = Number(from);
  if (Number.isInteger(number) && number >= 1 && number <= codes.length) return number - 1;
  const byId = cells.findIndex((cell) => cell.id === from);
  const place = byId >= 0 ? byId : cells.findIndex((cell) => tagsOf(cell).includes(from));
  const first = place < 0 ? undefined : cells.slice(place).find((cell) => cell.cell_type === "code");
  if (!first)
    throw new Problem(
      `--from ${from}: no cell has this number, id or tag. The notebook has ${codes.length} code cells; their numbers are those that a run shows.`,
    );
  return codes.indexOf(first);
}

function isDone(cell: CodeCell, before: CodeCell | undefined): boolean {
  if (!before || before.source !== cell.source) return false;
  const tags = tagsOf(cell);
  if (cell.source.trim() === "" || tags.includes("skip-execution")) return true;
  const { gradbook } = before.metadata;
  if (isObject(gradbook) && gradbook.uncaught === true) return false;
  const failed = before.outputs.some(({ output_type }) => output_type === "error");
  return before.execution_count !== null && (!failed || tags.includes("raises-exception"));
}

function sameKernel(notebook: Notebook, previous: Notebook): boolean {
  const [now, then] = [notebook, previous].map(({ metadata }) =>
    isObject(metadata.kernelspec) ? metadata.kernelspec.name : undefined,
  );
  return then === undefined || now === then;
}

function codeCells({ cells }: Notebook): CodeCell[] {
  return cells.filter((cell) => cell.cell_type === "code");
}
