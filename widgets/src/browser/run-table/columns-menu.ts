import type { RunColumn } from "../../runs/state.ts";
import { checkbox } from "../frame/controls.ts";
import { make } from "../frame/frame.ts";

/** A list of all columns to tick, behind a button. */
export class ColumnsMenu {
  readonly element = make("details", "gb-columns");
  readonly #list = make("div", "gb-columns-list");
  readonly #chosen: (name: string, on: boolean) => void;
  readonly #boxes = new Map<string, HTMLInputElement>();
  readonly #outside = ({ target }: Event) => {
    if (!this.element.contains(target as Node)) this.element.open = false;
  };

  constructor(chosen: (name: string, on: boolean) => void) {
    this.#chosen = chosen;
    const summary = make("summary", "gb-button");
    summary.textContent = "columns";
    this.#list.setAttribute("role", "group");
    this.#list.setAttribute("aria-label", "columns that are seen");
    this.element.append(summary, this.#list);
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.element.open) return;
      this.element.open = false;
      summary.focus();
    });
    addEventListener("pointerdown", this.#outside);
  }

  show(columns: readonly RunColumn[], hidden: readonly string[]): void {
    const same = columns.length === this.#boxes.size && columns.every(({ name }) => this.#boxes.has(name));
    if (!same) {
      this.#boxes.clear();
      const boxes = columns.map(({ name }) => {
        const { element, input } = checkbox({ label: name }, (on) => this.#chosen(name, on));
        this.#boxes.set(name, input);
        return element;
      });
      this.#list.replaceChildren(...boxes);
    }
    for (const [name, input] of this.#boxes) input.checked = !hidden.includes(name);
  }

  end(): void {
    removeEventListener("pointerdown", this.#outside);
  }
}
