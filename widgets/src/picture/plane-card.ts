import { type Axis, linearAxis, logAxis, type Scale, verticalAxis } from "./axis.ts";
import { card, filled, ink, lineColour, paper, quiet, rule, stroked, warning } from "./card.ts";
import { element, escapeText, fitted, linePath, textWidth } from "./svg.ts";
import { linearTicks, logTicks } from "./ticks.ts";

/** What lies along one side of a plane: numbers, or names at 0, 1, 2 … */
export interface Direction {
  readonly name: string;
  readonly scale: Scale;
  readonly names?: readonly string[];
}

/** A point and what is said of it where a reader points at it. */
export interface PlanePoint {
  readonly x: number;
  readonly y: number;
  readonly words: string;
}

/** Points of one colour, and a path; a y of NaN lifts the pen. */
export interface PlaneLine {
  readonly name: string;
  readonly colour: number;
  readonly points: readonly PlanePoint[];
  readonly path: readonly { readonly x: number; readonly y: number }[];
  /** Behind the others, and allowed to leave the frame. */
  readonly faint?: boolean;
}

/** Points and paths in the plane, with one of them singled out. */
export interface Plane {
  readonly title: string | undefined;
  /** What the colours stand for; empty where the names of the lines say it. */
  readonly key: string;
  readonly across: Direction;
  readonly up: Direction;
  readonly lines: readonly PlaneLine[];
  readonly chosen?: { readonly x: number; readonly y: number; readonly words: string; readonly upright: boolean };
  readonly note: string;
}

const width = 720;
const left = 62;
const right = width - 20;
const plotHeight = 260;
const legendRow = 18;

/** Draws a plane on a card: axes, paths, points, a legend and a sentence below. */
export function planeCard(plane: Plane): string {
  const { title, across, up, lines, note } = plane;
  const head = title === undefined ? 20 : 48;
  const { parts: legend, rows } = legendOf(plane, head);
  const top = head + rows * legendRow + 8;
  const bottom = top + plotHeight;
  const height = bottom + 70;
  const x = horizontal(plane);
  const solid = lines.filter((line) => !line.faint).flatMap(valuesOf);
  const y = verticalAxis(up.scale, solid, lines.filter((line) => line.faint).flatMap(valuesOf), bottom, top);
  const heading = { x: 20, y: 32, "font-size": 16, "font-weight": 600 };
  const within = (value: number) => Math.min(bottom, Math.max(top, value));
  return card(
    { width, height, label: title ?? `${up.name} by ${across.name}` },
    ...(title === undefined
      ? []
      : [element("text", { ...filled(ink), ...heading }, escapeText(fitted(title, 16, right - 20)))]),
    ...legend,
    ...gridLines(x, y, top, bottom),
    ...lines.map((line) => pathOf(line, x, y, within)),
    ...lines.map((line) => dotsOf(line, x, y, top, within)),
    chosenOf(plane, x, y, top, bottom),
    label(across.scale === "log" ? `${across.name} (log)` : across.name, (left + right) / 2, bottom + 36, "middle"),
    label(fitted(note, 12, width - 40), 20, height - 12, "start"),
  );
}

function valuesOf({ points, path }: PlaneLine): number[] {
  return [...points, ...path].map(({ y }) => y);
}

/** The ends of the horizontal axis, with room for points at them. */
function horizontal({ across, lines, chosen }: Plane): Axis {
  const { names, scale } = across;
  if (names !== undefined) {
    const room = (right - left) / Math.max(1, names.length);
    const ticks = names.map((name, value) => ({ value, label: fitted(name, 12, room - 8) }));
    return linearAxis(-0.5, Math.max(0.5, names.length - 0.5), left, right, ticks);
  }
  const all = [...lines.flatMap(({ points, path }) => [...points, ...path]), ...(chosen ? [chosen] : [])]
    .map(({ x }) => x)
    .filter((x) => Number.isFinite(x) && (scale === "linear" || x > 0));
  let low = all.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  let high = all.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (all.length === 0) [low, high] = [0.1, 1];
  if (scale === "log") {
    const room = Math.max((high / low) ** 0.03, 1.02);
    [low, high] = [low / room, high * room];
    return logAxis(low, high, left, right, logTicks(low, high, 8));
  }
  const room = 0.03 * (high - low) || Math.abs(low) * 0.1 || 1;
  [low, high] = [low - room, high + room];
  return linearAxis(low, high, left, right, linearTicks(low, high, 7));
}

function gridLines(x: Axis, y: Axis, top: number, bottom: number): string[] {
  const parts: string[] = [];
  for (const tick of y.ticks) {
    const at = y.at(tick.value);
    parts.push(element("path", { ...stroked(rule), d: `M${left} ${at.toFixed(1)}H${right}` }));
    parts.push(label(tick.label, left - 8, at + 4, "end"));
  }
  for (const tick of x.ticks) {
    const at = x.at(tick.value);
    parts.push(element("path", { ...stroked(rule), d: `M${at.toFixed(1)} ${top}V${bottom}` }));
    // The last label may not stick out of the card.
    parts.push(label(tick.label, Math.min(at, width - 8 - textWidth(tick.label, 12) / 2), bottom + 17, "middle"));
  }
  parts.push(element("path", { ...stroked(quiet), "stroke-opacity": "0.5", d: `M${left} ${bottom}H${right}` }));
  return parts;
}

function pathOf({ path, colour, faint }: PlaneLine, x: Axis, y: Axis, within: (value: number) => number): string {
  const pen = faint ? { "stroke-width": 1, "stroke-opacity": "0.4" } : { "stroke-width": 2 };
  const d = linePath(
    path.map((point) => x.at(point.x)),
    path.map((point) => within(y.at(point.y))),
  );
  return d === "" ? "" : element("path", { ...stroked(lineColour(colour)), ...pen, "stroke-linejoin": "round", d });
}

/** Points, and crosses at the upper edge for those that have no value. */
function dotsOf(line: PlaneLine, x: Axis, y: Axis, top: number, within: (value: number) => number): string {
  const paint = lineColour(line.colour);
  return line.points
    .map((point) => {
      const [cx, cy] = [x.at(point.x), within(y.at(point.y))];
      const words = element("title", {}, escapeText(point.words));
      if (Number.isFinite(cy))
        return element("circle", { ...filled(paint), "fill-opacity": "0.75", cx, cy, r: 4 }, words);
      const d = `M${(cx - 4).toFixed(1)} ${top + 2}l8 8m0 -8l-8 8`;
      return element("path", { ...stroked(warning), "stroke-width": 2, d }, words);
    })
    .join("");
}

function chosenOf({ chosen, lines }: Plane, x: Axis, y: Axis, top: number, bottom: number): string {
  if (chosen === undefined) return "";
  const [cx, cy] = [x.at(chosen.x), y.at(chosen.y)];
  const parts: string[] = [];
  if (chosen.upright) {
    const d = `M${cx.toFixed(1)} ${top}V${bottom}`;
    parts.push(element("path", { ...stroked(warning), "stroke-width": 1.5, "stroke-dasharray": "5 4", d }));
    const before = cx + 10 + textWidth(chosen.words, 12) > right;
    const words = { x: cx + (before ? -8 : 8), y: bottom - 10, "text-anchor": before ? "end" : "start" };
    parts.push(element("text", { ...filled(warning), ...words, "font-weight": 600 }, escapeText(chosen.words)));
  }
  if (Number.isFinite(cy)) {
    const ring = { cx, cy: Math.min(bottom, Math.max(top, cy)), r: 6, "stroke-width": 2 };
    const paint = chosen.upright ? warning : lineColour(lines.find(has(chosen))?.colour ?? 0);
    if (chosen.upright) parts.push(element("circle", { ...filled(paper), ...ring, r: 4.5 }));
    parts.push(element("circle", { ...stroked(paint), ...ring, r: chosen.upright ? 4.5 : 7.5 }));
  }
  return parts.join("");
}

const has = (chosen: { readonly x: number; readonly y: number }) => (line: PlaneLine) =>
  line.points.some(({ x, y }) => x === chosen.x && y === chosen.y);

/** What stands upwards, then the colours and what they mean, in as many rows as they need. */
function legendOf({ key, up, lines }: Plane, head: number): { readonly parts: string[]; readonly rows: number } {
  const name = fitted(up.scale === "log" ? `${up.name} (log)` : up.name, 12, 200);
  const parts = [element("text", { ...filled(ink), x: 20, y: head + 4, "font-weight": 600 }, escapeText(name))];
  let [x, row] = [20 + textWidth(name, 13) + 18, 0];
  const start = x;
  if (key !== "") {
    const text = `${fitted(key, 12, 160)}:`;
    parts.push(label(text, x, head + 4, "start"));
    x += textWidth(text, 12) + 10;
  }
  for (const line of lines.length > 1 || key !== "" ? lines : []) {
    const text = fitted(line.name, 12, 180);
    const length = 24 + textWidth(text, 12) + 12;
    if (x + length > right && x > start) [x, row] = [start, row + 1];
    const y = head + 4 + row * legendRow;
    const pen = { "stroke-width": 3, "stroke-linecap": "round", ...(line.faint ? { "stroke-opacity": "0.4" } : {}) };
    parts.push(element("path", { ...stroked(lineColour(line.colour)), ...pen, d: `M${x} ${y - 4}h16` }));
    parts.push(label(text, x + 24, y, "start"));
    x += length;
  }
  return { parts, rows: row + 1 };
}

function label(text: string, x: number, y: number, anchor: "start" | "middle" | "end"): string {
  return element("text", { ...filled(quiet), x, y, "text-anchor": anchor }, escapeText(text));
}
