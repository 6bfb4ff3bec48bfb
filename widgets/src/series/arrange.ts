import type { Line } from "./line.ts";
import type { Run } from "./run.ts";

/** How the vertical axes are divided: all losses alike, or each kind of metric in its own way. */
export type Scales = "linear" | "log" | Readonly<Record<string, "linear" | "log">>;

/** Metrics in the same unit, which share a vertical axis. */
export interface Group {
  readonly unit: string;
  /** What stands over it: the metric where it is only one, or else the unit. */
  readonly name: string;
  readonly scale: "linear" | "log";
  readonly members: readonly Member[];
}

/** One line of a group, with what it is called and how it looks. */
export interface Member {
  readonly run: Run;
  readonly line: Line;
  /** What tells this line from the others of its group. */
  readonly name: string;
  /** What it has in common with lines of other groups: its run, or the metric when there is one run only. */
  readonly family: string;
  /** Place in the palette. */
  readonly colour: number;
  readonly dashed: boolean;
}

/** Arranges what the runs have recorded: metrics in the same unit together, the losses on top. */
export function arrange(runs: readonly Run[], scales: Scales): Group[] {
  const groups = new Map<string, { run: Run; line: Line }[]>();
  for (const run of runs) {
    for (const line of run.lines.values()) {
      if (line.aside) continue;
      const unit = unitOf(line.metric);
      groups.set(unit, [...(groups.get(unit) ?? []), { run, line }]);
    }
  }
  if (groups.size === 0) groups.set("loss", []);
  const units = [...groups.keys()].sort((a, b) => Number(b === "loss") - Number(a === "loss"));
  return units.map((unit, index) => groupOf(unit, groups.get(unit)!, runs, scaleOf(unit, index, units, scales)));
}

/** The lines of a metric that is recorded for the second axis, one for each run that has it. */
export function asideOf(runs: readonly Run[], metric: string): Member[] {
  const members = runs.flatMap((run) =>
    [...run.lines.values()].filter((line) => line.aside && line.metric === metric).map((line) => ({ run, line })),
  );
  return [...groupOf(metric, members, runs, "linear").members];
}

function groupOf(
  unit: string,
  members: readonly { run: Run; line: Line }[],
  runs: readonly Run[],
  scale: "linear" | "log",
): Group {
  const metrics = [...new Set(members.map(({ line }) => line.metric))];
  return {
    unit,
    name: metrics.length === 1 ? metrics[0]! : unit,
    scale,
    members: members.map(({ run, line }): Member => {
      // Several runs are told apart by colour and their metrics by dashes; metrics of one run by colour.
      const metric = metrics.indexOf(line.metric);
      if (runs.length === 1)
        return { run, line, name: line.metric, family: line.metric, colour: metric, dashed: false };
      const name = metrics.length === 1 ? run.name : `${run.name} ${line.metric}`;
      return { run, line, name, family: run.name, colour: runs.indexOf(run), dashed: metric > 0 };
    }),
  };
}

function scaleOf(unit: string, index: number, units: readonly string[], scales: Scales): "linear" | "log" {
  if (typeof scales !== "string") return scales[unit] ?? "linear";
  return unit === "loss" || (index === 0 && !units.includes("loss")) ? scales : "linear";
}

/** The last word of a metric's name is its unit: "test loss", "valLoss" and "val/loss" are all losses. */
export function unitOf(metric: string): string {
  const words = metric.replace(/([a-z])([A-Z])/g, "$1 $2").split(/[\s_./-]+/);
  return (words.filter(Boolean).at(-1) ?? metric).toLowerCase();
}
