/** A line as two lists of the same length; a `y` of NaN breaks it. */
export interface Points {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** The best value of a metric, and where it was reached. */
export interface BestPoint {
  readonly x: number;
  readonly step: number;
  readonly value: number;
}

/** A stretch of the horizontal axis where every value was NaN or infinite. */
export interface Mark {
  readonly from: number;
  readonly until: number;
}

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
  readonly lines: readonly ChartLine[];
}

/** One metric of one run. */
export interface ChartLine {
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
  readonly best: BestPoint | undefined;
  /** Where the value was not finite. */
  readonly marks: readonly Mark[];
  readonly notFinite: number;
  readonly firstNotFinite: number | undefined;
}

/** The line to look at: the average where there is one. */
export function mainPoints(line: ChartLine): Points {
  return line.smooth ?? line.raw;
}
