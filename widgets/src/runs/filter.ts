import { exactCell, numberOf, writtenCell } from "./cell.ts";
import type { Run, RunColumn } from "./state.ts";

/**
 * Reads what a reader asks for: words that must be somewhere in a run, and conditions such as `rate=0.1`, `error<0.05`
 * or `"test error"<0.05`. All of them must hold.
 *
 * @returns whether a run is asked for
 */
export function filterOf(text: string, columns: readonly RunColumn[]): (run: Run) => boolean {
  const terms = (text.match(/(?:"[^"]*"?|[^\s"])+/g) ?? []).map((term) =>
    conditionOf(term.replaceAll('"', ""), columns),
  );
  return (run) => terms.every((holds) => holds(run));
}

function conditionOf(term: string, columns: readonly RunColumn[]): (run: Run) => boolean {
  const [, left = "", sign = "", right = ""] = /^(.+?)(<=|>=|!=|=|<|>)(.*)$/.exec(term) ?? [];
  const name = left.toLowerCase();
  const column = columns.find((one) => one.name.toLowerCase() === name)?.name;
  if (column === undefined && name !== "run") {
    const word = term.toLowerCase();
    return ({ name, cells }) =>
      name.toLowerCase().includes(word) ||
      Object.values(cells).some((cell) => writtenCell(cell).toLowerCase().includes(word));
  }
  // Nothing is asked for before there is something to compare with.
  if (right === "") return () => true;
  const bound = Number(right.replace("−", "-"));
  return ({ name, cells }) => {
    const cell = column === undefined ? name : cells[column];
    const number = numberOf(cell) ?? (column === undefined ? Number(name) : Number.NaN);
    const written = [exactCell(cell), writtenCell(cell)].map((text) => text.toLowerCase());
    const same = number === bound || written.includes(right.toLowerCase());
    if (sign === "=") return same;
    if (sign === "!=") return !same;
    if (sign === "<") return number < bound;
    if (sign === ">") return number > bound;
    return sign === "<=" ? number <= bound : number >= bound;
  };
}
