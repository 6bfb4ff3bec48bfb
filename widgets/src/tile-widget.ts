import { type TensorSource, tensorOf, type Values, valuesOf } from "./data.ts";
import type { MimeBundle } from "./display.ts";
import type { ColourMap } from "./picture/colours.ts";
import { formatNumber } from "./picture/numbers.ts";
import { drawSheet } from "./picture/tile-sheet.ts";
import { cutTile, isConstant, type Normalise, sheetRange, type Tile, type TileSheet } from "./picture/tiles.ts";
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

/** Tiles drawn from a tensor, whose values may still be on their way when the picture is asked for. */
export class TileWidget extends Widget {
  readonly #kind: TileKind;
  #source: TensorSource;

  constructor(kind: TileKind, source: TensorSource) {
    super();
    for (const option of ["columns", "scale"] as const) {
      const value = kind.options[option];
      if (value === undefined || (Number.isInteger(value) && value > 0)) continue;
      throw new RangeError(`${kind.who}: ${option} is ${value}, expected a whole number from 1.`);
    }
    this.#kind = kind;
    this.#source = this.#checked(source);
  }

  /** Draws again wherever this is shown: from another tensor, or from the same source where nothing is given. */
  update(source?: TensorSource): void {
    if (source !== undefined) this.#source = this.#checked(source);
    this.changed();
  }

  /** Sizes are known before the values: what does not fit is refused in the line that gave it, not when it is drawn. */
  #checked(source: TensorSource): TensorSource {
    const { who, hint } = this.#kind;
    // A function may have nothing to give yet.
    if (typeof source !== "function") this.#kind.check(tensorOf(who, source, hint).shape);
    return source;
  }

  protected async bundle(): Promise<MimeBundle> {
    const { who, hint } = this.#kind;
    const values = await valuesOf(who, this.#source, hint);
    const sheet = this.#kind.arrange(values);
    const { svg, png } = drawSheet(sheet);
    const pictures = { "text/plain": describe(who, values.shape, sheet), "image/svg+xml": svg };
    // Captions are in the SVG only: where they are more than a name, the other forms would hide what matters.
    if (sheet.tiles.some((tile) => tile.caption && tile.caption[0] !== tile.name)) return pictures;
    const figure = tileFigure(sheet);
    return { ...pictures, "image/png": png, ...(figure ? { [plotlyType]: figure } : {}) };
  }
}

/** What is to be cut into tiles, and how it should look. */
export interface SheetPlan {
  readonly values: ArrayLike<number>;
  readonly names: readonly string[];
  /** Where each tile starts in `values`. */
  readonly offsets: readonly number[];
  readonly captions?: readonly (readonly string[])[] | undefined;
  readonly tileHeight: number;
  readonly tileWidth: number;
  readonly planes: 1 | 3;
  readonly columns: number;
  readonly colours: ColourMap;
  readonly normalise: Normalise;
  readonly range?: readonly [low: number, high: number] | undefined;
  readonly title: string | undefined;
  readonly scale: number | undefined;
  readonly rowLabels?: readonly string[];
  readonly columnLabels?: readonly string[];
  readonly rowTitle?: string;
  readonly columnTitle?: string;
  /** Whether the colours need explaining; default true. */
  readonly key?: boolean;
  readonly notes?: readonly string[];
  /** What to call tiles whose values are all the same. */
  readonly constant?: string;
}

/** Cuts the tiles and settles what depends on their values: the range, and the notes about tiles to look at. */
export function sheetOf(plan: SheetPlan): TileSheet {
  const length = plan.planes * plan.tileHeight * plan.tileWidth;
  const tiles = plan.offsets.map((offset, index): Tile => {
    const tile = cutTile(plan.names[index]!, plan.values, offset, length);
    const caption = plan.captions?.[index];
    return caption ? { ...tile, caption } : tile;
  });
  const columns = Math.max(1, Math.min(plan.columns, tiles.length));
  const notes = [...(plan.notes ?? [])];
  if (plan.constant) notes.push(...noteAbout(`${plan.constant} (dashed)`, tiles.filter(isConstant)));
  const broken = tiles.filter((tile) => !tile.finite);
  notes.push(...noteAbout("Values that are not finite (magenta)", broken));
  return {
    title: plan.title,
    tiles,
    columns,
    rows: Math.ceil(tiles.length / columns),
    tileWidth: plan.tileWidth,
    tileHeight: plan.tileHeight,
    planes: plan.planes,
    colours: plan.colours,
    normalise: plan.normalise,
    range: plan.range ?? sheetRange(tiles, plan.normalise),
    rowLabels: plan.rowLabels ?? [],
    columnLabels: plan.columnLabels ?? [],
    rowTitle: plan.rowTitle,
    columnTitle: plan.columnTitle,
    scale: plan.scale ?? comfortableScale(plan.tileWidth, plan.tileHeight, columns),
    key: (plan.key ?? true) && plan.planes === 1 && plan.normalise !== "each",
    notes,
  };
}

/** How many tiles of a width go into a row when nothing says otherwise. */
export function comfortableColumns(count: number, tileWidth: number): number {
  const wished = count <= 8 ? count : count <= 32 ? 8 : 16;
  return Math.max(1, Math.min(wished, Math.floor(680 / (tileWidth + 4))));
}

/** Whole screen pixels per value, so that a tile is about as big as a stamp and a row fits on the page. */
function comfortableScale(width: number, height: number, columns: number): number {
  const room = Math.min(64, 660 / columns - 5);
  return Math.max(1, Math.floor(room / Math.max(width, height)));
}

/** Says what was left out. */
export function cutNote(shown: number, all: number, what: string): string[] {
  return shown < all ? [`The first ${shown} of ${all} ${what}.`] : [];
}

function noteAbout(what: string, tiles: readonly Tile[]): string[] {
  if (tiles.length === 0) return [];
  const names = tiles.slice(0, 6).map((tile) => tile.name);
  const more = tiles.length > names.length ? ` and ${tiles.length - names.length} more` : "";
  return [`${what}: ${names.join("; ")}${more}.`];
}

/** The ranges of values, one line for each tile. */
function describe(who: string, shape: readonly number[], sheet: TileSheet): string {
  const lines = sheet.tiles.slice(0, 16).map((tile) => {
    const caption = tile.caption && tile.caption[0] !== tile.name ? ` (${tile.caption.join(", ")})` : "";
    return `  ${tile.name}${caption}: ${formatNumber(tile.low)} … ${formatNumber(tile.high)}`;
  });
  if (sheet.tiles.length > lines.length) lines.push(`  … ${sheet.tiles.length - lines.length} more`);
  const [low, high] = sheetRange(sheet.tiles, "all");
  const head = `${sheet.title ?? who} [${shape.join(", ")}]: ${formatNumber(low)} … ${formatNumber(high)}`;
  return [head, ...lines, ...sheet.notes.map((note) => `  ${note}`)].join("\n");
}
