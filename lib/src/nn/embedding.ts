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
import type { Initialiser } from "./initialisers.ts";
import { checkCount, Module, parameter } from "./module.ts";

export interface EmbeddingOptions {
  /** A row that stands for nothing, where sequences of a batch are shorter: it starts as zeros and is not trained. */
  readonly paddingIndex?: number;
  /** Draws the rows; normal with deviation 1 if not said, as in PyTorch. */
  readonly initialiser?: Initialiser;
}

/** A vector for each of `rows` things: int32 `[…] → […, width]`; `weight [rows, width]`. */
export class Embedding extends Module {
  readonly weight: Tensor<"float32">;
  readonly paddingIndex: number | null;

  constructor(
    rows: number,
    width: number,
    { paddingIndex, initialiser = (shape, key) => key.normal(shape) }: EmbeddingOptions = {},
  ) {
    super();
    checkCount("Embedding", "rows", rows);
    checkCount("Embedding", "width", width);
    if (paddingIndex !== undefined && !(Number.isInteger(paddingIndex) && paddingIndex >= 0 && paddingIndex < rows))
      throw new ArgumentError("Embedding", `paddingIndex is ${paddingIndex}, expected one of 0 … ${rows - 1}.`);
    this.paddingIndex = paddingIndex ?? null;
    const drawn: Initialiser = (shape, key) => {
      const rowNumbers = expandDims(arange(rows), -1);
      return where(equal(rowNumbers, paddingIndex!), 0, initialiser(shape, key));
    };
    this.weight = parameter([rows, width], paddingIndex === undefined ? initialiser : drawn);
  }

  forward(indices: Tensor): Tensor<"float32"> {
    if (indices.dtype !== "int32")
      throw new DTypeError(
        this.where,
        `the input is ${indices.dtype}, expected the int32 numbers of rows. Cast it: x.cast("int32").`,
      );
    const [rows, width] = this.weight.shape as [number, number];
    // Inside vmap there are no values to look at; taking the rows checks them.
    if (indices.state.kind !== "batched") checked(this.where, materialise(indices), rows, indices.device, "row");
    const flat = reshape(indices, [-1]) as Tensor<"int32">;
    const vectors = reshape(take(this.weight, flat, 0), [...indices.shape, width]);
    if (this.paddingIndex === null) return vectors;
    return where(expandDims(equal(indices, this.paddingIndex), -1), stopGradient(vectors), vectors);
  }

  override describe(): string {
    return `Embedding(${this.weight.shape[0]} × ${this.weight.shape[1]})`;
  }
}
