import type { Inputs } from "../../layers/state.ts";
import { type Shading, type Tile, tilePixels } from "../../picture/tiles.ts";
import { make } from "../frame/frame.ts";
import { paint } from "./paint.ts";

/** The longer side of a thumbnail, in screen pixels. */
const side = 32;

/** Small pictures of all inputs, to choose one. */
export class Thumbnails {
  readonly element: HTMLElement;
  readonly #list = make("div", "gb-thumbs");
  readonly #more = make("div", "gb-input-note");
  readonly #chosen: (input: number) => void;
  #drawn: Inputs | undefined;

  constructor(chosen: (input: number) => void) {
    this.#chosen = chosen;
    this.element = make("div");
    this.element.append(this.#list, this.#more);
    this.#list.setAttribute("role", "group");
    this.#list.setAttribute("aria-label", "inputs");
    this.#list.addEventListener("click", ({ target }) => {
      const button = (target as Element).closest<HTMLButtonElement>(".gb-thumb");
      if (button) chosen(Number(button.dataset.input));
    });
    this.#list.addEventListener("keydown", (event) => this.#key(event));
  }

  show(
    inputs: Inputs,
    tiles: readonly Tile[],
    shading: Shading,
    chosen: number,
    reachable: (input: number) => boolean,
  ): void {
    if (inputs !== this.#drawn) this.#fill(inputs, tiles, shading);
    this.#drawn = inputs;
    for (const button of this.#buttons()) {
      const input = Number(button.dataset.input);
      button.setAttribute("aria-pressed", String(input === chosen));
      button.tabIndex = input === chosen ? 0 : -1;
      button.disabled = !reachable(input);
      const label = inputs.labels?.[input];
      const name = label === undefined ? `input ${input}` : `input ${input}: ${label}`;
      button.title = button.disabled ? `${name}: not saved; needs the kernel` : name;
      button.setAttribute("aria-label", button.title);
    }
  }

  #buttons(): HTMLButtonElement[] {
    return [...this.#list.querySelectorAll<HTMLButtonElement>(".gb-thumb")];
  }

  #fill(inputs: Inputs, tiles: readonly Tile[], shading: Shading): void {
    const { tileWidth, tileHeight } = shading;
    const buttons = this.#buttons().slice(0, tiles.length);
    tiles.forEach((tile, input) => {
      const button = buttons[input] ?? make("button", "gb-thumb");
      const canvas = (button.firstElementChild as HTMLCanvasElement | null) ?? button.appendChild(make("canvas"));
      button.type = "button";
      button.dataset.input = String(input);
      paint(canvas, tilePixels(shading, tile), tileWidth, tileHeight);
      const scale = side / Math.max(tileWidth, tileHeight);
      canvas.style.width = `${Math.round(tileWidth * scale)}px`;
      canvas.style.height = `${Math.round(tileHeight * scale)}px`;
      if (!buttons[input]) this.#list.append(button);
    });
    for (const extra of this.#buttons().slice(tiles.length)) extra.remove();
    this.#more.textContent = tiles.length < inputs.count ? `The first ${tiles.length} of ${inputs.count} inputs.` : "";
    this.#more.hidden = this.#more.textContent === "";
  }

  #key(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const buttons = this.#buttons();
    const at = buttons.indexOf((event.target as Element).closest(".gb-thumb") as HTMLButtonElement);
    for (let next = at + step; buttons[next]; next += step) {
      if (buttons[next]!.disabled) continue;
      buttons[next]!.focus();
      this.#chosen(next);
      return;
    }
  }
}
