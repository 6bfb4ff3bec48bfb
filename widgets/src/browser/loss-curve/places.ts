import { positionOf } from "./along.ts";
import type { Scene, SceneLine, ScenePanel } from "./scene.ts";

/** What one line has at a place. */
export interface Hit {
  readonly line: SceneLine;
  readonly panel: ScenePanel;
  readonly aside: boolean;
  /** The position in the line's columns. */
  readonly at: number;
  /** How far its point lies from the place that was asked for, in pixels. */
  readonly away: number;
}

/** How far from its first or last point a line still answers, in pixels. */
const reachOfEnds = 6;

/** The value on the axis nearest to a place where any line has a point. */
export function nearest(scene: Scene, pixel: number): number | undefined {
  const places = linesOf(scene).flatMap(({ line }) => {
    const at = nearestPosition(scene, line, scene.x.valueAt(pixel));
    return at === undefined ? [] : [placeOf(line, at)];
  });
  const distance = (value: number) => Math.abs(scene.x.at(value) - pixel);
  return places.length === 0 ? undefined : places.reduce((a, b) => (distance(b) < distance(a) ? b : a));
}

/**
 * The value on the axis so many points further on; where they lie closer than pixels, so many pixels. Points at the same
 * place, as many steps of one instant, are one.
 */
export function further(scene: Scene, value: number, by: number): number | undefined {
  const longest = linesOf(scene)
    .map(({ line }) => line)
    .reduce<SceneLine | undefined>((a, b) => (!a || b.to - b.from > a.to - a.from ? b : a), undefined);
  if (!longest) return undefined;
  const { member, along, from, to } = longest;
  const last = member.line.length - 1;
  const after = Math.min(last, positionOf(member.line[along.column], last + 1, along.inColumn(value)));
  // A clock's time and back again are not quite the same number: the point that is meant may be the one before.
  const away = (position: number) => Math.abs(placeOf(longest, position) - value);
  const at = after > 0 && away(after - 1) < away(after) ? after - 1 : after;
  const step = Math.max(1, Math.round((to - from) / (scene.right - scene.left)));
  let next = Math.max(0, Math.min(last, at + by * step));
  const here = placeOf(longest, at);
  while (placeOf(longest, next) === here && next !== (by < 0 ? 0 : last)) next += Math.sign(by);
  return placeOf(longest, next);
}

/** What every line has at a value on the axis; lines that end before or begin behind it have nothing. */
export function hitsAt(scene: Scene, value: number): Hit[] {
  const pixel = scene.x.at(value);
  return linesOf(scene).flatMap(({ line, panel, aside }) => {
    const at = nearestPosition(scene, line, value);
    if (at === undefined) return [];
    const numbers = line.member.line[line.along.column];
    const [first, last] = [numbers[0]!, numbers[line.member.line.length - 1]!].map((end) =>
      scene.x.at(line.along.value(end)),
    );
    const outside = pixel < first! - reachOfEnds || pixel > last! + reachOfEnds;
    return outside ? [] : [{ line, panel, aside, at, away: Math.abs(scene.x.at(placeOf(line, at)) - pixel) }];
  });
}

function linesOf(scene: Scene): { line: SceneLine; panel: ScenePanel; aside: boolean }[] {
  return scene.panels.flatMap((panel) => [
    ...panel.lines.map((line) => ({ line, panel, aside: false })),
    ...(panel.aside?.lines ?? []).map((line) => ({ line, panel, aside: true })),
  ]);
}

/** Where a position of a line lies, as a value on the axis. */
export const placeOf = ({ along, member }: SceneLine, at: number) => along.value(member.line[along.column][at]!);

function nearestPosition(scene: Scene, line: SceneLine, value: number): number | undefined {
  const { length } = line.member.line;
  if (length === 0) return undefined;
  const column = line.member.line[line.along.column];
  const after = Math.min(length - 1, positionOf(column, length, line.along.inColumn(value)));
  if (after === 0) return 0;
  const distance = (at: number) => Math.abs(scene.x.at(placeOf(line, at)) - scene.x.at(value));
  const at = distance(after - 1) < distance(after) ? after - 1 : after;
  return Number.isNaN(distance(at)) ? undefined : at;
}
