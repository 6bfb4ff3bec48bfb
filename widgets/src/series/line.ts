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

/** How many points a line keeps; of more, groups of neighbours become their lowest and their highest. */
export const mostPoints = 200_000;

/** The smallest group that shrinks: two of four stay. */
const smallestGroup = 4;

/** What is kept of a line that was thinned, besides its columns. */
export interface Thinned {
  /** How many values make a group. */
  readonly group: number;
  /** The mean of the finite values that each point stands for, and how many they are where some were not finite. */
  readonly means: Float64Array;
  readonly counts: Float64Array | undefined;
}

/**
 * Every value of one metric of one run, in columns that grow. Before they become more than {@link mostPoints}, it is
 * thinned: of each group of values that were added one after another the lowest and the highest stay, and the first that
 * is not finite, so that no peak is ever lost. The groups are equally large from the first value to the last, and twice
 * as large with each thinning, so that old values lie as close as new ones. The latest value is always there.
 *
 * A point of a thinned line stands for itself and what was left out since the point before it: their mean is kept, as
 * an average of lowest and highest values alone would be another one.
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
  /** Where the group that is not full yet begins: its points may still give way to others. */
  #open = 0;
  #group = 1;
  /** Nothing before the first thinning, when each point stands for itself. */
  #shares: { means: Float64Array; counts: Float64Array } | undefined;
  readonly #most: number;

  /** @param options.most from 8 */
  constructor(metric: string, { aside = false, higherIsBetter = false, most = mostPoints } = {}) {
    this.metric = metric;
    this.aside = aside;
    this.higherIsBetter = higherIsBetter;
    this.#most = most;
  }

  push({ step, seconds, wall, value }: Point): void {
    while (this.length >= this.#most) this.#thin();
    if (this.length === this.values.length) this.#grow();
    const at = this.length++;
    const ordinal = this.total++;
    this.ordinals[at] = ordinal;
    this.steps[at] = step;
    this.seconds[at] = seconds;
    this.walls[at] = wall;
    this.values[at] = value;
    if (!Number.isFinite(value)) this.notFinite += 1;
    if (!this.#shares) return;
    this.#stand(at, value, Number.isFinite(value) ? 1 : 0);
    if (ordinal % this.#group === 0) {
      this.#open = this.#gather(this.#open, at, this.#open, false);
      this.length = this.#gather(at, at + 1, this.#open, true);
    } else {
      this.length = this.#gather(this.#open, at + 1, this.#open, true);
    }
  }

  /** Takes over columns that were kept elsewhere. */
  restore(
    { total, notFinite, thinned }: { total: number; notFinite: number; thinned: Thinned | undefined },
    kept: Readonly<Record<Column, Float64Array>>,
  ): void {
    for (const column of columns) this[column] = kept[column];
    this.length = kept.values.length;
    this.total = total;
    this.notFinite = notFinite;
    this.#group = thinned?.group ?? 1;
    this.#shares = undefined;
    if (thinned) {
      const { means, counts = this.#counts() } = thinned;
      this.#shares = { means, counts };
      const from = this.#group * Math.floor((total - 1) / this.#group);
      this.#open = this.length;
      while (this.#open > 0 && this.ordinals[this.#open - 1]! >= from) this.#open -= 1;
    }
    this.thinnings += 1;
  }

  /** The points of a column, without the room to grow. */
  column(name: Column): Float64Array {
    return this[name].subarray(0, this.length);
  }

  /** What {@link restore} needs besides the columns; nothing where it was never thinned. */
  get thinned(): Thinned | undefined {
    if (!this.#shares) return undefined;
    const [means, counts] = [this.#shares.means, this.#shares.counts].map((all) => all.subarray(0, this.length));
    // As long as all are finite they are the distances between the ordinals.
    return { group: this.#group, means: means!, counts: this.notFinite > 0 ? counts : undefined };
  }

  /** How many points stay as they are, whatever is added before the next thinning. */
  get settled(): number {
    return this.#shares ? this.#open : this.length;
  }

  /** The mean of the finite values that a point stands for. */
  meanAt(at: number): number {
    return this.#shares ? this.#shares.means[at]! : this.values[at]!;
  }

  /** How many finite values a point stands for. */
  countAt(at: number): number {
    if (this.#shares) return this.#shares.counts[at]!;
    if (!Number.isFinite(this.values[at]!)) return 0;
    return this.ordinals[at]! - (at === 0 ? -1 : this.ordinals[at - 1]!);
  }

  /** The step of the latest point, −∞ before the first. */
  get lastStep(): number {
    return this.length === 0 ? Number.NEGATIVE_INFINITY : this.steps[this.length - 1]!;
  }

  #grow(): void {
    const room = Math.max(64, Math.min(2 * this.values.length, this.#most));
    const grown = (column: Float64Array) => {
      const larger = new Float64Array(room);
      larger.set(column);
      return larger;
    };
    for (const column of columns) this[column] = grown(this[column]);
    if (this.#shares) this.#shares = { means: grown(this.#shares.means), counts: grown(this.#shares.counts) };
  }

  #counts(): Float64Array {
    return Float64Array.from(this.values, (_, at) => (at < this.length ? this.countAt(at) : 0));
  }

  #thin(): void {
    this.#shares ??= {
      means: this.values.map((value) => (Number.isFinite(value) ? value : 0)),
      counts: this.#counts(),
    };
    this.#group = Math.max(smallestGroup, 2 * this.#group);
    const groupOf = (at: number) => Math.floor(this.ordinals[at]! / this.#group);
    let kept = 0;
    for (let [from, to] = [0, 0]; from < this.length; from = to) {
      while (to < this.length && groupOf(to) === groupOf(from)) to++;
      this.#open = kept;
      kept = this.#gather(from, to, kept, to === this.length);
    }
    this.length = kept;
    this.thinnings += 1;
  }

  /**
   * Keeps, of the points of one group, the lowest, the highest and the first that is not finite, in order, and where it
   * is asked for the latest. What the others stood for goes to the next one that is kept, or to the one at `to`.
   * @returns the position after the last one that was kept
   */
  #gather(from: number, to: number, into: number, latest: boolean): number {
    const { values } = this;
    const { means, counts } = this.#shares!;
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
    let kept = into;
    for (let at = from; at < to; at++) {
      if (at !== low && at !== high && at !== strange && !(latest && at === to - 1)) {
        if (at + 1 < this.length) this.#stand(at + 1, means[at]!, counts[at]!, true);
        continue;
      }
      if (kept < at) {
        for (const column of columns) this[column][kept] = this[column][at]!;
        means[kept] = means[at]!;
        counts[kept] = counts[at]!;
      }
      kept++;
    }
    return kept;
  }

  /** A point stands for so many values of this mean, instead of what it stood for or besides. */
  #stand(at: number, mean: number, count: number, besides = false): void {
    const { means, counts } = this.#shares!;
    const before = besides ? counts[at]! : 0;
    const all = before + count;
    counts[at] = all;
    // Not their sum, which may be too large for a number.
    means[at] = all === 0 ? 0 : before === 0 ? mean : means[at]! + (mean - means[at]!) * (count / all);
  }
}
