/**
 * What a device must be able to do. Everything else in the library is written once, above this line.
 *
 * Buffers are opaque outside their device; views are strided windows onto them, so that transposing, slicing,
 * broadcasting and flipping cost nothing.
 */

export type DType = "float32" | "float64" | "int32" | "bool";

/** The typed array in which each dtype reads and writes its values; bool is one byte, 0 or 1. */
export interface Arrays {
  float32: Float32Array;
  float64: Float64Array;
  int32: Int32Array;
  bool: Uint8Array;
}
export type TypedArray = Arrays[DType];

export type Shape = readonly number[];

export interface Buffer {
  readonly dtype: DType;
  readonly length: number;
}

/** Element `i` lies at `offset + Σ i[axis] · strides[axis]`; a stride of 0 broadcasts, a negative one runs backwards. */
export interface View {
  readonly buffer: Buffer;
  readonly shape: Shape;
  readonly strides: Shape;
  readonly offset: number;
}

/** The scalar functions that a device evaluates elementwise. Comparisons and logic give bool. */
export type Scalar =
  | UnaryScalar
  | BinaryScalar
  /** condition, value where true, value where false */
  | "where";

export type UnaryScalar =
  | "neg"
  | "abs"
  | "sign"
  | "floor"
  | "ceil"
  | "round"
  | "trunc"
  | "sqrt"
  | "exp"
  | "expm1"
  | "log"
  | "log1p"
  | "log2"
  | "sin"
  | "cos"
  | "tan"
  | "asin"
  | "acos"
  | "atan"
  | "sinh"
  | "cosh"
  | "tanh"
  | "sigmoid"
  | "relu"
  | "erf"
  | "erfc"
  | "erfInv"
  | "lgamma"
  | "isNaN"
  | "isFinite"
  | "not"
  | "cast";

export type BinaryScalar =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "pow"
  | "remainder"
  | "minimum"
  | "maximum"
  | "atan2"
  /** order, x */
  | "polygamma"
  | "less"
  | "lessEqual"
  | "equal"
  | "and"
  | "or";

/**
 * An elementwise program, a directed acyclic graph: the same node object used twice is computed once.
 * Every node rounds its value to its own dtype, so fusing operations never changes a bit of the result.
 */
export type Expression =
  | { readonly kind: "input"; readonly index: number; readonly dtype: DType }
  | { readonly kind: "constant"; readonly value: number; readonly dtype: DType }
  | {
      readonly kind: "apply";
      readonly scalar: Scalar;
      readonly to: readonly Expression[];
      readonly dtype: DType;
      /** Where a walk has noted it: means something to that walk alone. */
      place?: number;
    };

/**
 * Work on the rows of views, along their last axis: folds, one after another, then results. The inputs of an expression
 * are the views and after them the results of the folds before it, which are one number a row.
 */
export interface RowProgram {
  readonly folds: readonly { readonly by: RowFold; readonly of: Expression }[];
  /** Results that have a value for every element. */
  readonly elements: readonly Expression[];
  /** Whether these lie side by side in one buffer: row by row, in each of its rows one result after another. */
  readonly beside?: boolean;
  /** Results that have a value for every row. */
  readonly rows: readonly Expression[];
}

/** The position of an extreme is an int32, and may only be a result of its own. */
export type RowFold = "sum" | "max" | "argmax" | "argmin";

/**
 * What a row program gives: buffers of the shape of its views, or one with all of these side by side, and of that shape
 * without the last axis.
 */
export interface RowBuffers {
  readonly elements: readonly Buffer[];
  readonly rows: readonly Buffer[];
}

export type Reduction = "sum" | "prod" | "max" | "min" | "argmax" | "argmin";

/** Two-dimensional geometry of a convolution; one-dimensional ones use height 1. */
export interface ConvolutionOptions {
  readonly stride: readonly [number, number];
  /** Zeros added [top, bottom] and [left, right], after input dilation; a negative number crops. */
  readonly padding: readonly [readonly [number, number], readonly [number, number]];
  /** Distance between filter taps. */
  readonly dilation: readonly [number, number];
  /** Distance between input elements: `d` puts `d − 1` zeros between neighbours, as the gradient of a stride needs. */
  readonly inputDilation: readonly [number, number];
  readonly groups: number;
}

/** Matrix factorisations; `Device.factor` says how their parts lie in one buffer. */
export type Factorisation = "cholesky" | "determinant" | "eigh" | "qr" | "svd";

/** Which half of a matrix counts, and whether its diagonal is all ones. */
export interface Triangle {
  readonly lower: boolean;
  readonly unit: boolean;
}

/** What attends to what: all of them with the same leading axes, and as many keys as values. */
export interface AttentionViews {
  /** `[…, n, d]` */
  readonly queries: View;
  /** `[…, m, d]` */
  readonly keys: View;
  /** `[…, m, width]` */
  readonly values: View;
  /** Added to the scores, `[…, n, m]`. */
  readonly bias?: View;
  /** Truth values `[…, n, m]`: which keys a query may attend to. */
  readonly allowed?: View;
  /** Whether query `i` may attend to no key after the `i`th. */
  readonly causal: boolean;
}

export interface AttentionCotangents {
  readonly queries: Buffer;
  readonly keys: Buffer;
  readonly values: Buffer;
}

export interface Device {
  readonly name: string;
  /** What its elements can be; all dtypes, if not said. */
  readonly dtypes?: readonly DType[];
  write<D extends DType>(values: Arrays[D], dtype: D): Buffer;
  read(buffer: Buffer): Promise<TypedArray>;
  /** The values without waiting, where the device can (memory shared with the host); for printing only. */
  peek?(buffer: Buffer): TypedArray;
  /** Of int32 values that cannot be looked at: from what is negative, or 0, to the largest, where the device knows. */
  range?(buffer: Buffer): readonly [least: number, most: number] | undefined;
  free(buffer: Buffer): void;
  /** Every elementwise operation, comparison, selection and cast, fused; all inputs have `shape` (strides may be 0). */
  map(expression: Expression, inputs: readonly View[], shape: Shape, dtype: DType): Buffer;
  /** Folds `axes` (ascending, non-negative) of `x`; the result is contiguous over the axes that remain. arg… give the int32 position among the folded elements, row by row. */
  reduce(by: Reduction, x: View, axes: readonly number[], dtype: DType): Buffer;
  /**
   * Where the device can: a row program on views of one shape, in one go; undefined where it does not do this one. The
   * results are those of `map` and `reduce`, to the bit where these take the same approximations of functions.
   */
  rows?(program: RowProgram, inputs: readonly View[], shape: Shape): RowBuffers | undefined;
  /**
   * Where the device can: scaled dot-product attention of float32, `[…, n, width]`, without the weights `[…, n, m]` in
   * memory. The results are those of the operation composed of others; undefined where the device does not do this one.
   */
  attend?(views: AttentionViews): Buffer | undefined;
  /** Where the device can: the cotangents of queries, keys and values, from what {@link attend} gave and its cotangent. */
  attendBack?(views: AttentionViews, output: View, cotangent: View): AttentionCotangents | undefined;
  /** Running sum, product or extreme along one axis. */
  scan(by: "sum" | "prod" | "max" | "min", x: View, axis: number): Buffer;
  /** `[..., m, k] × [..., k, n]`; both have the same leading axes (broadcast by stride 0). */
  matmul(a: View, b: View): Buffer;
  /** `x [batch, inputs, h, w]` with `filters [outputs, inputs / groups, kh, kw]`, correlation as every deep-learning library: `[batch, outputs, oh, ow]`. */
  convolve(x: View, filters: View, options: ConvolutionOptions): Buffer;
  /** Writes each part at its place in a new buffer of `shape` that is `fill` elsewhere: padding and concatenation. */
  pad(parts: readonly { readonly view: View; readonly at: Shape }[], shape: Shape, fill: number): Buffer;
  /** Slices `x` along `axis` at each of the one-dimensional int32 `indices`, which are in range. */
  gather(x: View, indices: View, axis: number): Buffer;
  /** A zeroed buffer of `shape` to which slice `i` of `updates` along `axis` is added at `indices[i]`. */
  scatterAdd(indices: View, updates: View, axis: number, shape: Shape): Buffer;
  /**
   * A zeroed buffer of `shape` to which `updates[i]` is added where window `i` has its element `at[i]`: what argmax and
   * argmin over windows point at. `windows` says how the elements of the windows, the last two axes, lie in `shape`.
   */
  spread(updates: View, at: View, windows: Pick<View, "shape" | "strides">, shape: Shape): Buffer;
  /** Stable ascending sort along an axis, NaN last; `order` is int32. */
  sort(x: View, axis: number): { readonly values: Buffer; readonly order: Buffer };
  /**
   * Where the device can: factors each `[m, n]` matrix in the last two axes; its parts lie one after the other, with
   * k = min(m, n). cholesky: L `[n, n]`, NaN where there is none · determinant: sign, logarithm · eigh: values `[n]`
   * ascending, vectors `[n, n]` in columns · qr: Q `[m, k]`, Rᵀ `[n, k]` · svd: U `[m, k]`, values `[k]` descending, V `[n, k]`.
   */
  factor?(by: Factorisation, x: View): Buffer;
  /** Where the device can: X with A X = B, `[..., n, n]` and `[..., n, columns]` with the same leading axes; A may be a triangle. */
  solve?(a: View, b: View, triangle: Triangle | null): Buffer;
  /** `length` random int32 words of the counter-based generator Threefry-2x32 (Salmon et al. 2011). */
  bits(key: readonly [number, number], length: number): Buffer;
  /** Ends the batch: work queued so far may start. */
  flush(): void;
  /** Where work goes on beside the program: waits until all of it is done. */
  finish?(): Promise<void>;
}
