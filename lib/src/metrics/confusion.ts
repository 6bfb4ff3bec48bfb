import { argmax } from "../operations/reduction.ts";
import { ArgumentError, IndexError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { requireRows, requireSome } from "./values.ts";

/**
 * How figures of single classes become one: their mean (`"macro"`), their mean weighted by how often each class comes
 * (`"weighted"`), or the figure of all decisions taken together (`"micro"`).
 */
export type Average = "macro" | "weighted" | "micro";

/** What a class counts for: right, wrongly taken for it, and missed. */
interface Tally {
  readonly right: number;
  readonly taken: number;
  readonly actual: number;
}

/** A share of nothing is 0, as scikit-learn has it. */
const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
const precisionOf = ({ right, taken }: Tally) => share(right, taken);
const recallOf = ({ right, actual }: Tally) => share(right, actual);
const f1Of = ({ right, taken, actual }: Tally) => share(2 * right, taken + actual);

/**
 * How often each label (row) was taken for each class (column), batch by batch, and what follows from it.
 * Shares of nothing, before anything was added, are an `ArgumentError`.
 *
 * @example
 * ```ts
 * import { Confusion, tensor } from "gradbook";
 * const confusion = new Confusion(2);
 * await confusion.add(tensor([[2, 1], [0, 1], [3, 2]]), tensor([0, 1, 1], { dtype: "int32" }));
 * confusion.counts; // [[1, 0], [1, 1]]
 * confusion.recall({ average: "macro" }); // 0.75
 * confusion.perClass().precision; // [0.5, 1]
 * ```
 */
export class Confusion {
  readonly counts: number[][];

  constructor(classes: number) {
    if (!Number.isInteger(classes) || classes < 1)
      throw new ArgumentError("Confusion", `${classes} classes, expected a positive integer.`);
    this.counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  }

  /** Counts a batch: `scores [..., classes]`, int32 `labels [...]`. */
  async add(scores: Tensor, labels: Tensor): Promise<void> {
    requireRows("Confusion", scores, labels);
    const [predicted, actual] = await Promise.all([argmax(scores).data(), labels.data()]);
    const classes = this.counts.length;
    const odd = [...actual, ...predicted].find((label) => !(label >= 0 && label < classes));
    if (odd !== undefined)
      throw new IndexError(
        "Confusion",
        `class ${odd} is outside 0 … ${classes - 1}. Make it larger: new Confusion(${odd + 1}).`,
      );
    actual.forEach((label, i) => {
      this.counts[label]![predicted[i]!]! += 1;
    });
  }

  get total(): number {
    return this.counts.flat().reduce((sum, n) => sum + n, 0);
  }

  /** Share of examples on the diagonal. */
  get accuracy(): number {
    requireSome("Confusion", this.total);
    return this.#tallies().reduce((sum, { right }) => sum + right, 0) / this.total;
  }

  /** Share of examples off the diagonal. */
  get error(): number {
    return 1 - this.accuracy;
  }

  /** Of what was taken for a class, the share that is of it. */
  precision({ average }: { readonly average: Average }): number {
    return this.#averaged("precision", precisionOf, average);
  }

  /** Of what is of a class, the share that was taken for it. */
  recall({ average }: { readonly average: Average }): number {
    return this.#averaged("recall", recallOf, average);
  }

  /** The harmonic mean of precision and recall (van Rijsbergen 1979), of each class before it is averaged. */
  f1({ average }: { readonly average: Average }): number {
    return this.#averaged("f1", f1Of, average);
  }

  /** The figures of each class, and how often it comes. */
  perClass() {
    const tallies = this.#tallies();
    return {
      precision: tallies.map(precisionOf),
      recall: tallies.map(recallOf),
      f1: tallies.map(f1Of),
      support: tallies.map(({ actual }) => actual),
    };
  }

  #tallies(): Tally[] {
    return this.counts.map((row, label) => ({
      right: row[label]!,
      taken: this.counts.reduce((sum, other) => sum + other[label]!, 0),
      actual: row.reduce((sum, n) => sum + n, 0),
    }));
  }

  #averaged(who: string, figure: (tally: Tally) => number, average: Average): number {
    requireSome("Confusion", this.total);
    // A class that neither comes nor was taken for has no figure.
    const tallies = this.#tallies().filter(({ taken, actual }) => taken + actual > 0);
    if (average === "macro") return tallies.reduce((sum, tally) => sum + figure(tally), 0) / tallies.length;
    if (average === "weighted")
      return tallies.reduce((sum, tally) => sum + figure(tally) * tally.actual, 0) / this.total;
    if (average === "micro") {
      const all = (of: keyof Tally) => tallies.reduce((sum, tally) => sum + tally[of], 0);
      return figure({ right: all("right"), taken: all("taken"), actual: all("actual") });
    }
    throw new ArgumentError(
      `Confusion.${who}`,
      `average is ${String(average)}, expected "macro", "weighted" or "micro".`,
    );
  }
}

async function confusionOf(scores: Tensor, labels: Tensor<"int32">): Promise<Confusion> {
  const confusion = new Confusion(scores.shape.at(-1) ?? 0);
  await confusion.add(scores, labels);
  return confusion;
}

/** `Confusion.precision` of one batch: `scores [..., classes]`, int32 `labels [...]`. */
export async function precision(
  scores: Tensor,
  labels: Tensor<"int32">,
  options: { readonly average: Average },
): Promise<number> {
  return (await confusionOf(scores, labels)).precision(options);
}

/** `Confusion.recall` of one batch: `scores [..., classes]`, int32 `labels [...]`. */
export async function recall(
  scores: Tensor,
  labels: Tensor<"int32">,
  options: { readonly average: Average },
): Promise<number> {
  return (await confusionOf(scores, labels)).recall(options);
}

/** `Confusion.f1` of one batch: `scores [..., classes]`, int32 `labels [...]`. */
export async function f1(
  scores: Tensor,
  labels: Tensor<"int32">,
  options: { readonly average: Average },
): Promise<number> {
  return (await confusionOf(scores, labels)).f1(options);
}
