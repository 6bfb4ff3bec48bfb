import { classWords, outlineOf } from "../../picture/class-marks.ts";
import { formatNumber, grouped } from "../../picture/numbers.ts";
import { rangeOf } from "../../picture/scatter-card.ts";
import { button, field } from "../frame/controls.ts";
import { type Frame, make } from "../frame/frame.ts";
import type { Explorer } from "./explorer.ts";
import { css, type Looks, looksOf, shadeAt } from "./looks.ts";

/** From so many classes on, the list can be searched. */
const many = 12;

/** The classes with their marks: a click leaves one out or takes it in again, another shows it alone. */
export class Legend {
  readonly element = make("section", "gb-panel gb-legend");
  readonly #explorer: Explorer;
  readonly #rows: { readonly row: HTMLElement; readonly show: HTMLButtonElement; readonly only: HTMLButtonElement }[] =
    [];
  readonly #all: HTMLButtonElement;
  readonly #list = make("ul", "gb-list");

  constructor(explorer: Explorer, frame: Frame) {
    this.#explorer = explorer;
    const { classes, values } = explorer.points;
    this.element.setAttribute("aria-label", "legend");
    this.#all = button({ label: "Show all", hint: "Show the points of all classes" }, () => explorer.hidden.set([]));
    this.element.hidden = !classes && !values;
    if (classes) {
      const head = make("div", "gb-panel-head");
      head.append(titleOf(`${grouped(classes.filter((name) => name !== "").length)} classes`), this.#all);
      this.element.append(head);
      if (classes.length > many) this.element.append(this.#search(classes));
      this.element.append(this.#list);
      this.#fill(classes);
    }
    frame.onScheme((scheme) => {
      const looks = looksOf(explorer.points, scheme);
      if (classes) this.#paint(looks);
      else if (values) this.element.replaceChildren(titleOf("value"), keyOf(values, scheme));
    });
    this.refresh();
  }

  refresh(): void {
    const { hiddenClasses, hidden } = this.#explorer;
    this.#all.hidden = hidden.value.length === 0;
    this.#rows.forEach(({ show, only, row }, index) => {
      const isShown = hiddenClasses[index] === 0;
      show.setAttribute("aria-pressed", String(isShown));
      row.classList.toggle("gb-off", !isShown);
      const isAlone = isShown && hidden.value.length === this.#rows.length - 1;
      only.setAttribute("aria-pressed", String(isAlone));
    });
  }

  #search(classes: readonly string[]): HTMLElement {
    const { element } = field({ label: "", type: "search", placeholder: "find a class" }, (text) => {
      const wanted = text.trim().toLowerCase();
      this.#rows.forEach(({ row }, index) => {
        row.hidden = !classes[index]!.toLowerCase().includes(wanted);
      });
    });
    element.querySelector("input")!.setAttribute("aria-label", "find a class");
    return element;
  }

  #fill(classes: readonly string[]): void {
    const explorer = this.#explorer;
    classes.forEach((name, index) => {
      const title = classWords(name);
      const row = make("li", "gb-class");
      const show = button({ label: title, hint: `${title}: show or leave out` }, () => this.#toggle(index));
      const words = make("span", "gb-class-name");
      words.textContent = title;
      const count = make("span", "gb-quiet");
      count.textContent = grouped(explorer.points.sizes[index]!);
      show.classList.add("gb-class-show");
      show.replaceChildren(mark(), words, count);
      show.addEventListener("dblclick", () => this.#isolate(index));
      const only = button({ label: `only ${title}`, hint: `Show ${title} alone, or all again` }, () =>
        this.#isolate(index),
      );
      only.classList.add("gb-only");
      only.textContent = "only";
      row.append(show, only);
      this.#rows.push({ row, show, only });
      this.#list.append(row);
    });
  }

  #paint({ all }: Looks): void {
    this.#rows.forEach(({ row }, index) => {
      const path = row.querySelector("path")!;
      path.setAttribute("d", `M7 7${outlineOf(all[index]!.shape, 5)}`);
      path.setAttribute("fill", css(all[index]!.colour));
    });
  }

  #toggle(index: number): void {
    const { hidden } = this.#explorer;
    const now = new Set(hidden.value);
    if (!now.delete(index)) now.add(index);
    hidden.set([...now].sort((a, b) => a - b));
  }

  #isolate(index: number): void {
    const { hidden, hiddenClasses } = this.#explorer;
    const others = Array.from(hiddenClasses.keys()).filter((other) => other !== index);
    const isAlone = hiddenClasses[index] === 0 && hidden.value.length === others.length;
    hidden.set(isAlone ? [] : others);
  }
}

/** The heading of a panel. */
export function titleOf(text: string): HTMLElement {
  const title = make("div", "gb-panel-title");
  title.textContent = text;
  return title;
}

function mark(): SVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 14 14");
  svg.setAttribute("class", "gb-mark");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(svg.namespaceURI, "path"));
  return svg as SVGElement;
}

/** The colours of measurements from the least to the largest. */
function keyOf(values: Float32Array, scheme: Parameters<typeof shadeAt>[1]): HTMLElement {
  const [low, high] = rangeOf(values);
  const key = make("div", "gb-key");
  const band = make("div", "gb-key-band");
  const stops = Array.from({ length: 11 }, (_, i) => css(shadeAt(i / 10, scheme)));
  band.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
  const words = make("div", "gb-key-words");
  for (const value of [low, (low + high) / 2, high]) {
    const word = make("span");
    word.textContent = formatNumber(value);
    words.append(word);
  }
  key.append(band, words);
  return key;
}
