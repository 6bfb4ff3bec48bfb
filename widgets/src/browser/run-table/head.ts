import { formatNumber } from "../../picture/numbers.ts";
import type { SeenColumn } from "../../runs/seen.ts";
import type { RunColumn, RunOrder } from "../../runs/state.ts";
import { make } from "../frame/frame.ts";

/** The names of the columns, each a button that sorts by it. */
export class Head {
  readonly element = make("thead");
  readonly #row = this.element.appendChild(make("tr"));
  readonly #sort: (column: Pick<RunColumn, "name" | "better">) => void;
  readonly #cells = new Map<string, HTMLTableCellElement>();
  #names = "";

  constructor(sort: (column: Pick<RunColumn, "name" | "better">) => void) {
    this.#sort = sort;
  }

  show(columns: readonly SeenColumn[], sort: RunOrder | null): void {
    const own = { name: "", better: "neither" } as const;
    const names = JSON.stringify(columns.map(({ name, better, numeric }) => [name, better, numeric]));
    // The same buttons as long as possible: one of them may have the focus.
    if (names !== this.#names || this.#cells.size === 0) {
      const focused = [...this.#cells].find(([, cell]) => cell.contains(document.activeElement))?.[0];
      this.#names = names;
      this.#cells.clear();
      for (const column of [own, ...columns]) this.#cells.set(column.name, this.#cellOf(column));
      this.#row.replaceChildren(...this.#cells.values());
      if (focused !== undefined) this.#cells.get(focused)?.querySelector("button")?.focus();
    }
    for (const [name, cell] of this.#cells) {
      const order = sort?.column === name ? (sort.descending ? "descending" : "ascending") : undefined;
      cell.querySelector(".gb-run-order")!.textContent = order ? (sort?.descending ? "▼" : "▲") : "";
      if (order) cell.setAttribute("aria-sort", order);
      else cell.removeAttribute("aria-sort");
    }
    for (const column of columns) {
      const cell = this.#cells.get(column.name)!;
      cell.title = hintOf(column);
      cell.classList.toggle("gb-same", column.kind === "setting" && !column.differs);
    }
  }

  #cellOf(column: Pick<SeenColumn, "name" | "better"> & Partial<SeenColumn>): HTMLTableCellElement {
    const cell = make("th", column.numeric ? "gb-number-cell" : "");
    cell.scope = "col";
    if (column.kind) cell.dataset.kind = column.kind;
    const sort = make("button", "gb-run-sort");
    sort.type = "button";
    sort.textContent = column.name === "" ? "run" : column.name;
    const order = make("span", "gb-run-order");
    // The cell says it in words.
    order.ariaHidden = "true";
    sort.append(order);
    sort.addEventListener("click", () => this.#sort(column));
    cell.append(sort);
    return cell;
  }
}

function hintOf({ kind, better, differs, scale: [low, high] }: SeenColumn): string {
  if (kind === "setting") return differs ? "A setting that differs" : "A setting, the same in all runs";
  if (kind === "about") return "";
  const best = better === "neither" ? "" : `, ${better} is better`;
  return `A metric${best}; bars from ${formatNumber(low)} to ${formatNumber(high)}`;
}
