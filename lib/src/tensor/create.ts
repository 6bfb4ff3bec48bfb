import { currentDevice, type DeviceName, deviceNamed } from "../device/current.ts";
import type { Arrays, Device, DType, Shape } from "../device/device.ts";
import { hostArray } from "../device/host.ts";
import { ArgumentError, DTypeError, ShapeError } from "./errors.ts";
import { ownBuffer } from "./ownership.ts";
import { requireShape, showShape, sizeOf } from "./shapes.ts";
import { type Nested, stored, type Tensor } from "./tensor.ts";
import { contiguousView } from "./view.ts";

export interface CreateOptions<D extends DType = DType> {
  readonly dtype?: D;
  /** A device or its name; the current one, if not said. */
  readonly device?: Device | DeviceName;
}

/** Arrays of numbers of any kind. */
export type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

export interface LayoutOptions {
  readonly shape?: Shape;
  /** A device or its name; the current one, if not said. */
  readonly device?: Device | DeviceName;
}

const dtypes: readonly string[] = ["float32", "float64", "int32", "bool"];

/** @internal Refuses a dtype or a shape that there is not. */
export function requireKind(who: string, dtype: string, shape: Shape): void {
  if (!dtypes.includes(dtype)) throw new DTypeError(who, `dtype ${dtype}, expected one of ${dtypes.join(", ")}.`);
  requireShape(who, shape);
}

/** @internal A tensor of values that are already row by row in the right kind of array. */
export function tensorOf<D extends DType>(
  values: Arrays[D],
  dtype: D,
  shape: Shape,
  device: Device | DeviceName = currentDevice(),
): Tensor<D> {
  const on = typeof device === "string" ? deviceNamed(device) : device;
  const buffer = on.write(values, dtype);
  ownBuffer(on, buffer);
  return stored(on, dtype, contiguousView(buffer, shape));
}

/** What a typed array says of itself; one that is none of ours, such as image bytes, holds numbers like any other. */
function dtypeOf(values: ArrayBufferView): DType {
  if (values instanceof Float64Array) return "float64";
  return values instanceof Int32Array ? "int32" : "float32";
}

/** A number as a dtype stores it, where the array itself would not: anything but zero is true. */
function asStored(dtype: DType, value: number | boolean): number {
  return dtype === "bool" ? Number(Number(value) !== 0) : Number(value);
}

/**
 * A tensor from a number, nested arrays or a typed array: float32, unless `dtype` says otherwise or the typed array is
 * an `Int32Array` or `Float64Array`. `shape` lays out a flat array.
 */
export function tensor(values: Int32Array, options?: LayoutOptions): Tensor<"int32">;
export function tensor(values: Float64Array, options?: LayoutOptions): Tensor<"float64">;
export function tensor<D extends DType = "float32">(
  values: Nested | NumberArray,
  options?: CreateOptions<D> & LayoutOptions,
): Tensor<NoInfer<D>>;
export function tensor(values: Nested | NumberArray, options: CreateOptions & LayoutOptions = {}): Tensor {
  const typed = ArrayBuffer.isView(values);
  const dtype = options.dtype ?? (typed ? dtypeOf(values) : "float32");
  const found = typed ? [values.length] : shapeOf(values);
  const shape = options.shape ?? found;
  requireKind("tensor", dtype, shape);
  if (sizeOf(shape) !== sizeOf(found)) {
    throw new ShapeError(
      "tensor",
      `${sizeOf(found)} values do not fill ${showShape(shape)}, which takes ${sizeOf(shape)}.`,
      [shape],
    );
  }
  const flat = hostArray(dtype, sizeOf(shape));
  if (typed && dtype !== "bool") flat.set(values);
  else if (typed) for (let i = 0; i < flat.length; i++) flat[i] = asStored(dtype, values[i]!);
  else {
    let next = 0;
    const fill = (nested: Nested): void => {
      if (typeof nested === "number" || typeof nested === "boolean") flat[next++] = asStored(dtype, nested);
      else nested.forEach(fill);
    };
    fill(values);
  }
  return tensorOf(flat, dtype, shape, options.device);
}

function shapeOf(values: Nested): number[] {
  if (typeof values === "number" || typeof values === "boolean") return [];
  if (!Array.isArray(values)) {
    throw new ArgumentError(
      "tensor",
      `a value is ${values === null ? "null" : typeof values}, expected numbers in arrays.`,
    );
  }
  const first = values[0];
  if (first === undefined) return [0];
  const inner = shapeOf(first);
  values.forEach((value, i) => {
    const other = shapeOf(value);
    if (showShape(other) !== showShape(inner)) {
      throw new ShapeError(
        "tensor",
        `row ${i} has shape ${showShape(other)}, row 0 has ${showShape(inner)}. All rows must be alike.`,
      );
    }
  });
  return [values.length, ...inner];
}

function filled<D extends DType>(who: string, shape: Shape, value: number, options: CreateOptions<D>): Tensor<D> {
  const dtype = (options.dtype ?? "float32") as D;
  requireKind(who, dtype, shape);
  if (dtype !== "float32" && dtype !== "float64") {
    const values = hostArray(dtype, sizeOf(shape)).fill(asStored(dtype, value)) as Arrays[D];
    return tensorOf(values, dtype, shape, options.device);
  }
  // The device fills its own memory; nothing is copied.
  const { device = currentDevice() } = options;
  const on = typeof device === "string" ? deviceNamed(device) : device;
  const buffer = on.map({ kind: "constant", value, dtype }, [], shape, dtype);
  ownBuffer(on, buffer);
  return stored(on, dtype, contiguousView(buffer, shape));
}

/** All the same value. */
export function full<D extends DType = "float32">(
  shape: Shape,
  value: number,
  options: CreateOptions<D> = {},
): Tensor<NoInfer<D>> {
  return filled("full", shape, value, options);
}

/** All zero. */
export function zeros<D extends DType = "float32">(shape: Shape, options: CreateOptions<D> = {}): Tensor<NoInfer<D>> {
  return filled("zeros", shape, 0, options);
}

/** All one. */
export function ones<D extends DType = "float32">(shape: Shape, options: CreateOptions<D> = {}): Tensor<NoInfer<D>> {
  return filled("ones", shape, 1, options);
}

/** 0, 1, 2 … below `stop`, as int32 unless said otherwise. */
export function arange<D extends DType = "int32">(stop: number, options: CreateOptions<D> = {}): Tensor<NoInfer<D>> {
  const dtype = (options.dtype ?? "int32") as D;
  if (!Number.isFinite(stop)) throw new ArgumentError("arange", `stop is ${stop}, expected a finite number.`);
  requireShape("arange", [Math.max(0, Math.ceil(stop))]);
  const values = hostArray(dtype, Math.max(0, Math.ceil(stop)));
  for (let i = 0; i < values.length; i++) values[i] = i;
  return tensorOf(values, dtype, [values.length], options.device);
}

/** `count` float32 values evenly spaced from `start` to `stop`, both included. */
export function linspace(
  start: number,
  stop: number,
  count: number,
  options: { readonly device?: Device } = {},
): Tensor<"float32"> {
  requireShape("linspace", [count]);
  const values = Float32Array.from({ length: count }, (_, i) =>
    count === 1 ? start : start + ((stop - start) * i) / (count - 1),
  );
  return tensorOf(values, "float32", [count], options.device);
}

/** Ones on the diagonal of a matrix, zeros elsewhere; square if `columns` is not said. */
export function eye<D extends DType = "float32">(
  rows: number,
  { columns = rows, ...options }: CreateOptions<D> & { readonly columns?: number } = {},
): Tensor<NoInfer<D>> {
  const dtype = (options.dtype ?? "float32") as D;
  requireKind("eye", dtype, [rows, columns]);
  const values = hostArray(dtype, rows * columns);
  for (let i = 0; i < Math.min(rows, columns); i++) values[i * (columns + 1)] = 1;
  return tensorOf(values as Arrays[D], dtype, [rows, columns], options.device);
}

/** Zeros of the shape, dtype and device of another tensor. */
export function zerosLike<D extends DType>(x: Tensor<D>): Tensor<D> {
  return zeros(x.shape, { dtype: x.dtype, device: x.device });
}

/** Ones of the shape, dtype and device of another tensor. */
export function onesLike<D extends DType>(x: Tensor<D>): Tensor<D> {
  return ones(x.shape, { dtype: x.dtype, device: x.device });
}

/** One value in the shape, dtype and device of another tensor. */
export function fullLike<D extends DType>(x: Tensor<D>, value: number): Tensor<D> {
  return full(x.shape, value, { dtype: x.dtype, device: x.device });
}
