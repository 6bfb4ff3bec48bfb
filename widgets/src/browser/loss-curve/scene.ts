import { type Axis, type Scale, verticalAxis, verticalAxisBetween } from "../../picture/axis.ts";
import { arrange, asideOf, type Group, type Member, type Scales } from "../../series/arrange.ts";
import type { CurveView, Horizontal } from "../../series/curve-state.ts";
import { decimate } from "../../series/decimate.ts";
import type { Line } from "../../series/line.ts";
import { Reading } from "../../series/reading.ts";
import type { Run } from "../../series/run.ts";
import { type Along, along, horizontalAxis, positionOf, reach, usable } from "./along.ts";

/** Places inside a panel's picture, in CSS pixels. */
export const margins = { left: 58, right: 16, top: 8, bottom: 6, ticks: 20, name: 18 };

/** The room beside a panel for the words of its axes; more where these are longer. */
interface Rooms {
  readonly left: number;
  readonly aside: number;
}
const usualRooms: Rooms = { left: margins.left, aside: 58 };
/** Of the widest digit, and beside words, in pixels. */
const [widest, gap] = [7, 14];

/** What the words of the axes need. */
function roomsFor(panels: readonly ScenePanel[]): Rooms {
  const longest = (axes: readonly (Axis | undefined)[]) =>
    Math.max(0, ...axes.flatMap((axis) => axis?.ticks.map(({ label }) => label.length) ?? []));
  const room = (axes: readonly (Axis | undefined)[], usual: number) => Math.max(usual, longest(axes) * widest + gap);
  return {
    left: room(
      panels.map(({ y }) => y),
      usualRooms.left,
    ),
    aside: room(
      panels.map(({ aside }) => aside?.y),
      usualRooms.aside,
    ),
  };
}

/** A line as it is to be drawn. */
export interface SceneLine {
  readonly member: Member;
  readonly reading: Reading;
  readonly along: Along;
  /** The positions within the axis, and one more on either side: `from` … `to` − 1. */
  readonly from: number;
  readonly to: number;
  /** Positions to draw of the faint line of all values, where the average is drawn over it, and of the line itself. */
  readonly behind: readonly number[];
  readonly drawn: readonly number[];
}

/** A panel as it is to be drawn. */
export interface ScenePanel {
  readonly group: Group;
  readonly scale: Scale;
  readonly y: Axis;
  readonly lines: readonly SceneLine[];
  readonly aside: { readonly name: string; readonly y: Axis; readonly lines: readonly SceneLine[] } | undefined;
  readonly top: number;
  readonly bottom: number;
}

/** Everything that is to be seen, in pixels. */
export interface Scene {
  readonly x: Axis;
  readonly horizontal: Horizontal;
  /** The ends of the horizontal axis without a zoom. */
  readonly wholeX: readonly [number, number];
  readonly left: number;
  readonly right: number;
  readonly panels: readonly ScenePanel[];
}

/** How a scene is laid out. */
export interface SceneSize {
  readonly width: number;
  /** The height of each panel's picture. */
  heightOf(index: number, count: number): number;
  /** Pixels of the screen for one of the picture. */
  readonly density: number;
}

/** What a line is called among those that are hidden. */
export const hiddenId = ({ run, line }: Member) => `${run.id}/${line.aside ? "aside " : ""}${line.metric}`;

/** Readings of lines, kept from one picture to the next. */
export class Readings {
  readonly #readings = new WeakMap<Line, Reading>();

  of(line: Line, beta: number): Reading {
    const known = this.#readings.get(line);
    if (known?.beta === beta) return known;
    const reading = new Reading(line, beta);
    this.#readings.set(line, reading);
    return reading;
  }
}

/** Works out what is to be seen of the runs. */
export function sceneOf(
  runs: readonly Run[],
  scales: Scales,
  view: CurveView,
  readings: Readings,
  size: SceneSize,
  rooms: Rooms = usualRooms,
): Scene {
  const groups = arrange(runs, scales);
  const asides = view.aside === "" ? [] : asideOf(runs, view.aside);
  const hidden = new Set(view.hidden);
  const shown = (members: readonly Member[]) => members.filter((member) => !hidden.has(hiddenId(member)));
  const x = usable(view.x, runs);
  const log = view.logX && x !== "wall";
  const wholeX = reach(
    groups.flatMap(({ members }) => shown(members)),
    x,
    log,
  );
  const zoom = view.zoom.x;
  const { left } = rooms;
  const right = size.width - (asides.length > 0 ? rooms.aside : margins.right);
  const axis = horizontalAxis(zoom ?? wholeX, { x, logX: log }, left, right);
  const lineOf = (member: Member, beta: number) =>
    sceneLine(member, readings.of(member.line, beta), x, axis, size.density);
  const asideBeta = asideSmoothing(view);

  const panels = groups.map((group, index): ScenePanel => {
    const scale = (view.logY[group.unit] ?? group.scale === "log") ? "log" : "linear";
    const lines = shown(group.members).map((member) => lineOf(member, view.smoothing));
    const top = margins.top;
    const last = index === groups.length - 1;
    const below = last ? margins.ticks + margins.name : margins.bottom;
    const bottom = size.heightOf(index, groups.length) - below;
    const ends = view.zoom.y[group.unit];
    // Below zero there is no logarithm: a zoom of the other scale is left.
    const y =
      ends && (scale === "linear" || ends[0] > 0)
        ? verticalAxisBetween(scale, ends, bottom, top)
        : verticalAxis(scale, ...spread(lines, view.clip), bottom, top);
    const asideLines = index === 0 ? shown(asides).map((member) => lineOf(member, asideBeta)) : [];
    const [values] = spread(asideLines, false);
    const aside = index === 0 &&
      asides.length > 0 && {
        name: view.aside === "gradNorm" ? "gradient norm" : view.aside,
        y: verticalAxis(scaleFor(values), values, [], bottom, top),
        lines: asideLines,
      };
    return { group, scale, y, lines, aside: aside || undefined, top, bottom };
  });
  // Words that are longer than usual are known once the axes are; then everything is placed anew.
  const needed = roomsFor(panels);
  if (rooms === usualRooms && (needed.left > left || needed.aside > rooms.aside))
    return sceneOf(runs, scales, view, readings, size, needed);
  return { x: axis, horizontal: x, wholeX, left, right, panels };
}

/** A gradient norm is as noisy as a loss; the average of a rate would be wrong wherever it changes. */
export function asideSmoothing({ aside, smoothing }: CurveView): number {
  return aside === "rate" ? 0 : smoothing;
}

function sceneLine(member: Member, reading: Reading, x: Horizontal, axis: Axis, density: number): SceneLine {
  const { run, line } = member;
  const way = along(x, run);
  const column = line[way.column];
  const { length } = line;
  const from = Math.max(0, positionOf(column, length, way.inColumn(axis.low)) - 1);
  const to = Math.min(length, positionOf(column, length, way.inColumn(axis.high)) + 2);
  const pixels = (axis.at(axis.high) - axis.at(axis.low)) * density;
  // The group of a position is the column of pixels that it lies in.
  const endOf = (position: number) => {
    const place = axis.at(way.value(column[position]!)) * density;
    if (Number.isNaN(place)) return position + 1;
    const border = way.inColumn(axis.valueAt((Math.floor(place) + 1) / density));
    let end = position + 1;
    while (end < to && column[end]! < border) end++;
    return end;
  };
  const thin = (values: Float64Array) =>
    decimate(values, from, to, to - from > 2 * pixels ? endOf : (position) => position + 1);
  const raw = line.values;
  return {
    member,
    reading,
    along: way,
    from,
    to,
    behind: reading.smoothed ? thin(raw) : [],
    drawn: thin(reading.smoothed ? reading.values : raw),
  };
}

/** Of so many values the outliers are found. */
const sample = 2000;

/** What the vertical axis has to show of lines: values all of them, and others without outliers. */
function spread(lines: readonly SceneLine[], clip: boolean): [values: number[], background: number[]] {
  const values: number[] = [];
  const background: number[] = [];
  for (const { reading, drawn, from, to } of lines) {
    const main = reading.values;
    if (!clip) for (const at of drawn) if (at >= 0) values.push(main[at]!);
    const each = Math.max(1, Math.floor((to - from) / sample));
    for (const numbers of clip ? [main, reading.line.values] : reading.smoothed ? [reading.line.values] : [])
      for (let at = from; at < to; at += each) background.push(numbers[at]!);
  }
  return [values, background];
}

/** Gradient norms differ by powers of ten, rates by little. */
function scaleFor(values: readonly number[]): Scale {
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = values.reduce((a, b) => (Number.isFinite(b) ? Math.max(a, b) : a), 0);
  return low > 0 && high > 50 * low ? "log" : "linear";
}
