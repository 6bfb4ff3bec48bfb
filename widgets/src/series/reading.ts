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

/** What is known after some of a line's points. */
interface Known {
  readonly average: MovingAverage;
  smooth: number;
  bestRaw: Best | undefined;
  bestSmooth: Best | undefined;
  stretches: Stretch[];
}

/** What is to be seen in a line: its average, its best value, and where it was not finite. It follows as the line grows. */
export class Reading {
  readonly line: Line;
  readonly beta: number;
  #smooth = new Float64Array(0);
  /** After all points, and after those that stay as they are. */
  #now: Known;
  #settled: Known;
  /** How many points were settled, and how many there ever were, when it looked last. */
  #read = 0;
  #total = 0;
  #thinnings: number;

  /** @param beta how much of the average stays at each value, from 0 (no average) to below 1 */
  constructor(line: Line, beta: number) {
    this.line = line;
    this.beta = beta;
    this.#settled = nothing(beta);
    this.#now = this.#settled;
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
    return this.smoothed ? this.#now.bestSmooth : this.#now.bestRaw;
  }

  get stretches(): readonly Stretch[] {
    this.#follow();
    return this.#now.stretches;
  }

  /** The latest value: of the average where there is one. */
  get last(): number {
    this.#follow();
    const raw = this.line.length === 0 ? Number.NaN : this.line.values[this.line.length - 1]!;
    return this.smoothed && Number.isFinite(raw) ? this.#now.smooth : raw;
  }

  #follow(): void {
    const { line } = this;
    if (line.thinnings !== this.#thinnings) this.#startAnew();
    if (this.#total === line.total) return;
    this.#total = line.total;
    if (this.#smooth.length < line.length) {
      const grown = new Float64Array(line.values.length);
      grown.set(this.#smooth);
      this.#smooth = grown;
    }
    const { settled } = line;
    for (let at = this.#read; at < settled; at++) this.#take(at, this.#settled);
    this.#read = settled;
    this.#now = this.#settled;
    if (settled === line.length) return;
    this.#now = { ...this.#settled, average: this.#settled.average.copy(), stretches: [...this.#settled.stretches] };
    for (let at = settled; at < line.length; at++) this.#take(at, this.#now);
  }

  #take(at: number, known: Known): void {
    const { line } = this;
    const { higherIsBetter } = line;
    const value = line.values[at]!;
    const better = (a: number, b: Best | undefined) => !b || (higherIsBetter ? a > b.value : a < b.value);
    const smooth = known.average.push(line.meanAt(at), line.countAt(at));
    known.smooth = smooth;
    if (!Number.isFinite(value)) {
      this.#smooth[at] = Number.NaN;
      note(at, known);
      return;
    }
    this.#smooth[at] = smooth;
    if (better(value, known.bestRaw)) known.bestRaw = { at, value };
    // The first averages are hardly averages: one lucky batch would stay the best for ever.
    if (line.ordinals[at]! >= enoughToSmooth - 1 && better(smooth, known.bestSmooth))
      known.bestSmooth = { at, value: smooth };
  }

  #startAnew(): void {
    this.#settled = nothing(this.beta);
    this.#now = this.#settled;
    this.#read = 0;
    this.#total = 0;
    this.#thinnings = this.line.thinnings;
  }
}

function nothing(beta: number): Known {
  return {
    average: new MovingAverage(beta),
    smooth: Number.NaN,
    bestRaw: undefined,
    bestSmooth: undefined,
    stretches: [],
  };
}

/** Notes that the value at a position was not finite. */
function note(at: number, known: Known): void {
  const { stretches } = known;
  const last = stretches.at(-1);
  if (last?.until === at - 1) {
    stretches[stretches.length - 1] = { from: last.from, until: at };
    return;
  }
  stretches.push({ from: at, until: at });
  if (stretches.length <= mostStretches) return;
  known.stretches = stretches
    .filter((_, index) => index % 2 === 0)
    .map(({ from, until }, pair) => ({ from, until: stretches[2 * pair + 1]?.until ?? until }));
}
