import type { Observation } from "../data.ts";
import { Epochs } from "./epochs.ts";
import { Line } from "./line.ts";
import type { Metrics } from "./metrics.ts";

const moreIsBetter = /acc|bleu|score|auc|\bf1\b|precision|recall|reward|purity|likelihood|correct/i;

/** What a line is called within its run: a metric may be drawn in a panel of its own and on the second axis. */
export const lineKey = (metric: string, aside: boolean) => (aside ? `aside ${metric}` : metric);

/** One training run: a line for every metric that appeared. */
export class Run {
  /** Tells it from all runs that its curve ever had. */
  readonly id: number;
  readonly family: string;
  readonly ordinal: number;
  readonly name: string;
  readonly lines = new Map<string, Line>();
  readonly epochs = new Epochs();
  /** When it began, in milliseconds since 1970. */
  readonly began: number;
  /** The latest step of any metric, −1 before the first. */
  lastStep = -1;
  /** What has to be added to the seconds of a log that has started from 0 again. */
  #offset = 0;
  #seconds = 0;

  /** @param ordinal 1 for the first run of its name, 2 for the second … */
  constructor(id: number, family: string, ordinal: number, began: number) {
    this.id = id;
    this.family = family;
    this.ordinal = ordinal;
    this.name = family === "" ? `run ${ordinal}` : ordinal === 1 ? family : `${family} ${ordinal}`;
    this.began = began;
  }

  /** Whether an observation goes back before one of the same metric, as when a training cell runs again. */
  isBefore({ step }: Observation, metrics: Metrics): boolean {
    return metrics.some(
      ({ metric, aside }) => !aside && step < (this.lines.get(lineKey(metric, false))?.lastStep ?? step),
    );
  }

  /**
   * Adds an observation.
   * @param now milliseconds since 1970
   * @param added is told of each value
   */
  add(
    { step, epoch, seconds }: Observation,
    metrics: Metrics,
    now: number,
    added?: (line: Line, ...point: readonly [step: number, seconds: number, wall: number, value: number]) => void,
  ): void {
    if (epoch !== undefined && Number.isFinite(epoch)) this.epochs.note(step, epoch, this.lastStep);
    this.lastStep = Math.max(this.lastStep, step);
    // Milliseconds do: half as many bytes in a saved notebook.
    const wall = Math.fround((now - this.began) / 1000);
    const relative = Math.fround(this.#relative(seconds, wall));
    for (const { metric, aside, value, higherIsBetter } of metrics) {
      const line = this.line(metric, { aside, higherIsBetter: higherIsBetter || moreIsBetter.test(metric) });
      line.push({ step, seconds: relative, wall, value });
      added?.(line, step, relative, wall, value);
    }
  }

  /** The line of a metric; made where it is the first of it. */
  line(metric: string, { aside, higherIsBetter }: { aside: boolean; higherIsBetter: boolean }): Line {
    const key = lineKey(metric, aside);
    const line = this.lines.get(key) ?? new Line(metric, { aside, higherIsBetter });
    this.lines.set(key, line);
    return line;
  }

  /** Seconds that never go back: a training that is continued counts from 0 again. */
  #relative(given: number | undefined, wall: number): number {
    if (given === undefined || !Number.isFinite(given)) return Math.max(this.#seconds, wall);
    if (given + this.#offset < this.#seconds) this.#offset = this.#seconds - given;
    this.#seconds = given + this.#offset;
    return this.#seconds;
  }
}
