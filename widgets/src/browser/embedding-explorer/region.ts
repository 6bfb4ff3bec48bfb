import type { Placed } from "./projection.ts";

/** A corner of a region, in pixels. */
export type Corner = readonly [x: number, y: number];

/** The corners of the box between two of them. */
export function boxOf([x0, y0]: Corner, [x1, y1]: Corner): readonly Corner[] {
  return [
    [x0, y0],
    [x1, y0],
    [x1, y1],
    [x0, y1],
  ];
}

/** The points within a region; its corners are joined in order, the last with the first (even–odd rule). */
export function within(region: readonly Corner[], placed: Placed, isShown: (index: number) => boolean): number[] {
  const found: number[] = [];
  const across = region.map(([x]) => x);
  const down = region.map(([, y]) => y);
  const [left, right] = [Math.min(...across), Math.max(...across)];
  const [top, bottom] = [Math.min(...down), Math.max(...down)];
  for (let i = 0; i < placed.x.length; i++) {
    const [x, y] = [placed.x[i]!, placed.y[i]!];
    if (x < left || x > right || y < top || y > bottom || !isShown(i)) continue;
    let inside = false;
    for (let k = 0, j = region.length - 1; k < region.length; j = k++) {
      const [ax, ay] = region[k]!;
      const [bx, by] = region[j]!;
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
    if (inside) found.push(i);
  }
  return found;
}
