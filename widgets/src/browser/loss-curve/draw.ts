import type { Axis } from "../../picture/axis.ts";
import { palette } from "../../picture/card.ts";
import { dashOf, dotted } from "../../picture/dashes.ts";
import { gap } from "../../series/decimate.ts";
import { horizontalNames } from "./along.ts";
import { crisp, near, type Pen, type Stroke } from "./pen.ts";
import { margins, type Scene, type SceneLine, type ScenePanel } from "./scene.ts";

/** The colours of a theme by name: `ink`, `line0` … */
export type Colours = (name: string) => string;

const fewest = 40;

/** How a line of the second axis looks: of one run it is grey, as the run's colours are those of its metrics. */
export function asideStroke({ member }: Pick<SceneLine, "member">, colours: Colours): Stroke {
  const grey = member.family === member.line.metric;
  return { colour: grey ? colours("quiet") : colourOf({ member }, colours), width: 1.8, dash: dotted };
}

/** Draws one panel. */
export function drawPanel(pen: Pen, scene: Scene, panel: ScenePanel, colours: Colours): void {
  const { left, right, x } = scene;
  const { top, bottom, y } = panel;
  const last = panel === scene.panels.at(-1);
  for (const { value } of x.ticks) rule(pen, [crisp(x.at(value)), top, crisp(x.at(value)), bottom], colours);
  for (const { value, label } of y.ticks) {
    rule(pen, [left, crisp(y.at(value)), right, crisp(y.at(value))], colours);
    pen.text(left - 8, y.at(value) + 4, label, { colour: colours("quiet"), anchor: "end" });
  }
  pen.line([left, crisp(bottom), right, crisp(bottom)], { colour: colours("quiet"), width: 1, opacity: 0.5 });
  if (panel.aside) {
    for (const { value, label } of panel.aside.y.ticks)
      pen.text(right + 8, panel.aside.y.at(value) + 4, label, { colour: colours("quiet") });
  }
  if (last) drawHorizontal(pen, scene, bottom, colours);
  pen.within(left, top, right - left, bottom - top, () => {
    for (const line of panel.lines) drawStretches(pen, scene, panel, line, colours);
    for (const line of panel.aside?.lines ?? []) {
      const stroke = asideStroke(line, colours);
      const behind = pointsOf(line, line.behind, line.reading.line.values, x, panel.aside!.y);
      pen.line(behind, { colour: stroke.colour, width: 1, opacity: 0.14 });
      pen.line(pointsOf(line, line.drawn, line.reading.values, x, panel.aside!.y), stroke);
    }
    for (const line of panel.lines)
      if (line.behind.length > 0)
        pen.line(pointsOf(line, line.behind, line.reading.line.values, x, y), {
          colour: colourOf(line, colours),
          width: 1,
          opacity: 0.28,
        });
    for (const line of panel.lines) drawLine(pen, scene, panel, line, colours);
  });
  for (const line of panel.lines) drawDots(pen, scene, panel, line, colours);
  for (const line of panel.lines) drawBest(pen, scene, panel, line, colours);
}

export const colourOf = ({ member }: Pick<SceneLine, "member">, colours: Colours) =>
  colours(`line${member.colour % palette.length}`);

function rule(pen: Pen, points: readonly number[], colours: Colours): void {
  pen.line(points, { colour: colours("rule"), width: 1 });
}

function drawHorizontal(pen: Pen, { x, left, right, horizontal }: Scene, bottom: number, colours: Colours): void {
  const type = { colour: colours("quiet"), anchor: "middle" } as const;
  for (const { value, label } of x.ticks) pen.text(x.at(value), bottom + 16, label, type);
  pen.text((left + right) / 2, bottom + margins.ticks + 13, horizontalNames[horizontal], type);
}

/** Positions as points in pixels, for a pen. */
function pointsOf(
  { along, member }: SceneLine,
  positions: readonly number[],
  values: Float64Array,
  x: Axis,
  y: Axis,
): number[] {
  const column = member.line[along.column];
  const points: number[] = [];
  for (const at of positions) {
    if (at === gap) points.push(0, Number.NaN);
    else points.push(near(x.at(along.value(column[at]!))), near(y.at(values[at]!)));
  }
  return points;
}

function drawLine(pen: Pen, scene: Scene, panel: ScenePanel, line: SceneLine, colours: Colours): void {
  const points = pointsOf(line, line.drawn, line.reading.values, scene.x, panel.y);
  pen.line(points, { colour: colourOf(line, colours), width: 2, dash: dashOf(line.member) });
}

/** The points of a line of few, whole ones also at the edge of the panel. */
function drawDots(pen: Pen, scene: Scene, panel: ScenePanel, line: SceneLine, colours: Colours): void {
  if (line.to - line.from > fewest) return;
  const points = pointsOf(line, line.drawn, line.reading.values, scene.x, panel.y);
  const colour = colourOf(line, colours);
  for (let at = 0; at < points.length; at += 2) {
    const [x, y] = [points[at]!, points[at + 1]!];
    if (isInside(scene, panel, x, y)) pen.circle(x, y, 3, { colour });
  }
}

/** Whether a place is in the panel or on its edge; a gap is nowhere. */
function isInside({ left, right }: Scene, { top, bottom }: ScenePanel, x: number, y: number): boolean {
  return x >= left - 1 && x <= right + 1 && y >= top - 1 && y <= bottom + 1;
}

/** A band and a cross wherever values stopped being finite, as long as they were not. */
function drawStretches(pen: Pen, scene: Scene, panel: ScenePanel, line: SceneLine, colours: Colours): void {
  const { member, along, reading, from: first, to: end } = line;
  const column = member.line[along.column];
  const colour = colours("warning");
  for (const { from, until } of reading.stretches) {
    if (until < first || from >= end) continue;
    const [start, stop] = [column[from]!, column[until]!].map((place) => near(scene.x.at(along.value(place))));
    pen.rectangle(start! - 0.5, panel.top, stop! - start! + 1, panel.bottom - panel.top, { colour, opacity: 0.16 });
    const y = panel.top + 6;
    for (const slope of [4, -4]) pen.line([start! - 4, y - slope, start! + 4, y + slope], { colour, width: 2 });
  }
}

function drawBest(pen: Pen, scene: Scene, panel: ScenePanel, line: SceneLine, colours: Colours): void {
  const { best } = line.reading;
  if (!best || line.member.line.total < 2) return;
  const place = scene.x.at(line.along.value(line.member.line[line.along.column][best.at]!));
  const y = panel.y.at(best.value);
  if (!isInside(scene, panel, place, y)) return;
  pen.circle(place, y, 4.5, { colour: colours("paper") }, { colour: colourOf(line, colours), width: 2 });
}
