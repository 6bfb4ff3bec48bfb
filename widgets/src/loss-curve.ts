import type { NumericFields, Observation } from "./data.ts";
import type { MimeBundle } from "./display.ts";
import { lineChart } from "./picture/line-chart.ts";
import { formatNumber, grouped } from "./picture/numbers.ts";
import { sparkline } from "./picture/sparkline.ts";
import { plotlyType } from "./plotly/figure.ts";
import { lineFigure } from "./plotly/line-figure.ts";
import { type Chart, mainPoints } from "./series/chart.ts";
import { chartOf } from "./series/chart-of.ts";
import { metricsOf } from "./series/metrics.ts";
import { Run, type RunOptions } from "./series/run.ts";
import { Widget } from "./widget.ts";

/** How a loss curve looks. */
export interface LossCurveOptions {
  readonly title?: string;
  /** How much of the moving average stays at each step, from 0 (no average) to below 1. Default 0.95. */
  readonly smoothing?: number;
  /** The vertical axis of the losses, or of each kind of metric: `{ loss: "log", error: "linear" }`. Default linear. */
  readonly yScale?: "linear" | "log" | Readonly<Record<string, "linear" | "log">>;
  /** The horizontal axis. Default `"step"`. */
  readonly x?: "step" | "epoch" | "time";
  /** The fields to draw. Default: every number but step, epoch, seconds, rate, gradNorm, batch and examples. */
  readonly metrics?: readonly string[];
  /** Metrics of which more is better, besides those called accuracy, BLEU, score and the like. */
  readonly higherIsBetter?: readonly string[];
}

/** One line of a comparison, from {@link LossCurve.run}. */
export interface CurveRun {
  readonly name: string;
  /** Adds an observation; every view of the curve follows. */
  add<O extends Observation & NumericFields<O>>(observation: O): void;
}

/**
 * A training log that draws itself while it grows: losses with their moving average, other metrics in panels below,
 * the best values, and marks where a value was not finite.
 */
export class LossCurve extends Widget {
  readonly #options: LossCurveOptions;
  readonly #runOptions: RunOptions;
  readonly #runs: Run[] = [];
  readonly #handles = new Map<string, CurveRun>();

  constructor(options: LossCurveOptions) {
    super();
    const smoothing = options.smoothing ?? 0.95;
    if (!(smoothing >= 0 && smoothing < 1)) {
      throw new RangeError(`lossCurve: smoothing is ${smoothing}, expected 0 (none) to below 1, for example 0.95.`);
    }
    this.#options = options;
    this.#runOptions = {
      smoothing,
      x: options.x ?? "step",
      higherIsBetter: options.higherIsBetter ?? [],
    };
  }

  /** Adds an observation, for example a step of `train`. A step lower than the one before starts a new run. */
  add<O extends Observation & NumericFields<O>>(observation: O): void {
    this.run("").add(observation);
  }

  /** The run of this name, to compare several on one chart: `curve.run("ReLU").add(step)`. */
  run(name: string): CurveRun {
    const known = this.#handles.get(name);
    if (known) return known;
    let run: Run | undefined;
    const handle: CurveRun = {
      name,
      add: (observation) => {
        const metrics = metricsOf(observation, this.#options.metrics);
        if (!run || !this.#runs.includes(run) || run.isBefore(observation, metrics)) run = this.#start(name);
        run.add(observation, metrics);
        this.changed();
      },
    };
    this.#handles.set(name, handle);
    return handle;
  }

  /** Forgets everything, to train once more on the same chart. */
  clear(): void {
    this.#runs.length = 0;
    this.changed();
  }

  #start(name: string): Run {
    const taken = this.#runs.filter((run) => run.family === name).length;
    const run = new Run(name, taken + 1, this.#runOptions);
    this.#runs.push(run);
    return run;
  }

  protected bundle(): MimeBundle {
    const chart = chartOf(this.#runs, {
      title: this.#options.title,
      x: this.#options.x ?? "step",
      yScale: this.#options.yScale ?? "linear",
    });
    return {
      "text/plain": summary(chart),
      "image/svg+xml": lineChart(chart),
      [plotlyType]: lineFigure(chart),
    };
  }
}

/**
 * A live chart of training. Show it once, then feed it:
 * `const curve = lossCurve({ title: "LeNet-5" }); display(curve); for await (const step of train(…)) curve.add(step);`
 */
export function lossCurve(options: LossCurveOptions = {}): LossCurve {
  return new LossCurve(options);
}

/** The chart in one line of text. */
function summary(chart: Chart): string {
  const name = chart.title ?? "lossCurve";
  if (chart.step < 0) return `${name}: nothing added yet`;
  const lines = chart.panels.flatMap((panel) =>
    panel.lines.map((line) => {
      const label = line.name.includes(panel.name) ? line.name : `${panel.name} ${line.name}`;
      const best = line.best ? ` (best ${formatNumber(line.best.value)} at step ${grouped(line.best.step)})` : "";
      const broken = line.notFinite > 0 ? `, ${line.notFinite} × not finite` : "";
      return `${label} ${formatNumber(line.last)}${best}${broken} ${sparkline(mainPoints(line).y)}`;
    }),
  );
  return `${name}: step ${grouped(chart.step)} · ${lines.join(" · ")}`;
}
