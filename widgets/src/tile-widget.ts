import { type TensorSource, tensorOf, type Values, valuesOf } from "./data.ts";
import type { Displayable, MimeBundle } from "./display.ts";
import type { ColourMap } from "./picture/colours.ts";
import { formatNumber } from "./picture/numbers.ts";
import { drawSheet } from "./picture/tile-sheet.ts";
import { type Normalise, sheetRange, type TileSheet } from "./picture/tiles.ts";
import { plotlyType } from "./plotly/figure.ts";
import { tileFigure } from "./plotly/tile-figure.ts";
import { Widget } from "./widget.ts";

/** How filters or feature maps look. */
export interface TileOptions {
  readonly title?: string;
  /** Tiles in a row, where the tiles are one list. */
  readonly columns?: number;
  /** Which values get the ends of the colour map: each tile's own, those of all tiles, or ± the largest of all. */
  readonly normalise?: Normalise;
  readonly colours?: ColourMap;
  /** Screen pixels for one value. */
  readonly scale?: number;
  /** Names of the outputs or channels, in place of their numbers. */
  readonly labels?: readonly string[];
}

/** Tiles drawn from a tensor, whose values may still be on their way when the picture is asked for. */
export interface TileWidget extends Displayable {
  /** Draws again wherever this is shown: from another tensor, or from the same source where nothing is given. */
  update(source?: TensorSource): void;
}

/** What makes one kind of tiles out of a tensor. */
export interface TileKind {
  readonly who: string;
  /** Said when something is no tensor at all. */
  readonly hint: string;
  readonly options: Pick<TileOptions, "columns" | "scale">;
  /** Throws an error that says which shape it expected. */
  check(shape: readonly number[]): void;
  arrange(values: Values): TileSheet;
}

/** Refuses sizes that are none. */
export function checkSizes({ who, options }: Pick<TileKind, "who" | "options">): void {
  for (const option of ["columns", "scale"] as const) {
    const value = options[option];
    if (value === undefined || (Number.isInteger(value) && value > 0)) continue;
    throw new RangeError(`${who}: ${option} is ${value}, expected a whole number from 1.`);
  }
}

/** Sizes are known before the values: what does not fit is refused in the line that gave it, not when it is drawn. */
export function checkedSource({ who, hint, check }: TileKind, source: TensorSource): TensorSource {
  // A function may have nothing to give yet.
  if (typeof source !== "function") check(tensorOf(who, source, hint).shape);
  return source;
}

/** Tiles without a live view. */
export class StillTiles extends Widget implements TileWidget {
  readonly #kind: TileKind;
  #source: TensorSource;

  constructor(kind: TileKind, source: TensorSource) {
    super();
    checkSizes(kind);
    this.#kind = kind;
    this.#source = checkedSource(kind, source);
  }

  update(source?: TensorSource): void {
    if (source !== undefined) this.#source = checkedSource(this.#kind, source);
    this.changed();
  }

  protected async bundle(): Promise<MimeBundle> {
    const { who, hint } = this.#kind;
    const values = await valuesOf(who, this.#source, hint);
    return tilePicture(who, values, this.#kind.arrange(values));
  }
}

/** A sheet in every static form; with `figure`, in plotly's as well. */
export function tilePicture(who: string, { shape }: Values, sheet: TileSheet, { figure = true } = {}): MimeBundle {
  const { svg, png } = drawSheet(sheet);
  const pictures = { "text/plain": describe(who, shape, sheet), "image/svg+xml": svg };
  // Captions are in the SVG only: where they are more than a name, the other forms would hide what matters.
  if (sheet.tiles.some((tile) => tile.caption && tile.caption[0] !== tile.name)) return pictures;
  const plotly = figure ? tileFigure(sheet) : undefined;
  return { ...pictures, "image/png": png, ...(plotly ? { [plotlyType]: plotly } : {}) };
}

/** The ranges of values, one line for each tile. */
export function describe(who: string, shape: readonly number[], sheet: TileSheet): string {
  const lines = sheet.tiles.slice(0, 16).map((tile) => {
    const caption = tile.caption && tile.caption[0] !== tile.name ? ` (${tile.caption.join(", ")})` : "";
    return `  ${tile.name}${caption}: ${formatNumber(tile.low)} … ${formatNumber(tile.high)}`;
  });
  if (sheet.tiles.length > lines.length) lines.push(`  … ${sheet.tiles.length - lines.length} more`);
  const [low, high] = sheetRange(sheet.tiles, "all");
  const head = `${sheet.title ?? who} [${shape.join(", ")}]: ${formatNumber(low)} … ${formatNumber(high)}`;
  return [head, ...lines, ...sheet.notes.map((note) => `  ${note}`)].join("\n");
}
