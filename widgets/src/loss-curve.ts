import type { NumericFields, Observation } from "./data.ts";
import type { MimeBundle } from "./display.ts";
import { LiveWidget } from "./live-widget.ts";
import { lineChart } from "./picture/line-chart.ts";
import { formatNumber, grouped } from "./picture/numbers.ts";
import { sparkline } from "./picture/sparkline.ts";
import { plotlyType } from "./plotly/figure.ts";
import { lineFigure } from "./plotly/line-figure.ts";
import { type Chart, mainPoints } from "./series/chart.ts";
import { chartOf } from "./series/chart-of.ts";
import { type CurveState, firstView } from "./series/curve-state.ts";
import { Log } from "./series/log.ts";
import { metricsOf } from "./series/metrics.ts";
import { Restarts } from "./series/restarts.ts";
import type { Run } from "./series/run.ts";
import { Steering } from "./steering.ts";

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
  /** As {@link LossCurve.add}. */
  add<O extends Observation & NumericFields<O>>(observation: O): PromiseLike<void>;
}

/** What the page asks for. */
interface CurveMessage {
  readonly type?: "pause" | "resume" | "stop" | "whole";
}

/** The least time between two messages to the page, in milliseconds. */
const frame = 1000 / 60;
/** How often somebody looks whether what was running still is, in milliseconds. */
const watching = 250;
/** The least time between two times that the whole log goes to the page, which saves it, in milliseconds. */
const saving = 20_000;

/**
 * A training log that draws itself while it grows: losses with their moving average, other metrics in panels below,
 * the best values, and marks where a value was not finite. In a notebook the reader can zoom, compare, and pause and
 * stop the training. Every value is kept up to 200,000 of a metric and a run; of more the lowest and highest stay.
 */
export class LossCurve extends LiveWidget<CurveState, CurveMessage> {
  readonly #options: LossCurveOptions;
  readonly #log: Log;
  readonly #handles = new Map<string, CurveRun>();
  readonly #steering = new Steering();
  #sentAt = Number.NEGATIVE_INFINITY;
  #sending: NodeJS.Timeout | undefined;
  #savedAt = Number.NEGATIVE_INFINITY;
  #watching: NodeJS.Timeout | undefined;

  constructor(options: LossCurveOptions) {
    const { smoothing = 0.95, x = "step", yScale = "linear", title = "" } = options;
    if (!(smoothing >= 0 && smoothing < 1)) {
      throw new RangeError(`lossCurve: smoothing is ${smoothing}, expected 0 (none) to below 1, for example 0.95.`);
    }
    const log = new Log();
    const state: CurveState = {
      title,
      scales: yScale,
      log: log.packed(),
      steering: { state: "idle", canPause: false, canStop: false },
      ...firstView({ x, smoothing }),
    };
    super("loss-curve", { state, snapshot: () => ({ log: log.packed() }) });
    this.#options = options;
    this.#log = log;
    this.onMessage(({ type }) => this.#asked(type));
  }

  /**
   * Adds an observation, for example a step of `train`. A step lower than the one before starts a new run;
   * loops that take turns need names: {@link LossCurve.run}.
   *
   * Given the steps of `train` themselves, the curve's buttons pause and stop it. A loop written by hand is paused
   * where it awaits what this returns, which resolves at once unless the reader has paused, and stopped where it looks
   * at {@link LossCurve.stopped}: `await curve.add({ step, loss }); if (curve.stopped) break;`
   * @throws TypeError when the step or a metric is not a number.
   */
  add<O extends Observation & NumericFields<O>>(observation: O): PromiseLike<void> {
    return this.run("").add(observation);
  }

  /** The run of this name, to compare several on one chart: `curve.run("ReLU").add(step)`. */
  run(name: string): CurveRun {
    const known = this.#handles.get(name);
    if (known) return known;
    let run: Run | undefined;
    let restarts = new Restarts();
    const handle: CurveRun = {
      name,
      add: (observation) => {
        const metrics = metricsOf(observation, this.#wanted);
        const now = performance.timeOrigin + performance.now();
        if (!run || !this.#log.runs.includes(run)) {
          run = this.#log.start(name, now);
          restarts = new Restarts();
        } else if (run.isBefore(observation, metrics)) {
          const found = restarts.again(now);
          if (found === "run") run = this.#log.start(name, now);
          else if (found === "first") console.warn(takingTurns(name));
        }
        restarts.note();
        this.#log.add(run, observation, metrics, now, this.isShown);
        if (this.isLive) this.#live(observation);
        this.changed();
        return this.#steering.gate;
      },
    };
    this.#handles.set(name, handle);
    return handle;
  }

  /** Whether the reader has pressed stop in this run of the cell; `train` heeds it by itself. */
  get stopped(): boolean {
    return this.#steering.stopped;
  }

  /** Forgets everything, to train once more on the same chart. */
  clear(): void {
    this.#log.clear();
    this.set({ log: this.#log.packed() });
    this.changed();
  }

  get #wanted() {
    return { metrics: this.#options.metrics, higherIsBetter: this.#options.higherIsBetter ?? [] };
  }

  /** Tells the page, at most once a frame: also in a loop that lets no timer fire. */
  #live(observation: Observation): void {
    this.#steering.notice(observation);
    this.#watching ??= setInterval(() => this.#watch(), watching).unref();
    const wait = this.#sentAt + frame - performance.now();
    if (wait <= 0) this.#tell();
    else this.#sending ??= setTimeout(() => this.#tell(), wait).unref();
  }

  #tell(): void {
    clearTimeout(this.#sending);
    this.#sending = undefined;
    this.#sentAt = performance.now();
    this.#showSteering();
    const news = this.#log.news();
    if (!news) return;
    // A page that is saved in the middle of a long training saves the state, not the messages.
    if (this.#sentAt - this.#savedAt > saving) this.set({ log: this.#log.packed() });
    this.send(news.content, news.buffers);
  }

  #watch(): void {
    if (/running|paused/.test(this.#showSteering())) return;
    clearInterval(this.#watching);
    this.#watching = undefined;
  }

  #showSteering(): string {
    const now = this.#steering.state;
    const shown = this.get("steering");
    if (now.state !== shown.state || now.canPause !== shown.canPause || now.canStop !== shown.canStop)
      this.set({ steering: now });
    return now.state;
  }

  #asked(type: CurveMessage["type"]): void {
    if (type === "whole") this.set({ log: this.#log.packed() });
    else if (type === "pause" || type === "resume" || type === "stop") this.#steering[type]();
    this.#showSteering();
  }

  protected override set(values: Partial<CurveState>): void {
    if (values.log) this.#savedAt = performance.now();
    super.set(values);
  }

  protected picture(): MimeBundle {
    const { title, x = "step", yScale = "linear", smoothing = 0.95 } = this.#options;
    const chart = chartOf(this.#log.runs, { title, x, scales: yScale, smoothing });
    return {
      "text/plain": summary(chart),
      "image/svg+xml": lineChart(chart),
      // Where the view is live, the page has something better, and each figure would be saved beside it.
      ...(!this.isLive && { [plotlyType]: lineFigure(chart) }),
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

function takingTurns(name: string): string {
  const whose = name === "" ? "curve.add" : `curve.run(${JSON.stringify(name)}).add`;
  return `lossCurve: ${whose} is given steps that keep going back, expected one training after another: several loops seem to add to it in turns. All goes to the latest run from here. Name them: curve.run("a").add(step) in one loop, curve.run("b").add(step) in the other.`;
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
