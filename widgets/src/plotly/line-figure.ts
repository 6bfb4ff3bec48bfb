import { lineColour, warning } from "../picture/card.ts";
import { dashOf } from "../picture/dashes.ts";
import { shortened } from "../picture/numbers.ts";
import { type Chart, type ChartLine, type Mark, mainPoints, type Panel, type Points } from "../series/chart.ts";

import { axisStyle, escaped, type Figure, figure, type Trace } from "./figure.ts";

/** The line chart as a plotly figure: panels share the horizontal axis, one hover line reads all of them. */
export function lineFigure(chart: Chart): Figure {
  const bands = verticalBands(chart.panels.length);
  const data: Trace[] = [];
  const groups = new Set<string>();
  const axes: Record<string, unknown> = {};
  const shapes: unknown[] = [];
  chart.panels.forEach((panel, index) => {
    const suffix = index === 0 ? "" : String(index + 1);
    const range = panel.scale === "log" ? { type: "log" } : {};
    axes[`yaxis${suffix}`] = { ...axisStyle(panel.name), ...range, domain: bands[index] };
    for (const line of panel.lines) {
      data.push(...tracesOf(line, panel, suffix, !groups.has(line.group)));
      groups.add(line.group);
      shapes.push(...line.marks.map((mark) => band(mark, suffix)));
    }
  });
  const xaxis = {
    ...axisStyle(chart.x === "time" ? "time in seconds" : chart.x),
    anchor: chart.panels.length > 1 ? `y${chart.panels.length}` : "y",
  };
  return figure(chart.title, data, {
    height: 340 + 120 * (chart.panels.length - 1),
    xaxis,
    ...axes,
    shapes,
    hovermode: "x unified",
    hoversubplots: "axis",
    showlegend: groups.size > 1,
    legend: { orientation: "h", yref: "container", y: 0, yanchor: "bottom", x: 0, xanchor: "left" },
    margin: { l: 62, r: 20, t: chart.title === undefined ? 24 : 56, b: groups.size > 1 ? 84 : 48 },
  });
}

function tracesOf(line: ChartLine, panel: Panel, suffix: string, showlegend: boolean): Trace[] {
  const colour = lineColour(line.colour).light;
  const name = escaped(
    line.name === panel.name || line.name.includes(panel.name) ? line.name : `${panel.name}, ${line.name}`,
  );
  const common = {
    type: "scatter",
    yaxis: `y${suffix}`,
    name: escaped(line.group),
    legendgroup: line.group,
    hovertemplate: `%{y:.4~g}<extra>${name}</extra>`,
  };
  const points = mainPoints(line);
  const dash = dashOf(line).map((length) => `${length}px`);
  const main = {
    ...common,
    ...coordinates(points, panel),
    showlegend,
    mode: points.x.length > 40 ? "lines" : "lines+markers",
    line: { color: colour, width: 2, ...(dash.length > 0 ? { dash: dash.join() } : {}) },
  };
  if (!line.smooth) return [main];
  const faint = {
    mode: "lines",
    line: { color: colour, width: 1 },
    opacity: 0.3,
    showlegend: false,
    hoverinfo: "skip",
  };
  return [{ ...common, ...coordinates(line.raw, panel), ...faint }, main];
}

/** On an axis of logarithms plotly would drop zeros and negative numbers silently; a gap says the same, in fewer bytes. */
function coordinates(points: Points, panel: Panel): { x: number[]; y: (number | null)[] } {
  const visible = (value: number) => Number.isFinite(value) && (panel.scale === "linear" || value > 0);
  return {
    x: points.x.map((value) => (Number.isInteger(value) ? value : shortened(value))),
    y: points.y.map((value) => (visible(value) ? shortened(value) : null)),
  };
}

function band({ from, until }: Mark, suffix: string): unknown {
  const place = { x0: from, x1: until, xref: "x", y0: 0, y1: 1, yref: `y${suffix} domain` };
  return { type: "rect", ...place, fillcolor: warning.light, opacity: 0.16, line: { color: warning.light, width: 1 } };
}

/** The first panel on top and twice as high as the others. */
function verticalBands(count: number): [from: number, until: number][] {
  const gap = 0.06;
  const unit = (1 - gap * (count - 1)) / (count + 1);
  return Array.from({ length: count }, (_, index) => {
    const below = count - 1 - index;
    const from = below * (unit + gap);
    return [from, index === 0 ? 1 : from + unit];
  });
}
