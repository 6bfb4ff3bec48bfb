import { visible } from "../../attention/tokens.ts";
import { weightText } from "../../attention/words.ts";
import { sizeWithin } from "../../picture/image-size.ts";
import { spotlit } from "../../picture/spotlight.ts";
import { toggle } from "../frame/controls.ts";
import { make } from "../frame/frame.ts";
import type { Paints } from "./paints.ts";
import { pixelsOf } from "./pixels.ts";
import type { Scene } from "./scene.ts";

/** The image, as clear as the word in focus looks at its patches. */
export class LookedAt {
  readonly element: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly #word: HTMLElement;
  readonly #blocks: ReturnType<typeof toggle>;
  readonly #scene: Scene;
  readonly #paints: () => Paints;

  constructor(place: HTMLElement, scene: Scene, paints: () => Paints) {
    this.#scene = scene;
    this.#paints = paints;
    this.element = make("div", "gb-looked");
    this.#word = this.element.appendChild(make("div", "gb-word"));
    this.canvas = this.element.appendChild(make("canvas"));
    this.canvas.setAttribute("role", "img");
    this.#blocks = toggle({ label: "blocks", hint: "Patches with edges, in place of soft ones" }, (on) =>
      scene.set("blocks", on),
    );
    this.element.append(this.#blocks);
    this.canvas.addEventListener("pointermove", (event) => scene.point(this.#patch(event)));
    this.canvas.addEventListener("pointerleave", () => scene.point(null));
    this.canvas.addEventListener("click", (event) => scene.pin(this.#patch(event)));
    place.append(this.element);
    this.draw();
  }

  draw(): void {
    const { map, focus, state } = this.#scene;
    const { image, keys, queries } = map.example;
    this.element.hidden = image === null;
    if (!image) return;
    this.#blocks.show(state.blocks);
    const [width, height] = sizeWithin(image, 280);
    const query = focus?.query ?? null;
    const row = query === null ? undefined : map.weights.slice(query * keys.length, (query + 1) * keys.length);
    row?.forEach((_, key) => {
      if (!map.shown[query! * keys.length + key]) row[key] = 0;
    });
    const high = row?.reduce((largest, weight) => Math.max(largest, weight || 0), 0) || 1;
    const weights = row ?? new Float32Array(keys.length).fill(1);
    pixelsOf(spotlit(image, weights, { high, blocks: state.blocks, width, height }), width, this.canvas);
    this.canvas.style.width = `${width}px`;
    this.#word.textContent = row ? `“${visible(queries[query!]!)}”` : "";
    const looks = row ? `what “${queries[query!]}” looks at, entirely clear at ${weightText(high)}` : "the image";
    this.canvas.setAttribute("aria-label", looks);
    this.canvas.title = row ? looks : "Point at a word to see where it looks";
    if (focus && focus.key !== null) this.#frame(focus.key, width / image.columns, height / image.rows, image.columns);
  }

  #frame(key: number, width: number, height: number, columns: number): void {
    const context = this.canvas.getContext("2d")!;
    const paints = this.#paints();
    const box = [(key % columns) * width, Math.floor(key / columns) * height, width, height] as const;
    // Light around dark: to be seen on any image.
    context.lineWidth = 4;
    context.strokeStyle = paints.paper;
    context.strokeRect(...box);
    context.lineWidth = 2;
    context.strokeStyle = this.#scene.state.pin ? paints.pin : paints.ink;
    context.strokeRect(...box);
  }

  /** The patch at the pointer; with a word pinned, the weight that it gives to it. */
  #patch(event: MouseEvent): { query: number | null; key: number } {
    const { rows, columns } = this.#scene.map.example.image!;
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const within = (place: number, count: number) => Math.max(0, Math.min(count - 1, Math.floor(place * count)));
    const row = within((event.clientY - top) / height, rows);
    return {
      query: this.#scene.state.pin?.query ?? null,
      key: row * columns + within((event.clientX - left) / width, columns),
    };
  }
}
