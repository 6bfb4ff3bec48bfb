import { wrap } from "../../../src/device/cpu/buffer.ts";
import type { View } from "../../../src/device/device.ts";
import { type Given, viewsOf } from "./calls.ts";
import type { Random } from "./random.ts";
import { values } from "./views.ts";

const far = [
  -1,
  1,
  2,
  -3,
  7,
  64,
  1000,
  -1000,
  2 ** 20,
  2 ** 31 - 1,
  -(2 ** 31),
  2 ** 32,
  2 ** 53,
  0.5,
  Number.NaN,
  Infinity,
];
/** For sizes and counts: such as take no ages where they are read with stride 0. */
const counts = [-1, 0, 1, 2, 3, -7, 0.5, 2.5, 40, 100, Number.NaN];

/** The arguments of a call with something in them that is wrong, or unusual at least. */
export function spoil<G extends Given>(random: Random, given: G): G {
  const views = viewsOf(given);
  const which = random.next();
  if (views.length > 0 && which < 0.75) {
    const chosen = random.pick(views);
    return replaced(given, chosen, spoiled(random, chosen)) as G;
  }
  const numbers = placesOf(given);
  if (numbers.length === 0) return given;
  return replacedAt(given, random.pick(numbers), random.pick(counts)) as G;
}

function spoiled(random: Random, view: View): View {
  const { shape, strides, offset, buffer } = view;
  const change = (list: readonly number[], to: (n: number) => number) => {
    const at = random.below(Math.max(1, list.length));
    return list.map((n, i) => (i === at ? to(n) : n));
  };
  switch (random.below(7)) {
    case 0:
      return { ...view, offset: random.chance(0.5) ? random.pick(far) : offset + random.pick(far) };
    case 1:
      return {
        ...view,
        strides: change(strides, (n) => (random.chance(0.5) ? random.pick(far) : n * random.pick(far))),
      };
    case 2:
      return {
        ...view,
        shape: change(shape, (n) => (random.chance(0.5) ? random.pick(counts) : n + random.pick([1, 2, 9, 40]))),
      };
    case 3: {
      // A buffer that is shorter than it should be.
      const length = random.below(buffer.length + 1);
      return { ...view, buffer: wrap(values(random, buffer.dtype, length, "tame"), buffer.dtype) };
    }
    case 4: {
      const dtype = random.pick(["float32", "float64", "int32", "bool"] as const);
      return { ...view, buffer: wrap(values(random, dtype, buffer.length, "wild"), dtype) };
    }
    case 5:
      return random.chance(0.5)
        ? { ...view, shape: shape.slice(1), strides: strides.slice(1) }
        : { ...view, shape: [...shape, 2], strides: [...strides, 1] };
    default: {
      // Indices of anything.
      if (buffer.dtype !== "int32") return { ...view, offset: buffer.length - random.below(3) };
      const { values: old } = buffer as unknown as { readonly values: Int32Array };
      const other = values(random, "int32", old.length, "tame");
      for (let i = 0; i < old.length; i++) other[i] = random.chance(0.2) ? random.pick(far) | 0 : old[i]!;
      return { ...view, buffer: wrap(other, "int32") };
    }
  }
}

type Path = readonly string[];

/** Where numbers stand among the arguments, but for those of views and expressions. */
function placesOf(given: unknown, path: Path = []): Path[] {
  if (typeof given === "number") return [path];
  if (typeof given !== "object" || given === null || ArrayBuffer.isView(given)) return [];
  if ("buffer" in given || "kind" in given) return [];
  return Object.entries(given).flatMap(([name, value]) => placesOf(value, [...path, name]));
}

function replacedAt(given: unknown, [name, ...rest]: Path, value: number): unknown {
  if (name === undefined) return value;
  if (Array.isArray(given)) return given.map((each, i) => (String(i) === name ? replacedAt(each, rest, value) : each));
  const object = given as Given;
  return { ...object, [name]: replacedAt(object[name], rest, value) };
}

function replaced(given: unknown, old: View, view: View): unknown {
  if (given === old) return view;
  if (typeof given !== "object" || given === null || ArrayBuffer.isView(given) || "buffer" in given) return given;
  if (Array.isArray(given)) return given.map((each) => replaced(each, old, view));
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, replaced(value, old, view)]));
}
