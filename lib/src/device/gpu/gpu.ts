import type { Arrays, Device, DType, TypedArray } from "../device.ts";
import { rangeOf } from "../range.ts";
import { blockOf, type Context } from "./context.ts";
import { attend, attendBack } from "./kernels/attention/attention.ts";
import { convolve } from "./kernels/convolve.ts";
import { factor, solve } from "./kernels/factor.ts";
import { map } from "./kernels/map.ts";
import { matmul } from "./kernels/matmul.ts";
import { bits, gather, pad, scan } from "./kernels/move.ts";
import { reduce } from "./kernels/reduce.ts";
import { rows } from "./kernels/rows.ts";
import { scatterAdd, spread } from "./kernels/scatter.ts";
import { sort } from "./kernels/sort.ts";
import type { GpuBuffer } from "./memory.ts";

/**
 * The GPU device on WebGPU, for float32, int32 and truth values. Values are read by promise alone. Elementwise programs
 * are compiled by gpu.js, wherever what it makes of them is correct; everything else is WGSL written here.
 */
export function gpuDevice(context: Context): Device {
  const { launcher } = context;
  return {
    get name() {
      return launcher.lost ? "gpu, which was lost" : "gpu";
    },
    dtypes: ["float32", "int32", "bool"],
    write: (values, dtype) => {
      const buffer = context.make(dtype, values.length, dtype === "int32" ? rangeOf(values as Int32Array) : undefined);
      launcher.write(
        blockOf(buffer),
        dtype === "bool" ? Float32Array.from(values) : (values as Float32Array | Int32Array),
      );
      return buffer;
    },
    read: (buffer) => read(context, buffer as GpuBuffer),
    range: (buffer) => (buffer as GpuBuffer).range,
    free: (buffer) => context.free(buffer),
    flush: () => launcher.flush(),
    finish: () => launcher.finish(),
    map: (expression, inputs, shape, dtype) => map(context, expression, inputs, shape, dtype),
    reduce: (by, x, axes, dtype) => reduce(context, by, x, axes, dtype),
    rows: (program, inputs, shape) => rows(context, program, inputs, shape),
    attend: (views) => attend(context, views),
    attendBack: (views, output, cotangent) => attendBack(context, views, output, cotangent),
    scan: (by, x, axis) => scan(context, by, x, axis),
    matmul: (a, b) => matmul(context, a, b),
    convolve: (x, filters, options) => convolve(context, x, filters, options),
    pad: (parts, shape, fill) => pad(context, parts, shape, fill),
    gather: (x, indices, axis) => gather(context, x, indices, axis),
    scatterAdd: (indices, updates, axis, shape) => scatterAdd(context, indices, updates, axis, shape),
    spread: (updates, at, windows, shape) => spread(context, updates, at, windows, shape),
    sort: (x, axis) => sort(context, x, axis),
    factor: (by, x) => factor(context, by, x),
    solve: (a, b, triangle) => solve(context, a, b, triangle),
    bits: (key, length) => bits(context, key, length),
  };
}

async function read(context: Context, buffer: GpuBuffer): Promise<TypedArray> {
  const bytes = await context.launcher.read(blockOf(buffer), 4 * buffer.length);
  return asArray(bytes, buffer.dtype);
}

function asArray(bytes: ArrayBuffer, dtype: DType): Arrays[DType] {
  if (dtype === "int32") return new Int32Array(bytes);
  const floats = new Float32Array(bytes);
  return dtype === "bool" ? Uint8Array.from(floats) : floats;
}
