import { equal } from "../operations/comparison.ts";
import { cast } from "../operations/define.ts";
import { argmax, mean } from "../operations/reduction.ts";
import { ArgumentError, IndexError, ShapeError } from "../tensor/errors.ts";
import { sameShape, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Share of rows whose largest score is that of the label: `scores [..., classes]`, int32 `labels [...]`. */
export function accuracy(scores: Tensor, labels: Tensor): Tensor<"float32"> {
  const predicted = argmax(scores);
  if (!sameShape(predicted.shape, labels.shape)) {
    throw new ShapeError(
      "accuracy",
      `scores ${showShape(scores.shape)} and labels ${showShape(labels.shape)}: expected one label for each row, ${showShape(predicted.shape)}.`,
      [scores.shape, labels.shape],
    );
  }
  return mean(cast(equal(predicted, labels), "float32")) as Tensor<"float32">;
}

/** How often each label (row) was taken for each class (column). */
export class Confusion {
  readonly counts: number[][];

  constructor(classes: number) {
    if (!Number.isInteger(classes) || classes < 1)
      throw new ArgumentError("Confusion", `${classes} classes, expected a positive integer.`);
    this.counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  }

  /** Counts a batch: `scores [batch, classes]`, int32 `labels [batch]`. */
  async add(scores: Tensor, labels: Tensor): Promise<void> {
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

  /** Share of examples off the diagonal. */
  get error(): number {
    const right = this.counts.reduce((sum, row, i) => sum + row[i]!, 0);
    return 1 - right / this.total;
  }
}
