import type { SliceOptions } from "../../operations/indexing.ts";
import type { PadOptions } from "../../operations/padding.ts";
import type { SlidingOptions } from "../../operations/sliding.ts";
import { resolveAxes, resolveAxis } from "../../tensor/shapes.ts";
import type { Entry } from "./trace.ts";
import type { Write, Writes, Writing } from "./writing.ts";

/** What stands for "to the end" and for "to the beginning" where integers have 64 bits. */
const [end, beginning] = [2 ** 31 - 1, -(2 ** 31) + 1];

/** One size that depends on the batch is worked out from the others. */
function reshape(w: Writing): string {
  const sizes = w.both(({ output }) => output.shape);
  const open = sizes.filter(([a, b]) => a !== b).length;
  if (open === 1 && sizes.every(([a]) => a !== 0))
    return w.add("Reshape", [w.x(0), w.ints(sizes.map(([a, b]) => (a === b ? a : -1)))]);
  return w.add("Reshape", [w.x(0), w.sizes(sizes)]);
}

function broadcastTo(w: Writing): string {
  const lead = w.output.rank - w.inputs[0]!.rank;
  const sizes = w.both(({ output, inputs }) =>
    // An axis that stays as it is needs no size.
    output.shape.map((n, i) => (i >= lead && inputs[0]!.shape[i - lead] === n ? 1 : n)),
  );
  return w.add("Expand", [w.x(0), w.sizes(sizes)]);
}

function slice(w: Writing): string {
  const { axis, step = 1 } = w.options as SliceOptions;
  const of = (entry: Entry) => entry.options as SliceOptions;
  const [first, last] = step > 0 ? [0, end] : [end, beginning];
  const starts = w.sizes(w.both((entry) => [of(entry).start ?? first]));
  const stops = w.sizes(w.both((entry) => [of(entry).stop ?? last]));
  const axes = w.ints([resolveAxis("slice", axis, w.output.rank)]);
  return w.add("Slice", [w.x(0), starts, stops, axes, w.ints([step])]);
}

function flip(w: Writing): string {
  const axes = resolveAxes("flip", w.options as number, w.output.rank);
  const same = (value: number) => w.ints(axes.map(() => value));
  return w.add("Slice", [w.x(0), same(end), same(beginning), w.ints(axes), same(-1)]);
}

const transpose: Write = (w) => {
  const axes = (w.options as readonly number[] | undefined)?.map((axis) =>
    resolveAxis("transpose", axis, w.output.rank),
  );
  const plain = w.output.shape.map((_, i) => i);
  const n = plain.length;
  const perm = axes ?? (n < 2 ? plain : [...plain.slice(0, -2), n - 1, n - 2]);
  return w.add("Transpose", [w.x(0)], { perm });
};

function padConstant(w: Writing): string {
  const of = (entry: Entry) => entry.options as PadOptions;
  const pads = w.sizes(w.both((entry) => [...of(entry).before, ...of(entry).after]));
  return w.add("Pad", [w.x(0), pads, w.number(of(w.entry).value ?? 0)]);
}

/** Windows that slide along an axis, gathered one after another. */
function unfold(w: Writing): string {
  const { axis, size, stride = 1, dilation = 1 } = w.options as SlidingOptions;
  const rank = w.inputs[0]!.rank;
  const at = resolveAxis("unfold", axis, rank);
  const windows = w.output.shape[at]!;
  const places = Array.from(
    { length: windows * size },
    (_, i) => Math.floor(i / size) * stride + (i % size) * dilation,
  );
  const gathered = w.add("Gather", [w.x(0), w.ints(places)], { axis: at });
  const shape = w.both(({ inputs }) => inputs[0]!.shape.toSpliced(at, 1, windows, size));
  const apart = w.add("Reshape", [gathered, w.sizes(shape)]);
  const order = Array.from({ length: rank + 1 }, (_, i) => i).filter((i) => i !== at + 1);
  return w.add("Transpose", [apart], { perm: [...order, at + 1] });
}

/** Zeros to which updates are added. */
function scatterAdd(w: Writing): string {
  const { axis } = w.options as { readonly axis: number };
  const [updates, at] = [w.inputs[0]!, resolveAxis("scatterAdd", axis, w.output.rank)];
  const zeros = w.add("Expand", [w.number(0), w.sizes(w.both(({ output }) => output.shape))]);
  const line = w.add("Reshape", [w.x(1), w.ints(updates.shape.map((_, i) => (i === at ? -1 : 1)))]);
  const places = w.add("Expand", [line, w.sizes(w.both(({ inputs }) => inputs[0]!.shape))]);
  return w.add("ScatterElements", [zeros, places, w.x(0)], { axis: at, reduction: "add" });
}

/** Operations that lay elements out anew. */
export const writeLayout: Writes = {
  reshape,
  flatten: reshape,
  unflatten: reshape,
  expandDims: reshape,
  squeeze: reshape,
  transpose,
  broadcastTo,
  slice,
  flip,
  padConstant,
  unfold,
  scatterAdd,
  take: (w) => w.add("Gather", w.all(), { axis: resolveAxis("take", (w.options as number) ?? 0, w.inputs[0]!.rank) }),
  takeAlongAxis: (w) =>
    w.add("GatherElements", w.all(), {
      axis: resolveAxis("takeAlongAxis", (w.options as number) ?? -1, w.inputs[0]!.rank),
    }),
  concat: (w) => w.add("Concat", w.all(), { axis: resolveAxis("concat", (w.options as number) ?? 0, w.output.rank) }),
};
