import type { Member } from "../../series/arrange.ts";
import { Canvas } from "../frame/canvas.ts";
import { toggle } from "../frame/controls.ts";
import { make } from "../frame/frame.ts";
import { Legend, type LegendAction } from "./legend.ts";
import { margins } from "./scene.ts";

/** Heights of the panels' pictures in CSS pixels: one alone is higher, and the first is higher than others. */
export function heightOf(index: number, count: number): number {
  const below = index === count - 1 ? margins.ticks + margins.name : margins.bottom;
  return (count === 1 ? 280 : index === 0 ? 230 : 126) + margins.top + below;
}

/** What a panel's place needs of the view around it. */
interface PlaceParts {
  readonly draw: (place: PanelPlace, context: CanvasRenderingContext2D, width: number) => void;
  readonly acted: (member: Member, action: LegendAction) => void;
  readonly logged: (on: boolean) => void;
}

/** One panel in the page: what it is of, its legend, and the place of its picture. */
export class PanelPlace {
  readonly unit: string;
  readonly plot = make("div", "gb-curve-plot");
  readonly legend: Legend;
  readonly canvas: Canvas;
  readonly #element = make("div", "gb-curve-panel");
  readonly #name = make("div", "gb-curve-panel-name");
  readonly #log: ReturnType<typeof toggle>;

  constructor(parent: HTMLElement, unit: string, height: number, parts: PlaceParts) {
    this.unit = unit;
    this.legend = new Legend(parts.acted);
    this.legend.element.setAttribute("aria-label", `lines of ${unit}`);
    this.#log = toggle({ label: "log y", hint: `${unit}: a vertical axis of logarithms` }, parts.logged);
    this.#log.classList.add("gb-curve-small");
    const head = make("div", "gb-curve-panel-head");
    head.append(this.#name, this.legend.element, this.#log);
    this.plot.style.height = `${height}px`;
    this.#element.append(head, this.plot);
    parent.append(this.#element);
    this.canvas = new Canvas(this.plot, (context, width) => parts.draw(this, context, width));
    this.canvas.element.setAttribute("aria-hidden", "true");
  }

  show(name: string, log: boolean, height: number): void {
    if (this.#name.textContent !== name) this.#name.textContent = name;
    this.#log.show(log);
    this.plot.style.height = `${height}px`;
  }

  end(): void {
    this.canvas.end();
    this.#element.remove();
  }
}
