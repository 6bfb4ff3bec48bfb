import { widened } from "../operations/widened.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { pearson, spearman } from "./correlation.ts";
import { unitRows } from "./neighbours.ts";

export interface CkaOptions {
  /** Inner products (if not said), or a Gaussian of the distance. */
  readonly kernel?: "linear" | "gaussian";
  /** The Gaussian's width as a share of the median distance; 1 if not said. */
  readonly bandwidth?: number;
  /** Without the bias that few examples of many features bring (Song et al. 2012), from four examples on. */
  readonly unbiased?: boolean;
}

/** Representations of the same examples as float64 matrices (float32 on GPUs) `[n, features]`. */
function both(who: string, x: Tensor, y: Tensor, least: number): [Tensor, Tensor] {
  const n = x.shape[0];
  if (x.rank < 2 || y.rank < 2 || n !== y.shape[0] || n! < least)
    throw new ShapeError(
      who,
      `${showShape(x.shape)} and ${showShape(y.shape)}: expected [n, …] for the same n examples, at least ${least}.`,
      [x.shape, y.shape],
    );
  return [x, y].map((z) => widened(z).reshape([n!, -1])) as [Tensor, Tensor];
}

/**
 * How alike two representations of the same examples are, from 0 to 1, whatever their axes and scale: centred kernel
 * alignment (Kornblith et al. 2019). `x [n, …]` and `y [n, …]`, commonly two layers' outputs.
 * @throws ShapeError for different numbers of examples.
 *
 * @example
 * ```ts
 * import { inspect, random } from "gradbook";
 *
 * const x = random.seed(1).normal([20, 5]);
 * (await inspect.cka(x, x.mul(3).add(1))).toFixed(6); // "1.000000"
 * ```
 */
export async function cka(x: Tensor, y: Tensor, options: CkaOptions = {}): Promise<number> {
  const { kernel = "linear", bandwidth = 1, unbiased = false } = options;
  if (kernel !== "linear" && kernel !== "gaussian")
    throw new ArgumentError("cka", `kernel is ${kernel}, expected "linear" or "gaussian".`);
  if (!(bandwidth > 0)) throw new ArgumentError("cka", `bandwidth is ${bandwidth}, expected a positive number.`);
  const [a, b] = both("cka", x, y, unbiased ? 4 : 2);
  const [n, wide] = [a.shape[0]!, Math.max(a.shape[1]!, b.shape[1]!)];
  if (kernel === "linear" && !unbiased && n > wide) {
    // ‖YᵀX‖² of centred features is the same number without a matrix of n × n.
    const [cx, cy] = [a, b].map((z) => z.sub(z.mean({ axis: 0 }))) as [Tensor, Tensor];
    const square = (p: Tensor, q: Tensor) => p.transpose().matmul(q).square().sum();
    return square(cx, cy)
      .div(square(cx, cx).mul(square(cy, cy)).sqrt())
      .item();
  }
  const [k, l] = await Promise.all([a, b].map((z) => gram(z, kernel, bandwidth)));
  const alike = unbiased ? unbiasedIndependence : independence;
  const [kl, kk, ll] = await Promise.all([alike(k!, l!).item(), alike(k!, k!).item(), alike(l!, l!).item()]);
  return kl / Math.sqrt(kk * ll);
}

function squaredDistances(x: Tensor): Tensor {
  const squares = x.square().sum({ axis: 1, keepDims: true });
  return squares.add(squares.transpose()).sub(x.matmul(x.transpose()).mul(2)).maximum(0);
}

async function gram(x: Tensor, kernel: "linear" | "gaussian", bandwidth: number): Promise<Tensor> {
  if (kernel === "linear") return x.matmul(x.transpose());
  // Distances do not depend on where the mean is, their rounding does.
  const distances = squaredDistances(x.sub(x.mean({ axis: 0 })));
  const sorted = (await distances.data()).slice().sort();
  const middle = sorted.length / 2;
  const median = sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  if (!(median > 0)) throw new ArgumentError("cka", "the median distance is 0, expected examples that differ.");
  return distances.div(-2 * bandwidth ** 2 * median).exp();
}

/** Hilbert–Schmidt independence criterion of two kernel matrices (Gretton et al. 2005), but for a factor. */
function independence(k: Tensor, l: Tensor): Tensor {
  return centred(k).mul(centred(l)).sum();
}

function centred(k: Tensor): Tensor {
  return k
    .sub(k.mean({ axis: 0, keepDims: true }))
    .sub(k.mean({ axis: 1, keepDims: true }))
    .add(k.mean());
}

/** The same without bias (Song et al. 2012, equation 5). */
function unbiasedIndependence(k: Tensor, l: Tensor): Tensor {
  const n = k.shape[0]!;
  const [a, b] = [k, l].map((z) => z.tril(-1).add(z.triu(1))) as [Tensor, Tensor];
  const trace = a.mul(b).sum();
  const sums = a
    .sum()
    .mul(b.sum())
    .div((n - 1) * (n - 2));
  const rows = a
    .sum({ axis: 0 })
    .mul(b.sum({ axis: 1 }))
    .sum()
    .mul(2 / (n - 2));
  return trace
    .add(sums)
    .sub(rows)
    .div(n * (n - 3));
}

export type Dissimilarity = "correlation" | "cosine" | "euclidean";

/**
 * How different each two examples are in a representation `[n, …] → [n, n]`: 1 − the correlation of their features (if
 * not said), 1 − the cosine of their angle, or their distance.
 */
export function dissimilarities(x: Tensor, by: Dissimilarity = "correlation"): Tensor {
  if (!["correlation", "cosine", "euclidean"].includes(by))
    throw new ArgumentError("dissimilarities", `by is ${by}, expected "correlation", "cosine" or "euclidean".`);
  if (x.rank < 2) throw new ShapeError("dissimilarities", `${showShape(x.shape)}, expected [n, …].`, [x.shape]);
  const rows = widened(x).reshape([x.shape[0]!, -1]);
  if (by === "euclidean") return squaredDistances(rows.sub(rows.mean({ axis: 0 }))).sqrt();
  const unit = unitRows(by === "cosine" ? rows : rows.sub(rows.mean({ axis: 1, keepDims: true })));
  return unit.matmul(unit.transpose()).neg().add(1);
}

export interface RsaOptions {
  readonly dissimilarity?: Dissimilarity;
  /** How the two lists of dissimilarities are compared: by rank (if not said), or by value. */
  readonly correlation?: "spearman" | "pearson";
}

/**
 * How alike two representations of the same examples are by which examples they find alike: the correlation between
 * the dissimilarities of all pairs (representational similarity analysis, Kriegeskorte, Mur and Bandettini 2008).
 * @throws ShapeError for different numbers of examples, or less than three.
 */
export async function rsa(x: Tensor, y: Tensor, options: RsaOptions = {}): Promise<number> {
  const { dissimilarity, correlation = "spearman" } = options;
  if (correlation !== "spearman" && correlation !== "pearson")
    throw new ArgumentError("rsa", `correlation is ${correlation}, expected "spearman" or "pearson".`);
  const n = x.shape[0]!;
  const [a, b] = both("rsa", x, y, 3);
  const pairs = async (z: Tensor) => {
    const values = await dissimilarities(z, dissimilarity).data();
    return Array.from({ length: n }, (_, i) => Array.from(values.subarray(i * n + i + 1, (i + 1) * n))).flat();
  };
  return (correlation === "spearman" ? spearman : pearson)(await pairs(a), await pairs(b));
}
