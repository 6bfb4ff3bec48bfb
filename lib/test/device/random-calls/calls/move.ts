import { valuesOf } from "../../../../src/device/cpu/buffer.ts";
import type { DType, Shape, View } from "../../../../src/device/device.ts";
import { sizes } from "../bounds.ts";
import type { Planned } from "../calls.ts";
import type { Random } from "../random.ts";
import { indices, shape, view } from "../views.ts";
import { windowsOf } from "./reduce.ts";

const dtypes = ["float32", "float32", "float32", "float64", "int32", "bool"] as const;

interface Part {
  readonly view: View;
  readonly at: Shape;
}
type Padded = { readonly parts: readonly Part[]; readonly shape: Shape; readonly fill: number };

/** Parts one after another along an axis, or anywhere in what else is filled. */
export function pad(random: Random): Planned<Padded> {
  const [dtype, kind] = [random.pick(dtypes) as DType, "special" as const];
  const count = random.within(1, 4);
  const rank = random.within(0, 4);
  const one = shape(random, rank, random.chance(0.4) ? 3000 : 200);
  const fill = dtype === "bool" ? random.below(2) : random.pick([0, -0, 1.5, Number.NaN, -Infinity]);
  if (rank > 0 && random.chance(0.5)) {
    const axis = random.below(rank);
    const lengths = Array.from({ length: count }, () => random.below(6));
    const of = (n: number) => one.map((size, i) => (i === axis ? n : size));
    let next = 0;
    const parts = lengths.map((n) => {
      const at = one.map((_, i) => (i === axis ? next : 0));
      next += n;
      return { view: view(random, of(n), { dtype, kind }), at };
    });
    return padded({ parts, shape: of(next), fill });
  }
  const room = one.map((n) => n + random.below(4));
  const parts = Array.from({ length: count }, () => {
    const size = one.map((n) => random.within(Math.max(0, n - 3), n));
    return { view: view(random, size, { dtype, kind }), at: room.map((n, i) => random.below(n - size[i]! + 1)) };
  });
  return padded({ parts, shape: room, fill: dtype === "int32" ? 3 : fill });
}

const padded = (given: Padded): Planned<Padded> => ({
  given,
  run: (device, { parts, shape, fill }) => [valuesOf(device.pad(parts, shape, fill))],
  bounds: "exact",
});

type Gathered = { readonly x: View; readonly indices: View; readonly axis: number };

export function gather(random: Random): Planned<Gathered> {
  const dims = shape(random, random.within(1, 3), random.chance(0.4) ? 4000 : 200);
  const axis = random.chance(0.5) ? 0 : random.below(dims.length);
  const n = dims[axis]!;
  const picked = [n === 0 ? 0 : random.below(random.chance(0.3) ? 60 : 9)];
  const x = view(random, dims, { dtype: random.pick(dtypes), kind: "special" });
  return {
    given: { x, indices: indices(random, picked, 0, Math.max(0, n - 1)), axis },
    run: (device, { x, indices, axis }) => [valuesOf(device.gather(x, indices, axis))],
    bounds: "exact",
  };
}

type Scattered = { readonly indices: View; readonly updates: View; readonly axis: number; readonly shape: Shape };

export function scatterAdd(random: Random): Planned<Scattered> {
  const target = shape(random, random.within(1, 3), random.chance(0.4) ? 4000 : 200);
  const axis = random.below(target.length);
  const n = target[axis]!;
  const picked = n === 0 ? 0 : random.below(20);
  const updates = target.map((size, i) => (i === axis ? picked : size));
  return {
    given: {
      indices: indices(random, [picked], 0, Math.max(0, n - 1)),
      updates: view(random, updates, { dtype: random.pick(dtypes), kind: random.pick(["tame", "special"] as const) }),
      axis,
      shape: target,
    },
    run: (device, { indices, updates, axis, shape }) => [valuesOf(device.scatterAdd(indices, updates, axis, shape))],
    bounds: "exact",
  };
}

type Spread = {
  readonly updates: View;
  readonly at: View;
  readonly windows: Pick<View, "shape" | "strides">;
  readonly shape: Shape;
};

/** What belongs to windows, put where their extremes are. */
export function spread(random: Random): Planned<Spread> {
  const size = random.chance(0.6) ? [2, 2] : [random.within(1, 4), random.within(1, 4)];
  const step = random.chance(0.7) ? size : [random.within(1, 4), random.within(1, 4)];
  const more = random.chance(0.5) ? 2 * random.below(9) : random.below(19);
  const images = [random.within(1, 3), random.within(1, 3), size[0]! + more, size[1]! + 2 * random.below(9)];
  const windows = windowsOf(images, size, step);
  const outer = windows.shape.slice(0, 4);
  const dtype = random.pick(["float32", "float32", "float32", "float64", "int32"] as const);
  const given = {
    updates: view(random, outer, { dtype, kind: random.pick(["tame", "special"] as const) }),
    at: indices(random, outer, 0, size[0]! * size[1]! - 1),
    windows,
    shape: images,
  };
  return {
    given,
    run: (device, { updates, at, windows, shape }) => [valuesOf(device.spread(updates, at, windows, shape))],
    // An element lies in few windows, and each sum of it is rounded.
    bounds:
      dtype === "int32"
        ? "exact"
        : (reference) => {
            const sums = valuesOf(reference.spread(sizes(given.updates), given.at, windows, images));
            return [Float64Array.from(sums, (sum) => 16 * 2 ** (dtype === "float64" ? -53 : -24) * sum)];
          },
  };
}
