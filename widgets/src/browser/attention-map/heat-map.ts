import type { Focus } from "../../attention/example.ts";
import { cellColours } from "../../picture/cell-colours.ts";
import type { Frame } from "../frame/frame.ts";
import { drawEdges, type Grid } from "./edges.ts";
import { type Fonts, fontsOf, labelsOf } from "./labels.ts";
import type { Paints } from "./paints.ts";
import { pixelsOf } from "./pixels.ts";
import type { Scene } from "./scene.ts";
import { Surface } from "./surface.ts";

const tallest = 520;
/** Cells in which tokens can be read beside one another. */
const readable = 13;

/** The map as cells of colour, with the tokens at its edges. */
export class HeatMap {
  readonly surface: Surface;
  readonly #scene: Scene;
  readonly #view: Frame;
  readonly #paints: () => Paints;
  #grid: Grid | undefined;
  #fonts: Fonts | undefined;
  #pixels: HTMLCanvasElement | undefined;

  constructor(place: HTMLElement, scene: Scene, view: Frame, paints: () => Paints) {
    this.#scene = scene;
    this.#view = view;
    this.#paints = paints;
    this.surface = new Surface(
      place,
      (context, seen) => this.#draw(context, seen),
      () => this.layout(),
    );
  }

  /** Places everything anew, as for another map. */
  layout(): void {
    const { surface } = this;
    if (surface.room === 0) return;
    const { queries, keys } = this.#scene.map.example;
    this.#fonts = fontsOf(this.#view.root);
    const { bold } = this.#fonts;
    const [rows, columns] = [labelsOf(queries, bold, Math.min(120, surface.room / 5)), labelsOf(keys, bold, 120)];
    const left = 22 + rows.widest + 8;
    // The last label leans out of the map.
    const over = columns.widths.at(-1)! * 0.71 + 8;
    const room = {
      across: (surface.room - left - over) / keys.length,
      down: (tallest - 30 - columns.widest * 0.71) / queries.length,
    };
    const [across, down] = cellSize(room, keys.length / queries.length, this.#scene.state.fit);
    const [everyRow, thinned] = [Math.ceil(12 / down), Math.ceil(12 / across)];
    const level = columns.widest + 6 <= across * thinned;
    const lean = level ? 0 : across * thinned >= 17 ? 45 : 90;
    const rise = lean === 0 ? 16 : lean === 45 ? columns.widest * 0.71 + 12 : columns.widest + 8;
    this.#grid = { left, top: 18 + rise, across, down, everyRow, everyColumn: thinned, rows, columns, lean };
    this.#pixels = undefined;
    const width = left + keys.length * across + (lean === 45 ? over : 4);
    surface.size(width, this.#grid.top + queries.length * down + 2);
    // Where the cells are, for whoever measures the picture.
    for (const name of ["left", "top", "across", "down"] as const)
      surface.canvas.dataset[name] = String(this.#grid[name]);
  }

  /** What is at a place: a cell, a token, or nothing. */
  at(event: MouseEvent): Focus | null {
    const grid = this.#grid;
    if (!grid) return null;
    const { x, y, placeX, placeY } = this.surface.at(event);
    const { queries, keys } = this.#scene.map.example;
    const query = Math.floor((y - grid.top) / grid.down);
    const inRows = placeY >= grid.top && query < queries.length;
    if (placeX < grid.left) return inRows ? { query, key: null } : null;
    // A leaning label is above other columns than its own.
    const foot = inRows || grid.lean !== 45 || placeY >= grid.top ? x : x - (grid.top - 6 - placeY);
    const key = Math.floor((foot - grid.left) / grid.across);
    if (key < 0 || key >= keys.length) return null;
    if (placeY < 18 || placeY >= grid.top + queries.length * grid.down) return null;
    return placeY < grid.top ? { query: null, key } : inRows ? { query, key } : null;
  }

  /** Scrolls to a cell. */
  reveal({ query, key }: Focus): void {
    const { left, top, across, down } = this.#grid!;
    const box = { x: left + (key ?? 0) * across, y: top + (query ?? 0) * down, width: across + 2, height: down + 2 };
    this.surface.reveal(box, left, top);
  }

  /** The middle of a cell, in the place. */
  middle({ query, key }: Focus): { readonly x: number; readonly y: number } {
    const { left, top, across, down } = this.#grid!;
    const { scrollLeft, scrollTop } = this.surface.element;
    return {
      x: key === null ? left : left + (key + 0.5) * across - scrollLeft,
      y: query === null ? top : top + (query + 0.5) * down - scrollTop,
    };
  }

  #draw(context: CanvasRenderingContext2D, seen: { x: number; y: number; width: number; height: number }): void {
    const grid = this.#grid;
    if (!grid) return;
    const { map } = this.#scene;
    const { queries, keys } = map.example;
    const paints = this.#paints();
    const [x, y] = [grid.left - seen.x, grid.top - seen.y];
    const [across, down] = [keys.length * grid.across, queries.length * grid.down];
    context.save();
    context.beginPath();
    context.rect(grid.left - 1, grid.top - 1, seen.width, seen.height);
    context.clip();
    context.imageSmoothingEnabled = grid.across < 1 || grid.down < 1;
    this.#pixels ??= this.#coloured(paints);
    context.drawImage(this.#pixels, x, y, across, down);
    this.#rules(context, seen, paints);
    context.strokeStyle = paints.border;
    context.strokeRect(x - 0.5, y - 0.5, across + 1, down + 1);
    this.#bands(context, x, y, paints);
    context.restore();
    drawEdges(context, { grid, scene: this.#scene, paints, fonts: this.#fonts!, ...seen, x, y });
  }

  /** One pixel for each cell. */
  #coloured({ scheme }: Paints): HTMLCanvasElement {
    const { map } = this.#scene;
    const colours = cellColours({ values: map.weights, shown: map.shown, high: map.high }, scheme);
    return pixelsOf(colours, map.example.keys.length);
  }

  /** Lines of paper between cells, and stripes where special tokens are left out. */
  #rules(
    context: CanvasRenderingContext2D,
    seen: { x: number; y: number; width: number; height: number },
    paints: Paints,
  ) {
    const { left, top, across, down } = this.#grid!;
    const { map } = this.#scene;
    const { queries, keys } = map.example;
    if (map.masked) {
      context.fillStyle = paints.rule;
      map.specialQueries.forEach((special, query) => {
        if (special) context.fillRect(left - seen.x, top + query * down - seen.y, keys.length * across, down);
      });
      map.specialKeys.forEach((special, key) => {
        if (special) context.fillRect(left + key * across - seen.x, top - seen.y, across, queries.length * down);
      });
    }
    if (Math.min(across, down) < 10) return;
    context.fillStyle = paints.paper;
    const right = Math.min(seen.width, left + keys.length * across - seen.x);
    const bottom = Math.min(seen.height, top + queries.length * down - seen.y);
    for (let key = Math.max(1, Math.floor(seen.x / across)); key < keys.length; key++) {
      const x = left + key * across - seen.x;
      if (x > right) break;
      context.fillRect(x - 0.5, top, 1, bottom - top);
    }
    for (let query = Math.max(1, Math.floor(seen.y / down)); query < queries.length; query++) {
      const y = top + query * down - seen.y;
      if (y > bottom) break;
      context.fillRect(left, y - 0.5, right - left, 1);
    }
  }

  /** Frames around the row and the column in focus, and around the cell that is pointed at. */
  #bands(context: CanvasRenderingContext2D, x: number, y: number, paints: Paints): void {
    const { across, down } = this.#grid!;
    const { state, focus, cursor, map } = this.#scene;
    const { queries, keys } = map.example;
    context.lineWidth = state.pin ? 2 : 1.5;
    context.strokeStyle = state.pin ? paints.pin : paints.ink;
    const frame = (query: number, key: number, rows: number, columns: number) =>
      context.strokeRect(x + key * across - 0.5, y + query * down - 0.5, columns * across + 1, rows * down + 1);
    if (focus && focus.query !== null) frame(focus.query, 0, 1, keys.length);
    if (focus && focus.key !== null) frame(0, focus.key, queries.length, 1);
    context.lineWidth = 1.5;
    context.strokeStyle = paints.ink;
    if (cursor && cursor.query !== null && cursor.key !== null) frame(cursor.query, cursor.key, 1, 1);
  }

  /** Draws again, as when another token is in focus. */
  redraw(): void {
    this.surface.redraw();
  }

  /** Draws again with other colours. */
  recolour(): void {
    this.#pixels = undefined;
    this.redraw();
  }

  end(): void {
    this.surface.end();
  }
}

/** Squares as large as there is room for, or as the tokens need; longer on the side where there are far fewer tokens. */
function cellSize(
  room: { across: number; down: number },
  ratio: number,
  fit: boolean,
): readonly [across: number, down: number] {
  const whole = (size: number) => (size >= 2 ? Math.floor(size) : size);
  const square = Math.min(room.across, room.down, 32);
  const side = fit ? whole(square) : Math.max(readable, Math.floor(square));
  const stretched = (rest: number) => Math.max(side, Math.min(22, Math.floor(rest)));
  return [ratio < 0.5 ? stretched(room.across) : side, ratio > 2 ? stretched(room.down) : side];
}
