import type { Buffer, DType, View } from "../../device.ts";
import { sizeOf } from "../../size.ts";
import { type Context, isWhole } from "../context.ts";
import { groupsFor, perElement, word } from "../wgsl/program.ts";
import { laid } from "./map.ts";

/** Lines up to this length are sorted by counting for each element those that come before it. */
const SHORT = 256;

/**
 * A whole number that orders as the values do, NaN last; zeros of both signs are equal. It is followed by the element's
 * place, so that no two are equal and the order is stable.
 */
const keyOf = (dtype: DType) =>
  dtype === "int32"
    ? "fn key_of(x: i32) -> u32 { return bitcast<u32>(x) ^ 0x80000000u; }"
    : `fn key_of(x: f32) -> u32 {
  if (is_nan(x)) { return 0xffffffffu; }
  if (x == 0.0) { return 0x80000000u; }
  let bits = bitcast<u32>(x);
  return select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u);
}`;

/** Sorts along an axis. */
export function sort(context: Context, x: View, axis: number): { readonly values: Buffer; readonly order: Buffer } {
  const { view, done } = laid(context, x);
  const { dtype } = view.buffer;
  const size = sizeOf(x.shape);
  const values = context.make(dtype, size);
  const order = context.make("int32", size);
  const n = x.shape[axis]!;
  const step = sizeOf(x.shape.slice(axis + 1));
  if (size > 0) {
    if (n <= SHORT) {
      context.run(
        `rank ${dtype}`,
        () => byCounting(dtype),
        [size, n, step, view.offset],
        [view.buffer],
        [values, order],
        groupsFor(size),
      );
    } else sortLong(context, view, n, step, values, order);
  }
  done();
  return { values, order };
}

function byCounting(dtype: DType) {
  return perElement({
    reads: [dtype],
    writes: [dtype, "int32"],
    outside: keyOf(dtype),
    body: `let start = (i / (${word(1)} * ${word(2)})) * ${word(1)} * ${word(2)} + i % ${word(2)};
  let place = (i / ${word(2)}) % ${word(1)};
  let x = A0[${word(3)} + i];
  let key = key_of(x);
  var rank = 0;
  for (var r = 0; r < ${word(1)}; r++) {
    let other = key_of(A0[${word(3)} + start + r * ${word(2)}]);
    if (other < key || (other == key && r < place)) { rank++; }
  }
  let at = start + rank * ${word(2)};
  Y0[at] = x;
  Y1[at] = place;`,
  });
}

/** Batcher's bitonic network on lines lengthened to a power of two by elements that come last. */
function sortLong(context: Context, view: View, n: number, step: number, values: Buffer, order: Buffer): void {
  const { dtype } = view.buffer;
  const width = 2 ** Math.ceil(Math.log2(n));
  const lines = sizeOf(view.shape) / n;
  const count = lines * width;
  const keys = context.make("int32", count);
  const places = context.make("int32", count);
  const lay = () =>
    perElement({
      reads: [dtype],
      writes: ["int32", "int32"],
      outside: keyOf(dtype),
      body: `let line = i / ${word(4)};
  let r = i % ${word(4)};
  var key = 0xffffffffu;
  if (r < ${word(1)}) {
    let start = (line / ${word(2)}) * ${word(1)} * ${word(2)} + line % ${word(2)};
    key = key_of(A0[${word(3)} + start + r * ${word(2)}]);
  }
  Y0[i] = bitcast<i32>(key);
  Y1[i] = r;`,
    });
  context.run(
    `sort lay ${dtype}`,
    lay,
    [count, n, step, view.offset, width],
    [view.buffer],
    [keys, places],
    groupsFor(count),
  );
  const exchange = () =>
    perElement({
      reads: [],
      writes: ["int32", "int32"],
      body: `let far = ${word(1)};
  let a = (i / far) * 2 * far + i % far;
  let b = a + far;
  let ka = bitcast<u32>(Y0[a]);
  let kb = bitcast<u32>(Y0[b]);
  let after = ka > kb || (ka == kb && Y1[a] > Y1[b]);
  if (after == ((a & ${word(2)}) == 0)) {
    Y0[a] = bitcast<i32>(kb);
    Y0[b] = bitcast<i32>(ka);
    let place = Y1[a];
    Y1[a] = Y1[b];
    Y1[b] = place;
  }`,
    });
  for (let run = 2; run <= width; run *= 2) {
    // The last merge brings every line into ascending order.
    const direction = run === width ? 0 : run;
    for (let far = run / 2; far >= 1; far /= 2)
      context.run("sort exchange", exchange, [count / 2, far, direction], [], [keys, places], groupsFor(count / 2));
  }
  const pick = () =>
    perElement({
      reads: [dtype, "int32"],
      writes: [dtype, "int32"],
      body: `let line = i / ${word(1)};
  let r = i % ${word(1)};
  let start = (line / ${word(2)}) * ${word(1)} * ${word(2)} + line % ${word(2)};
  let place = A1[line * ${word(4)} + r];
  Y0[start + r * ${word(2)}] = A0[${word(3)} + start + place * ${word(2)}];
  Y1[start + r * ${word(2)}] = place;`,
    });
  const size = lines * n;
  context.run(
    `sort pick ${dtype}`,
    pick,
    [size, n, step, view.offset, width],
    [view.buffer, places],
    [values, order],
    groupsFor(size),
  );
  context.free(keys);
  context.free(places);
}

/** One-dimensional indices in ascending order, equal ones as they come: the sorted ones, and where each was. */
export function sortedIndices(context: Context, indices: View): { readonly values: Buffer; readonly order: Buffer } {
  if (!isWhole(indices) || indices.shape.length !== 1) throw new Error("indices to be sorted lie one after another");
  return sort(context, indices, 0);
}
