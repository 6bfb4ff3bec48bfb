import type { Points } from "./trace.ts";
import type { Best, Mark } from "./track.ts";

/** A line chart as data: what the SVG, the plotly figure and the line of text have in common. */
export interface Chart {
  readonly title: string | undefined;
  readonly x: "step" | "epoch" | "time";
  /** Above one another, sharing the horizontal axis. */
  readonly panels: readonly Panel[];
  /** The latest step of any run, -1 before the first. */
  readonly step: number;
}

/** Metrics in the same unit. */
export interface Panel {
  readonly name: string;
  readonly scale: "linear" | "log";
  readonly lines: readonly Line[];
}

/** One metric of one run. */
export interface Line {
  /** What tells this line from the others in its panel. */
  readonly name: string;
  /** What it has in common with lines in other panels: its run, or the metric when there is one run only. */
  readonly group: string;
  /** Place in the palette. */
  readonly colour: number;
  readonly dashed: boolean;
  readonly raw: Points;
  /** The average, when there are enough points for one. */
  readonly smooth: Points | undefined;
  /** The latest value: of the average where there is one. */
  readonly last: number;
  readonly best: Best | undefined;
  /** Where the value was not finite. */
  readonly marks: readonly Mark[];
  readonly notFinite: number;
  readonly firstNotFinite: number | undefined;
}

/** The line to look at: the average where there is one. */
export function mainPoints(line: Line): Points {
  return line.smooth ?? line.raw;
}
