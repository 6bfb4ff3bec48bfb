import type { ColourMap } from "./colours.ts";
import { cutTile, isConstant, type Normalise, sheetRange, type Tile, type TileSheet } from "./tiles.ts";

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
