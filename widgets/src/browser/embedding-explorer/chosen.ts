import { classWords } from "../../picture/class-marks.ts";
import { grouped } from "../../picture/numbers.ts";
import { button } from "../frame/controls.ts";
import { make } from "../frame/frame.ts";
import type { Explorer } from "./explorer.ts";
import { titleOf } from "./legend.ts";
import { labelOf, nameOf } from "./points.ts";

/** So many of the selected points are listed. */
const most = 60;

/** The points that are selected: how many, of which classes, and their names. */
export class Chosen {
  readonly element = make("section", "gb-panel gb-chosen");
  readonly #explorer: Explorer;
  readonly #title = titleOf("");
  readonly #classes = make("div", "gb-quiet gb-shares");
  readonly #list = make("div", "gb-chips");
  readonly #clear: HTMLButtonElement;

  /** @param fly shows a point */
  constructor(explorer: Explorer, fly: (index: number) => void) {
    this.#explorer = explorer;
    this.#clear = button({ label: "Clear", hint: "Select nothing" }, () => explorer.select([]));
    const head = make("div", "gb-panel-head");
    head.append(this.#title, this.#clear);
    this.#list.addEventListener("click", ({ target }) => {
      const chip = (target as Element).closest<HTMLElement>("[data-point]");
      if (chip) fly(Number(chip.dataset.point));
    });
    this.element.setAttribute("aria-label", "selection");
    this.element.append(head, this.#classes, this.#list);
    this.refresh();
  }

  refresh(): void {
    const { selected, points } = this.#explorer;
    this.#title.textContent = selected.length === 0 ? "Nothing selected" : `${grouped(selected.length)} selected`;
    this.#clear.hidden = selected.length === 0;
    const sizes = new Map<string, number>();
    if (points.classes)
      for (const index of selected) {
        const label = labelOf(points, index);
        sizes.set(label, 1 + (sizes.get(label) ?? 0));
      }
    const shares = [...sizes].sort((a, b) => b[1] - a[1]);
    const shown = shares.slice(0, 6).map(([label, size]) => `${classWords(label)}: ${grouped(size)}`);
    this.#classes.textContent = shown.join(" · ") + (shares.length > shown.length ? " · …" : "");
    this.#classes.hidden = shown.length === 0;
    const chips = Array.from(selected.subarray(0, most), (index) => {
      const chip = button({ label: nameOf(points, index), hint: "Show it" }, () => undefined);
      chip.classList.add("gb-chip");
      chip.dataset.point = String(index);
      return chip;
    });
    if (selected.length > most) {
      const more = make("span", "gb-quiet");
      more.textContent = `and ${grouped(selected.length - most)} more`;
      this.#list.replaceChildren(...chips, more);
    } else this.#list.replaceChildren(...chips);
    this.#list.hidden = selected.length === 0;
  }
}
