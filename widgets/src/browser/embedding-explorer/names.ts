import type { Placed } from "./projection.ts";

/** A name where it is to be written: the left end of its line, in pixels. */
export interface PlacedName {
  readonly index: number;
  readonly x: number;
  readonly y: number;
}

/** A rectangle in pixels where words stand already. */
export interface Taken {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const cell = 4;
const lineHeight = 13;

/**
 * Places names beside their points so that none covers another: the first in `order` come first, and what finds no room
 * is left out. Zoomed in, points are farther apart, and more names find room.
 *
 * @param clear how far a name stays from the middle of its point
 * @param kept where no name may be
 * @param most no more names than these are written
 */
export function placeNames(parts: {
  readonly order: Iterable<number>;
  readonly placed: Placed;
  readonly clear: number;
  readonly widthOf: (index: number) => number;
  readonly width: number;
  readonly height: number;
  readonly kept: readonly Taken[];
  readonly most: number;
}): PlacedName[] {
  const { order, placed, clear, widthOf, width, height, kept, most } = parts;
  const columns = Math.ceil(width / cell) + 1;
  const taken = new Uint8Array(columns * (Math.ceil(height / cell) + 1));
  const inside = ({ x, y, width: w, height: h }: Taken) => x >= 0 && y >= 0 && x + w <= width && y + h <= height;
  const cellsOf = function* ({ x, y, width: w, height: h }: Taken): Generator<number> {
    const [right, bottom] = [Math.floor((x + w) / cell), Math.floor((y + h) / cell)];
    for (let row = Math.floor(y / cell); row <= bottom; row++)
      for (let column = Math.floor(x / cell); column <= right; column++) yield row * columns + column;
  };
  const isFree = (box: Taken): boolean => {
    if (!inside(box)) return false;
    for (const at of cellsOf(box)) if (taken[at]) return false;
    return true;
  };
  const take = (box: Taken) => {
    for (const at of cellsOf(box)) taken[at] = 1;
  };
  for (const box of kept) if (inside(box)) take(box);
  const names: PlacedName[] = [];
  for (const index of order) {
    const [px, py] = [placed.x[index]!, placed.y[index]!];
    if (!(px >= 0 && py >= 0 && px <= width && py <= height)) continue;
    const w = widthOf(index);
    const places = [
      [px + clear, py - lineHeight / 2],
      [px - clear - w, py - lineHeight / 2],
      [px - w / 2, py - clear - lineHeight],
      [px - w / 2, py + clear],
    ] as const;
    const place = places.map(([x, y]) => ({ x, y, width: w, height: lineHeight })).find((box) => isFree(box));
    if (!place) continue;
    take(place);
    names.push({ index, x: place.x, y: place.y + lineHeight / 2 });
    if (names.length === most) break;
  }
  return names;
}
