import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { requireSome, rowsOf } from "./values.ts";

/**
 * The mean of −ln p(label) over everything that was added, and its exponential, the perplexity: among how many equally
 * likely words the model seems to choose (Jelinek et al. 1977).
 *
 * @example
 * ```ts
 * import { metrics, tensor, zeros } from "gradbook";
 * const likelihood = new metrics.Likelihood();
 * await likelihood.add(zeros([3, 8]), tensor([0, 5, 7], { dtype: "int32" }));
 * likelihood.perplexity; // 7.999999999999998
 * ```
 */
export class Likelihood {
  #total = 0;
  #count = 0;
  readonly #ignoreIndex: number | undefined;

  /** @param options `ignoreIndex`: a label that does not count, such as that of padding. */
  constructor({ ignoreIndex }: { readonly ignoreIndex?: number } = {}) {
    this.#ignoreIndex = ignoreIndex;
  }

  /** Adds a batch: `logits [..., classes]`, int32 `labels [...]`. A class at ∞ has all the probability. */
  async add(logits: Tensor, labels: Tensor<"int32">): Promise<void> {
    const ignored = this.#ignoreIndex;
    const counts = ignored === undefined ? undefined : labels.notEqual(ignored);
    const known = counts === undefined ? labels : counts.where(labels, 0);
    const { values, labels: actual, classes } = await rowsOf("Likelihood", logits, known);
    const counted = await counts?.data();
    for (const [row, label] of actual.entries()) {
      if (counted?.[row] === 0) continue;
      let top = Number.NEGATIVE_INFINITY;
      for (let c = 0; c < classes; c++) top = Math.max(top, values[row * classes + c]!);
      // The largest is 0 above itself, also where it is infinite: classes at ∞ share all the probability.
      const above = (c: number) => (values[row * classes + c] === top ? 0 : values[row * classes + c]! - top);
      let sum = 0;
      for (let c = 0; c < classes; c++) sum += Math.exp(above(c));
      this.#total += Math.log(sum) - above(label);
      this.#count++;
    }
  }

  /** How many labels counted. */
  get count(): number {
    return this.#count;
  }

  /** The mean of −ln p(label). */
  get logLoss(): number {
    requireSome("Likelihood", this.#count);
    return this.#total / this.#count;
  }

  /** e to the power of `logLoss`. */
  get perplexity(): number {
    return Math.exp(this.logLoss);
  }

  /** `logLoss` in bits: of characters, bits per character. */
  get bits(): number {
    return this.logLoss / Math.LN2;
  }
}

/** `Likelihood.perplexity` of one batch: `logits [..., classes]`, int32 `labels [...]`. */
export async function perplexity(
  logits: Tensor,
  labels: Tensor<"int32">,
  options: { readonly ignoreIndex?: number } = {},
): Promise<number> {
  const likelihood = new Likelihood(options);
  await likelihood.add(logits, labels);
  return likelihood.perplexity;
}

/** The mean of −ln p(label), of probabilities: `probabilities [..., classes]`, int32 `labels [...]`. */
export async function logLoss(probabilities: Tensor, labels: Tensor<"int32">): Promise<number> {
  const { values, labels: actual, classes } = await rowsOf("logLoss", probabilities, labels);
  requireSome("logLoss", actual.length);
  return actual.reduce((sum, label, row) => sum - Math.log(values[row * classes + label]!), 0) / actual.length;
}

/** One bin of confidences: how many, how sure on average, and how often right. */
export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly confidence: number;
  readonly accuracy: number;
}

/**
 * Whether a model is as sure as it is right: the largest probability of each row is put into one of `bins` of equal
 * width (15 if not said), and compared with how often the class is right there (Guo et al., ICML 2017).
 */
export class Calibration {
  readonly #counts: number[];
  readonly #confidences: number[];
  readonly #rights: number[];

  constructor({ bins = 15 }: { readonly bins?: number } = {}) {
    if (!Number.isInteger(bins) || bins < 1)
      throw new ArgumentError("Calibration", `bins is ${bins}, expected a positive integer.`);
    [this.#counts, this.#confidences, this.#rights] = [0, 0, 0].map((n) => new Array<number>(bins).fill(n)) as [
      number[],
      number[],
      number[],
    ];
  }

  /** Adds a batch: `probabilities [..., classes]`, int32 `labels [...]`. */
  async add(probabilities: Tensor, labels: Tensor<"int32">): Promise<void> {
    const { values, labels: actual, classes } = await rowsOf("Calibration", probabilities, labels);
    const bins = this.#counts.length;
    for (const [row, label] of actual.entries()) {
      let best = 0;
      for (let c = 1; c < classes; c++) if (values[row * classes + c]! > values[row * classes + best]!) best = c;
      const confidence = values[row * classes + best]!;
      if (!(confidence >= 0 && confidence <= 1 + 1e-6))
        throw new ArgumentError(
          "Calibration",
          `row ${row} has ${confidence}, expected probabilities. Use x.softmax().`,
        );
      // A bin holds its upper edge, not its lower.
      const bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1));
      this.#counts[bin]!++;
      this.#confidences[bin]! += confidence;
      this.#rights[bin]! += Number(best === label);
    }
  }

  /** The bins that hold anything, for a reliability diagram. */
  bins(): CalibrationBin[] {
    return this.#counts.flatMap((count, i) => {
      const width = 1 / this.#counts.length;
      if (count === 0) return [];
      const [confidence, accuracy] = [this.#confidences[i]! / count, this.#rights[i]! / count];
      return [{ from: i * width, to: (i + 1) * width, count, confidence, accuracy }];
    });
  }

  /** ECE: the mean distance between how sure and how right, weighted by the bins. */
  get expectedError(): number {
    const total = this.#counts.reduce((sum, n) => sum + n, 0);
    requireSome("Calibration", total);
    return this.bins().reduce((sum, bin) => sum + (bin.count / total) * Math.abs(bin.confidence - bin.accuracy), 0);
  }
}

/** `Calibration.expectedError` of one batch. */
export async function expectedCalibrationError(
  probabilities: Tensor,
  labels: Tensor<"int32">,
  options: { readonly bins?: number } = {},
): Promise<number> {
  const calibration = new Calibration(options);
  await calibration.add(probabilities, labels);
  return calibration.expectedError;
}
