import { duration, formatNumber, grouped } from "../../picture/numbers.ts";
import { make } from "../frame/frame.ts";
import { positionOf } from "./along.ts";
import { asideStroke, type Colours, colourOf } from "./draw.ts";
import { crisp, type Pen } from "./pen.ts";
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

/** Farther away than this, a value is said to be one of another step, in pixels. */
const elsewhere = 10;

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

/** The value on the axis so many points further on; where they lie closer than pixels, so many pixels. */
export function further(scene: Scene, value: number, by: number): number | undefined {
  const longest = linesOf(scene)
    .map(({ line }) => line)
    .reduce<SceneLine | undefined>((a, b) => (!a || b.to - b.from > a.to - a.from ? b : a), undefined);
  if (!longest) return undefined;
  const { member, along, from, to } = longest;
  const at = positionOf(member.line[along.column], member.line.length, along.inColumn(value));
  const step = Math.max(1, Math.round((to - from) / (scene.right - scene.left)));
  const next = Math.max(0, Math.min(member.line.length - 1, at + by * step));
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

/** Draws the crosshair in one panel: a line at the value, and a dot on every line. */
export function drawCrosshair(
  pen: Pen,
  scene: Scene,
  panel: ScenePanel,
  value: number,
  hits: readonly Hit[],
  colours: Colours,
): void {
  const x = scene.x.at(value);
  if (!(x >= scene.left - 1 && x <= scene.right + 1)) return;
  pen.line([crisp(x), panel.top, crisp(x), panel.bottom], { colour: colours("quiet"), width: 1, opacity: 0.8 });
  for (const hit of hits) {
    if (hit.panel !== panel) continue;
    const { line, aside, at } = hit;
    const y = (aside ? panel.aside!.y : panel.y).at(line.reading.values[at]!);
    if (!(y >= panel.top && y <= panel.bottom)) continue;
    const colour = aside ? asideStroke(line, colours).colour : colourOf(line, colours);
    pen.circle(scene.x.at(placeOf(line, at)), y, 3.5, { colour }, { colour: colours("paper"), width: 1.5 });
  }
}

/** Where all of them are, in words: the step, and what else is known of it. */
export function placeInWords(hits: readonly Hit[]): string {
  if (hits.length === 0) return "";
  const { line: one, at } = hits.reduce((a, b) => (b.away < a.away ? b : a));
  const { run, line } = one.member;
  const step = line.steps[at]!;
  const wall = new Date(run.began + 1000 * line.walls[at]!);
  const epoch = run.epochs.known ? [`epoch ${formatNumber(run.epochs.at(step, run.lastStep))}`] : [];
  return [`step ${grouped(step)}`, ...epoch, duration(line.seconds[at]!), wall.toLocaleTimeString()].join(" · ");
}

/** The value of a reading in words: the average, and in brackets the value itself. */
export function valueInWords({ line, at }: Hit): string {
  const raw = line.member.line.values[at]!;
  if (!line.reading.smoothed) return formatNumber(raw);
  const smooth = line.reading.values[at]!;
  return Number.isFinite(raw) ? `${formatNumber(smooth)} (${formatNumber(raw)})` : formatNumber(raw);
}

/** What a reading is of, in words. */
export function nameInWords({ line: { member }, panel, aside, at, away }: Hit): string {
  const metric = aside ? panel.aside!.name : panel.group.name;
  const own = member.name === member.line.metric || member.name.includes(metric);
  const name = own ? (aside ? metric : member.name) : `${member.name}, ${metric}`;
  return away > elsewhere ? `${name} at step ${grouped(member.line.steps[at]!)}` : name;
}

/** The rows of a tooltip. */
export function rowsOf(hits: readonly Hit[], colours: Colours): HTMLElement[] {
  const head = make("div", "gb-curve-place");
  head.textContent = placeInWords(hits);
  const rows = hits.map((hit) => {
    const row = make("div", "gb-curve-row");
    const swatch = make("span", "gb-curve-dot");
    swatch.style.background = hit.aside ? asideStroke(hit.line, colours).colour : colourOf(hit.line, colours);
    const name = make("span", "gb-curve-name");
    name.textContent = nameInWords(hit);
    const value = make("span", "gb-curve-number");
    value.textContent = valueInWords(hit);
    row.append(swatch, name, value);
    return row;
  });
  return [head, ...rows];
}

function linesOf(scene: Scene): { line: SceneLine; panel: ScenePanel; aside: boolean }[] {
  return scene.panels.flatMap((panel) => [
    ...panel.lines.map((line) => ({ line, panel, aside: false })),
    ...(panel.aside?.lines ?? []).map((line) => ({ line, panel, aside: true })),
  ]);
}

const placeOf = ({ along, member }: SceneLine, at: number) => along.value(member.line[along.column][at]!);

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
