import type { LayerTile } from "../../layers/layer-tiles.ts";
import { colourTable } from "../../picture/colours.ts";
import { formatNumber } from "../../picture/numbers.ts";
import { isConstant, tilePixels } from "../../picture/tiles.ts";
import { make } from "../frame/frame.ts";
import { paint } from "./paint.ts";
import type { Scene } from "./scene.ts";

/** A value in a tile. */
export interface Place {
  readonly tile: LayerTile;
  readonly row: number;
  readonly column: number;
}

/** What the grid tells. */
export interface GridListener {
  /** The pointer is on a value, or has left. */
  pointed(place: Place | undefined, event: PointerEvent): void;
  focused(tile: LayerTile): void;
  chosen(place: Place): void;
  /** To the next or to the previous page. */
  turn(by: 1 | -1): void;
}

/** How the tiles are laid out. */
export interface Layout {
  /** Screen pixels for one value. */
  readonly scale: number;
  readonly columns: number;
  /** How many channels are on a page. */
  readonly perPage: number;
}

/** About as high as the tiles of a page are together. */
const pageHeight = 460;
const [gapX, gapY] = [8, 6];
const captionHeight = 17;
const tableGap = 3;
/** How long the longer side of a tile may be where nothing else is said, in screen pixels. */
const sides = [112, 84, 64];

/** The size of tiles and pages in a place so many pixels wide. */
export function layoutOf(scene: Scene, wished: { scale: number; columns: number }, width: number): Layout {
  const { tileWidth, tileHeight } = scene.shading;
  const longest = Math.max(tileWidth, tileHeight);
  const laidOut = (scale: number): Layout => {
    const cell = Math.max(24, tileWidth * scale);
    const fitting = Math.max(1, Math.floor((width + gapX) / (cell + gapX)));
    const columns = scene.table ? scene.inputs : wished.columns > 0 ? wished.columns : fitting;
    const step = tileHeight * scale + (scene.table ? tableGap : gapY + captionHeight);
    const rows = Math.max(1, Math.floor(pageHeight / step));
    return { scale, columns, perPage: scene.table ? rows : rows * columns };
  };
  if (wished.scale > 0) return laidOut(wished.scale);
  const inRow = scene.table ? scene.inputs : wished.columns;
  const across = inRow > 0 ? (width - (scene.table ? 64 : 0)) / inRow - (scene.table ? tableGap : gapX) : width;
  const layouts = sides.map((side) => {
    const whole = Math.floor(Math.min(side, across) / longest);
    return laidOut(Math.min(32, Math.max(scene.table ? 2 : 1, whole)));
  });
  // As large as they can be without a second page.
  return layouts.find(({ perPage }) => perPage >= scene.rows.length) ?? layouts.at(-1)!;
}

/** The tiles of one page: buttons, so that they can be reached and enlarged by the keyboard. */
export class TileGrid {
  readonly element: HTMLElement;
  readonly #tiles: HTMLElement;
  readonly #listener: GridListener;
  #shown: readonly LayerTile[] = [];
  #columns = 1;
  #scale = 1;
  #reached = 0;

  constructor(listener: GridListener) {
    this.#listener = listener;
    this.element = make("div", "gb-tiles-place");
    this.#tiles = this.element.appendChild(make("div", "gb-tiles"));
    this.#tiles.setAttribute("role", "group");
    this.#tiles.addEventListener("pointermove", (event) => listener.pointed(this.#placeOf(event), event));
    this.#tiles.addEventListener("pointerleave", (event) => listener.pointed(undefined, event));
    this.#tiles.addEventListener("click", (event) => {
      const place = this.#placeOf(event) ?? this.#first(event);
      if (place) listener.chosen(place);
    });
    this.#tiles.addEventListener("focusin", ({ target }) => {
      const index = this.#indexOf(target);
      if (index < 0) return;
      this.#reach(index);
      listener.focused(this.#shown[index]!);
    });
    this.#tiles.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Draws the tiles of the channels on a page. */
  show(scene: Scene, { scale, columns }: Layout, rows: readonly (readonly LayerTile[])[]): void {
    this.#shown = rows.flat();
    this.#columns = columns;
    this.#scale = scale;
    const { shading } = scene;
    const table = colourTable(shading.colours);
    const what = scene.mode === "filters" ? "filters" : "feature maps";
    this.#tiles.setAttribute("aria-label", scene.entry.name === "" ? what : `${scene.entry.name}: ${what}`);
    this.#tiles.classList.toggle("gb-tile-table", scene.table);
    const width = shading.tileWidth * scale;
    const cell = scene.table ? width : Math.max(24, width);
    this.#tiles.style.gridTemplateColumns = `${scene.table ? "auto " : ""}repeat(${columns}, ${cell}px)`;
    const children: HTMLElement[] = [];
    if (scene.table) children.push(corner(), ...inputLabels(scene.inputs, width + tableGap));
    const buttons = this.#buttons(this.#shown.length);
    let index = 0;
    for (const tiles of rows) {
      if (scene.table) children.push(rowLabel(scene, tiles[0]!));
      for (const tile of tiles) {
        const button = buttons[index++]!;
        const canvas = button.firstElementChild as HTMLCanvasElement;
        paint(canvas, tilePixels(shading, tile.tile, table), shading.tileWidth, shading.tileHeight);
        canvas.style.width = `${width}px`;
        canvas.style.height = `${shading.tileHeight * scale}px`;
        caption(button, scene, tile);
        children.push(button);
      }
    }
    const focused = this.#indexOf(document.activeElement);
    replaceIfNew(this.#tiles, children);
    this.#reach(Math.min(this.#reached, Math.max(0, this.#shown.length - 1)));
    if (focused >= 0) this.focus(Math.min(focused, this.#shown.length - 1));
  }

  /** Puts the keyboard on a tile. */
  focus(index: number): void {
    const button = this.#all()[index];
    if (button && document.activeElement !== button) button.focus({ preventScroll: true });
  }

  focusOn(tile: LayerTile): void {
    this.focus(this.#shown.findIndex(({ channel, input }) => channel === tile.channel && input === tile.input));
  }

  #all(): HTMLButtonElement[] {
    return [...this.#tiles.querySelectorAll<HTMLButtonElement>(".gb-tile")];
  }

  /** So many buttons, those that are there first: they keep the focus. */
  #buttons(count: number): HTMLButtonElement[] {
    const buttons = this.#all().slice(0, count);
    while (buttons.length < count) {
      const button = make("button", "gb-tile");
      button.type = "button";
      button.append(make("canvas"), make("span", "gb-tile-name"), make("span", "gb-badge"));
      buttons.push(button);
    }
    return buttons;
  }

  #indexOf(target: EventTarget | null): number {
    const button = target instanceof Element ? target.closest(".gb-tile") : null;
    return button ? this.#all().indexOf(button as HTMLButtonElement) : -1;
  }

  #placeOf(event: MouseEvent): Place | undefined {
    const tile = this.#shown[this.#indexOf(event.target)];
    const canvas = (event.target as Element).closest(".gb-tile")?.firstElementChild;
    if (!tile || !canvas) return undefined;
    const { left, top, right, bottom } = canvas.getBoundingClientRect();
    const inside = event.clientX >= left && event.clientX < right && event.clientY >= top && event.clientY < bottom;
    if (!inside) return undefined;
    const [row, column] = [event.clientY - top, event.clientX - left].map((at) => Math.floor(at / this.#scale));
    return { tile, row: row!, column: column! };
  }

  /** A click without a place, as by Enter or on the caption. */
  #first(event: MouseEvent): Place | undefined {
    const tile = this.#shown[this.#indexOf(event.target)];
    return tile && { tile, row: 0, column: 0 };
  }

  /** Of all tiles only one is a stop of the Tab key. */
  #reach(index: number): void {
    this.#reached = index;
    this.#all().forEach((button, other) => {
      button.tabIndex = other === index ? 0 : -1;
    });
  }

  #key(event: KeyboardEvent): void {
    const index = this.#indexOf(event.target);
    if (index < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "PageDown" || event.key === "PageUp") this.#listener.turn(event.key === "PageDown" ? 1 : -1);
    else {
      const steps: Readonly<Record<string, number>> = {
        ArrowLeft: -1,
        ArrowRight: 1,
        ArrowUp: -this.#columns,
        ArrowDown: this.#columns,
        Home: -index,
        End: this.#shown.length - 1 - index,
      };
      const step = steps[event.key];
      if (step === undefined) return;
      const next = index + step;
      if (next >= 0 && next < this.#shown.length) this.focus(next);
    }
    event.preventDefault();
  }
}

function caption(button: HTMLButtonElement, scene: Scene, { channel, input, tile }: LayerTile): void {
  const [canvas, name, badge] = [...button.children] as [HTMLElement, HTMLElement, HTMLElement];
  button.dataset.channel = String(channel);
  button.dataset.input = String(input);
  const label = scene.entry.labels?.[channel] ?? String(channel);
  const size = scene.sorted ? formatNumber(Number(scene.sizeOf(channel).toPrecision(2))) : "";
  name.hidden = scene.table;
  name.textContent = size === "" ? label : `${label}: ${size}`;
  const dead = scene.dead.has(channel);
  badge.hidden = scene.table || !dead;
  badge.textContent = "dead";
  const range = `${formatNumber(tile.low)} … ${formatNumber(tile.high)}`;
  const wrong = dead
    ? ", dead"
    : isConstant(tile)
      ? ", constant"
      : tile.finite
        ? ""
        : ", with values that are not finite";
  button.setAttribute("aria-label", `${tile.name}: ${range}${wrong}`);
  canvas.classList.toggle("gb-warned", dead || isConstant(tile) || !tile.finite);
}

function corner(): HTMLElement {
  const element = make("span", "gb-tile-corner");
  element.textContent = "out \\ in";
  return element;
}

/** The inputs' numbers, as many of them as there is room for. */
function inputLabels(inputs: number, step: number): HTMLElement[] {
  const every = [1, 2, 5, 10, 20, 50, 100].find((distance) => distance * step >= 20) ?? 100;
  return Array.from({ length: inputs }, (_, input) => {
    const element = make("span", "gb-tile-head");
    element.textContent = input % every === 0 ? String(input) : "";
    return element;
  });
}

function rowLabel(scene: Scene, { channel }: LayerTile): HTMLElement {
  const element = make("span", "gb-tile-row");
  element.textContent = scene.entry.labels?.[channel] ?? String(channel);
  if (scene.sorted) element.textContent += `: ${formatNumber(Number(scene.sizeOf(channel).toPrecision(2)))}`;
  if (scene.dead.has(channel)) {
    const badge = element.appendChild(make("span", "gb-badge"));
    badge.textContent = "dead";
  }
  return element;
}

/** Moving a focused button takes the focus from it: children stay where they are the same already. */
function replaceIfNew(parent: HTMLElement, children: readonly HTMLElement[]): void {
  const same = parent.children.length === children.length && children.every((child, i) => parent.children[i] === child);
  if (!same) parent.replaceChildren(...children);
}
