import type { Shape } from "../device/device.ts";
import { tensorOf } from "../tensor/create.ts";
import { ArgumentError, DTypeError, IndexError, ShapeError } from "../tensor/errors.ts";
import { materialise } from "../tensor/lazy.ts";
import { requireLive } from "../tensor/ownership.ts";
import { broadcastShapes, sameShape, showShape, sizeOf } from "../tensor/shapes.ts";
import { Tensor } from "../tensor/tensor.ts";
import { checkedIndices } from "./indices.ts";

/**
 * One place of an index, as in numpy: a number takes that place away with its axis (negative ones count from the end),
 * `"1:-1"` or `"::2"` is a range, `"..."` stands for all axes that are not named, `null` makes a new axis, and an int32
 * tensor takes the slices at its elements. Of several tensors, all broadcast, each element names one place along all of
 * their axes together.
 */
export type Index = number | string | null | Tensor<"int32">;

/** What is asked of one axis, or a new one. */
type Step =
  | { readonly kind: "place"; readonly at: number }
  | { readonly kind: "range"; readonly start?: number; readonly stop?: number; readonly step: number }
  | { readonly kind: "new" }
  | { readonly kind: "tensor"; readonly indices: Tensor<"int32"> };

function read(who: string, x: Shape, index: readonly Index[]): Step[] {
  const named = index.filter((part) => part !== null && part !== "...").length;
  if (named > x.length) {
    const axes = `${x.length} ${x.length === 1 ? "axis" : "axes"}`;
    throw new IndexError(who, `${named} places are named, ${showShape(x)} has ${axes}.`);
  }
  if (index.filter((part) => part === "...").length > 1)
    throw new IndexError(who, `"..." stands twice, expected once at most.`);
  const all = Array.from({ length: x.length - named }, (): Step => ({ kind: "range", step: 1 }));
  const steps = index.flatMap((part): Step[] => (part === "..." ? all : [readPart(who, part)]));
  return index.includes("...") ? steps : [...steps, ...all];
}

function readPart(who: string, part: Index): Step {
  if (part === null) return { kind: "new" };
  if (part instanceof Tensor) {
    if ((part as Tensor).dtype === "bool") {
      throw new DTypeError(
        who,
        `an index is a tensor of truth values, whose number decides the shape. Find the places first: const [places] = await nonzero(mask).`,
      );
    }
    return { kind: "tensor", indices: part };
  }
  if (typeof part === "number") {
    if (!Number.isInteger(part)) throw new IndexError(who, `an index is ${part}, expected a whole number.`);
    return { kind: "place", at: part };
  }
  const range = /^\s*(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*(-?\d+)?\s*)?$/.exec(String(part));
  if (typeof part !== "string" || range === null) {
    throw new IndexError(
      who,
      `an index is ${show(part)}, expected a number, "start:stop:step", "...", null or a tensor.`,
    );
  }
  const step = Number(range[3] ?? 1);
  if (step === 0) throw new IndexError(who, `the step of "${part}" is 0, expected another whole number.`);
  return {
    kind: "range",
    ...(range[1] !== undefined && { start: Number(range[1]) }),
    ...(range[2] !== undefined && { stop: Number(range[2]) }),
    step,
  };
}

function show(part: unknown): string {
  return typeof part === "string" ? JSON.stringify(part) : part === undefined ? "missing" : typeof part;
}

/** The part of `x` that an index names. */
function partOf(who: string, x: Tensor, index: readonly Index[]): Tensor {
  requireLive(who, x);
  let y = x;
  let axis = 0;
  const lists: { readonly axis: number; readonly indices: Tensor<"int32"> }[] = [];
  for (const step of read(who, x.shape, index)) {
    if (step.kind === "new") y = y.expandDims(axis++);
    else if (step.kind === "tensor") lists.push({ axis: axis++, indices: step.indices });
    else if (step.kind === "place") {
      const n = y.shape[axis]!;
      const at = step.at < 0 ? step.at + n : step.at;
      if (at < 0 || at >= n) {
        const range = n === 0 ? "which is empty" : `expected ${-n} … ${n - 1}`;
        throw new IndexError(who, `index ${step.at} of an axis of ${showShape(x.shape)} with ${n} places, ${range}.`);
      }
      y = y.slice({ axis, start: at, stop: at + 1 }).squeeze(axis);
    } else {
      const whole = step.start === undefined && step.stop === undefined && step.step === 1;
      if (!whole) y = y.slice({ ...step, axis });
      axis++;
    }
  }
  return lists.length === 0 ? y : takeTogether(who, y, lists);
}

/** Slices at the places that several index tensors name together; they stand where the first of their axes stood. */
function takeTogether(
  who: string,
  y: Tensor,
  lists: readonly { readonly axis: number; readonly indices: Tensor<"int32"> }[],
): Tensor {
  const first = lists[0]!.axis;
  if (lists.length === 1) return y.take(lists[0]!.indices, first);
  const shape = lists.reduce<Shape>((all, { indices }) => {
    const both = broadcastShapes(all, indices.shape);
    if ("shape" in both) return both.shape;
    throw new ShapeError(who, `index tensors of ${showShape(all)} and ${showShape(indices.shape)} do not broadcast.`);
  }, []);
  const axes = lists.map(({ axis }) => axis);
  const sizes = axes.map((axis) => y.shape[axis]!);
  for (const [i, { indices }] of lists.entries()) checkedIndices(who, indices, sizes[i]!);
  // Their axes side by side become one, in which one number names a place of all of them.
  const others = y.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...others.filter((axis) => axis < first), ...axes, ...others.filter((axis) => axis > first)];
  const flat = y
    .transpose(order)
    .reshape([
      ...y.shape.slice(0, first),
      sizeOf(sizes),
      ...order.slice(first + axes.length).map((axis) => y.shape[axis]!),
    ]);
  const places = lists
    .map(({ indices }, i) => indices.mul(sizeOf(sizes.slice(i + 1))))
    .reduce<Tensor>((sum, part) => sum.add(part), tensorOf(new Int32Array(1), "int32", [], y.device))
    .broadcastTo(shape);
  return flat.take(places.cast("int32"), first);
}

/**
 * The part of a tensor that an index names, as numpy writes it: `x.at(0, "1:-1", "...", null)`.
 * Throws an `IndexError` for places that are not there.
 */
export function at<X extends Tensor>(x: X, ...index: readonly Index[]): X {
  return partOf("at", x, index) as X;
}

/** Where in the flattened tensor the places lie that an index names, and the shape they have there. */
function placesOf(who: string, x: Tensor, index: readonly Index[]): Tensor<"int32"> {
  const all = tensorOf(
    Int32Array.from({ length: x.size }, (_, i) => i),
    "int32",
    x.shape,
    x.device,
  );
  return partOf(who, all, index) as Tensor<"int32">;
}

function valuesAt(who: string, x: Tensor, index: readonly Index[], y: Tensor | number) {
  if (!Array.isArray(index))
    throw new ArgumentError(who, `the index is ${show(index)}, expected an array: x.${who}([0, "1:"], y).`);
  const places = placesOf(who, x, index);
  const values = typeof y === "number" ? tensorOf(Float64Array.of(y), "float64", [], x.device).cast(x.dtype) : y;
  const fits = broadcastShapes(values.shape, places.shape);
  if (!("shape" in fits) || !sameShape(fits.shape, places.shape)) {
    throw new ShapeError(
      who,
      `${showShape(values.shape)} does not broadcast to the ${showShape(places.shape)} that the index names.`,
      [values.shape, places.shape],
    );
  }
  const flat = places.reshape([places.size]);
  return { flat, values: values.broadcastTo(places.shape).reshape([places.size]) };
}

/**
 * The tensor with `y` (which broadcasts) at the places that an index names: `x.set([0, "1:3"], y)`. The tensor itself
 * stays as it is. Throws an `IndexError` where tensors name a place twice.
 */
export function set<X extends Tensor>(x: X, index: readonly Index[], y: Tensor | number): X {
  const { flat, values } = valuesAt("set", x, index, y);
  const hits = flat.mul(0).add(1).cast("int32").scatterAdd(flat, { axis: 0, size: x.size }).reshape(x.shape);
  refuseTwice(hits);
  const placed = values.cast(x.dtype).scatterAdd(flat, { axis: 0, size: x.size }).reshape(x.shape);
  return hits.cast("bool").where(placed as Tensor<"float32">, x as Tensor as Tensor<"float32">) as Tensor as X;
}

/** What is set twice has no one value; told where the device can tell at once. */
function refuseTwice(hits: Tensor): void {
  if (hits.device.peek === undefined || hits.state.kind === "batched" || hits.size === 0) return;
  const { buffer, offset } = materialise(hits.max());
  const most = hits.device.peek(buffer)[offset]!;
  if (most > 1) throw new IndexError("set", `a place is named ${most} times, expected once. To add up, use addAt.`);
}

/** The tensor with `y` (which broadcasts) added at the places that an index names, at one named twice both times. */
export function addAt<X extends Tensor>(x: X, index: readonly Index[], y: Tensor | number): X {
  const { flat, values } = valuesAt("addAt", x, index, y);
  return x.add(values.cast(x.dtype).scatterAdd(flat, { axis: 0, size: x.size }).reshape(x.shape)) as Tensor as X;
}
