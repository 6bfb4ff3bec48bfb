import type { Buffer, DType, Shape, View } from "../../device.ts";
import { sizeOf } from "../../size.ts";
import { type Context, whole } from "../context.ts";
import { joined } from "../layout.ts";
import { groupsFor, perElement, word } from "../wgsl/program.ts";
import { offsetOf, unravelled } from "./index-code.ts";
import { laid, map } from "./map.ts";

/** Writes parts at their places, and a value elsewhere: padding and joining. */
export function pad(
  context: Context,
  parts: readonly { readonly view: View; readonly at: Shape }[],
  shape: Shape,
  fill: number,
): Buffer {
  const dtype = parts[0]?.view.buffer.dtype ?? "float32";
  const covered = parts.reduce((sum, { view }) => sum + sizeOf(view.shape), 0);
  // Parts that fill everything lie beside each other.
  const out =
    covered >= sizeOf(shape)
      ? context.make(dtype, sizeOf(shape))
      : map(context, { kind: "constant", value: fill, dtype }, [], shape, dtype);
  const { strides } = whole(out, shape);
  for (const { view, at } of parts) {
    const start = at.reduce((sum, place, axis) => sum + place * strides[axis]!, 0);
    copyInto(context, view, out, strides, start);
  }
  return out;
}

/** Copies a view's elements to where the same places lie in a buffer that is walked in other steps. */
function copyInto(context: Context, view: View, out: Buffer, strides: Shape, start: number): void {
  const count = sizeOf(view.shape);
  const walk = joined(view.shape, [view.strides, strides]);
  const rank = walk.shape.length;
  const { dtype } = view.buffer;
  const words = [count, view.offset, start, ...walk.shape, ...walk.strides[0]!, ...walk.strides[1]!];
  const source = () =>
    perElement({
      reads: [dtype],
      writes: [dtype],
      body: `${unravelled("c", "i", rank, 3)}
  Y0[${offsetOf("c", rank, 3 + 2 * rank, word(2))}] = A0[${offsetOf("c", rank, 3 + rank, word(1))}];`,
    });
  context.run(`copy ${dtype === "int32"} ${rank}`, source, words, [view.buffer], [out], groupsFor(count));
}

/**
 * Slices at indices. An index that is out of range, which a GPU cannot refuse, reads nothing: it gives NaN, or 0 where
 * the values are no floats.
 */
export function gather(context: Context, x: View, indices: View, axis: number): Buffer {
  const { dtype } = x.buffer;
  const count = indices.shape[0] ?? 1;
  const shape = [...x.shape.slice(0, axis), count, ...x.shape.slice(axis + 1)];
  const out = context.make(dtype, sizeOf(shape));
  const outer = joined(x.shape.slice(0, axis), [x.strides.slice(0, axis)]);
  const inner = joined(x.shape.slice(axis + 1), [x.strides.slice(axis + 1)]);
  const [outerRank, innerRank] = [outer.shape.length, inner.shape.length];
  const words = [
    out.length,
    count,
    sizeOf(x.shape.slice(axis + 1)),
    x.shape[axis]!,
    x.offset,
    x.strides[axis]!,
    indices.offset,
    indices.strides[0] ?? 0,
    ...outer.shape,
    ...outer.strides[0]!,
    ...inner.shape,
    ...inner.strides[0]!,
  ];
  const sizes = 8 + 2 * outerRank;
  const source = () =>
    perElement({
      reads: [dtype, "int32"],
      writes: [dtype],
      body: `let in_row = i % ${word(2)};
  let row = i / ${word(2)};
  let place = A1[${word(6)} + (row % ${word(1)}) * ${word(7)}];
  if (place < 0 || place >= ${word(3)}) { Y0[i] = ${dtype === "float32" ? "nan()" : dtype === "int32" ? "0" : "0.0"}; return; }
  let before = row / ${word(1)};
  ${unravelled("o", "before", outerRank, 8)}
  ${unravelled("n", "in_row", innerRank, sizes)}
  let start = ${offsetOf("o", outerRank, 8 + outerRank, `${word(4)} + place * ${word(5)}`)};
  Y0[i] = A0[${offsetOf("n", innerRank, sizes + innerRank, "start")}];`,
    });
  context.run(
    `gather ${dtype} ${outerRank} ${innerRank}`,
    source,
    words,
    [x.buffer, indices.buffer],
    [out],
    groupsFor(out.length),
  );
  return out;
}

/** The random words of a key, two for each counter (Threefry-2x32). */
export function bits(context: Context, key: readonly [number, number], length: number): Buffer {
  const out = context.make("int32", length);
  const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;
  const rounds = Array.from({ length: 5 }, (_, group) => {
    const mix = rotations
      .slice((group & 1) * 4, (group & 1) * 4 + 4)
      .map((r) => `x0 = x0 + x1; x1 = ((x1 << ${r}u) | (x1 >> ${32 - r}u)) ^ x0;`);
    return [...mix, `x0 = x0 + k${(group + 1) % 3}; x1 = x1 + k${(group + 2) % 3} + ${group + 1}u;`].join("\n  ");
  });
  const source = () =>
    perElement({
      reads: [],
      writes: ["int32"],
      body: `let k0 = bitcast<u32>(${word(2)});
  let k1 = bitcast<u32>(${word(3)});
  let k2 = 0x1bd11bdau ^ k0 ^ k1;
  var x0 = u32(i) + k0;
  var x1 = k1;
  ${rounds.join("\n  ")}
  Y0[2 * i] = bitcast<i32>(x0);
  if (2 * i + 1 < ${word(1)}) { Y0[2 * i + 1] = bitcast<i32>(x1); }`,
    });
  const pairs = (length + 1) >> 1;
  context.run("bits", source, [pairs, length, key[0] | 0, key[1] | 0], [], [out], groupsFor(pairs));
  return out;
}

/** A running fold along an axis: in one thread for each line, or for many elements in a line by a team for each. */
export function scan(context: Context, by: "sum" | "prod" | "max" | "min", x: View, axis: number): Buffer {
  const { view, done } = laid(context, x);
  const { dtype } = view.buffer;
  const out = context.make(dtype, sizeOf(x.shape));
  const n = x.shape[axis]!;
  const step = sizeOf(x.shape.slice(axis + 1));
  const lines = n === 0 ? 0 : out.length / n;
  context.run(
    `scan ${by} ${dtype}`,
    () => scanning(by, dtype),
    [lines, n, step, view.offset],
    [view.buffer],
    [out],
    groupsFor(lines),
  );
  done();
  return out;
}

function scanning(by: "sum" | "prod" | "max" | "min", dtype: DType) {
  const whole = dtype === "int32";
  const type = whole ? "i32" : "f32";
  const next = {
    // What rounding takes from the sum is added to the next element (Kahan 1965).
    sum: whole
      ? "total = total + x;"
      : "let y = x - lost; let sum = total + y; lost = select((sum - total) - y, 0.0, !is_finite(sum)); total = sum;",
    prod: "total = total * x;",
    max: whole ? "total = max(total, x);" : "total = s_maximum(total, x);",
    min: whole ? "total = min(total, x);" : "total = s_minimum(total, x);",
  }[by];
  return perElement({
    reads: [dtype],
    writes: [dtype],
    body: `let first = (i / ${word(2)}) * ${word(1)} * ${word(2)} + i % ${word(2)};
  var total: ${type} = A0[${word(3)} + first];
  Y0[first] = total;
  ${by === "sum" && !whole ? "var lost = 0.0;" : ""}
  for (var r = 1; r < ${word(1)}; r++) {
    let at = first + r * ${word(2)};
    let x = A0[${word(3)} + at];
    ${next}
    Y0[at] = total;
  }`,
  });
}
