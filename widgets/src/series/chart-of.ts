import type { Chart, Line, Panel } from "./chart.ts";
import type { Run } from "./run.ts";
import type { Points } from "./trace.ts";
import type { Track } from "./track.ts";

/** How a chart is laid out. */
export interface Layout {
  readonly title: string | undefined;
  readonly x: "step" | "epoch" | "time";
  readonly yScale: "linear" | "log" | Readonly<Record<string, "linear" | "log">>;
}

/** A bundle goes over the wire several times a second: all its lines together have about this many points. */
const mostPoints = 6000;

interface Member {
  readonly run: Run;
  readonly metric: string;
  readonly track: Track;
}

/** Arranges what the runs have recorded: metrics in the same unit share a panel, the losses on top. */
export function chartOf(runs: readonly Run[], layout: Layout): Chart {
  const panels = new Map<string, Member[]>();
  for (const run of runs) {
    for (const [metric, track] of run.tracks) {
      const unit = unitOf(metric);
      panels.set(unit, [...(panels.get(unit) ?? []), { run, metric, track }]);
    }
  }
  if (panels.size === 0) panels.set("loss", []);
  const units = [...panels.keys()].sort((a, b) => Number(b === "loss") - Number(a === "loss"));
  const long = [...panels.values()].flat().filter(({ track }) => track.smoothed);
  const limit = Math.max(200, Math.floor(mostPoints / Math.max(1, 2 * long.length)));
  const x = layout.x === "epoch" && !runs.some((run) => run.epochs.known) ? "step" : layout.x;
  return {
    title: layout.title,
    x,
    step: runs.reduce((most, run) => Math.max(most, run.lastStep), -1),
    panels: units.map((unit, index) =>
      panelOf(unit, panels.get(unit)!, runs, scaleOf(unit, index, units, layout), x, limit),
    ),
  };
}

function scaleOf(unit: string, index: number, units: readonly string[], { yScale }: Layout): "linear" | "log" {
  if (typeof yScale !== "string") return yScale[unit] ?? "linear";
  return unit === "loss" || (index === 0 && !units.includes("loss")) ? yScale : "linear";
}

/** The last word of a metric's name is its unit: "test loss", "valLoss" and "val/loss" are all losses. */
export function unitOf(metric: string): string {
  const words = metric.replace(/([a-z])([A-Z])/g, "$1 $2").split(/[\s_./-]+/);
  return (words.filter(Boolean).at(-1) ?? metric).toLowerCase();
}

function panelOf(
  unit: string,
  members: readonly Member[],
  runs: readonly Run[],
  scale: "linear" | "log",
  x: Chart["x"],
  limit: number,
): Panel {
  const metrics = [...new Set(members.map(({ metric }) => metric))];
  const lines = members.map(({ run, metric, track }): Line => {
    // Several runs are told apart by colour and their metrics by dashes; metrics of one run by colour.
    const [runIndex, metricIndex] = [runs.indexOf(run), metrics.indexOf(metric)];
    const name = runs.length === 1 ? metric : metrics.length === 1 ? run.name : `${run.name} ${metric}`;
    const place = (value: number) => (x === "epoch" ? run.epochs.at(value, run.lastStep) : value);
    return {
      name,
      group: runs.length === 1 ? metric : run.name,
      colour: runs.length === 1 ? metricIndex : runIndex,
      dashed: runs.length > 1 && metricIndex > 0,
      raw: placed(track.raw.points(limit), place),
      smooth: track.smoothed ? placed(track.smooth.points(limit), place) : undefined,
      last: track.smoothed && Number.isFinite(track.last) ? track.lastSmooth : track.last,
      best: track.best && { ...track.best, x: place(track.best.x) },
      marks: track.marks.map(({ from, until }) => ({ from: place(from), until: place(until) })),
      notFinite: track.notFinite,
      firstNotFinite: track.firstNotFinite,
    };
  });
  return { name: metrics.length === 1 ? metrics[0]! : unit, scale, lines };
}

function placed({ x, y }: Points, place: (value: number) => number): Points {
  return { x: x.map(place), y };
}
