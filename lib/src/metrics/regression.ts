import { pairsOf, requireSome, type Values } from "./values.ts";

/**
 * How far predictions are from their targets, batch by batch. Means and moments are kept as they come (Chan, Golub and
 * LeVeque 1983), without the cancellation of sums of squares.
 *
 * @example
 * ```ts
 * import { metrics } from "gradbook";
 * const fit = new metrics.Regression();
 * await fit.add([2.5, 0, 2, 8], [3, -0.5, 2, 7]);
 * fit.rootMeanSquaredError; // 0.6123724356957945
 * fit.r2; // 0.9486081370449679
 * ```
 */
export class Regression {
  #count = 0;
  #squares = 0;
  #absolutes = 0;
  readonly #mean = { x: 0, y: 0 };
  readonly #moments = { xx: 0, xy: 0, yy: 0 };

  /** Adds a batch of predictions and their targets. */
  async add(predictions: Values, targets: Values): Promise<void> {
    const [x, y] = await pairsOf("Regression", predictions, targets, ["the prediction", "the target"]);
    for (let i = 0; i < x.length; i++) {
      const [a, b] = [x[i]!, y[i]!];
      this.#count++;
      this.#squares += (a - b) ** 2;
      this.#absolutes += Math.abs(a - b);
      const [dx, dy] = [a - this.#mean.x, b - this.#mean.y];
      this.#mean.x += dx / this.#count;
      this.#mean.y += dy / this.#count;
      this.#moments.xx += dx * (a - this.#mean.x);
      this.#moments.xy += dx * (b - this.#mean.y);
      this.#moments.yy += dy * (b - this.#mean.y);
    }
  }

  #per(total: number): number {
    requireSome("Regression", this.#count);
    return total / this.#count;
  }

  get meanSquaredError(): number {
    return this.#per(this.#squares);
  }

  get rootMeanSquaredError(): number {
    return Math.sqrt(this.meanSquaredError);
  }

  get meanAbsoluteError(): number {
    return this.#per(this.#absolutes);
  }

  /** The share of the targets' variance that is explained: 1 − Σ (y − ŷ)² / Σ (y − ȳ)². */
  get r2(): number {
    requireSome("Regression", this.#count);
    return 1 - this.#squares / this.#moments.yy;
  }

  /** The correlation of predictions and targets. */
  get pearson(): number {
    requireSome("Regression", this.#count);
    return this.#moments.xy / Math.sqrt(this.#moments.xx * this.#moments.yy);
  }
}

async function regressionOf(predictions: Values, targets: Values): Promise<Regression> {
  const regression = new Regression();
  await regression.add(predictions, targets);
  return regression;
}

/** √ of the mean of (prediction − target)². */
export async function rootMeanSquaredError(predictions: Values, targets: Values): Promise<number> {
  return (await regressionOf(predictions, targets)).rootMeanSquaredError;
}

/** The mean of |prediction − target|. */
export async function meanAbsoluteError(predictions: Values, targets: Values): Promise<number> {
  return (await regressionOf(predictions, targets)).meanAbsoluteError;
}

/** The share of the targets' variance that predictions explain. */
export async function r2(predictions: Values, targets: Values): Promise<number> {
  return (await regressionOf(predictions, targets)).r2;
}

/** The correlation of two lists (Pearson 1895). */
export async function pearson(x: Values, y: Values): Promise<number> {
  return (await regressionOf(x, y)).pearson;
}

/** The correlation of the ranks of two lists, equal values sharing theirs (Spearman 1904). */
export async function spearman(x: Values, y: Values): Promise<number> {
  const [a, b] = await pairsOf("spearman", x, y, ["x", "y"]);
  return pearson(ranksOf(a), ranksOf(b));
}

/** Ranks from 1; equal values have the mean of theirs. */
function ranksOf(values: ArrayLike<number>): Float64Array {
  const order = Array.from(values, (_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let k = from; k < to; k++) ranks[order[k]!] = (from + to + 1) / 2;
    from = to;
  }
  return ranks;
}
