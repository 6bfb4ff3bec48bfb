import { type ColourMap, colourTable, lastShade } from "./colours.ts";

/** Which values get the ends of the colour map: each tile's own, those of all tiles, or ± the largest of all. */
export type Normalise = "each" | "all" | "symmetric";

/** A small picture: planes of height × width values, one plane for a colour map or three for red, green and blue. */
export interface Tile {
  /** Says which tile it is when the pointer is on it. */
  readonly name: string;
  /** Text under the tile, in lines. */
  readonly caption?: readonly string[];
  readonly values: ArrayLike<number>;
  /** The lowest and highest finite value; NaN when there is none. */
  readonly low: number;
  readonly high: number;
  readonly finite: boolean;
}

/** Tiles in rows and columns. */
export interface TileSheet {
  readonly title: string | undefined;
  readonly tiles: readonly Tile[];
  readonly columns: number;
  readonly rows: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly planes: 1 | 3;
  readonly colours: ColourMap;
  readonly normalise: Normalise;
  /** The values at the ends of the colour map, unless each tile has its own. */
  readonly range: readonly [low: number, high: number];
  readonly rowLabels: readonly string[];
  readonly columnLabels: readonly string[];
  /** What rows and columns are, for example "output" and "input". */
  readonly rowTitle: string | undefined;
  readonly columnTitle: string | undefined;
  /** Screen pixels for one value. */
  readonly scale: number;
  /** Whether to draw the colours with the values at their ends. */
  readonly key: boolean;
  readonly notes: readonly string[];
}

/** What says the colour of a tile's values. */
export type Shading = Pick<TileSheet, "tileWidth" | "tileHeight" | "planes" | "colours" | "normalise" | "range">;

/** Cuts one tile out of a tensor and measures it. */
export function cutTile(name: string, values: ArrayLike<number>, offset: number, length: number): Tile {
  const cut = new Float64Array(length);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let finite = true;
  for (let i = 0; i < length; i++) {
    const value = Number(values[offset + i]);
    cut[i] = value;
    if (!Number.isFinite(value)) finite = false;
    else {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low > high
    ? { name, values: cut, low: Number.NaN, high: Number.NaN, finite }
    : { name, values: cut, low, high, finite };
}

/** A filter whose values are all the same sees nothing. */
export function isConstant(tile: Tile): boolean {
  return tile.finite && tile.low === tile.high && tile.values.length > 1;
}

/** The ends of the colour map for a whole sheet. */
export function sheetRange(tiles: readonly Tile[], normalise: Normalise): [low: number, high: number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const tile of tiles) {
    if (tile.low < low) low = tile.low;
    if (tile.high > high) high = tile.high;
  }
  if (low > high) return [0, 1];
  if (normalise !== "symmetric") return [low, high];
  const most = Math.max(Math.abs(low), Math.abs(high));
  return [-most, most];
}

/** The values of black and white: 0 and 1 or 0 and 255, whichever fits, or else the lowest and highest. */
export function pixelRange(tiles: readonly Tile[]): readonly [low: number, high: number] {
  const [low, high] = sheetRange(tiles, "all");
  if (low < 0 || high > 255) return [low, high];
  return high <= 1 ? [0, 1] : [0, 255];
}

/** The ends of the colour map for one tile. */
export function rangeOf(
  sheet: Pick<TileSheet, "normalise" | "range">,
  tile: Tile,
): readonly [low: number, high: number] {
  return sheet.normalise === "each" ? [tile.low, tile.high] : sheet.range;
}

/** Where a value lies between the ends: 0 … 1, one half when the ends are the same, NaN when it is not finite. */
export function placeInRange(value: number, [low, high]: readonly [number, number]): number {
  if (!Number.isFinite(value)) return Number.NaN;
  return high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0.5;
}

/** A tile's pixels: bytes red, green, blue, row by row. Values that are not finite are magenta, which no map contains. */
export function tilePixels(sheet: Shading, tile: Tile, table: Uint8Array = colourTable(sheet.colours)): Uint8Array {
  const size = sheet.tileWidth * sheet.tileHeight;
  const range = rangeOf(sheet, tile);
  const pixels = new Uint8Array(size * 3);
  for (let i = 0; i < size; i++) {
    for (let channel = 0; channel < 3; channel++) {
      const place = placeInRange(tile.values[sheet.planes === 3 ? channel * size + i : i]!, range);
      if (Number.isNaN(place)) {
        pixels.set([255, 0, 255], 3 * i);
        break;
      }
      pixels[3 * i + channel] =
        sheet.planes === 3 ? Math.round(255 * place) : table[3 * Math.round(lastShade * place) + channel]!;
    }
  }
  return pixels;
}
