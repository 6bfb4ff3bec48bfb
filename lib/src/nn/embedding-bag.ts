import { div, mul } from "../operations/arithmetic.ts";
import { notEqual } from "../operations/comparison.ts";
import { cast } from "../operations/define.ts";
import { take } from "../operations/indexing.ts";
import { expandDims, reshape } from "../operations/rearrange.ts";
import { max, sum } from "../operations/reduction.ts";
import { where } from "../operations/selection.ts";
import { tensorOf } from "../tensor/create.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { sameShape, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkRows, type EmbeddingOptions, embeddingRows } from "./embedding.ts";
import { Module } from "./module.ts";

/** How the vectors of a bag become one. */
export interface EmbeddingBagOptions extends EmbeddingOptions {
  /** "mean" if not said; a row at `paddingIndex` counts nowhere. */
  readonly mode?: "mean" | "sum" | "max";
}

/** Where bags begin, and what their rows weigh. */
export interface BagOptions {
  /** For rows in one axis: where each bag begins, the first at 0; a bag may be empty, and is zeros then. */
  readonly offsets?: ArrayLike<number>;
  /** A weight for each row, in the shape of the rows; with mode "sum" only. */
  readonly weights?: Tensor;
}

/**
 * A vector for each bag of rows, without order (Joulin et al. 2017): int32 `[bags, rows]`, or `[rows]` with offsets, to
 * `[bags, width]`; `weight [rows, width]`.
 *
 * @example
 * ```ts
 * import { nn, tensor } from "gradbook";
 *
 * const words = nn.init(new nn.EmbeddingBag(10, 3), { seed: 1 });
 * words.forward(tensor([1, 2, 4, 5, 4], { dtype: "int32" }), { offsets: [0, 2] }).shape; // [2, 3]
 * ```
 */
export class EmbeddingBag extends Module {
  readonly weight: Tensor<"float32">;
  readonly paddingIndex: number | null;
  readonly mode: "mean" | "sum" | "max";

  constructor(rows: number, width: number, { mode = "mean", ...options }: EmbeddingBagOptions = {}) {
    super();
    if (!["mean", "sum", "max"].includes(mode))
      throw new ArgumentError("EmbeddingBag", `mode is ${String(mode)}, expected mean, sum or max.`);
    this.weight = embeddingRows("EmbeddingBag", [rows, width], options);
    this.paddingIndex = options.paddingIndex ?? null;
    this.mode = mode;
  }

  forward(rows: Tensor, { offsets, weights }: BagOptions = {}): Tensor<"float32"> {
    checkRows(this.where, rows, this.weight.shape[0]!);
    if (weights !== undefined && (this.mode !== "sum" || !sameShape(weights.shape, rows.shape)))
      throw new ArgumentError(
        this.where,
        `weights ${showShape(weights.shape)} for rows ${showShape(rows.shape)} in mode ${this.mode}, expected as many, and mode "sum".`,
      );
    const { places, inside } = this.#bags(rows, offsets);
    const numbers = take(reshape(rows, [-1]) as Tensor<"int32">, places, 0);
    const counted = this.paddingIndex === null ? inside : inside.and(notEqual(numbers, this.paddingIndex));
    const vectors = take(this.weight, numbers, 0);
    const counts = expandDims(counted, -1);
    if (this.mode === "max") {
      const most = max(where(counts, vectors, Number.NEGATIVE_INFINITY), { axis: 1 });
      return where(counts.any({ axis: 1 }), most, 0) as Tensor<"float32">;
    }
    const shares =
      weights === undefined ? vectors : mul(vectors, expandDims(take(reshape(weights, [-1]), places, 0), -1));
    const total = sum(where(counts, shares, 0), { axis: 1 });
    if (this.mode === "sum") return total as Tensor<"float32">;
    return div(total, sum(cast(counts, total.dtype), { axis: 1 }).maximum(1)) as Tensor<"float32">;
  }

  /** Where in the rows the members of each bag are, `[bags, longest]`, and which of these places are of the bag. */
  #bags(rows: Tensor, offsets: ArrayLike<number> | undefined): { places: Tensor<"int32">; inside: Tensor<"bool"> } {
    const flat = rows.size;
    if (rows.rank !== (offsets === undefined ? 2 : 1))
      throw new ShapeError(
        this.where,
        `the rows are ${showShape(rows.shape)}, expected [bags, rows], or [rows] with the offsets at which bags begin.`,
        [rows.shape],
      );
    const starts =
      offsets === undefined
        ? Array.from({ length: rows.shape[0]! }, (_, i) => i * rows.shape[1]!)
        : Array.from(offsets);
    const odd = starts.findIndex(
      (n, i) => !Number.isInteger(n) || n > flat || (i === 0 ? n !== 0 : n < starts[i - 1]!),
    );
    if (odd >= 0)
      throw new ArgumentError(
        this.where,
        `bag ${odd} begins at ${starts[odd]}, expected 0 for the first, then ascending numbers up to ${flat}.`,
      );
    const sizes = starts.map((n, i) => (starts[i + 1] ?? flat) - n);
    const longest = Math.max(1, ...sizes);
    const shape = [starts.length, longest];
    const inside = new Uint8Array(starts.length * longest);
    const places = new Int32Array(inside.length);
    for (const [bag, size] of sizes.entries())
      for (let k = 0; k < size; k++) {
        inside[bag * longest + k] = 1;
        places[bag * longest + k] = starts[bag]! + k;
      }
    return {
      places: tensorOf(places, "int32", shape, rows.device),
      inside: tensorOf(inside, "bool", shape, rows.device),
    };
  }

  override describe(): string {
    return `EmbeddingBag(${this.weight.shape[0]} × ${this.weight.shape[1]}, ${this.mode})`;
  }
}
