import type { Measure } from "../../embedding/state.ts";
import { formatNumber } from "../../picture/numbers.ts";
import { button, field, select } from "../frame/controls.ts";
import { make } from "../frame/frame.ts";
import type { Explorer, FoundNeighbours } from "./explorer.ts";
import { titleOf } from "./legend.ts";
import { labelOf, nameOf } from "./points.ts";

/** The neighbours of the point that was clicked. */
export class Near {
  readonly element = make("section", "gb-panel gb-near");
  readonly #explorer: Explorer;
  readonly #title = titleOf("");
  readonly #list = make("ol", "gb-list");
  readonly #where = make("div", "gb-quiet");
  readonly #k: HTMLInputElement;
  readonly #measure: HTMLSelectElement;
  readonly #controls = make("div", "gb-near-controls");
  readonly #buttons = make("span", "gb-group");
  #shown: FoundNeighbours | undefined;

  /** @param look shows a point */
  constructor(explorer: Explorer, look: (index: number) => void) {
    this.#explorer = explorer;
    const k = field({ label: "k", hint: "how many neighbours", type: "number" }, (text) => {
      const wanted = Number(text);
      if (Number.isInteger(wanted) && wanted >= 1) explorer.k.set(Math.min(wanted, 1000));
    });
    Object.assign(k.input, { min: "1", max: "1000", step: "1" });
    const measure = select(
      {
        label: "distance",
        choices: [
          ["euclidean", "Euclidean"],
          ["cosine", "cosine"],
        ],
      },
      (value) => explorer.measure.set(value as Measure),
    );
    this.#k = k.input;
    this.#measure = measure.input;
    this.#controls.append(k.element, measure.element);
    const take = button({ label: "Select", hint: "Select the point and its neighbours" }, () => {
      const found = explorer.neighbours;
      if (found) explorer.select([found.point, ...found.indices]);
    });
    const close = button({ label: "Close the neighbours", icon: "close" }, () => explorer.focus.set(null));
    this.#buttons.append(take, close);
    const head = make("div", "gb-panel-head");
    head.append(this.#title, this.#buttons);
    this.#list.addEventListener("click", ({ target }) => {
      const row = (target as Element).closest<HTMLElement>("[data-point]");
      if (row) look(Number(row.dataset.point));
    });
    this.element.setAttribute("aria-label", "neighbours");
    this.element.append(head, this.#controls, this.#list, this.#where);
    this.refresh();
  }

  refresh(): void {
    const explorer = this.#explorer;
    const { points } = explorer;
    const point = explorer.focus.value;
    this.#title.textContent = point === null ? "Neighbours: click on a point" : `Nearest to ${nameOf(points, point)}`;
    this.#buttons.hidden = this.#controls.hidden = this.#list.hidden = this.#where.hidden = point === null;
    if (document.activeElement !== this.#k) this.#k.value = String(explorer.k.value);
    this.#measure.value = explorer.measure.value;
    const found = explorer.neighbours;
    this.#measure.disabled = found?.by === "map";
    if (point === null) {
      this.#shown = undefined;
      return;
    }
    this.#where.textContent = whereOf(found, points.features);
    if (found === this.#shown && found) return;
    this.#shown = found;
    const farthest = Math.max(...(found?.distances ?? []), 1e-12);
    this.#list.replaceChildren(
      ...(found?.indices ?? []).map((index, i) => {
        const row = make("li", "gb-neighbour");
        const show = button({ label: nameOf(points, index), hint: "Show its neighbours" }, () => undefined);
        show.dataset.point = String(index);
        const label = make("span", "gb-quiet");
        label.textContent = labelOf(points, index);
        const name = make("span", "gb-class-name");
        name.textContent = nameOf(points, index);
        const distance = make("span", "gb-distance");
        distance.textContent = formatNumber(found!.distances[i]!);
        distance.style.setProperty("--gb-share", `${(100 * found!.distances[i]!) / farthest}%`);
        show.replaceChildren(name, label, distance);
        row.append(show);
        return row;
      }),
    );
  }
}

function whereOf(found: FoundNeighbours | undefined, features: number): string {
  if (!found) return "The kernel looks for them …";
  if (found.by === "map")
    return "Distances on the map: the original space is too large for the file, and no kernel is connected.";
  return `Distances in the original space of ${features} features.`;
}
