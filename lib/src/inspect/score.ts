import { type Layer, run } from "../nn/sequential.ts";
import { argmax } from "../operations/reduction.ts";
import { full, tensor } from "../tensor/create.ts";
import { ArgumentError, DTypeError, ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import { Tensor } from "../tensor/tensor.ts";

/** Which score of each example is explained. */
export interface ClassOptions {
  /**
   * The class: one for all examples, a list or an int32 tensor `[batch]` with one for each, or, if not said, the one
   * with the largest score.
   */
  readonly classes?: number | ArrayLike<number> | Tensor;
}

/** Scores of examples `[batch, …]` by class, `[batch, classes]`; or refuses what is none. */
export function scoresOf(who: string, model: Layer, x: Tensor): Tensor {
  if (x.dtype === "int32" || x.dtype === "bool")
    throw new DTypeError(who, `the input is ${x.dtype}, which has no derivative. Cast it: x.cast("float32").`);
  if (x.rank === 0) throw new ShapeError(who, "the input is one number, expected a batch of examples.");
  const scores: unknown = run(model, x);
  if (!(scores instanceof Tensor))
    throw new ArgumentError(who, `the model gives ${typeof scores}, expected a tensor of scores.`);
  if (scores.rank !== 2 || scores.shape[0] !== x.shape[0])
    throw new ShapeError(
      who,
      `the model gives ${showShape(scores.shape)} for ${x.shape[0]} examples, expected scores [${x.shape[0]}, classes].`,
      [scores.shape],
    );
  return scores;
}

/** The class of each example as an int32 tensor `[batch]`. */
export function classesOf(who: string, scores: Tensor, { classes }: ClassOptions): Tensor<"int32"> {
  const [batch, count] = scores.shape as [number, number];
  if (classes === undefined) return argmax(scores) as Tensor<"int32">;
  if (classes instanceof Tensor) {
    if (classes.dtype !== "int32" || classes.rank !== 1 || classes.shape[0] !== batch)
      throw new ShapeError(
        who,
        `classes are ${classes.dtype} ${showShape(classes.shape)}, expected int32 [${batch}], one for each example.`,
        [classes.shape],
      );
    return classes as Tensor<"int32">;
  }
  const list = typeof classes === "number" ? [classes] : Array.from(classes);
  if (typeof classes !== "number" && list.length !== batch)
    throw new ShapeError(who, `${list.length} classes for ${batch} examples, expected one for each.`);
  const odd = list.find((one) => !Number.isInteger(one) || one < 0 || one >= count);
  if (odd !== undefined) throw new ArgumentError(who, `class ${odd}, expected one of 0 … ${count - 1}.`);
  return typeof classes === "number"
    ? full([batch], classes, { dtype: "int32", device: scores.device })
    : tensor(Int32Array.from(list), { device: scores.device });
}

/** The score of its class for each example, `[batch]`. */
export function scoreOf(who: string, model: Layer, x: Tensor, classes: Tensor<"int32">): Tensor {
  return scoresOf(who, model, x).pick(classes);
}
