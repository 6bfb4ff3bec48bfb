import type { DType, Shape } from "../../device/device.ts";
import { concat, split } from "../../operations/joining.ts";
import type { PadOptions } from "../../operations/padding.ts";
import { full, tensorOf } from "../../tensor/create.ts";
import { broadcastShapes, sizeOf } from "../../tensor/shapes.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Call, Runs } from "./call.ts";
import { host, knownValues } from "./tensors.ts";

const ints = (values: readonly number[], shape: Shape = [values.length]): Tensor =>
  tensorOf(Int32Array.from(values), "int32", shape, host());

const place = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis);

function reshaped(call: Call): Tensor {
  const x = call.x(0);
  const keepsZeros = call.int("allowzero", 0) === 1;
  return x.reshape(call.numbers(1).map((n, i) => (n === 0 && !keepsZeros ? (x.shape[i] ?? 0) : n)));
}

function flattened(call: Call): Tensor {
  const x = call.x(0);
  const axis = place(call.int("axis", 1), x.rank);
  return x.reshape([sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))]);
}

/** Axes are an attribute in old files and an input in new ones. */
const axesOf = (call: Call): number[] | null => call.ints("axes") ?? call.maybeNumbers(1);

function squeezed(call: Call): Tensor {
  const x = call.x(0);
  const axes = axesOf(call)?.map((axis) => place(axis, x.rank));
  return x.reshape(x.shape.filter((n, axis) => (axes === undefined ? n !== 1 : !axes.includes(axis))));
}

function unsqueezed(call: Call): Tensor {
  const x = call.x(0);
  const given = axesOf(call) ?? [];
  const rank = x.rank + given.length;
  const axes = given.map((axis) => place(axis, rank));
  const left = [...x.shape];
  return x.reshape(Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : left.shift()!)));
}

function sliced(call: Call): Tensor {
  const x = call.x(0);
  const old = call.opset < 10;
  const starts = old ? call.ints("starts")! : call.numbers(1);
  const ends = old ? call.ints("ends")! : call.numbers(2);
  const axes = (old ? call.ints("axes") : call.maybeNumbers(3)) ?? starts.map((_, i) => i);
  const steps = (old ? null : call.maybeNumbers(4)) ?? starts.map(() => 1);
  return axes.reduce((part, given, i) => {
    const axis = place(given, x.rank);
    const [step, stop] = [steps[i]!, ends[i]!];
    // Backwards beyond the first element, which a negative number would count from the end.
    const open = step < 0 && stop < -x.shape[axis]!;
    return part.slice({ axis, start: starts[i]!, step, ...(!open && { stop }) });
  }, x);
}

/** Indices may count from the end. */
function fromStart(indices: Tensor, size: number): Tensor<"int32"> {
  return indices.less(0).where(indices.add(size), indices).cast("int32");
}

function gathered(call: Call): Tensor {
  const x = call.x(0);
  const axis = place(call.int("axis", 0), x.rank);
  return x.take(fromStart(call.x(1), x.shape[axis]!), axis);
}

function gatheredElements(call: Call): Tensor {
  const [x, indices] = [call.x(0), call.x(1)];
  const axis = place(call.int("axis", 0), x.rank);
  const within = x.shape.reduce<Tensor>(
    (part, n, i) => (i === axis || n === indices.shape[i] ? part : part.slice({ axis: i, stop: indices.shape[i]! })),
    x,
  );
  return within.takeAlongAxis(fromStart(indices, x.shape[axis]!), axis);
}

/** Updates put, or added, at places along an axis. */
function scattered(call: Call): Tensor {
  const [x, indices, updates] = [call.x(0), call.x(1), call.x(2)];
  const reduction = call.text("reduction", "none");
  if (reduction !== "none" && reduction !== "add") return call.refuse(`reduction ${reduction}`);
  const axis = place(call.int("axis", 0), x.rank);
  const strides = x.shape.map((_, i) => sizeOf(x.shape.slice(i + 1)));
  // Where each update's own place begins, without its part along the axis.
  const starts = Int32Array.from({ length: indices.size }, (_, k) =>
    indices.shape.reduce((sum, n, i) => {
      const at = Math.floor(k / sizeOf(indices.shape.slice(i + 1))) % n;
      return i === axis ? sum : sum + at * strides[i]!;
    }, 0),
  );
  const along = fromStart(indices, x.shape[axis]!).mul(strides[axis]!).reshape([-1]);
  const places = along.add(tensorOf(starts, "int32", [starts.length], x.device)).cast("int32");
  const into = { axis: 0, size: x.size };
  const sums = updates.reshape([-1]).scatterAdd(places, into).reshape(x.shape);
  if (reduction === "add") return x.add(sums) as Tensor;
  const hits = full([starts.length], 1, { device: x.device }).scatterAdd(places, into).reshape(x.shape);
  return hits.greater(0).where(sums as Tensor<"float32">, x as Tensor<"float32">) as Tensor;
}

function expanded(call: Call): Tensor {
  const x = call.x(0);
  const both = broadcastShapes(x.shape, call.numbers(1));
  return "shape" in both ? x.broadcastTo(both.shape) : x.broadcastTo(call.numbers(1));
}

const modes: Readonly<Record<string, NonNullable<PadOptions["mode"]>>> = {
  constant: "constant",
  reflect: "reflect",
  edge: "replicate",
  wrap: "circular",
};

function padded(call: Call): Tensor {
  const x = call.x(0);
  const old = call.opset < 11;
  const pads = old ? call.ints("pads")! : call.numbers(1);
  const value = old ? call.float("value", 0) : (call.maybeNumbers(2)?.[0] ?? 0);
  const axes = call.maybeNumbers(3)?.map((axis) => place(axis, x.rank)) ?? x.shape.map((_, i) => i);
  const mode = modes[call.text("mode", "constant")] ?? call.refuse(`mode ${call.text("mode")}`);
  const sides = (from: number) => x.shape.map((_, axis) => pads[from + axes.indexOf(axis)] ?? 0);
  const [before, after] = [sides(0), sides(axes.length)].map((list) =>
    list.map((n, axis) => (axes.includes(axis) ? n : 0)),
  ) as [number[], number[]];
  // A negative number cuts off.
  const cut = x.shape.reduce<Tensor>((part, n, axis) => {
    const [start, stop] = [Math.max(0, -before[axis]!), n - Math.max(0, -after[axis]!)];
    return start === 0 && stop === n ? part : part.slice({ axis, start, stop });
  }, x);
  const added = { before: before.map((n) => Math.max(0, n)), after: after.map((n) => Math.max(0, n)) };
  return cut.pad({ ...added, mode, ...(mode === "constant" && { value }) });
}

function parts(call: Call): readonly Tensor[] {
  const x = call.x(0);
  const axis = place(call.int("axis", 0), x.rank);
  const sizes = call.ints("split") ?? call.maybeNumbers(1);
  if (sizes !== null) return split(x, sizes, axis);
  return split(x, Math.ceil(x.shape[axis]! / call.node.output.length), axis);
}

function constant(call: Call): Tensor {
  const tensor = call.tensor("value");
  if (tensor !== null) return tensor;
  if (call.has("value_int")) return ints([call.int("value_int")], []);
  if (call.has("value_ints")) return ints(call.ints("value_ints")!);
  const floats = call.has("value_float") ? [call.float("value_float")] : call.floats("value_floats");
  if (floats === null) return call.refuse("a constant that is no tensor of numbers");
  return tensorOf(Float32Array.from(floats), "float32", call.has("value_float") ? [] : [floats.length], host());
}

function constantOfShape(call: Call): Tensor {
  const value = call.tensor("value");
  const dtype: DType = value?.dtype ?? "float32";
  return full(call.numbers(0), value === null ? 0 : knownValues(value)[0]!, { dtype, device: host() });
}

function range(call: Call): Tensor {
  const [start, limit, step] = [0, 1, 2].map((i) => call.numbers(i)[0]!) as [number, number, number];
  const { dtype } = call.x(0);
  const values = Array.from({ length: Math.max(0, Math.ceil((limit - start) / step)) }, (_, i) => start + i * step);
  return dtype === "int32" ? ints(values) : tensorOf(Float32Array.from(values), "float32", [values.length], host());
}

function oneHot(call: Call): Tensor {
  const [indices, depth, axis] = [call.x(0), call.numbers(1)[0]!, call.int("axis", -1)];
  const [off, on] = call.numbers(2) as [number, number];
  const at = place(axis, indices.rank + 1);
  const classes = tensorOf(
    Int32Array.from({ length: depth }, (_, i) => i),
    "int32",
    Array.from({ length: indices.rank + 1 }, (_, i) => (i === at ? depth : 1)),
    indices.device,
  );
  const hot = fromStart(indices, depth).expandDims(at).equal(classes);
  return hot.where(on, off).cast(call.x(2).dtype) as Tensor;
}

function depthToSpace(call: Call): Tensor {
  const x = call.x(0);
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const size = call.int("blocksize");
  const depth = c / size ** 2;
  const columnFirst = call.text("mode", "DCR") === "CRD";
  const blocks = x.reshape(columnFirst ? [n, depth, size, size, h, w] : [n, size, size, depth, h, w]);
  const order = columnFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2];
  return blocks.transpose(order).reshape([n, depth, h * size, w * size]);
}

function spaceToDepth(call: Call): Tensor {
  const x = call.x(0);
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const size = call.int("blocksize");
  const blocks = x.reshape([n, c, h / size, size, w / size, size]).transpose([0, 3, 5, 1, 2, 4]);
  return blocks.reshape([n, c * size ** 2, h / size, w / size]);
}

/** A shape is known whatever the data are. */
export const shapeRuns: Runs = {
  Shape: (call) => {
    const { shape } = call.x(0);
    return ints(shape.slice(call.int("start", 0), call.has("end") ? call.int("end") : shape.length));
  },
  Size: (call) => ints([call.x(0).size], []),
};

/** Operations that lay elements out anew, or make them. */
export const layout: Runs = {
  Reshape: reshaped,
  Flatten: flattened,
  Squeeze: squeezed,
  Unsqueeze: unsqueezed,
  Transpose: (call) =>
    call.x(0).transpose(
      call.ints("perm") ??
        call
          .x(0)
          .shape.map((_, i) => i)
          .reverse(),
    ),
  Concat: (call) => concat(call.all(), call.int("axis")),
  Split: parts,
  Slice: sliced,
  Gather: gathered,
  GatherElements: gatheredElements,
  ScatterElements: scattered,
  Expand: expanded,
  Tile: (call) => call.x(0).tile(call.numbers(1)),
  Pad: padded,
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Range: range,
  OneHot: oneHot,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  Trilu: (call) => {
    const offset = call.maybeNumbers(1)?.[0] ?? 0;
    return call.int("upper", 1) === 1 ? call.x(0).triu(offset) : call.x(0).tril(offset);
  },
};
