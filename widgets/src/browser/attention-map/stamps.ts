import type { MapChoice } from "../../attention/example.ts";
import { siftedMap } from "../../attention/sifted-map.ts";
import { smallMap } from "../../attention/small-map.ts";
import { choiceName } from "../../attention/words.ts";
import { cellColours } from "../../picture/cell-colours.ts";
import { type Frame, make } from "../frame/frame.ts";
import { pixelsOf } from "./pixels.ts";
import type { Scene } from "./scene.ts";

const mostCells = 48;

/** All heads of all layers as stamps, and their means at the right and below; a click chooses one. */
export class Stamps {
  readonly element: HTMLElement;
  readonly #scene: Scene;
  readonly #view: Frame;
  #stamps: { readonly choice: MapChoice; readonly button: HTMLButtonElement; readonly canvas: HTMLCanvasElement }[] =
    [];
  #waiting = 0;

  constructor(place: HTMLElement, scene: Scene, view: Frame) {
    this.#scene = scene;
    this.#view = view;
    this.element = make("div", "gb-stamps");
    this.element.setAttribute("role", "radiogroup");
    this.element.setAttribute("aria-label", "layers and heads");
    this.element.addEventListener("keydown", (event) => this.#key(event));
    place.append(this.element);
    this.build();
  }

  /** Makes the stamps anew, as for another example. */
  build(): void {
    const { state } = this.#scene;
    const { layers, heads, queries, keys } = state.examples[state.example]!;
    this.#stamps = [];
    this.element.replaceChildren();
    this.element.hidden = layers * heads === 1;
    if (this.element.hidden) return;
    const layerChoices: (number | "mean")[] = [...Array(layers).keys(), ...(layers > 1 ? ["mean" as const] : [])];
    const headChoices: (number | "mean")[] = [...Array(heads).keys(), ...(heads > 1 ? ["mean" as const] : [])];
    const many = layerChoices.length * headChoices.length > 60;
    const across = Math.round((many ? 36 : 52) * Math.min(1, keys.length / queries.length));
    const words = (text: string, over = false) => {
      const element = this.element.appendChild(make("span", over ? "gb-over" : ""));
      element.textContent = text;
      element.title = text;
    };
    this.element.style.gridTemplateColumns = `${layers > 1 ? "minmax(0, max-content) " : ""}repeat(${headChoices.length}, ${Math.max(14, across)}px)`;
    if (layers > 1) words("");
    for (const head of headChoices)
      words(head === "mean" ? "mean" : short(state.headNames[head]!, "head ", across), true);
    for (const layer of layerChoices) {
      if (layers > 1) words(layer === "mean" ? "mean" : state.layerNames[layer]!);
      for (const head of headChoices) this.#add({ layer, head });
    }
    this.#mark();
    this.paint();
  }

  /** Draws all of them, a few in each frame. */
  paint(): void {
    cancelAnimationFrame(this.#waiting);
    const left = [...this.#stamps];
    const some = () => {
      const until = performance.now() + 8;
      while (left.length > 0 && performance.now() < until) this.#paint(left.shift()!);
      if (left.length > 0) this.#waiting = requestAnimationFrame(some);
    };
    some();
  }

  /** Shows which one is chosen. */
  mark(): void {
    this.#mark();
  }

  end(): void {
    cancelAnimationFrame(this.#waiting);
  }

  #add(choice: MapChoice): void {
    const { state } = this.#scene;
    const button = make("button", "gb-stamp");
    button.type = "button";
    button.setAttribute("role", "radio");
    const name = choiceName(choice, state.examples[state.example]!, state);
    button.setAttribute("aria-label", name);
    button.title = name;
    button.addEventListener("click", () => this.#choose(choice));
    const canvas = button.appendChild(make("canvas"));
    this.element.append(button);
    this.#stamps.push({ choice, button, canvas });
  }

  #choose({ layer, head }: MapChoice): void {
    this.#scene.set("layer", layer);
    this.#scene.set("head", head);
  }

  #mark(): void {
    const { state } = this.#scene;
    const { layers, heads } = state.examples[state.example]!;
    // The mean of one is that one.
    const layer = layers === 1 ? 0 : state.layer;
    const head = heads === 1 ? 0 : state.head;
    const chosen = this.#stamps.findIndex(({ choice }) => choice.layer === layer && choice.head === head);
    this.#stamps.forEach(({ button }, index) => {
      button.setAttribute("aria-checked", String(index === chosen));
      button.tabIndex = index === Math.max(0, chosen) ? 0 : -1;
    });
  }

  #paint({ choice, canvas }: { choice: MapChoice; canvas: HTMLCanvasElement }): void {
    const { state } = this.#scene;
    const example = state.examples[state.example]!;
    const whole = { ...state, ...choice, threshold: 0, top: 0 };
    const { weights } = siftedMap(example, whole, state.special);
    const small = smallMap(weights, example.queries.length, example.keys.length, mostCells);
    pixelsOf(cellColours(small, this.#view.scheme), small.columns, canvas);
    canvas.style.aspectRatio = String(example.keys.length / example.queries.length);
  }

  #key(event: KeyboardEvent): void {
    const { state } = this.#scene;
    const { heads } = state.examples[state.example]!;
    const columns = heads > 1 ? heads + 1 : 1;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    const at = this.#stamps.findIndex(({ button }) => button === document.activeElement);
    const next = step === undefined ? undefined : this.#stamps[at + step];
    if (step === undefined || at < 0) return;
    event.preventDefault();
    if (!next) return;
    this.#choose(next.choice);
    next.button.focus();
  }
}

/** A name for a narrow column: `head 3` is `3` there. */
function short(name: string, prefix: string, width: number): string {
  return name.startsWith(prefix) && width < 40 ? name.slice(prefix.length) : name;
}
