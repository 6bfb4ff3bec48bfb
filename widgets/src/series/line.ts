/** Where a point lies along the horizontal axes, and its value. */
export interface Point {
  readonly step: number;
  /** Since its run began, as the training counts them. */
  readonly seconds: number;
  /** Since its run began, by the clock on the wall. */
  readonly wall: number;
  /** NaN or infinite where training went wrong. */
  readonly value: number;
}

/** The columns of a line, as many numbers in each as it has points. */
export const columns = ["ordinals", "steps", "seconds", "walls", "values"] as const;
export type Column = (typeof columns)[number];

/** How many points a line keeps; with more, every four become their lowest and their highest. */
export const mostPoints = 200_000;

/**
 * Every value of one metric of one run, in columns that grow. At {@link mostPoints} it is thinned: of each four points
 * the lowest and the highest stay, and the first that is not finite, so that no peak is ever lost.
 */
export class Line {
  readonly metric: string;
  /** Recorded for the second axis only, such as the learning rate. */
  readonly aside: boolean;
  readonly higherIsBetter: boolean;
  /** The number of each point among all that were ever added, from 0: they are no longer neighbours once thinned. */
  ordinals: Float64Array = new Float64Array(0);
  steps: Float64Array = new Float64Array(0);
  seconds: Float64Array = new Float64Array(0);
  walls: Float64Array = new Float64Array(0);
  values: Float64Array = new Float64Array(0);
  length = 0;
  /** How many points were ever added. */
  total = 0;
  /** How many of them were not finite. */
  notFinite = 0;
  /** How often it was thinned: positions in the columns have changed then. */
  thinnings = 0;
  readonly #most: number;

  constructor(metric: string, { aside = false, higherIsBetter = false, most = mostPoints } = {}) {
    this.metric = metric;
    this.aside = aside;
    this.higherIsBetter = higherIsBetter;
    this.#most = most;
  }

  push({ step, seconds, wall, value }: Point): void {
    if (this.length >= this.#most) this.#thin();
    if (this.length === this.values.length) this.#grow();
    const at = this.length++;
    this.ordinals[at] = this.total++;
    this.steps[at] = step;
    this.seconds[at] = seconds;
    this.walls[at] = wall;
    this.values[at] = value;
    if (!Number.isFinite(value)) this.notFinite += 1;
  }

  /** Takes over columns that were kept elsewhere. */
  restore(
    { total, notFinite }: { total: number; notFinite: number },
    kept: Readonly<Record<Column, Float64Array>>,
  ): void {
    for (const column of columns) this[column] = kept[column];
    this.length = kept.values.length;
    this.total = total;
    this.notFinite = notFinite;
    this.thinnings += 1;
  }

  /** The points of a column, without the room to grow. */
  column(name: Column): Float64Array {
    return this[name].subarray(0, this.length);
  }

  /** The step of the latest point, −∞ before the first. */
  get lastStep(): number {
    return this.length === 0 ? Number.NEGATIVE_INFINITY : this.steps[this.length - 1]!;
  }

  #grow(): void {
    const room = Math.max(64, Math.min(2 * this.values.length, this.#most));
    for (const column of columns) {
      const grown = new Float64Array(room);
      grown.set(this[column]);
      this[column] = grown;
    }
  }

  #thin(): void {
    let kept = 0;
    for (let from = 0; from < this.length; from += 4) {
      for (const at of remarkable(this.values, from, Math.min(from + 4, this.length))) {
        for (const column of columns) this[column][kept] = this[column][at]!;
        kept++;
      }
    }
    this.length = kept;
    this.thinnings += 1;
  }
}

/** Positions of the lowest and the highest value and of the first that is not finite, in order. */
function remarkable(values: Float64Array, from: number, to: number): number[] {
  let [low, high, strange] = [-1, -1, -1];
  for (let at = from; at < to; at++) {
    const value = values[at]!;
    if (!Number.isFinite(value)) {
      if (strange < 0) strange = at;
      continue;
    }
    if (low < 0 || value < values[low]!) low = at;
    if (high < 0 || value > values[high]!) high = at;
  }
  return [...new Set([low, high, strange])].filter((at) => at >= 0).sort((a, b) => a - b);
}
