import { lineColour, quiet, warning } from "../picture/card.ts";
import { formatNumber, shortened } from "../picture/numbers.ts";
import type { Direction, Plane, PlaneLine } from "../picture/plane-card.ts";
import { axisStyle, escaped, type Figure, figure, type Trace } from "./figure.ts";

/** Points and paths in the plane as a plotly figure; pointing at a point says all that is known of it. */
export function planeFigure(plane: Plane): Figure {
  const { title, key, across, up, lines, note } = plane;
  const named = lines.length > 1 || key !== "";
  const values = lines.flatMap(({ points, path }) => [...points, ...path].map(({ y }) => y).filter(Number.isFinite));
  const top = values.reduce((a, b) => Math.max(a, b), up.scale === "log" ? 1e-300 : 0);
  const bottom = values.reduce((a, b) => Math.min(a, b), top);
  const data = lines.flatMap((line) => tracesOf(line, plane, top, named));
  return figure(
    title,
    [...data, ...chosenTraces(plane, bottom, top)],
    {
      height: 400,
      xaxis: { ...axisStyle(across.name), ...axisOf(across), ...triedTicks(plane) },
      yaxis: { ...axisStyle(up.name), ...axisOf(up) },
      hovermode: "closest",
      showlegend: named,
      legend: {
        orientation: "h",
        yref: "container",
        y: 0,
        yanchor: "bottom",
        x: 0,
        xanchor: "left",
        ...(key === "" ? {} : { title: { text: escaped(key), side: "left" } }),
      },
      margin: { l: 62, r: 20, t: title === undefined && note === "" ? 24 : 72, b: named ? 96 : 56 },
    },
    note === "" ? [] : [note],
  );
}

function axisOf({ scale, names }: Direction): Readonly<Record<string, unknown>> {
  if (names === undefined) return scale === "log" ? { type: "log", exponentformat: "e", nticks: 8 } : {};
  return { tickvals: names.map((_, i) => i), ticktext: names.map(escaped), range: [-0.5, names.length - 0.5] };
}

/** Marks at the values that were tried, where these are few: plotly's own axis of logarithms numbers every digit. */
function triedTicks({ across, lines }: Plane): Readonly<Record<string, unknown>> {
  if (across.scale !== "log" || across.names !== undefined) return {};
  const all = lines.flatMap(({ points }) => points.map(({ x }) => x)).filter((x) => Number.isFinite(x) && x > 0);
  const tried = [...new Set(all)].sort((a, b) => a - b);
  const places = tried.map(Math.log10);
  const room = (places.at(-1)! - places[0]!) / 10;
  const apart = places.every((place, i) => i === 0 || place - places[i - 1]! >= room);
  if (tried.length < 2 || !apart) return {};
  return { tickvals: tried.map(shortened), ticktext: tried.map(formatNumber) };
}

function tracesOf(
  { name, colour, points, path, faint }: PlaneLine,
  plane: Plane,
  top: number,
  named: boolean,
): Trace[] {
  const paint = lineColour(colour).light;
  const common = { type: "scatter", name: escaped(name), legendgroup: name };
  const traces: Trace[] = [];
  if (path.length > 0)
    traces.push({
      ...common,
      x: path.map(({ x }) => shortened(x)),
      y: path.map(({ y }) => seen(y, plane.up)),
      mode: "lines",
      line: { color: paint, width: faint ? 1 : 2 },
      opacity: faint ? 0.4 : 1,
      showlegend: named,
      ...(points.length > 0
        ? { hoverinfo: "skip" }
        : { hovertemplate: `${escaped(plane.across.name)} %{x:.3~g}<br>%{y:.4~g}<extra>${escaped(name)}</extra>` }),
    });
  const groups = [
    { some: points.filter(({ y }) => seen(y, plane.up) !== null), marker: { color: paint, size: 8, opacity: 0.75 } },
    {
      some: points.filter(({ y }) => seen(y, plane.up) === null).map((point) => ({ ...point, y: top })),
      marker: { color: warning.light, size: 9, symbol: "x-thin", line: { color: warning.light, width: 2 } },
    },
  ];
  for (const { some, marker } of groups) {
    if (some.length === 0) continue;
    traces.push({
      ...common,
      x: some.map(({ x }) => shortened(x)),
      y: some.map(({ y }) => shortened(y)),
      text: some.map(({ words }) => escaped(words).replace(/\n/g, "<br>")),
      mode: "markers",
      marker,
      showlegend: named && path.length === 0 && !traces.some((trace) => trace.showlegend),
      hovertemplate: "%{text}<extra></extra>",
    });
  }
  return traces;
}

/** On an axis of logarithms plotly would drop zeros and negative numbers silently; a gap says the same. */
function seen(y: number, { scale }: Direction): number | null {
  return Number.isFinite(y) && (scale === "linear" || y > 0) ? shortened(y) : null;
}

function chosenTraces({ chosen }: Plane, bottom: number, top: number): Trace[] {
  if (chosen === undefined) return [];
  const common = { type: "scatter", showlegend: false, hoverinfo: "skip" };
  if (!chosen.upright) {
    const marker = { size: 15, color: "rgba(0,0,0,0)", line: { color: quiet.light, width: 2 } };
    return [{ ...common, x: [shortened(chosen.x)], y: [shortened(chosen.y)], mode: "markers", marker }];
  }
  const x = shortened(chosen.x);
  return [
    {
      ...common,
      x: [x, x],
      y: [shortened(bottom), shortened(top)],
      mode: "lines+text",
      text: ["", escaped(chosen.words)],
      textposition: "middle right",
      textfont: { color: warning.light },
      line: { color: warning.light, width: 1.5, dash: "dash" },
    },
  ];
}
