import { MovingAverage } from "./smoothing.ts";
import { Trace } from "./trace.ts";

/** The best value of a metric, and where it was reached. */
export interface Best {
  readonly x: number;
  readonly step: number;
  readonly value: number;
}

/** A line of fewer points than this is drawn as it is: an average of six test errors tells nobody anything. */
const enoughToSmooth = 50;

/** A stretch where every value was NaN or infinite. */
export interface Mark {
  readonly from: number;
  readonly until: number;
}

/** Beyond this many stretches neighbours are joined. */
const mostMarks = 64;

/** One metric of one run: its line, its average, its best value and the places where it was not finite. */
export class Track {
  readonly raw = new Trace();
  readonly smooth = new Trace();
  readonly #average: MovingAverage | undefined;
  readonly #better: (a: number, b: number) => boolean;
  #bestRaw: Best | undefined;
  #bestSmooth: Best | undefined;
  #marks: Mark[] = [];
  count = 0;
  notFinite = 0;
  firstNotFinite: number | undefined;
  last = Number.NaN;
  lastSmooth = Number.NaN;
  lastStep = Number.NEGATIVE_INFINITY;

  constructor(smoothing: number, higherIsBetter: boolean) {
    this.#average = smoothing > 0 ? new MovingAverage(smoothing) : undefined;
    this.#better = higherIsBetter ? (a, b) => a > b : (a, b) => a < b;
  }

  push(x: number, step: number, value: number): void {
    this.count += 1;
    if (!Number.isFinite(value)) this.#mark(x, step);
    else if (!this.#bestRaw || this.#better(value, this.#bestRaw.value)) this.#bestRaw = { x, step, value };
    this.last = value;
    this.lastStep = step;
    this.raw.push(x, value);
    if (!this.#average) return;
    const smooth = this.#average.push(value);
    this.lastSmooth = smooth;
    this.smooth.push(x, Number.isFinite(value) ? smooth : Number.NaN);
    // The first averages are hardly averages: one lucky batch would stay the best for ever.
    if (this.count < enoughToSmooth || !Number.isFinite(smooth)) return;
    if (!this.#bestSmooth || this.#better(smooth, this.#bestSmooth.value))
      this.#bestSmooth = { x, step, value: smooth };
  }

  get smoothed(): boolean {
    return this.#average !== undefined && this.count >= enoughToSmooth;
  }

  get best(): Best | undefined {
    return this.smoothed ? this.#bestSmooth : this.#bestRaw;
  }

  get marks(): readonly Mark[] {
    return this.#marks;
  }

  #mark(x: number, step: number): void {
    const goesOn = this.notFinite > 0 && !Number.isFinite(this.last);
    this.firstNotFinite ??= step;
    this.notFinite += 1;
    if (goesOn) {
      this.#marks[this.#marks.length - 1] = { from: this.#marks.at(-1)!.from, until: x };
      return;
    }
    this.#marks.push({ from: x, until: x });
    if (this.#marks.length <= mostMarks) return;
    this.#marks = this.#marks
      .filter((_, index) => index % 2 === 0)
      .map(({ from, until }, pair) => ({ from, until: this.#marks[2 * pair + 1]?.until ?? until }));
  }
}
