import type { Buffer, DType, Shape, View } from "../../device.ts";
import { sizeOf } from "../../size.ts";
import { type Context, isWhole, whole } from "../context.ts";
import { groupsFor, perElement, word } from "../wgsl/program.ts";
import { laid, map } from "./map.ts";
import { sortedIndices } from "./sort.ts";

/** With so few indices each place looks through all of them. */
const FEW = 32;

/**
 * Adds slices at indices, each place by one thread, in the order of the updates: the same bits every time. Indices that
 * are out of range add nothing.
 */
export function scatterAdd(context: Context, indices: View, updates: View, axis: number, shape: Shape): Buffer {
  const { view, done } = laid(context, updates);
  const at = laid(context, indices);
  const { dtype } = view.buffer;
  const out = context.make(dtype, sizeOf(shape));
  const count = indices.shape[0] ?? 1;
  const inner = sizeOf(shape.slice(axis + 1));
  const words = [out.length, count, inner, shape[axis]!, view.offset, at.view.offset];
  const groups = groupsFor(out.length);
  if (count <= FEW) {
    context.run(`scatter few ${dtype}`, () => few(dtype), words, [view.buffer, at.view.buffer], [out], groups);
  } else {
    const flat = { ...at.view, shape: [count], strides: [1] };
    const aligned = isWhole(flat) ? { view: flat, done: () => {} } : copied(context, flat);
    const sorted = sortedIndices(context, aligned.view);
    const reads = [view.buffer, sorted.values, sorted.order];
    context.run(`scatter ${dtype}`, () => sortedRuns(dtype), words, reads, [out], groups);
    context.free(sorted.values);
    context.free(sorted.order);
    aligned.done();
  }
  at.done();
  done();
  return out;
}

function copied(context: Context, view: View) {
  const buffer = map(context, { kind: "input", index: 0, dtype: "int32" }, [view], view.shape, "int32");
  return { view: whole(buffer, view.shape), done: () => context.free(buffer) };
}

/** The place that a thread adds up, and how it takes an update. */
const opening = (dtype: DType) => `let in_row = i % ${word(2)};
  let row = i / ${word(2)};
  let place = row % ${word(3)};
  let start = ${word(4)} + (row / ${word(3)}) * ${word(1)} * ${word(2)} + in_row;
  var total = ${dtype === "int32" ? "0" : "0.0"};`;

function few(dtype: DType) {
  return perElement({
    reads: [dtype, "int32"],
    writes: [dtype],
    body: `${opening(dtype)}
  for (var r = 0; r < ${word(1)}; r++) {
    if (A1[${word(5)} + r] == place) { total = total + A0[start + r * ${word(2)}]; }
  }
  Y0[i] = total;`,
  });
}

function sortedRuns(dtype: DType) {
  return perElement({
    reads: [dtype, "int32", "int32"],
    writes: [dtype],
    body: `${opening(dtype)}
  var low = 0;
  var high = ${word(1)};
  while (low < high) {
    let middle = (low + high) / 2;
    if (A1[middle] < place) { low = middle + 1; } else { high = middle; }
  }
  for (; low < ${word(1)} && A1[low] == place; low++) { total = total + A0[start + A2[low] * ${word(2)}]; }
  Y0[i] = total;`,
  });
}

/** Adds each update where its window has the element that it names. */
export function spread(
  context: Context,
  updates: View,
  at: View,
  windows: Pick<View, "shape" | "strides">,
  shape: Shape,
): Buffer {
  const values = laid(context, updates);
  const places = laid(context, at);
  const { dtype } = updates.buffer;
  const rank = windows.shape.length - 2;
  const count = sizeOf(windows.shape.slice(0, -2));
  const [down, right] = windows.strides.slice(-2) as [number, number];
  const words = [
    count,
    values.view.offset,
    places.view.offset,
    windows.shape.at(-1)!,
    down,
    right,
    ...windows.shape.slice(0, -2),
    ...windows.strides.slice(0, -2),
  ];
  // Where an update goes.
  const target = (axes: number) => {
    const lines = ["var rest = i;", "var corner = 0;"];
    for (let axis = axes - 1; axis >= 0; axis--)
      lines.push(
        `corner = corner + (rest % ${word(6 + axis)}) * ${word(6 + axes + axis)};`,
        `rest = rest / ${word(6 + axis)};`,
      );
    const place = `A0[${word(2)} + i]`;
    lines.push(
      `let target_place = corner + (${place} / ${word(3)}) * ${word(4)} + (${place} % ${word(3)}) * ${word(5)};`,
    );
    return lines.join("\n  ");
  };
  let out: Buffer;
  if (isApart(windows)) {
    out = map(context, { kind: "constant", value: 0, dtype }, [], shape, dtype);
    const source = () =>
      perElement({
        reads: ["int32", dtype],
        writes: [dtype],
        body: `${target(rank)}\n  Y0[target_place] = A1[${word(1)} + i];`,
      });
    context.run(
      `spread apart ${dtype} ${rank}`,
      source,
      words,
      [places.view.buffer, values.view.buffer],
      [out],
      groupsFor(count),
    );
  } else {
    const targets = context.make("int32", count);
    const source = () =>
      perElement({ reads: ["int32"], writes: ["int32"], body: `${target(rank)}\n  Y0[i] = target_place;` });
    context.run(`spread targets ${rank}`, source, words, [places.view.buffer], [targets], groupsFor(count));
    const flat: View = { ...values.view, shape: [count], strides: [1] };
    out = scatterAdd(context, whole(targets, [count]), flat, 0, [sizeOf(shape)]);
    context.free(targets);
  }
  places.done();
  values.done();
  return out;
}

/** Whether no two windows share an element, as far as the steps tell. */
function isApart({ shape, strides }: Pick<View, "shape" | "strides">): boolean {
  const axes = shape
    .map((n, axis) => ({ n, step: Math.abs(strides[axis]!) }))
    .filter(({ n }) => n > 1)
    .sort((a, b) => a.step - b.step);
  let reach = 0;
  for (const { n, step } of axes) {
    if (step <= reach) return false;
    reach += (n - 1) * step;
  }
  return true;
}
