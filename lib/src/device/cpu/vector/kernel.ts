/** A stream of a call: from `offset` on, with `stride` elements from a row to the next. */
export interface StreamArgument {
  readonly values: Float32Array | Uint8Array;
  readonly offset: number;
  readonly stride: number;
}

/** Runs loops on rows of so many elements; `numbers` go to the first slots. */
export type RowKernel = (
  streams: readonly StreamArgument[],
  rows: number,
  columns: number,
  numbers: readonly number[],
) => void;
