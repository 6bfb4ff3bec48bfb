import { duration, formatNumber, grouped } from "../../picture/numbers.ts";
import { make } from "../frame/frame.ts";
import { asideStroke, type Colours, colourOf } from "./draw.ts";
import { crisp, type Pen } from "./pen.ts";
import { type Hit, placeOf } from "./places.ts";
import type { Scene, ScenePanel } from "./scene.ts";

/** Farther away than this, a value is said to be one of another step, in pixels. */
const elsewhere = 10;

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
