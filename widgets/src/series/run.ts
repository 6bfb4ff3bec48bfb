import type { Observation } from "../data.ts";
import { Epochs } from "./epochs.ts";
import type { Metrics } from "./metrics.ts";
import { Track } from "./track.ts";

/** What a run must know to record observations. */
export interface RunOptions {
  readonly smoothing: number;
  readonly x: "step" | "epoch" | "time";
  readonly higherIsBetter: readonly string[];
}

const moreIsBetter = /acc|bleu|score|auc|\bf1\b|precision|recall|reward|purity|likelihood|correct/i;

/** One training run: a track for every metric that appeared. */
export class Run {
  readonly family: string;
  readonly name: string;
  readonly tracks = new Map<string, Track>();
  readonly epochs = new Epochs();
  readonly #options: RunOptions;
  #started: number | undefined;
  lastStep = -1;

  /** @param ordinal 1 for the first run of its name, 2 for the second … */
  constructor(family: string, ordinal: number, options: RunOptions) {
    this.family = family;
    this.name = family === "" ? `run ${ordinal}` : ordinal === 1 ? family : `${family} ${ordinal}`;
    this.#options = options;
  }

  /** Whether an observation goes back before one of the same metric, as when a training cell runs again. */
  isBefore({ step }: Observation, metrics: Metrics): boolean {
    return metrics.some(([metric]) => step < (this.tracks.get(metric)?.lastStep ?? Number.NEGATIVE_INFINITY));
  }

  add(observation: Observation, metrics: Metrics): void {
    const { step, epoch } = observation;
    if (epoch !== undefined && Number.isFinite(epoch)) this.epochs.note(step, epoch, this.lastStep);
    const x = this.#options.x === "time" ? this.#seconds(observation) : step;
    this.lastStep = Math.max(this.lastStep, step);
    for (const [metric, value] of metrics) {
      let track = this.tracks.get(metric);
      if (!track) {
        const higher = this.#options.higherIsBetter.includes(metric) || moreIsBetter.test(metric);
        track = new Track(this.#options.smoothing, higher);
        this.tracks.set(metric, track);
      }
      track.push(x, step, value);
    }
  }

  #seconds(observation: Observation): number {
    if (observation.seconds !== undefined) return observation.seconds;
    const now = performance.now() / 1000;
    this.#started ??= now;
    return now - this.#started;
  }
}
