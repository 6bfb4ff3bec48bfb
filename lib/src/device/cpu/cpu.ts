import type { Device } from "../device.ts";
import { arrayToFill, giveBack } from "./arrays.ts";
import { requireKind, valuesOf, wrap } from "./buffer.ts";
import * as jit from "./jit/index.ts";
import { map } from "./loops/map.ts";
import { matmul } from "./loops/matmul.ts";
import { gather, pad, rowMajor, scatterAdd, spread } from "./loops/move.ts";
import { reduce } from "./loops/reduce.ts";
import { sort } from "./loops/sort.ts";
import { plain } from "./plain/plain.ts";
import { words } from "./random.ts";

/**
 * The CPU device: WebAssembly SIMD for products, convolutions and transcendental functions of float32 and for random
 * numbers, generated JavaScript loops for everything that runs at the speed of memory, and the reference where neither
 * applies.
 */
export const cpu: Device = {
  ...plain,
  name: "cpu",
  write: (values, dtype) => {
    requireKind(values, dtype);
    const out = arrayToFill(dtype, values.length);
    out.set(values);
    return wrap(out, dtype);
  },
  read: async (buffer) => valuesOf(buffer).slice(),
  free: (buffer) => giveBack(valuesOf(buffer)),
  map: (expression, inputs, shape, dtype) =>
    wrap(jit.map(expression, inputs, shape, dtype) ?? map(expression, inputs, shape, dtype), dtype),
  reduce: (by, x, axes, dtype) => wrap(jit.reduce(by, x, axes, dtype) ?? reduce(by, x, axes, dtype), dtype),
  rows: (program, inputs, shape) => {
    const results = jit.rows(program, inputs, shape);
    return (
      results && {
        elements: results.elements.map((values, i) => wrap(values, program.elements[i]!.dtype)),
        rows: results.rows.map((values, i) => wrap(values, program.rows[i]!.dtype)),
      }
    );
  },
  matmul: (a, b) => wrap(jit.matmul(a, b) ?? matmul(a, b), a.buffer.dtype),
  convolve: (x, filters, options) => {
    const values = jit.convolve(x, filters, options);
    return values === undefined ? plain.convolve(x, filters, options) : wrap(values, x.buffer.dtype);
  },
  pad: (parts, shape, fill) =>
    wrap(jit.pad(parts, shape, fill) ?? pad(parts, shape, fill), parts[0]?.view.buffer.dtype ?? "float32"),
  gather: (x, indices, axis) => {
    const places = rowMajor(indices) as Int32Array;
    return wrap(jit.gather(x, places, axis) ?? gather(x, places, axis), x.buffer.dtype);
  },
  scatterAdd: (indices, updates, axis, shape) => wrap(scatterAdd(indices, updates, axis, shape), updates.buffer.dtype),
  spread: (updates, at, windows, shape) => {
    const [values, places] = [rowMajor(updates), rowMajor(at) as Int32Array];
    return wrap(
      jit.spread(values, places, windows, shape) ?? spread(updates.buffer.dtype, values, places, windows, shape),
      updates.buffer.dtype,
    );
  },
  sort: (x, axis) => (x.buffer.dtype === "float64" ? plain.sort(x, axis) : sort(x, axis)),
  bits: (key, length) => {
    const out = arrayToFill("int32", length);
    words(key, out);
    return wrap(out, "int32");
  },
};
