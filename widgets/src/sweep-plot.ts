import type { MimeBundle } from "./display.ts";
import { kindOf } from "./kind.ts";
import { formatNumber } from "./picture/numbers.ts";
import { type Plane, planeCard } from "./picture/plane-card.ts";
import { plotlyType } from "./plotly/figure.ts";
import { planeFigure } from "./plotly/plane-figure.ts";
import { type RunRow, readRun } from "./runs/read-run.ts";
import type { Better } from "./runs/state.ts";
import { sweepPlane } from "./runs/sweep-plane.ts";
import { Widget } from "./widget.ts";

/** Which columns a plot of a sweep shows, and how. */
export interface SweepPlotOptions {
  readonly title?: string;
  /** The setting along the horizontal axis. Default: the one with most values that are numbers. */
  readonly x?: string;
  /** The result along the vertical axis. Default: the first of which it is known what is better. */
  readonly y?: string;
  /** The setting that the colours stand for. Default: another one that varies. */
  readonly by?: string;
  /** Whether low or high results are better. Guessed from the name of the result otherwise. */
  readonly better?: Better;
}

/** The results of a sweep over its settings. Made by {@link sweepPlot}. */
export class SweepPlot extends Widget {
  readonly #options: SweepPlotOptions;
  #plane: Plane;

  constructor(rows: Iterable<RunRow>, options: SweepPlotOptions) {
    super();
    this.#options = options;
    this.#plane = this.#read(rows);
  }

  /** Draws again wherever this is shown, from other rows or from the same list that has grown. */
  update(rows: Iterable<RunRow>): void {
    this.#plane = this.#read(rows);
    this.changed();
  }

  #read(rows: Iterable<RunRow>): Plane {
    if (typeof rows !== "object" || rows === null || !(Symbol.iterator in rows))
      throw new TypeError(
        `sweepPlot: the rows are ${kindOf(rows)}, expected a list of objects, for example [{ rate: 0.1, error: 0.02 }].`,
      );
    const { title, x, y, by, better } = this.#options;
    const runs = Array.from(rows, (row, i) => readRun(row, `run ${i + 1}`, "sweepPlot"));
    return sweepPlane(runs, { title, x, y, by, better });
  }

  protected bundle(): MimeBundle {
    return {
      "text/plain": described(this.#plane),
      "image/svg+xml": planeCard(this.#plane),
      [plotlyType]: planeFigure(this.#plane),
    };
  }
}

/**
 * A result of many runs over one of their settings: a point for each run, in the colour of a second setting, and lines
 * through the means of what is left, such as seeds. A cross at the upper edge is a run that failed; the best is ringed.
 *
 * @example
 * ```ts
 * const rows = [];
 * const plot = sweepPlot(rows, { title: "Rates and activations" });
 * display(plot);
 * for await (const row of sweep({ activation: ["relu", "tanh"], rate: [0.01, 0.1, 1] }, trainOnce, { seeds: [1, 2, 3] })) {
 *   rows.push(row);
 *   plot.update(rows);
 * }
 * ```
 * @throws TypeError for rows that are none, RangeError for the name of a column that is not there
 */
export function sweepPlot(rows: Iterable<RunRow>, options: SweepPlotOptions = {}): SweepPlot {
  return new SweepPlot(rows, options);
}

/** The plot in words: a row for each line, with the results at each place. */
function described({ title, across, up, key, lines, note }: Plane): string {
  const head = `${title ?? "sweepPlot"}: ${up.name} by ${across.name}${key === "" ? "" : ` and ${key}`}`;
  const rows = lines.map(({ name, points }) => {
    const places = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
    const cells = places.map((place) => {
      const here = points.filter(({ x }) => x === place);
      const values = here.map(({ y }) => (Number.isFinite(y) ? formatNumber(y) : "failed"));
      const where = across.names === undefined ? formatNumber(place) : across.names[Math.round(place)]!;
      return `${where} → ${values.join(", ")}`;
    });
    return `  ${name}: ${cells.join(" · ")}`;
  });
  return [head, ...rows, ...(note === "" ? [] : [note])].join("\n");
}
