import { cast } from "../operations/define.ts";
import { DataError, DTypeError, ShapeError } from "../tensor/errors.ts";
import { sameShape, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Module, type Place, places } from "./module.ts";

/**
 * Puts values in place by path, for the whole of a model and checked: nothing missing, nothing left over, every shape as
 * it was. A tensor that is in several places stays shared; one of its paths is enough. A file of PyTorch's fits as it is.
 */
export function loadState(model: Module, values: ReadonlyMap<string, Tensor>): void {
  const groups = new Map<Tensor, Place[]>();
  for (const place of places(model, { aliases: true }))
    groups.set(place.get(), [...(groups.get(place.get()) ?? []), place]);
  const known = new Set([...groups.values()].flat().map(({ path }) => path));
  const named = (group: readonly Place[]) => group.find(({ path }) => values.has(path));
  const missing = [...groups.values()].filter((group) => named(group) === undefined).map((group) => group[0]!.path);
  const surplus = [...values.keys()].filter((path) => !known.has(path));
  if (missing.length > 0 || surplus.length > 0) {
    const parts = [
      missing.length > 0 ? `missing ${missing.join(", ")}` : "",
      surplus.length > 0 ? `not in the model: ${surplus.join(", ")}` : "",
    ];
    throw new DataError(model.constructor.name, `the saved values do not fit: ${parts.filter(Boolean).join("; ")}.`);
  }
  const fitting = [...groups].map(([before, group]) => {
    const { path } = named(group)!;
    return { group, value: fitted(path, values.get(path)!, before) };
  });
  for (const { group, value } of fitting) for (const place of group) place.set(value);
}

/** A saved value in the dtype of what it replaces, if it has its shape. */
function fitted(path: string, value: Tensor, before: Tensor): Tensor {
  if (!sameShape(value.shape, before.shape)) {
    const text = `the saved values are ${showShape(value.shape)}, the model expects ${showShape(before.shape)}.`;
    throw new ShapeError(path, text, [value.shape]);
  }
  const float = (tensor: Tensor) => tensor.dtype === "float32" || tensor.dtype === "float64";
  if (float(value) !== float(before)) {
    throw new DTypeError(path, `the saved values are ${value.dtype}, the model expects ${before.dtype}.`);
  }
  return cast(value, before.dtype);
}
