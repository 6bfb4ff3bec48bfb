import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { resolveAxis, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { add } from "./arithmetic.ts";
import { pad } from "./padding.ts";
import { expandDims } from "./rearrange.ts";

/** Tensors one after another along an axis (the first, if not said); their other sizes are equal. */
export function concat(parts: readonly Tensor[], axis = 0): Tensor {
  const first = parts[0];
  if (first === undefined) throw new ArgumentError("concat", "no tensors, expected at least one.");
  const at = resolveAxis("concat", axis, first.rank);
  for (const part of parts) {
    if (part.rank !== first.rank || part.shape.some((n, i) => i !== at && n !== first.shape[i])) {
      throw new ShapeError(
        "concat",
        `${showShape(first.shape)} and ${showShape(part.shape)} differ in more than axis ${axis}.`,
        parts.map((p) => p.shape),
      );
    }
  }
  const total = parts.reduce((sum, part) => sum + part.shape[at]!, 0);
  const none = first.shape.map(() => 0);
  let start = 0;
  let joined: Tensor | undefined;
  for (const part of parts) {
    const end = start + part.shape[at]!;
    const placed =
      parts.length === 1
        ? part
        : pad(part, { before: none.with(at, start), after: none.with(at, total - end), value: 0 });
    joined = joined === undefined ? placed : add(joined, placed);
    start = end;
  }
  return joined!;
}

/** Tensors of one shape side by side along a new axis (the first, if not said). */
export function stack(parts: readonly Tensor[], axis = 0): Tensor {
  return concat(
    parts.map((part) => expandDims(part, axis)),
    axis,
  );
}
