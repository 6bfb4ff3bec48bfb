import { type Chart, type ChartLine, mainPoints, type Panel, type Points } from "../series/chart.ts";

import { type Axis, linearAxis, verticalAxis } from "./axis.ts";
import { card, filled, ink, lineColour, type Paint, paper, quiet, rule, stroked, warning } from "./card.ts";
import { brokenInto, dashOf } from "./dashes.ts";
import { formatNumber, grouped } from "./numbers.ts";
import { element, escapeText, fitted, linePath, textWidth } from "./svg.ts";
import { linearTicks, timeTicks } from "./ticks.ts";

const width = 720;
const left = 62;
const right = width - 20;
const legendRow = 18;

/** Where one panel lies on the card. */
interface Place {
  readonly top: number;
  readonly plotTop: number;
  readonly bottom: number;
  readonly legend: readonly LegendEntry[];
}

interface LegendEntry {
  readonly line: ChartLine;
  readonly x: number;
  readonly row: number;
  readonly name: string;
  readonly value: string;
  readonly note: string;
}

/** Draws a line chart on a card: panels above one another, each with its legend and the latest values. */
export function lineChart(chart: Chart): string {
  let y = chart.title === undefined ? 16 : 44;
  const places = chart.panels.map((panel, index): Place => {
    const legend = arrangeLegend(panel);
    const rows = 1 + (legend.at(-1)?.row ?? 0);
    const plotTop = y + rows * legendRow + 8;
    const height = chart.panels.length === 1 ? 250 : index === 0 ? 210 : 110;
    const place = { top: y, plotTop, bottom: plotTop + height, legend };
    y = place.bottom + 24;
    return place;
  });
  const height = y + 20;
  const x = horizontalAxis(chart);
  const title = chart.title ?? chart.panels.map((panel) => panel.name).join(", ");
  const parts: string[] = [];
  if (chart.title !== undefined) {
    const text = escapeText(fitted(chart.title, 16, right - 20 - 110));
    parts.push(element("text", { ...filled(ink), x: 20, y: 32, "font-size": 16, "font-weight": 600 }, text));
  }
  if (chart.step >= 0) {
    const row = chart.title === undefined ? y + 12 : 32;
    parts.push(label(`step ${grouped(chart.step)}`, right, row, "end"));
  }
  chart.panels.forEach((panel, index) => {
    parts.push(drawPanel(panel, places[index]!, x));
  });
  const bottom = places.at(-1)?.bottom ?? y;
  for (const tick of x.ticks) {
    // The last label may not stick out of the card.
    const centre = Math.min(x.at(tick.value), width - 8 - textWidth(tick.label, 12) / 2);
    parts.push(label(tick.label, centre, bottom + 17, "middle"));
  }
  parts.push(label(chart.x === "time" ? "time" : chart.x, (left + right) / 2, bottom + 36, "middle"));
  return card({ width, height, label: title }, ...parts);
}

function drawPanel(panel: Panel, place: Place, x: Axis): string {
  const smoothed = panel.lines.filter((line) => line.smooth);
  const shown = panel.lines.flatMap((line) => mainPoints(line).y);
  const behind = smoothed.flatMap((line) => line.raw.y);
  const y = verticalAxis(panel.scale, shown, behind, place.bottom, place.plotTop);
  const parts: string[] = [];
  for (const tick of y.ticks) {
    const at = y.at(tick.value);
    parts.push(element("path", { ...stroked(rule), d: `M${left} ${at.toFixed(1)}H${right}` }));
    parts.push(label(tick.label, left - 8, at + 4, "end"));
  }
  for (const tick of x.ticks) {
    parts.push(
      element("path", { ...stroked(rule), d: `M${x.at(tick.value).toFixed(1)} ${place.plotTop}V${place.bottom}` }),
    );
  }
  parts.push(element("path", { ...stroked(quiet), "stroke-opacity": "0.5", d: `M${left} ${place.bottom}H${right}` }));
  const pixels = (points: Points) => ({
    x: points.x.map((value) => x.at(value)),
    y: points.y.map((value) => Math.min(place.bottom, Math.max(place.plotTop, y.at(value)))),
  });
  for (const line of smoothed) {
    const { x, y } = pixels(line.raw);
    const faint = { "stroke-width": 1, "stroke-opacity": "0.28", "stroke-linejoin": "round" };
    parts.push(element("path", { ...stroked(lineColour(line.colour)), ...faint, d: linePath(x, y) }));
  }
  for (const line of panel.lines) parts.push(drawLine(line, pixels(mainPoints(line))), drawMarks(line, place, x));
  for (const line of panel.lines) {
    if (!line.best || line.raw.x.length < 2) continue;
    const [cx, cy] = [x.at(line.best.x), y.at(line.best.value)];
    if (!Number.isFinite(cy)) continue;
    const ring = { cx, cy: Math.min(place.bottom, Math.max(place.plotTop, cy)), r: 4.5, "stroke-width": 2 };
    parts.push(element("circle", { ...filled(paper), ...ring }));
    parts.push(element("circle", { ...stroked(lineColour(line.colour)), ...ring }));
  }
  const name = panel.scale === "log" ? `${panel.name} (log)` : panel.name;
  const heading = { x: 20, y: place.top + 12, "font-weight": 600 };
  parts.push(element("text", { ...filled(ink), ...heading }, escapeText(fitted(name, 12, 150))));
  for (const entry of place.legend) parts.push(drawLegend(entry, place.top + 12));
  return parts.join("");
}

function drawLine(line: ChartLine, points: Points): string {
  const colour = lineColour(line.colour);
  const pen = { "stroke-width": 2, "stroke-linejoin": "round", ...brokenInto(dashOf(line)) };
  const path = element("path", { ...stroked(colour), ...pen, d: linePath(points.x, points.y) });
  if (points.x.length > 40) return path;
  const dots = points.x.map((cx, i) => (Number.isFinite(points.y[i]!) ? dot(cx, points.y[i]!, colour) : ""));
  return path + dots.join("");
}

function dot(cx: number, cy: number, colour: Paint): string {
  return element("circle", { ...filled(colour), cx, cy, r: 3 });
}

/** A cross at the upper edge wherever values stopped being finite, and a band as long as they were not. */
function drawMarks(line: ChartLine, place: Place, x: Axis): string {
  return line.marks
    .map(({ from, until }) => {
      const start = x.at(from);
      const band = {
        x: start - 0.5,
        y: place.plotTop,
        width: x.at(until) - start + 1,
        height: place.bottom - place.plotTop,
      };
      const cross = `M${(start - 4).toFixed(1)} ${place.plotTop - 4}l8 8m0 -8l-8 8`;
      return (
        element("rect", { ...filled(warning), "fill-opacity": "0.16", ...band }) +
        element("path", { ...stroked(warning), "stroke-width": 2, d: cross })
      );
    })
    .join("");
}

function arrangeLegend(panel: Panel): LegendEntry[] {
  const start = 20 + Math.min(150, textWidth(panel.scale === "log" ? `${panel.name} (log)` : panel.name, 13)) + 16;
  let [x, row] = [start, 0];
  return panel.lines.map((line) => {
    const name = line.name === panel.name ? "" : fitted(line.name, 12, 160);
    const value = formatNumber(line.last);
    const best = line.best ? `best ${formatNumber(line.best.value)}` : "";
    const first = line.firstNotFinite ?? 0;
    const note = line.notFinite > 0 ? `${line.notFinite} × not finite, first at step ${grouped(first)}` : best;
    const length = 24 + [name, value, note].reduce((sum, part) => sum + (part ? textWidth(part, 12) + 8 : 0), 0);
    if (x + length > right && x > start) [x, row] = [start, row + 1];
    const entry = { line, x, row, name, value, note };
    x += length + 10;
    return entry;
  });
}

function drawLegend({ line, x, row, name, value, note }: LegendEntry, baseline: number): string {
  const y = baseline + row * legendRow;
  const colour = lineColour(line.colour);
  const span = (text: string, attributes: Readonly<Record<string, string | number>>) =>
    text === "" ? "" : element("tspan", attributes, `${escapeText(text)}  `);
  return (
    element("path", {
      ...stroked(colour),
      ...brokenInto(dashOf(line)),
      "stroke-width": 3,
      d: `M${x} ${y - 4}h16`,
    }) +
    element(
      "text",
      { ...filled(ink), x: x + 24, y, "xml:space": "preserve" },
      span(name, filled(quiet)),
      span(value, { ...filled(ink), "font-weight": 600 }),
      span(note, filled(line.notFinite > 0 ? warning : quiet)),
    )
  );
}

function horizontalAxis(chart: Chart): Axis {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { raw, marks } of chart.panels.flatMap((panel) => panel.lines)) {
    for (const value of [raw.x[0], raw.x.at(-1), marks[0]?.from, marks.at(-1)?.until]) {
      if (value === undefined || !Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) [low, high] = [0, 1];
  // Training starts at the left edge, also where the first step is called 1.
  if (low > 0 && low < 0.1 * high) low = 0;
  if (low === high) high = low + 1;
  const ticks =
    chart.x === "time" ? timeTicks(low, high, 7) : linearTicks(low, high, 7, chart.x === "step" || high - low >= 3);
  return linearAxis(low, high, left, right, ticks);
}

function label(text: string, x: number, y: number, anchor: "start" | "middle" | "end"): string {
  return element("text", { ...filled(quiet), x, y, "text-anchor": anchor }, escapeText(text));
}
