import { valuesOf } from "../../../../src/device/cpu/buffer.ts";
import type { DType, TypedArray, View } from "../../../../src/device/device.ts";
import type { Planned } from "../calls.ts";
import type { Random } from "../random.ts";
import { shape, values, view } from "../views.ts";

const dtypes = ["float32", "float32", "float64", "int32", "bool"] as const;

type Sorted = { readonly x: View; readonly axis: number };

export function sort(random: Random): Planned<Sorted> {
  const dims = shape(random, random.within(1, 3), 200);
  return {
    given: { x: view(random, dims, { dtype: random.pick(dtypes), kind: "special" }), axis: random.below(dims.length) },
    run: (device, { x, axis }) => {
      const { values, order } = device.sort(x, axis);
      return [values, order].map(valuesOf);
    },
    bounds: "exact",
  };
}

type Scanned = { readonly by: "sum" | "prod" | "max" | "min"; readonly x: View; readonly axis: number };

export function scan(random: Random): Planned<Scanned> {
  const dims = shape(random, random.within(1, 3), 300);
  const x = view(random, dims, { dtype: random.pick(dtypes), kind: "special" });
  return {
    given: { by: random.pick(["sum", "prod", "max", "min"] as const), x, axis: random.below(dims.length) },
    run: (device, { by, x, axis }) => [valuesOf(device.scan(by, x, axis))],
    bounds: "exact",
  };
}

type Drawn = { readonly key: readonly [number, number]; readonly length: number };

export function bits(random: Random): Planned<Drawn> {
  const word = () => random.pick([0, 1, -1, 2 ** 31, -(2 ** 31), Math.floor(random.next() * 2 ** 32)]);
  return {
    given: { key: [word(), word()], length: random.below(70) },
    run: (device, { key, length }) => [valuesOf(device.bits(key, length))],
    bounds: "exact",
  };
}

type Written = { readonly values: TypedArray; readonly dtype: DType };

/** Values there and back, and memory given back that is then taken for something else. */
export function write(random: Random): Planned<Written> {
  const dtype = random.pick(dtypes);
  return {
    given: { values: values(random, dtype, random.below(300), "special"), dtype },
    run: (device, { values, dtype }) => {
      const buffer = device.write(values as never, dtype);
      const result = device.peek!(buffer).slice();
      device.free(buffer);
      device.flush();
      return [result];
    },
    bounds: "exact",
  };
}
