import type { Observation } from "../data.ts";
import { Epochs } from "./epochs.ts";
import { Track } from "./track.ts";

/** What a run must know to record observations. */
export interface RunOptions {
  readonly smoothing: number;
  readonly x: "step" | "epoch" | "time";
  readonly metrics: readonly string[] | undefined;
  readonly higherIsBetter: readonly string[];
}

/** Numbers of a log that place an observation or steer the training, and are drawn only when asked for. */
const bookkeeping = new Set(["step", "epoch", "epochs", "seconds", "time", "rate", "gradNorm", "batch", "examples"]);

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
  isBefore(observation: Observation): boolean {
    for (const [metric] of this.#metricsOf(observation)) {
      const track = this.tracks.get(metric);
      if (track && observation.step < track.lastStep) return true;
    }
    return false;
  }

  add(observation: Observation): void {
    const { step, epoch } = observation;
    if (typeof step !== "number" || !Number.isFinite(step)) {
      throw new TypeError(
        `lossCurve: step is ${String(step)}, expected a number. For example curve.add({ step: 12, loss: 0.7 }).`,
      );
    }
    if (epoch !== undefined && Number.isFinite(epoch)) this.epochs.note(step, epoch, this.lastStep);
    const x = this.#options.x === "time" ? this.#seconds(observation) : step;
    this.lastStep = Math.max(this.lastStep, step);
    for (const [metric, value] of this.#metricsOf(observation)) {
      let track = this.tracks.get(metric);
      if (!track) {
        const higher = this.#options.higherIsBetter.includes(metric) || moreIsBetter.test(metric);
        track = new Track(this.#options.smoothing, higher);
        this.tracks.set(metric, track);
      }
      track.push(x, step, value);
    }
  }

  *#metricsOf(observation: Observation): Generator<[metric: string, value: number]> {
    const { metrics } = this.#options;
    for (const [field, value] of Object.entries(observation)) {
      if (typeof value !== "number") continue;
      if (metrics ? metrics.includes(field) : !bookkeeping.has(field)) yield [field, value];
    }
  }

  #seconds(observation: Observation): number {
    if (observation.seconds !== undefined) return observation.seconds;
    const now = performance.now() / 1000;
    this.#started ??= now;
    return now - this.#started;
  }
}
