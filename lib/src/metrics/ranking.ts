import { ArgumentError } from "../tensor/errors.ts";
import { pairsOf, requireSome, type Values } from "./values.ts";

/** The trade between two shares as the threshold falls; a score at or above it counts as true. */
export interface RocCurve {
  /** Of what is false, the share that counts as true. */
  readonly falsePositiveRate: readonly number[];
  /** Of what is true, the share that counts as true. */
  readonly truePositiveRate: readonly number[];
  /** From ∞, at which nothing counts as true, down to the smallest score. */
  readonly thresholds: readonly number[];
}

export interface PrecisionRecallCurve {
  readonly precision: readonly number[];
  readonly recall: readonly number[];
  readonly thresholds: readonly number[];
}

/**
 * Scores of things that are true or false, batch by batch, and how well the scores tell them apart: for verification,
 * detection and retrieval.
 *
 * @example
 * ```ts
 * import { metrics } from "gradbook";
 * const ranking = new metrics.Ranking();
 * await ranking.add([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]);
 * ranking.auc; // 0.75
 * ranking.averagePrecision; // 0.8333333333333333
 * ```
 */
export class Ranking {
  readonly #scores: number[] = [];
  readonly #truths: boolean[] = [];

  /** Adds a batch: scores, and whether each is true (not 0). */
  async add(scores: Values, truths: Values): Promise<void> {
    const [values, facts] = await pairsOf("Ranking", scores, truths, ["the scores", "the truths"]);
    for (let i = 0; i < values.length; i++) {
      if (Number.isNaN(values[i]))
        throw new ArgumentError("Ranking", `score ${i} is NaN, expected numbers in an order.`);
      this.#scores.push(values[i]!);
      this.#truths.push(facts[i] !== 0);
    }
  }

  /** How many true and false ones have at least each score, from the largest score down. */
  #steps(): { readonly threshold: number; readonly trues: number; readonly falses: number }[] {
    requireSome("Ranking", this.#scores.length);
    const order = this.#scores.map((_, i) => i).sort((a, b) => this.#scores[b]! - this.#scores[a]!);
    const steps: { threshold: number; trues: number; falses: number }[] = [];
    let [trues, falses] = [0, 0];
    for (const [k, i] of order.entries()) {
      if (this.#truths[i]) trues++;
      else falses++;
      const threshold = this.#scores[i]!;
      if (order[k + 1] === undefined || this.#scores[order[k + 1]!] !== threshold)
        steps.push({ threshold, trues, falses });
    }
    if (trues === 0 || falses === 0)
      throw new ArgumentError("Ranking", `all are ${trues === 0 ? "false" : "true"}, expected some of both.`);
    return steps;
  }

  /** The receiver's operating characteristic (Fawcett 2006), from (0, 0) to (1, 1), every threshold a point. */
  roc(): RocCurve {
    const steps = this.#steps();
    const { trues, falses } = steps.at(-1)!;
    return {
      falsePositiveRate: [0, ...steps.map((step) => step.falses / falses)],
      truePositiveRate: [0, ...steps.map((step) => step.trues / trues)],
      thresholds: [Number.POSITIVE_INFINITY, ...steps.map(({ threshold }) => threshold)],
    };
  }

  /** The area under `roc`: the probability that a true one scores above a false one, ties half (Hanley and McNeil 1982). */
  get auc(): number {
    const { falsePositiveRate: x, truePositiveRate: y } = this.roc();
    return x.reduce((area, at, i) => (i === 0 ? 0 : area + ((at - x[i - 1]!) * (y[i]! + y[i - 1]!)) / 2), 0);
  }

  /** The rate at which as many false ones are accepted as true ones rejected, between the thresholds a straight line. */
  get equalErrorRate(): number {
    const { falsePositiveRate: x, truePositiveRate: y } = this.roc();
    const i = x.findIndex((at, k) => at >= 1 - y[k]!);
    const [x0, m0, x1, m1] = [x[i - 1]!, 1 - y[i - 1]!, x[i]!, 1 - y[i]!];
    return x0 + ((x1 - x0) * (m0 - x0)) / (m0 - x0 + (x1 - m1));
  }

  /** Precision against recall, from the largest score down. */
  precisionRecall(): PrecisionRecallCurve {
    const steps = this.#steps();
    const { trues } = steps.at(-1)!;
    return {
      precision: steps.map((step) => step.trues / (step.trues + step.falses)),
      recall: steps.map((step) => step.trues / trues),
      thresholds: steps.map(({ threshold }) => threshold),
    };
  }

  /** The precision at each threshold, weighted by what it adds to recall. */
  get averagePrecision(): number {
    const { precision, recall } = this.precisionRecall();
    return precision.reduce((sum, p, i) => sum + p * (recall[i]! - (recall[i - 1] ?? 0)), 0);
  }
}

async function rankingOf(scores: Values, truths: Values): Promise<Ranking> {
  const ranking = new Ranking();
  await ranking.add(scores, truths);
  return ranking;
}

/** `Ranking.roc` of one batch. */
export async function rocCurve(scores: Values, truths: Values): Promise<RocCurve> {
  return (await rankingOf(scores, truths)).roc();
}

/** `Ranking.auc` of one batch. */
export async function rocAuc(scores: Values, truths: Values): Promise<number> {
  return (await rankingOf(scores, truths)).auc;
}

/** `Ranking.averagePrecision` of one batch. */
export async function averagePrecision(scores: Values, truths: Values): Promise<number> {
  return (await rankingOf(scores, truths)).averagePrecision;
}
