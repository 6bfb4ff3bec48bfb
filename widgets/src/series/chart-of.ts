import { arrange, type Group, type Member, type Scales } from "./arrange.ts";
import type { Chart, ChartLine, Panel, Points } from "./chart.ts";
import { decimateTo, gap } from "./decimate.ts";
import { Reading } from "./reading.ts";
import type { Run } from "./run.ts";

/** How a chart is laid out. */
export interface Layout {
  readonly title: string | undefined;
  readonly x: "step" | "epoch" | "time";
  readonly scales: Scales;
  /** How much of the moving average stays at each value. */
  readonly smoothing: number;
}

/** A picture is saved and sent: all its lines together have about this many points. */
const mostPoints = 6000;

/** No line of it has more than this. */
const mostOfLine = 2000;

/** The static chart of what the runs have recorded. */
export function chartOf(runs: readonly Run[], { title, x: wanted, scales, smoothing }: Layout): Chart {
  const groups = arrange(runs, scales);
  const readings = new Map(
    groups.flatMap(({ members }) => members.map(({ line }) => [line, new Reading(line, smoothing)] as const)),
  );
  const long = [...readings.values()].filter(({ smoothed }) => smoothed).length;
  const limit = Math.min(mostOfLine, Math.max(200, Math.floor(mostPoints / Math.max(1, 2 * long))));
  const x = wanted === "epoch" && !runs.some((run) => run.epochs.known) ? "step" : wanted;
  const lineOf = (member: Member) => chartLine(member, readings.get(member.line)!, x, limit);
  return {
    title,
    x,
    step: runs.reduce((most, run) => Math.max(most, run.lastStep), -1),
    panels: groups.map(
      ({ name, scale, members }: Group): Panel => ({ name, scale, lines: members.map((member) => lineOf(member)) }),
    ),
  };
}

function chartLine(
  { run, line, name, family, colour, dashed }: Member,
  reading: Reading,
  x: Chart["x"],
  limit: number,
): ChartLine {
  const { steps, seconds, length } = line;
  const place = (at: number) =>
    x === "time" ? seconds[at]! : x === "epoch" ? run.epochs.at(steps[at]!, run.lastStep) : steps[at]!;
  const points = (values: Float64Array): Points => {
    const drawn = decimateTo(limit, values);
    // A gap lies where the line goes on.
    const places = drawn.map((at, index) => place(at === gap ? (drawn[index + 1] ?? length - 1) : at));
    return { x: places, y: drawn.map((at) => (at === gap ? Number.NaN : values[at]!)) };
  };
  const { best, stretches } = reading;
  const first = stretches[0];
  return {
    name,
    group: family,
    colour,
    dashed,
    raw: points(line.column("values")),
    smooth: reading.smoothed ? points(reading.values) : undefined,
    last: reading.last,
    best: best && { x: place(best.at), step: steps[best.at]!, value: best.value },
    marks: stretches.map(({ from, until }) => ({ from: place(from), until: place(until) })),
    notFinite: line.notFinite,
    firstNotFinite: first && steps[first.from]!,
  };
}
