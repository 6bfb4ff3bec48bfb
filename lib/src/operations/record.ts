import type { Buffer, Device, DType, Scalar, Shape, View } from "../device/device.ts";
import type { Tensor, TensorLike } from "../tensor/tensor.ts";

/**
 * What an operation's result holds: its input's dtype, the dtype in which two inputs meet, a count or total (of truth
 * values an integer), a float, truth values, or integers.
 */
export type Kind = "same" | "meet" | "total" | "float" | "bool" | "int32";

/** The dtype of a result by that of the first input. Integers may meet fractions, and then give float32. */
export type Result<K extends Kind, D extends DType> = K extends "same"
  ? D
  : K extends "meet"
    ? D extends "int32"
      ? "int32" | "float32"
      : D extends "bool"
        ? "bool" | "int32" | "float32"
        : D
    : K extends "total"
      ? D extends "bool"
        ? "int32"
        : D
      : K extends "float"
        ? D extends "float64"
          ? "float64"
          : "float32"
        : K;

/** Why shapes do not go together, as a sentence that names them, and what to do about it. */
export interface Misfit {
  readonly because: string;
  readonly hint?: string;
}

/** Inputs on which every derived check runs: shapes filled with seeded values from `range`, or given tensors. */
export interface Sample<Rest extends readonly unknown[]> {
  readonly shapes: readonly Shape[];
  /** Where the values are drawn from; −2 … 2 if not said. */
  readonly range?: readonly [number, number];
  readonly options?: Rest[0];
  /** Fixed int32 values for inputs that are indices, by position. */
  readonly indices?: { readonly [input: number]: readonly number[] };
  /** Truth values for inputs that are conditions, by position. */
  readonly conditions?: { readonly [input: number]: readonly number[] };
  /** Rounded to integers, the values may have no answer, as a singular matrix has no inverse. */
  readonly fractions?: boolean;
  /** Large enough for a device's fast ways; only devices are compared on it. */
  readonly large?: boolean;
}

/** The shapes of a sample's inputs, in a form that stays on one line. */
export function shapes(...list: readonly Shape[]): readonly Shape[] {
  return list;
}

/** Inputs that must be refused, and how the message reads. */
export interface Refusal<Rest extends readonly unknown[]> {
  readonly shapes: readonly Shape[];
  readonly options?: Rest[0];
  readonly message: RegExp;
}

type Shapes<Inputs extends readonly TensorLike[]> = { readonly [I in keyof Inputs]: Shape };
type Tensors<Inputs extends readonly TensorLike[]> = { readonly [I in keyof Inputs]: Tensor };

interface Common<Inputs extends readonly TensorLike[], Rest extends readonly unknown[]> {
  readonly name: string;
  /** The inputs' names, for messages and documentation. */
  readonly inputs: { readonly [I in keyof Inputs]: string };
  /** dtype of the result; "float" if not said. */
  readonly kind?: Kind;
  /** Shape of the result, or why there is none. */
  readonly shape: (shapes: Shapes<Inputs>, options: Rest[0]) => Shape | Misfit;
  readonly samples: readonly Sample<Rest>[];
  readonly refusals?: readonly Refusal<Rest>[];
  readonly inParts?: InParts<Inputs, Rest>;
}

/** `null` where there is none; a function where it is dear and should be computed only if somebody wants it. */
export type Cotangent = Tensor | null | (() => Tensor);

/** Cotangent of each input, written in operations, so that it has derivatives itself. */
export type Pullback<Inputs extends readonly TensorLike[], Rest extends readonly unknown[]> = (
  cotangent: Tensor,
  inputs: Tensors<Inputs>,
  output: Tensor,
  options: Rest[0],
) => { readonly [I in keyof Inputs]: Cotangent };

/** The pullback where the cotangent has come in so many parts of equal width along the last axis: nobody puts them together. */
export interface InParts<Inputs extends readonly TensorLike[], Rest extends readonly unknown[]> {
  readonly parts: number;
  readonly pullback: (
    cotangents: readonly Tensor[],
    inputs: Tensors<Inputs>,
    options: Rest[0],
  ) => { readonly [I in keyof Inputs]: Cotangent };
}

/** What a rule for many examples at once is told. */
export interface Examples {
  /** How many there are. */
  readonly size: number;
  /** Which inputs hold an example each along a first axis; the others are the same for all. */
  readonly batched: readonly boolean[];
  /** The shape of one example's result. */
  readonly shape: Shape;
}

/** The operation on many examples at once, for `vmap`; the result has them along its first axis. */
export type Batch<Inputs extends readonly TensorLike[], Rest extends readonly unknown[]> = (
  inputs: Tensors<Inputs>,
  examples: Examples,
  options: Rest[0],
) => Tensor;

/** The same by cheaper operations, for inputs of one float dtype where there are such. */
export type Sooner<Inputs extends readonly TensorLike[]> = (inputs: Tensors<Inputs>) => Tensor | undefined;

/** An operation is done in one of these ways. */
type Way = "map" | "view" | "forward" | "compose";
type Only<W extends Way> = { readonly [other in Exclude<Way, W>]?: undefined };

/** Everything there is to know of an operation, in one place; methods and checks are derived from it. */
export type Operation<Inputs extends readonly TensorLike[], Rest extends readonly unknown[]> = Common<Inputs, Rest> &
  (
    | (Only<"map"> & {
        readonly map: Scalar;
        readonly sooner?: Sooner<Inputs>;
        readonly pullback: Pullback<Inputs, Rest> | null;
      })
    | (Only<"view"> & {
        /** A rearrangement without copying; `null` asks for a row-major copy first. */
        readonly view: (x: View, shape: Shape, options: Rest[0]) => View | null;
        readonly pullback: Pullback<Inputs, Rest> | null;
        readonly batch: Batch<Inputs, Rest>;
      })
    | (Only<"forward"> & {
        readonly forward: (
          inputs: { readonly [I in keyof Inputs]: View },
          device: Device,
          shape: Shape,
          options: Rest[0],
          dtype: DType,
        ) => Buffer;
        /** The same from inputs of which nobody else needs the values yet, if it can be had without them. */
        readonly fused?: (inputs: Tensors<Inputs>, device: Device, options: Rest[0]) => Buffer | undefined;
        readonly pullback: Pullback<Inputs, Rest> | null;
        readonly batch: Batch<Inputs, Rest>;
      })
    | (Only<"compose"> & {
        /** Written in other operations; derivatives follow unless a better one is given. */
        readonly compose: (inputs: Tensors<Inputs>, options: Rest[0]) => Tensor;
        readonly pullback?: Pullback<Inputs, Rest> | null;
      })
  );

/** An operation whose types are forgotten: what tapes and derived checks handle. */
export type AnyOperation = Operation<readonly TensorLike[], readonly [options?: never]>;
