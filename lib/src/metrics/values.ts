import { ArgumentError, DTypeError, IndexError, ShapeError } from "../tensor/errors.ts";
import { sameShape, showShape } from "../tensor/shapes.ts";
import { Tensor } from "../tensor/tensor.ts";

/** What a metric is made of: a tensor, or numbers in an array. */
export type Values = Tensor | ArrayLike<number>;

/** @internal The numbers, read if they are a tensor's. */
export async function numbersOf(values: Values): Promise<ArrayLike<number>> {
  return values instanceof Tensor ? await values.data() : values;
}

/** @internal Two lists of the same length. */
export async function pairsOf(
  who: string,
  a: Values,
  b: Values,
  names: readonly [string, string],
): Promise<readonly [ArrayLike<number>, ArrayLike<number>]> {
  if (a instanceof Tensor && b instanceof Tensor && !sameShape(a.shape, b.shape)) {
    const text = `${names[0]} is ${showShape(a.shape)}, ${names[1]} ${showShape(b.shape)}; expected the same shape.`;
    throw new ShapeError(who, text, [a.shape, b.shape]);
  }
  const [x, y] = await Promise.all([numbersOf(a), numbersOf(b)]);
  if (x.length !== y.length)
    throw new ShapeError(who, `${names[0]} has ${x.length} values, ${names[1]} ${y.length}; expected as many.`, []);
  return [x, y];
}

/** @internal Rows of scores and their labels: `scores [..., classes]`, int32 `labels [...]`. */
export async function rowsOf(who: string, scores: Tensor, labels: Tensor) {
  requireRows(who, scores, labels);
  const classes = scores.shape.at(-1)!;
  const [values, actual] = await Promise.all([scores.data(), labels.data()]);
  const odd = actual.findIndex((label) => !(label >= 0 && label < classes));
  if (odd >= 0) throw new IndexError(who, `label ${actual[odd]} at [${odd}] is outside 0 … ${classes - 1}.`);
  return { values, labels: actual as Int32Array, classes, rows: actual.length };
}

/** @internal Refuses labels that are not one int32 for each row of scores. */
export function requireRows(who: string, scores: Tensor, labels: Tensor): void {
  const expected = scores.shape.slice(0, -1);
  if (scores.rank === 0 || !sameShape(expected, labels.shape)) {
    throw new ShapeError(
      who,
      `scores ${showShape(scores.shape)} and labels ${showShape(labels.shape)}: expected one label for each row, ${showShape(expected)}.`,
      [scores.shape, labels.shape],
    );
  }
  if (labels.dtype !== "int32")
    throw new DTypeError(who, `labels are ${labels.dtype}, expected int32 classes. Cast them: labels.cast("int32").`);
}

/** @internal Refuses a metric of nothing. */
export function requireSome(who: string, count: number): void {
  if (count === 0) throw new ArgumentError(who, "nothing was added, expected at least one example.");
}
