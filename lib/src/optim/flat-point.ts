import { type HasVariables, hasVariables, leavesOf, variables, withLeaves } from "../gradient/tree.ts";
import { cast } from "../operations/define.ts";
import { slice } from "../operations/indexing.ts";
import { reshape } from "../operations/rearrange.ts";
import { tensor } from "../tensor/create.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { materialise } from "../tensor/lazy.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** A tensor, a tree of tensors or a model as one long vector. */
export interface FlatPoint<At> {
  readonly start: Float64Array;
  /** The vector as a tensor, of the dtype and on the device of what it stands for. */
  tensorOf(vector: Float64Array): Tensor;
  /** Runs a function at the point that a vector stands for; derivatives go through. */
  run<R>(f: (at: At) => R, vector: Tensor): R;
  /** The point that a vector stands for; a model gets the values itself. */
  put(vector: Float64Array): At;
}

/** Takes a point apart. */
export async function flatPoint<At>(who: string, at: At): Promise<FlatPoint<At>> {
  const places = hasVariables(at) ? (at as HasVariables)[variables]() : null;
  const held = places?.map(({ get }) => get()) ?? leavesOf(at, "", who).map((leaf) => leaf.tensor);
  // A shared parameter is one, whatever the number of places that hold it.
  const tensors = [...new Set(held)];
  if (tensors.length === 0) throw new ArgumentError(who, "nothing to change, expected at least one tensor.");
  for (const { dtype } of tensors)
    if (dtype === "int32" || dtype === "bool")
      throw new ArgumentError(who, `the point holds ${dtype}, expected floats. Cast it: x.cast("float64").`);
  const dtype = tensors.some((one) => one.dtype === "float64") ? "float64" : "float32";
  const { device } = tensors[0]!;
  const starts = tensors.map((_, i) => tensors.slice(0, i).reduce((sum, one) => sum + one.size, 0));
  const start = new Float64Array(tensors.reduce((sum, one) => sum + one.size, 0));
  for (const [i, one] of tensors.entries()) start.set(await one.data(), starts[i]!);

  const tensorOf = (vector: Float64Array) => tensor(vector, { shape: [vector.length], dtype, device });
  const partsOf = (vector: Tensor) =>
    tensors.map((one, i) => {
      const part = slice(vector, { axis: 0, start: starts[i]!, stop: starts[i]! + one.size });
      return cast(reshape(part, one.shape), one.dtype);
    });
  const ordered = (parts: readonly Tensor[]) => held.map((one) => parts[tensors.indexOf(one)]!);
  const set = (values: readonly Tensor[]) => {
    places?.forEach((place, i) => {
      place.set(values[i]!);
    });
  };
  return {
    start,
    tensorOf,
    run: (f, vector) => {
      const values = ordered(partsOf(vector));
      if (places === null) return f(withLeaves(at, values.values()));
      const before = places.map(({ get }) => get());
      try {
        set(values);
        return f(at);
      } finally {
        set(before);
      }
    },
    put: (vector) => {
      const whole = tensorOf(vector);
      // Copies, so that no part keeps the whole alive.
      const values = ordered(partsOf(whole).map((part) => part.add(0)));
      for (const value of values) materialise(value);
      if (places === null) return withLeaves(at, values.values());
      set(values);
      return at;
    },
  };
}
