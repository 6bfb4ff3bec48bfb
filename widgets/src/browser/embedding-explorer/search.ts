import { grouped } from "../../picture/numbers.ts";
import { button, field } from "../frame/controls.ts";
import { make } from "../frame/frame.ts";
import type { Explorer } from "./explorer.ts";
import { titleOf } from "./legend.ts";
import { labelOf, nameOf } from "./points.ts";
import { unique } from "./unique.ts";

/** So many hits are listed; all of them are marked on the map. */
const most = 100;

/** A field to search for names, and the list of what was found. */
export class Search {
  readonly element = make("section", "gb-panel gb-find");
  readonly #explorer: Explorer;
  readonly #input: HTMLInputElement;
  readonly #list = make("ul", "gb-list");
  readonly #count = titleOf("");
  readonly #head = make("div", "gb-panel-head");
  #active = 0;

  /** @param fly shows a point */
  constructor(explorer: Explorer, fly: (index: number) => void) {
    this.#explorer = explorer;
    const { names, classes } = explorer.points;
    const what = names ? "search names" : classes ? "search classes, or #12 for a point" : "#12 finds a point";
    const { element, input } = field({ label: "", type: "search", placeholder: what }, (text) => {
      this.#active = 0;
      explorer.search.set(text);
    });
    this.#input = input;
    const id = `gb-hits-${unique()}`;
    Object.assign(this.#list, { id });
    this.#list.setAttribute("role", "listbox");
    this.#list.setAttribute("aria-label", "found points");
    for (const [name, value] of Object.entries({
      role: "combobox",
      "aria-label": what,
      "aria-controls": id,
      "aria-expanded": "true",
      "aria-autocomplete": "list",
    }))
      input.setAttribute(name, value);
    input.addEventListener("keydown", (event) => {
      const { hits } = explorer;
      if (event.key === "Enter" && hits.length > 0) fly(hits[this.#active]!);
      else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        const last = Math.min(hits.length, most) - 1;
        this.#active = Math.max(0, Math.min(last, this.#active + (event.key === "ArrowDown" ? 1 : -1)));
        this.#showActive();
        event.preventDefault();
      } else if (event.key === "Escape") explorer.search.set("");
    });
    const select = button({ label: "Select", hint: "Select all that was found" }, () =>
      explorer.select(explorer.hits.filter((index) => explorer.isShown(index))),
    );
    this.#head.append(this.#count, select);
    this.#list.addEventListener("click", ({ target }) => {
      const row = (target as Element).closest<HTMLElement>("[data-point]");
      if (!row) return;
      this.#active = [...this.#list.children].indexOf(row);
      this.#showActive();
      fly(Number(row.dataset.point));
    });
    this.element.setAttribute("aria-label", "search");
    this.element.append(element, this.#head, this.#list);
    this.refresh();
  }

  refresh(): void {
    const explorer = this.#explorer;
    const text = explorer.search.value;
    if (this.#input.value !== text) this.#input.value = text;
    const { hits, points } = explorer;
    const isAsked = text.trim() !== "";
    this.#head.hidden = this.#list.hidden = !isAsked;
    if (!isAsked) {
      this.#list.replaceChildren();
      return;
    }
    const listed = Math.min(hits.length, most);
    const found = hits.length === 1 ? "1 point" : `${grouped(hits.length)} points`;
    this.#count.textContent =
      hits.length === 0 ? "Nothing found" : found + (listed < hits.length ? `, first ${most}` : "");
    this.#list.replaceChildren(
      ...hits.slice(0, most).map((index) => {
        const row = make("li", "gb-hit");
        row.dataset.point = String(index);
        row.id = `${this.#list.id}-${index}`;
        row.setAttribute("role", "option");
        const label = make("span", "gb-quiet");
        label.textContent = labelOf(points, index);
        row.append(nameOf(points, index), label);
        return row;
      }),
    );
    this.#showActive();
  }

  #showActive(): void {
    [...this.#list.children].forEach((row, i) => {
      const isActive = i === this.#active;
      row.setAttribute("aria-selected", String(isActive));
      if (!isActive) return;
      this.#input.setAttribute("aria-activedescendant", row.id);
      // Inside of the list alone: the page is not to move.
      const [top, bottom] = [(row as HTMLElement).offsetTop, (row as HTMLElement).offsetTop + row.clientHeight];
      if (top < this.#list.scrollTop) this.#list.scrollTop = top;
      else if (bottom > this.#list.scrollTop + this.#list.clientHeight)
        this.#list.scrollTop = bottom - this.#list.clientHeight;
    });
  }
}
