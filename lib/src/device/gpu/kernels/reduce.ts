import type { Buffer, DType, Reduction, Shape, View } from "../../device.ts";
import { sizeOf } from "../../size.ts";
import { type Context, whole } from "../context.ts";
import { joined } from "../layout.ts";
import { groupsFor, groupsOf, perElement, perGroup, word } from "../wgsl/program.ts";
import { offsetOf, unravelled } from "./index-code.ts";
import { map } from "./map.ts";

/** Threads that share a long fold. */
const TEAM = 256;
/** Folds up to this length are done by one thread each. */
const SHORT = 64;
/** With so many results each thread folds one, up to a length of LONG. */
const MANY = 4096;
const LONG = 4096;
/** Elements from which a fold is cut into pieces, so that more of the GPU works on it. */
const HUGE = 1 << 16;

/** Values of a fold: what it starts from, and how it goes on. Sums are taken in pieces, which rounds far less. */
interface Fold {
  readonly type: "f32" | "i32";
  readonly start: string;
  readonly step: (a: string, b: string) => string;
}

function foldOf(by: Exclude<Reduction, "argmax" | "argmin">, whole: boolean): Fold {
  const type = whole ? "i32" : "f32";
  switch (by) {
    case "sum":
      return { type, start: whole ? "0" : "0.0", step: (a, b) => `${a} + ${b}` };
    case "prod":
      return { type, start: whole ? "1" : "1.0", step: (a, b) => `${a} * ${b}` };
    case "max":
      return whole
        ? { type, start: "(-2147483647 - 1)", step: (a, b) => `max(${a}, ${b})` }
        : { type, start: "-infinity()", step: (a, b) => `s_maximum(${a}, ${b})` };
    case "min":
      return whole
        ? { type, start: "2147483647", step: (a, b) => `min(${a}, ${b})` }
        : { type, start: "infinity()", step: (a, b) => `s_minimum(${a}, ${b})` };
  }
}

/** Folds axes; what is kept stays in its order. */
export function reduce(context: Context, by: Reduction, x: View, axes: readonly number[], dtype: DType): Buffer {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const part = (which: readonly number[]) => ({
    shape: which.map((axis) => x.shape[axis]!),
    strides: which.map((axis) => x.strides[axis]!),
  });
  const outer = part(kept);
  const inner = part(axes);
  const count = sizeOf(outer.shape);
  const length = sizeOf(inner.shape);
  if (count === 0) return context.make(dtype, 0);
  if (length === 0) {
    const value = by === "prod" ? 1 : by === "max" ? -Infinity : by === "min" ? Infinity : 0;
    return map(context, { kind: "constant", value, dtype }, [], outer.shape, dtype);
  }
  const position = by === "argmax" || by === "argmin";
  if (!position && length >= HUGE && count < MANY) {
    const pieces = cut(inner.shape, count);
    if (pieces > 1) return inPieces(context, by, x, axes, pieces, dtype);
  }
  return fold(context, by, x, outer, inner, dtype);
}

type Part = { readonly shape: Shape; readonly strides: Shape };

function fold(context: Context, by: Reduction, x: View, outer: Part, inner: Part, dtype: DType): Buffer {
  const keptWalk = joined(outer.shape, [outer.strides]);
  const foldedWalk = joined(inner.shape, [inner.strides]);
  const [outerRank, innerRank] = [keptWalk.shape.length, foldedWalk.shape.length];
  const count = sizeOf(outer.shape);
  const length = sizeOf(inner.shape);
  const out = context.make(dtype, count);
  const words = [
    count,
    length,
    x.offset,
    ...keptWalk.shape,
    ...keptWalk.strides[0]!,
    ...foldedWalk.shape,
    ...foldedWalk.strides[0]!,
  ];
  // Where threads are emulated, each waits dearly for the others.
  const alone =
    length <= SHORT || (count >= MANY && length <= LONG) || (context.software && (count >= 64 || length <= LONG));
  const how = { by, from: x.buffer.dtype, to: dtype, outerRank, innerRank };
  const key = `reduce ${alone} ${by} ${how.from} ${dtype} ${outerRank} ${innerRank}`;
  const groups = alone ? groupsFor(count) : groupsOf(count);
  context.run(key, () => (alone ? oneThread(how) : team(how)), words, [x.buffer], [out], groups);
  return out;
}

/** The number of pieces, a divisor of the longest folded axis's size. */
function cut(shape: Shape, count: number): number {
  const n = Math.max(...shape);
  const wanted = Math.min(1024, Math.ceil(MANY / count), Math.ceil(sizeOf(shape) / 1024));
  for (let pieces = wanted; pieces > 1; pieces--) if (n % pieces === 0) return pieces;
  return 1;
}

/** First each piece on its own, then the pieces. */
function inPieces(
  context: Context,
  by: Reduction,
  x: View,
  axes: readonly number[],
  pieces: number,
  dtype: DType,
): Buffer {
  const sizes = axes.map((axis) => x.shape[axis]!);
  const axis = axes[sizes.indexOf(Math.max(...sizes))]!;
  const n = x.shape[axis]! / pieces;
  const split = <T>(list: readonly T[], here: readonly [T, T]) => [
    ...list.slice(0, axis),
    ...here,
    ...list.slice(axis + 1),
  ];
  const view: View = {
    buffer: x.buffer,
    offset: x.offset,
    shape: split(x.shape, [pieces, n]),
    strides: split(x.strides, [x.strides[axis]! * n, x.strides[axis]!]),
  };
  const inside = axes.map((a) => (a >= axis ? a + 1 : a));
  const first = reduce(context, by, view, inside, dtype);
  const kept = view.shape.filter((_, a) => !inside.includes(a));
  // The axis of pieces is where the axes before it that are kept end.
  const place = Array.from({ length: axis }, (_, a) => a).filter((a) => !axes.includes(a)).length;
  const result = reduce(context, by, whole(first, kept), [place], dtype);
  context.free(first);
  return result;
}

interface How {
  readonly by: Reduction;
  readonly from: DType;
  readonly to: DType;
  readonly outerRank: number;
  readonly innerRank: number;
}

/** Where the row of result `of` begins, and its element `r`. */
function places({ outerRank, innerRank }: How, of: string) {
  const sizes = 3 + 2 * outerRank;
  return {
    start: [unravelled("k", of, outerRank, 3), `let start = ${offsetOf("k", outerRank, 3 + outerRank, word(2))};`],
    element: [
      unravelled("f", "r", innerRank, sizes),
      `let x = A0[${offsetOf("f", innerRank, sizes + innerRank, "start")}];`,
    ],
  };
}

/** An element as the fold takes it. */
function taken(how: How, type: "f32" | "i32"): string {
  if (how.from === "int32") return type === "i32" ? "x" : "f32(x)";
  return type === "i32" ? "to_int(x)" : "x";
}

function given(how: How, type: "f32" | "i32", value: string): string {
  if (how.to === "int32") return type === "i32" ? value : `to_int(${value})`;
  const float = type === "i32" ? `f32(${value})` : value;
  return how.to === "bool" ? `select(0.0, 1.0, ${float} != 0.0)` : float;
}

const isWhole = (how: How) => how.from === "int32" || how.to === "int32";

function oneThread(how: How) {
  const { start, element } = places(how, "i");
  const parts = { reads: [how.from], writes: [how.to] };
  const { by } = how;
  if (by === "argmax" || by === "argmin") {
    const body = `${start.join("\n  ")}
  var best = 0;
  var most = ${how.from === "int32" ? "0" : "0.0"};
  for (var r = 0; r < ${word(1)}; r++) {
    ${element.join("\n    ")}
    if (r == 0 || ${beats(how, "x", "most")}) { most = x; best = r; }
  }
  Y0[i] = best;`;
    return perElement({ ...parts, body });
  }
  const { type, start: from, step } = foldOf(by, isWhole(how));
  const body = `${start.join("\n  ")}
  var total: ${type} = ${from};
  for (var begin = 0; begin < ${word(1)}; begin = begin + 64) {
    var some: ${type} = ${from};
    for (var r = begin; r < min(begin + 64, ${word(1)}); r++) {
      ${element.join("\n      ")}
      some = ${step("some", taken(how, type))};
    }
    total = ${step("total", "some")};
  }
  Y0[i] = ${given(how, type, "total")};`;
  return perElement({ ...parts, body });
}

/** Whether a value comes before the best so far: NaN beats everything. */
function beats({ by, from }: How, value: string, best: string): string {
  const order = by === "argmax" ? `${value} > ${best}` : `${value} < ${best}`;
  return from === "int32" ? order : `(${order} || (is_nan(${value}) && !is_nan(${best})))`;
}

function team(how: How) {
  const { start, element } = places(how, "group");
  const parts = { reads: [how.from], writes: [how.to] };
  const { by } = how;
  if (by === "argmax" || by === "argmin") {
    const type = how.from === "int32" ? "i32" : "f32";
    return perGroup(TEAM, {
      ...parts,
      outside: `var<workgroup> values: array<${type}, ${TEAM}>;\nvar<workgroup> spots: array<i32, ${TEAM}>;`,
      body: `${start.join("\n  ")}
  var best = -1;
  var most: ${type} = ${type}(0);
  for (var r = t; r < ${word(1)}; r = r + ${TEAM}) {
    ${element.join("\n    ")}
    if (best < 0 || ${beats(how, "x", "most")}) { most = x; best = r; }
  }
  values[t] = most;
  spots[t] = best;
  workgroupBarrier();
  for (var half = ${TEAM / 2}; half > 0; half = half / 2) {
    if (t < half && spots[t + half] >= 0) {
      let x = values[t + half];
      most = values[t];
      let equals = !(${beats(how, "x", "most")}) && !(${beats(how, "most", "x")});
      if (spots[t] < 0 || ${beats(how, "x", "most")} || (equals && spots[t + half] < spots[t])) {
        values[t] = x;
        spots[t] = spots[t + half];
      }
    }
    workgroupBarrier();
  }
  if (t == 0) { Y0[group] = spots[0]; }`,
    });
  }
  const { type, start: from, step } = foldOf(by, isWhole(how));
  return perGroup(TEAM, {
    ...parts,
    outside: `var<workgroup> values: array<${type}, ${TEAM}>;`,
    body: `${start.join("\n  ")}
  var total: ${type} = ${from};
  var some: ${type} = ${from};
  var count = 0;
  for (var r = t; r < ${word(1)}; r = r + ${TEAM}) {
    ${element.join("\n    ")}
    some = ${step("some", taken(how, type))};
    count++;
    if (count == 64) { total = ${step("total", "some")}; some = ${from}; count = 0; }
  }
  values[t] = ${step("total", "some")};
  workgroupBarrier();
  for (var half = ${TEAM / 2}; half > 0; half = half / 2) {
    if (t < half) { values[t] = ${step("values[t]", "values[t + half]")}; }
    workgroupBarrier();
  }
  if (t == 0) { Y0[group] = ${given(how, type, "values[0]")}; }`,
  });
}
