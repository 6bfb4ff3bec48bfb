import { pick } from "../operations/along.ts";
import { equal } from "../operations/comparison.ts";
import { cast } from "../operations/define.ts";
import { argmax, mean } from "../operations/reduction.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { requireRows, requireSome, rowsOf } from "./values.ts";

/** Share of rows whose largest score is that of the label: `scores [..., classes]`, int32 `labels [...]`. */
export function accuracy(scores: Tensor, labels: Tensor): Tensor<"float32"> {
  requireRows("accuracy", scores, labels);
  return mean(cast(equal(argmax(scores), labels), "float32")) as Tensor<"float32">;
}

/**
 * Share of rows in which the label is among the `k` largest scores (5 if not said): `scores [..., classes]`, int32
 * `labels [...]`. Of equal scores the earlier classes come first.
 */
export function topKAccuracy(
  scores: Tensor,
  labels: Tensor<"int32">,
  { k = 5 }: { readonly k?: number } = {},
): Tensor<"float32"> {
  requireRows("topKAccuracy", scores, labels);
  if (!Number.isInteger(k) || k < 1) throw new ArgumentError("topKAccuracy", `k is ${k}, expected a positive integer.`);
  const places = scores.argsort({ descending: true }).argsort() as Tensor<"int32">;
  return mean(cast(pick(places, labels).less(k), "float32")) as Tensor<"float32">;
}

/**
 * Where the label stands among the classes of its row, best first and from 1; of equal scores the middle place, which is
 * the expected one if they are put in any order. `scores [..., classes]`, int32 `labels [...]`.
 */
export async function expectedRanks(scores: Tensor, labels: Tensor<"int32">): Promise<Float64Array> {
  const { values, labels: actual, classes, rows } = await rowsOf("expectedRanks", scores, labels);
  return Float64Array.from({ length: rows }, (_, row) => {
    const own = values[row * classes + actual[row]!]!;
    let [above, equals] = [0, 0];
    for (let c = 0; c < classes; c++) {
      const score = values[row * classes + c]!;
      if (score > own) above++;
      else if (score === own) equals++;
    }
    return above + (equals + 1) / 2;
  });
}

/** The mean of 1 / rank of the labels (Voorhees, TREC 1999). */
export async function meanReciprocalRank(scores: Tensor, labels: Tensor<"int32">): Promise<number> {
  const ranks = await expectedRanks(scores, labels);
  requireSome("meanReciprocalRank", ranks.length);
  return ranks.reduce((sum, rank) => sum + 1 / rank, 0) / ranks.length;
}
