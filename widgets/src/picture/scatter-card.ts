import { card, filled, ink, type Paint, quiet, rule, stroked } from "./card.ts";
import { classless, classPaints, classWords, markOf, outlineOf, type Shape } from "./class-marks.ts";
import { colourAt, hexColour } from "./colours.ts";
import { formatNumber, grouped } from "./numbers.ts";
import { element, escapeText, fitted, textWidth } from "./svg.ts";

/** What a scatter plot shows. */
export interface Scatter {
  readonly title: string;
  /** Row by row, `[points, dimensions]`: the first two are drawn. Nothing, before there is a map. */
  readonly positions: ArrayLike<number> | undefined;
  readonly dimensions: number;
  readonly axes: readonly [across: string, up: string];
  readonly classes: readonly string[] | null;
  readonly classOf: ArrayLike<number> | null;
  readonly values: ArrayLike<number> | null;
  /** How it came about, in words. */
  readonly note: string;
  /** Said in place of a map. */
  readonly missing: string;
}

const width = 720;
const plot = { left: 38, top: 0, width: 500, height: 400 };
const legendLeft = plot.left + plot.width + 22;
const legendRow = 18;
const shades = 24;

/** Points of one look. */
interface Group {
  readonly paint: Paint | string;
  readonly shape: Shape;
  readonly members: number[];
}

/** Draws points in the plane on a card, with a legend of their classes or a key to their values. */
export function scatterCard(scatter: Scatter): string {
  const top = scatter.title === "" ? 22 : 50;
  const height = top + plot.height + 54;
  const parts: string[] = [];
  if (scatter.title !== "") {
    const text = escapeText(fitted(scatter.title, 16, width - 40));
    parts.push(element("text", { ...filled(ink), x: 20, y: 32, "font-size": 16, "font-weight": 600 }, text));
  }
  const frame = { x: plot.left, y: top, width: plot.width, height: plot.height, rx: 4 };
  parts.push(element("rect", { ...stroked(rule), ...frame }));
  const groups = groupsOf(scatter);
  if (scatter.positions) parts.push(dots(scatter, scatter.positions, groups, top));
  else parts.push(label(scatter.missing, plot.left + plot.width / 2, top + plot.height / 2, "middle"));
  parts.push(label(scatter.axes[0], plot.left + plot.width / 2, top + plot.height + 18, "middle"));
  const turned = { transform: `rotate(-90 ${plot.left - 12} ${top + plot.height / 2})` };
  parts.push(label(scatter.axes[1], plot.left - 12, top + plot.height / 2, "middle", turned));
  parts.push(label(fitted(scatter.note, 12, width - 40), 20, height - 14, "start"));
  parts.push(scatter.values ? key(scatter.values, top) : legend(scatter, groups, top));
  return card(
    { width, height, label: scatter.title || "map of points", paints: [...classPaints, classless] },
    ...parts,
  );
}

function groupsOf({ classes, classOf, values, positions, dimensions }: Scatter): Group[] {
  const count = positions ? positions.length / dimensions : 0;
  if (values) return shadesOf(values, count);
  const groups = (classes ?? ["all"]).map((name, index): Group => ({ ...markOf(index, name), members: [] }));
  for (let i = 0; i < count; i++) groups[classOf?.[i] ?? 0]!.members.push(i);
  return groups;
}

/** Measurements in steps of colour, and those that are missing in grey. */
function shadesOf(values: ArrayLike<number>, count: number): Group[] {
  const groups = Array.from({ length: shades }, (_, shade): Group => {
    return { paint: hexColour(colourAt("viridis", shade / (shades - 1))), shape: "disc", members: [] };
  });
  const missing: Group = { paint: quiet, shape: "disc", members: [] };
  const [low, high] = rangeOf(values);
  for (let i = 0; i < count; i++) {
    const place = (values[i]! - low) / (high - low || 1);
    const group = Number.isFinite(place) ? groups[Math.round(place * (shades - 1))]! : missing;
    group.members.push(i);
  }
  return [missing, ...groups];
}

/** The least and the largest of the values that are numbers. */
export function rangeOf(values: ArrayLike<number>): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : [0, 1];
}

function dots(scatter: Scatter, positions: ArrayLike<number>, groups: readonly Group[], top: number): string {
  const { dimensions } = scatter;
  const count = positions.length / dimensions;
  const radius = Math.min(4.5, Math.max(1.4, 45 / Math.sqrt(count)));
  const column = (axis: number) => Array.from({ length: count }, (_, i) => positions[i * dimensions + axis]!);
  const [[left, right], [low, high]] = [rangeOf(column(0)), rangeOf(column(1))];
  const room = 2 * radius + 6;
  const scale = Math.min(
    (plot.width - 2 * room) / (right - left || 1e-9),
    (plot.height - 2 * room) / (high - low || 1e-9),
  );
  const [middleX, middleY] = [plot.left + plot.width / 2, top + plot.height / 2];
  // What is of no class lies below.
  return [...groups]
    .sort((a, b) => Number(b.paint === classless) - Number(a.paint === classless))
    .map(({ paint, shape, members }) => {
      const taken = new Set<number>();
      let path = "";
      let [penX, penY] = [0, 0];
      const outline = shape === "disc" ? "h0" : outlineOf(shape, radius);
      for (const i of members) {
        // In tenths of pixels.
        const x = Math.round(10 * (middleX + (positions[i * dimensions]! - (left + right) / 2) * scale));
        const y = Math.round(10 * (middleY - (positions[i * dimensions + 1]! - (low + high) / 2) * scale));
        // Of points in one place, one is seen.
        const place = Math.round(x / 4) * 100_000 + Math.round(y / 4);
        if (!Number.isFinite(place) || taken.has(place)) continue;
        taken.add(place);
        // Discs each from the one before: fewer digits make a smaller picture. Other marks end where their outline began.
        if (shape !== "disc" || path === "") path += `M${x / 10} ${y / 10}${outline}`;
        else path += `m${(x - penX) / 10} ${(y - penY) / 10}${outline}`;
        [penX, penY] = [x, y];
      }
      if (path === "") return "";
      // Lines of no length with round ends are the shortest way to write discs.
      const ends = { "stroke-width": 2 * radius, "stroke-linecap": "round" };
      const look =
        shape === "disc"
          ? {
              ...(typeof paint === "string" ? { stroke: paint, fill: "none" } : stroked(paint)),
              ...ends,
              "stroke-opacity": "0.85",
            }
          : { ...(typeof paint === "string" ? { fill: paint } : filled(paint)), "fill-opacity": "0.85" };
      return element("path", { ...look, d: path });
    })
    .join("");
}

function legend({ classes, classOf }: Scatter, groups: readonly Group[], top: number): string {
  if (!classes || !classOf) return "";
  const rows = Math.floor(plot.height / legendRow);
  const shown = classes.length <= rows ? classes.length : rows - 1;
  const counts = new Map<number, number>();
  for (let i = 0; i < classOf.length; i++) counts.set(classOf[i]!, 1 + (counts.get(classOf[i]!) ?? 0));
  const parts = classes.slice(0, shown).map((name, index) => {
    const y = top + 12 + index * legendRow;
    const { paint, shape } = groups[index]!;
    const mark = { ...filled(paint as Paint), d: `M${legendLeft + 5} ${y - 4}${outlineOf(shape, 5)}` };
    const number = grouped(counts.get(index) ?? 0);
    const room = width - 20 - legendLeft - 18 - textWidth(number, 12) - 8;
    return (
      element("path", mark) +
      element("text", { ...filled(ink), x: legendLeft + 18, y }, escapeText(fitted(classWords(name), 12, room))) +
      label(number, width - 20, y, "end")
    );
  });
  if (shown < classes.length) {
    parts.push(label(`and ${classes.length - shown} more`, legendLeft + 18, top + 12 + shown * legendRow, "start"));
  }
  return parts.join("");
}

/** The colours of the measurements, the largest on top. */
function key(values: ArrayLike<number>, top: number): string {
  const [low, high] = rangeOf(values);
  const step = 140 / shades;
  const bands = Array.from({ length: shades }, (_, shade) =>
    element("rect", {
      fill: hexColour(colourAt("viridis", 1 - shade / (shades - 1))),
      x: legendLeft,
      y: top + shade * step,
      width: 12,
      height: step + 0.5,
    }),
  );
  const words = [high, (low + high) / 2, low].map((value, i) =>
    label(formatNumber(value), legendLeft + 20, top + 10 + i * 65, "start"),
  );
  return bands.join("") + words.join("");
}

function label(
  text: string,
  x: number,
  y: number,
  anchor: "start" | "middle" | "end",
  more: Readonly<Record<string, string>> = {},
): string {
  return element("text", { ...filled(quiet), x, y, "text-anchor": anchor, ...more }, escapeText(text));
}
