import { type Cell, numberOf, writtenCell } from "../../runs/cell.ts";
import { type SeenColumn, type SeenRuns, shareOf } from "../../runs/seen.ts";
import { make } from "../frame/frame.ts";

/** More different values than colours: then colours tell nothing. */
const mostColours = 8;

/** Draws the runs as rows. */
export function drawBody(body: HTMLTableSectionElement, { columns, runs }: SeenRuns): void {
  const colours = new Map(columns.map((column) => [column.name, coloursOf(column, runs)]));
  const rows = runs.map((run) => {
    const row = make("tr", failed(run.cells.failed) ? "gb-failed" : "");
    const name = make("th", "gb-run-name");
    name.scope = "row";
    name.textContent = run.name;
    name.title = run.name;
    row.append(name);
    for (const column of columns) row.append(drawCell(run.cells[column.name], column, colours.get(column.name)!));
    return row;
  });
  body.replaceChildren(...rows);
}

function drawCell(cell: Cell | undefined, column: SeenColumn, colours: ReadonlyMap<string, number>) {
  const element = make("td", column.numeric ? "gb-number-cell" : "");
  element.dataset.kind = column.kind;
  const text = writtenCell(cell);
  const number = numberOf(cell);
  if (column.kind === "setting") {
    element.classList.toggle("gb-same", !column.differs);
    const colour = colours.get(text);
    if (colour !== undefined) {
      const dot = make("span", "gb-dot");
      dot.style.background = `var(--gb-line${colour})`;
      element.append(dot);
    }
  }
  if (column.kind === "metric" && number !== undefined) {
    if (Number.isFinite(number)) element.style.setProperty("--gb-share", `${100 * shareOf(number, column.scale)}%`);
    else element.classList.add("gb-not-finite");
  }
  if (number !== undefined && number === column.best) {
    element.classList.add("gb-best");
    const star = make("span", "gb-star");
    star.textContent = "★";
    star.title = "the best value";
    star.setAttribute("role", "img");
    star.setAttribute("aria-label", "best");
    element.append(star);
  }
  element.append(text);
  if (text.length > 30) element.title = text;
  return element;
}

/** A colour for each value of a setting that differs, where they are few: the same value is seen at a glance. */
function coloursOf(column: SeenColumn, runs: SeenRuns["runs"]): ReadonlyMap<string, number> {
  if (column.kind !== "setting" || !column.differs) return new Map();
  // In an order of their own: sorting the runs does not change the colours.
  const values = [...new Set(runs.map((run) => writtenCell(run.cells[column.name])))].filter((text) => text !== "");
  values.sort(new Intl.Collator("en", { numeric: true }).compare);
  // One value each says nothing.
  const few = values.length > 1 && values.length <= mostColours && values.length < runs.length;
  return new Map(few ? values.map((text, index) => [text, index]) : []);
}

function failed(cell: Cell | undefined): boolean {
  return cell !== undefined && cell !== null && cell !== false && cell !== "";
}
