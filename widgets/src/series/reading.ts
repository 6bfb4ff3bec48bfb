import type { Line } from "./line.ts";
import { MovingAverage } from "./smoothing.ts";

/** The best value of a metric, and where it was reached: the position in the line's columns. */
export interface Best {
  readonly at: number;
  readonly value: number;
}

/** A stretch where every value was NaN or infinite: the first and the last position in the line's columns. */
export interface Stretch {
  readonly from: number;
  readonly until: number;
}

/** A line of fewer points than this is drawn as it is: an average of six test errors tells nobody anything. */
export const enoughToSmooth = 50;

/** Beyond this many stretches neighbours are joined. */
const mostStretches = 64;

/** What is to be seen in a line: its average, its best value, and where it was not finite. It follows as the line grows. */
export class Reading {
  readonly line: Line;
  readonly beta: number;
  #average: MovingAverage;
  #smooth = new Float64Array(0);
  #read = 0;
  #thinnings: number;
  #lastSmooth = Number.NaN;
  #bestRaw: Best | undefined;
  #bestSmooth: Best | undefined;
  #stretches: Stretch[] = [];

  /** @param beta how much of the average stays at each value, from 0 (no average) to below 1 */
  constructor(line: Line, beta: number) {
    this.line = line;
    this.beta = beta;
    this.#average = new MovingAverage(beta);
    this.#thinnings = line.thinnings;
  }

  /** Whether the average is the line to look at. */
  get smoothed(): boolean {
    return this.beta > 0 && this.line.total >= enoughToSmooth;
  }

  /** The values to look at: of the average where there is one. NaN where the value was not finite. */
  get values(): Float64Array {
    this.#follow();
    return this.smoothed ? this.#smooth.subarray(0, this.line.length) : this.line.column("values");
  }

  get best(): Best | undefined {
    this.#follow();
    return this.smoothed ? this.#bestSmooth : this.#bestRaw;
  }

  get stretches(): readonly Stretch[] {
    this.#follow();
    return this.#stretches;
  }

  /** The latest value: of the average where there is one. */
  get last(): number {
    this.#follow();
    const raw = this.line.length === 0 ? Number.NaN : this.line.values[this.line.length - 1]!;
    return this.smoothed && Number.isFinite(raw) ? this.#lastSmooth : raw;
  }

  #follow(): void {
    const { line } = this;
    if (line.thinnings !== this.#thinnings) this.#startAnew();
    if (this.#read === line.length) return;
    if (this.#smooth.length < line.length) {
      const grown = new Float64Array(line.values.length);
      grown.set(this.#smooth);
      this.#smooth = grown;
    }
    for (let at = this.#read; at < line.length; at++) this.#take(at);
    this.#read = line.length;
  }

  #take(at: number): void {
    const { values, ordinals, higherIsBetter } = this.line;
    const value = values[at]!;
    const better = (a: number, b: Best | undefined) => !b || (higherIsBetter ? a > b.value : a < b.value);
    const gap = at === 0 ? 1 : ordinals[at]! - ordinals[at - 1]!;
    const smooth = this.#average.push(value, gap);
    this.#lastSmooth = smooth;
    if (!Number.isFinite(value)) {
      this.#smooth[at] = Number.NaN;
      this.#stretch(at);
      return;
    }
    this.#smooth[at] = smooth;
    if (better(value, this.#bestRaw)) this.#bestRaw = { at, value };
    // The first averages are hardly averages: one lucky batch would stay the best for ever.
    if (ordinals[at]! >= enoughToSmooth - 1 && better(smooth, this.#bestSmooth))
      this.#bestSmooth = { at, value: smooth };
  }

  #stretch(at: number): void {
    const last = this.#stretches.at(-1);
    if (last?.until === at - 1) {
      this.#stretches[this.#stretches.length - 1] = { from: last.from, until: at };
      return;
    }
    this.#stretches.push({ from: at, until: at });
    if (this.#stretches.length <= mostStretches) return;
    this.#stretches = this.#stretches
      .filter((_, index) => index % 2 === 0)
      .map(({ from, until }, pair) => ({ from, until: this.#stretches[2 * pair + 1]?.until ?? until }));
  }

  #startAnew(): void {
    this.#average = new MovingAverage(this.beta);
    this.#read = 0;
    this.#thinnings = this.line.thinnings;
    this.#bestRaw = undefined;
    this.#bestSmooth = undefined;
    this.#stretches = [];
  }
}
