import { stopGradient } from "../gradient/custom.ts";
import { equal } from "../operations/comparison.ts";
import { take } from "../operations/indexing.ts";
import { checked } from "../operations/indices.ts";
import { expandDims, reshape } from "../operations/rearrange.ts";
import { where } from "../operations/selection.ts";
import { arange } from "../tensor/create.ts";
import { ArgumentError, DTypeError } from "../tensor/errors.ts";
import { materialise } from "../tensor/lazy.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Initialiser, normalInit } from "./initialisers.ts";
import { checkCount, Module, parameter } from "./module.ts";

export interface EmbeddingOptions {
  /** A row that stands for nothing, where sequences of a batch are shorter: it starts as zeros and is not trained. */
  readonly paddingIndex?: number;
  /** Draws the rows; normal with deviation 1 if not said, as in PyTorch. */
  readonly initialiser?: Initialiser;
}

/** @internal The rows of an embedding, zeros where padding is. */
export function embeddingRows(
  who: string,
  [rows, width]: readonly [number, number],
  { paddingIndex, initialiser = normalInit(1) }: EmbeddingOptions,
): Tensor<"float32"> {
  checkCount(who, "rows", rows);
  checkCount(who, "width", width);
  if (paddingIndex === undefined) return parameter([rows, width], initialiser);
  if (!(Number.isInteger(paddingIndex) && paddingIndex >= 0 && paddingIndex < rows))
    throw new ArgumentError(who, `paddingIndex is ${paddingIndex}, expected one of 0 … ${rows - 1}.`);
  return parameter([rows, width], (shape, key) =>
    where(equal(expandDims(arange(rows), -1), paddingIndex), 0, initialiser(shape, key)),
  );
}

/** @internal Refuses what are no rows of an embedding. */
export function checkRows(where: string, indices: Tensor, rows: number): void {
  if (indices.dtype !== "int32")
    throw new DTypeError(
      where,
      `the input is ${indices.dtype}, expected the int32 numbers of rows. Cast it: x.cast("int32").`,
    );
  // Inside vmap the operation itself checks.
  if (indices.state.kind !== "batched") checked(where, materialise(indices), rows, indices.device, "row");
}

/**
 * A vector for each of `rows` things: int32 `[…] → […, width]`; `weight [rows, width]`.
 *
 * @example
 * ```ts
 * import { nn, tensor } from "gradbook";
 *
 * const words = nn.init(new nn.Embedding(10, 3, { paddingIndex: 0 }), { seed: 1 });
 * words.forward(tensor([[4, 7, 0]], { dtype: "int32" })).shape; // [1, 3, 3]
 * ```
 */
export class Embedding extends Module {
  readonly weight: Tensor<"float32">;
  readonly paddingIndex: number | null;

  constructor(rows: number, width: number, options: EmbeddingOptions = {}) {
    super();
    this.weight = embeddingRows("Embedding", [rows, width], options);
    this.paddingIndex = options.paddingIndex ?? null;
  }

  forward(indices: Tensor): Tensor<"float32"> {
    const [rows, width] = this.weight.shape as [number, number];
    checkRows(this.where, indices, rows);
    const flat = reshape(indices, [-1]) as Tensor<"int32">;
    const vectors = reshape(take(this.weight, flat, 0), [...indices.shape, width]);
    if (this.paddingIndex === null) return vectors;
    return where(expandDims(equal(indices, this.paddingIndex), -1), stopGradient(vectors), vectors);
  }

  override describe(): string {
    return `Embedding(${this.weight.shape[0]} × ${this.weight.shape[1]})`;
  }
}
