import { weightText } from "../../attention/words.ts";
import { select } from "../frame/controls.ts";
import { make } from "../frame/frame.ts";
import type { Paints } from "./paints.ts";
import type { Scene } from "./scene.ts";

/** What the shades, or the strengths of lines, mean. */
export class ColourKey {
  readonly element: HTMLElement;
  readonly #ramp: HTMLElement;
  readonly #high: HTMLElement;
  readonly #range: ReturnType<typeof select>;
  readonly #scene: Scene;

  constructor(place: HTMLElement, scene: Scene) {
    this.#scene = scene;
    this.element = make("div", "gb-row");
    const key = this.element.appendChild(make("span", "gb-key"));
    this.#ramp = make("span", "gb-ramp");
    this.#high = make("span");
    for (const text of ["attention weight", "0"]) key.appendChild(make("span")).textContent = text;
    key.append(this.#ramp, this.#high);
    this.#range = select(
      {
        label: "colours up to",
        choices: [
          ["own", "the largest weight"],
          ["one", "1"],
        ],
        hint: "Up to 1, maps can be compared with one another",
      },
      (value) => scene.set("range", value === "one" ? "one" : "own"),
    );
    this.element.append(this.#range.element);
    place.append(this.element);
  }

  show(paints: Paints): void {
    const { map, state } = this.#scene;
    const shades = Array.from({ length: 17 }, (_, index) => paints.shade(index / 16));
    const stops = state.view === "lines" ? ["transparent", paints.line] : shades;
    this.#ramp.style.background = `linear-gradient(90deg, ${stops.join(", ")})`;
    this.#high.textContent = weightText(map.high);
    this.#range.input.value = state.range;
  }
}
