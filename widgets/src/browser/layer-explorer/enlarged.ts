import type { LayerTile } from "../../layers/layer-tiles.ts";
import { colourTable } from "../../picture/colours.ts";
import { formatNumber } from "../../picture/numbers.ts";
import { type Shading, tilePixels } from "../../picture/tiles.ts";
import { Canvas } from "../frame/canvas.ts";
import { button } from "../frame/controls.ts";
import { make } from "../frame/frame.ts";
import { paint } from "./paint.ts";

/** What the enlarged tile tells. */
export interface EnlargedListener {
  closed(): void;
  /** To the tile after or before it. */
  turn(by: 1 | -1): void;
  moved(row: number, column: number): void;
}

/** The longer side of the enlarged tile, in screen pixels. */
const side = 440;

/** One tile, so large that its values can be read one by one. */
export class Enlarged {
  readonly element: HTMLElement;
  readonly #title = make("div", "gb-enlarged-title");
  readonly #place = make("div", "gb-enlarged-place");
  readonly #value = make("div", "gb-enlarged-value");
  readonly #canvas: Canvas;
  readonly #pixels = make("canvas");
  /** The colours of the pixels: red, green, blue. */
  #rgb: Uint8Array = new Uint8Array();
  readonly #listener: EnlargedListener;
  #tile: LayerTile | undefined;
  #shading: Shading | undefined;
  #cursor: readonly [number, number] = [0, 0];

  constructor(listener: EnlargedListener) {
    this.#listener = listener;
    this.element = make("div", "gb-enlarged");
    this.element.setAttribute("role", "dialog");
    const head = this.element.appendChild(make("div", "gb-enlarged-head"));
    head.append(
      this.#title,
      button({ label: "previous tile", icon: "left" }, () => listener.turn(-1)),
      button({ label: "next tile", icon: "right" }, () => listener.turn(1)),
      button({ label: "close", hint: "back to all tiles (Esc)", icon: "close" }, () => listener.closed()),
    );
    this.element.append(this.#value, this.#place);
    this.#value.setAttribute("role", "status");
    this.#place.tabIndex = 0;
    this.#place.setAttribute("role", "img");
    this.#canvas = new Canvas(this.#place, (context, width, height) => this.#draw(context, width, height));
    this.#place.addEventListener("pointermove", (event) => this.#point(event));
    this.#place.addEventListener("keydown", (event) => this.#key(event));
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      listener.closed();
      event.stopPropagation();
    });
  }

  show(shading: Shading, tile: LayerTile, cursor: readonly [number, number], width: number): void {
    this.#shading = shading;
    this.#tile = tile;
    const { tileWidth, tileHeight } = shading;
    this.#cursor = [Math.min(cursor[0], tileHeight - 1), Math.min(cursor[1], tileWidth - 1)];
    const rgb = tilePixels(shading, tile.tile, colourTable(shading.colours));
    this.#rgb = rgb;
    paint(this.#pixels, rgb, tileWidth, tileHeight);
    const fitting = Math.min(width / tileWidth, side / tileHeight, side / tileWidth);
    const scale = fitting >= 1 ? Math.floor(fitting) : fitting;
    this.#place.style.width = `${Math.round(tileWidth * scale)}px`;
    this.#place.style.height = `${Math.round(tileHeight * scale)}px`;
    this.element.style.maxWidth = `${Math.max(300, Math.round(tileWidth * scale))}px`;
    this.#title.textContent = tile.tile.name;
    this.element.setAttribute("aria-label", `${tile.tile.name}, enlarged`);
    const [row, column] = this.#cursor;
    this.#value.textContent = `row ${row}, column ${column}: ${valueAt(shading, tile.tile.values, row, column)}`;
    this.#place.setAttribute(
      "aria-label",
      `${tile.tile.name}: ${tileHeight} rows, ${tileWidth} columns; the arrow keys go from value to value`,
    );
    this.#canvas.redraw();
  }

  focus(): void {
    this.#place.focus({ preventScroll: true });
  }

  end(): void {
    this.#canvas.end();
  }

  #point(event: PointerEvent): void {
    const { tileWidth, tileHeight } = this.#shading!;
    const { left, top, width, height } = this.#place.getBoundingClientRect();
    const column = Math.floor(((event.clientX - left) / width) * tileWidth);
    const row = Math.floor(((event.clientY - top) / height) * tileHeight);
    this.#move(row, column);
  }

  #key(event: KeyboardEvent): void {
    const [row, column] = this.#cursor;
    const last = [this.#shading!.tileHeight - 1, this.#shading!.tileWidth - 1] as const;
    const places: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      Home: [row, 0],
      End: [row, last[1]],
    };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "PageDown" || event.key === "PageUp") this.#listener.turn(event.key === "PageDown" ? 1 : -1);
    else if (places[event.key]) this.#move(...places[event.key]!);
    else return;
    event.preventDefault();
  }

  #move(row: number, column: number): void {
    const { tileWidth, tileHeight } = this.#shading!;
    if (row < 0 || column < 0 || row >= tileHeight || column >= tileWidth) return;
    if (row === this.#cursor[0] && column === this.#cursor[1]) return;
    this.#listener.moved(row, column);
  }

  #draw(context: CanvasRenderingContext2D, width: number, height: number): void {
    if (!this.#tile || !this.#shading) return;
    const { tileWidth, tileHeight } = this.#shading;
    const [cellX, cellY] = [width / tileWidth, height / tileHeight];
    context.imageSmoothingEnabled = false;
    context.drawImage(this.#pixels, 0, 0, width, height);
    if (Math.min(cellX, cellY) >= 40 && this.#shading.planes === 1) this.#write(context, cellX, cellY);
    const [row, column] = this.#cursor;
    for (const [colour, line] of [
      ["#000", 4],
      ["#fff", 2],
    ] as const) {
      context.strokeStyle = colour;
      context.lineWidth = line;
      context.strokeRect(column * cellX + 2, row * cellY + 2, Math.max(1, cellX - 4), Math.max(1, cellY - 4));
    }
  }

  /** Writes the numbers into cells that are large enough for them. */
  #write(context: CanvasRenderingContext2D, cellX: number, cellY: number): void {
    const { tileWidth, tileHeight } = this.#shading!;
    const rgb = this.#rgb;
    context.font = `11px ${getComputedStyle(this.#place).fontFamily}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (let i = 0; i < tileWidth * tileHeight; i++) {
      const light = 0.3 * rgb[3 * i]! + 0.59 * rgb[3 * i + 1]! + 0.11 * rgb[3 * i + 2]!;
      context.fillStyle = light > 140 ? "#1f2329" : "#ffffff";
      const text = short(this.#tile!.tile.values[i]!);
      context.fillText(text, ((i % tileWidth) + 0.5) * cellX, (Math.floor(i / tileWidth) + 0.5) * cellY, cellX - 6);
    }
  }
}

/** The value at a place, or the three of them. */
export function valueAt(
  { tileWidth, tileHeight, planes }: Shading,
  values: ArrayLike<number>,
  row: number,
  column: number,
) {
  const at = row * tileWidth + column;
  if (planes === 1) return formatNumber(values[at]!);
  const [red, green, blue] = [0, 1, 2].map((plane) => formatNumber(values[plane * tileWidth * tileHeight + at]!));
  return `red ${red}, green ${green}, blue ${blue}`;
}

function short(value: number): string {
  return Number.isFinite(value) ? formatNumber(Number(value.toPrecision(2))) : formatNumber(value);
}
