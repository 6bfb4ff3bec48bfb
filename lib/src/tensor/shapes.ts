import type { Shape } from "../device/device.ts";
import { sizeOf } from "../device/size.ts";
import { ArgumentError, IndexError, ShapeError } from "./errors.ts";

export { sizeOf } from "../device/size.ts";

/** No memory has more. */
export const MOST_ELEMENTS = 2 ** 32;

/** Refuses what is no shape, or of more elements than any memory has. */
export function requireShape(who: string, shape: Shape): void {
  const odd = shape.find((n) => !Number.isInteger(n) || n < 0);
  if (odd !== undefined)
    throw new ShapeError(who, `a size of ${showShape(shape)} is ${odd}, expected whole sizes of 0 or more.`, [shape]);
  if (sizeOf(shape) > MOST_ELEMENTS)
    throw new ShapeError(who, `${showShape(shape)} has ${sizeOf(shape)} elements, expected at most ${MOST_ELEMENTS}.`, [
      shape,
    ]);
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The shape as messages write it: `[64, 400]`. */
export function showShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** A negative axis counts from the end; an axis outside the shape is an error that says whose. */
export function resolveAxis(who: string, axis: number, rank: number): number {
  if (typeof axis !== "number")
    throw new ArgumentError(who, `axis is ${JSON.stringify(axis)}, expected a number, such as -1 for the last axis.`);
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    const range = rank === 0 ? "a scalar has no axes" : `axes are ${-rank} … ${rank - 1}`;
    throw new IndexError(who, `axis ${axis} of a tensor with ${rank} ${rank === 1 ? "axis" : "axes"}: ${range}.`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** Ascending, distinct, non-negative axes; `undefined` means all of them. */
export function resolveAxes(who: string, axes: number | readonly number[] | undefined, rank: number): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, i) => i);
  const list = typeof axes === "number" ? [axes] : axes;
  const resolved = [...new Set(list.map((axis) => resolveAxis(who, axis, rank)))].sort((a, b) => a - b);
  if (resolved.length !== list.length) throw new IndexError(who, `axes [${list.join(", ")}] name one axis twice.`);
  return resolved;
}

/** The common shape of a broadcast, or the axis (from the end) at which the shapes disagree. */
export function broadcastShapes(a: Shape, b: Shape): { shape: Shape } | { axisFromEnd: number } {
  if (sameShape(a, b)) return { shape: a };
  const rank = Math.max(a.length, b.length);
  const shape = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const m = a.length >= i ? a[a.length - i]! : 1;
    const n = b.length >= i ? b[b.length - i]! : 1;
    if (m !== n && m !== 1 && n !== 1) return { axisFromEnd: i };
    shape[rank - i] = m === 1 ? n : m;
  }
  return { shape };
}
