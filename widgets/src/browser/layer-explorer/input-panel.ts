import type { Inputs, Overlay } from "../../layers/state.ts";
import { colourTable } from "../../picture/colours.ts";
import { cutTile, pixelRange, type Shading, sheetRange, type Tile, tilePixels } from "../../picture/tiles.ts";
import { Canvas } from "../frame/canvas.ts";
import { select, slider } from "../frame/controls.ts";
import { make } from "../frame/frame.ts";
import { ColourKey } from "./colour-key.ts";
import { valueAt } from "./enlarged.ts";
import { paint } from "./paint.ts";
import type { Settings } from "./settings.ts";
import { Thumbnails } from "./thumbnails.ts";
import { madeOf, valuesOf } from "./unpacked.ts";

/** The longer side of the input, in screen pixels. */
const side = 168;

/** The chosen input with what lies over it, and the others to choose from. */
export class InputPanel {
  readonly element: HTMLElement;
  readonly #settings: Settings;
  readonly #name = make("div", "gb-input-name");
  readonly #place = make("div", "gb-input-place");
  readonly #canvas: Canvas;
  readonly #image = make("canvas");
  readonly #over = make("canvas");
  readonly #overlay: ReturnType<typeof select>;
  readonly #opacity: ReturnType<typeof slider>;
  readonly #key = new ColourKey();
  readonly #note = make("div", "gb-input-note");
  readonly #thumbnails: Thumbnails;
  #lies = false;
  #shading: Shading | undefined;
  #tile: Tile | undefined;
  #overShading: Shading | undefined;
  #overTile: Tile | undefined;

  constructor(
    settings: Settings,
    overlayNames: readonly string[],
    pointed: (event: PointerEvent, words: string | undefined) => void,
  ) {
    this.#settings = settings;
    this.element = make("div", "gb-input");
    this.#canvas = new Canvas(this.#place, (context, width, height) => this.#draw(context, width, height));
    this.#place.setAttribute("role", "img");
    this.#place.addEventListener("pointermove", (event) => pointed(event, this.#wordsAt(event)));
    this.#place.addEventListener("pointerleave", (event) => pointed(event, undefined));
    const choices = [["", "none"], ...overlayNames.map((name) => [name, name])] as [string, string][];
    this.#overlay = select({ label: "overlay", choices }, (name) => settings.overlay.set(name));
    this.#opacity = slider(
      { label: "opacity", min: 0, max: 1, step: 0.05, show: (value) => `${Math.round(100 * value)} %` },
      (value) => settings.opacity.set(value),
    );
    this.#thumbnails = new Thumbnails((input) => settings.input.set(input));
    this.element.append(this.#name, this.#place);
    if (overlayNames.length > 0)
      this.element.append(this.#overlay.element, this.#opacity.element, this.#key.element, this.#note);
    this.element.append(this.#thumbnails.element);
  }

  /** @param reachable whether what there is of an input can be shown: it is known, or the kernel can be asked */
  show(inputs: Inputs, overlays: readonly Overlay[], reachable: (input: number) => boolean, note: string): void {
    const settings = this.#settings;
    const tiles = madeOf(inputs, "tiles", () => tilesOf(inputs));
    const chosen = Math.max(0, Math.min(settings.input.value, tiles.length - 1));
    const [, planes, height, width] = inputs.images.shape as [number, 1 | 3, number, number];
    const shading: Shading = {
      tileHeight: height,
      tileWidth: width,
      planes,
      colours: "grey",
      normalise: "all",
      range: madeOf(inputs, "range", () => pixelRange(tiles)),
    };
    const tile = tiles[chosen]!;
    [this.#shading, this.#tile] = [shading, tile];
    paint(this.#image, tilePixels(shading, tile), width, height);
    const scale = side / Math.max(width, height);
    this.#place.style.width = `${Math.round(width * scale)}px`;
    this.#place.style.height = `${Math.round(height * scale)}px`;
    const label = inputs.labels?.[chosen];
    const name = label === undefined ? `input ${chosen}` : `input ${chosen}: ${label}`;
    this.#name.textContent = name;
    this.#name.title = name;
    this.#showOverlay(overlays, chosen, note);
    this.#place.setAttribute("aria-label", this.#lies ? `${name}, with ${settings.overlay.value} over it` : name);
    this.#thumbnails.show(inputs, tiles, shading, chosen, reachable);
    this.#canvas.redraw();
  }

  end(): void {
    this.#canvas.end();
  }

  #showOverlay(overlays: readonly Overlay[], input: number, note: string): void {
    const name = this.#settings.overlay.value;
    this.#overlay.input.value = name;
    this.#opacity.show(this.#settings.opacity.value);
    this.#opacity.input.disabled = name === "";
    const overlay = overlays.find((one) => one.name === name && one.input === input);
    this.#lies = overlay !== undefined;
    this.#key.element.hidden = !this.#lies;
    this.#note.textContent = name === "" || overlay ? "" : note;
    this.#note.hidden = this.#note.textContent === "";
    if (!overlay) return;
    const [height, width] = overlay.values.shape as [number, number];
    const tile = madeOf(overlay, "tile", () => cutTile(name, valuesOf(overlay.values), 0, height * width));
    const signed = tile.low < 0;
    const normalise = signed ? "symmetric" : "all";
    const [low, high] = sheetRange([tile], normalise);
    const shading: Shading = {
      tileHeight: height,
      tileWidth: width,
      planes: 1,
      colours: signed ? "diverging" : "viridis",
      normalise,
      // What matters not at all is the dark end, also where everything matters somewhat.
      range: [signed ? low : 0, high],
    };
    [this.#overShading, this.#overTile] = [shading, tile];
    paint(this.#over, tilePixels(shading, tile, colourTable(shading.colours)), width, height);
    this.#key.show(shading, tile);
  }

  #draw(context: CanvasRenderingContext2D, width: number, height: number): void {
    context.imageSmoothingEnabled = false;
    context.drawImage(this.#image, 0, 0, width, height);
    if (!this.#lies) return;
    context.globalAlpha = this.#settings.opacity.value;
    context.drawImage(this.#over, 0, 0, width, height);
    context.globalAlpha = 1;
  }

  #wordsAt(event: PointerEvent): string | undefined {
    if (!this.#shading || !this.#tile) return undefined;
    const box = this.#place.getBoundingClientRect();
    const at = ({ tileWidth, tileHeight }: Shading) => {
      const row = Math.floor(((event.clientY - box.top) / box.height) * tileHeight);
      const column = Math.floor(((event.clientX - box.left) / box.width) * tileWidth);
      return [Math.min(Math.max(row, 0), tileHeight - 1), Math.min(Math.max(column, 0), tileWidth - 1)] as const;
    };
    const [row, column] = at(this.#shading);
    const value = `row ${row}, column ${column}: ${valueAt(this.#shading, this.#tile.values, row, column)}`;
    if (!this.#lies || !this.#overShading || !this.#overTile) return value;
    const over = valueAt(this.#overShading, this.#overTile.values, ...at(this.#overShading));
    return `${value}; ${this.#overTile.name}: ${over}`;
  }
}

function tilesOf({ images }: Inputs): readonly Tile[] {
  const [count, planes, height, width] = images.shape as [number, number, number, number];
  const values = valuesOf(images);
  const size = planes * height * width;
  return Array.from({ length: count }, (_, input) => cutTile(`input ${input}`, values, input * size, size));
}
