import { valuesOf } from "../../../../src/device/cpu/buffer.ts";
import type { Device, DType, Expression, Shape, View } from "../../../../src/device/device.ts";
import { ulp, unitsOf } from "../bounds.ts";
import type { Planned } from "../calls.ts";
import { expression, isApproximate, isApproximated } from "../expressions.ts";
import type { Random } from "../random.ts";
import { shape, sizeOf, view } from "../views.ts";

type Given = {
  readonly expression: Expression;
  readonly inputs: readonly View[];
  readonly shape: Shape;
  readonly dtype: DType;
};

const dtypes: readonly DType[] = ["float32", "float32", "float32", "float64", "int32", "bool"];

/** An elementwise program on a few inputs. */
export function map(random: Random): Planned<Given> {
  const large = random.chance(0.25);
  const sizes = shape(random, random.within(0, 4), large ? 5000 : 300, large ? 400 : 67);
  const mixed = random.chance(0.4);
  const kind = random.pick(["tame", "special", "special", "wild"] as const);
  const inputs = Array.from({ length: random.within(mixed ? 1 : 0, 3) }, () =>
    view(random, sizes, { dtype: mixed ? random.pick(dtypes) : "float32", kind }),
  );
  const of = { inputs: inputs.map(({ buffer }) => buffer.dtype), approximate: random.chance(0.5), slow: !large };
  const dtype = mixed ? random.pick(dtypes) : random.pick(["float32", "float32", "float32", "bool"] as const);
  const given = { expression: expression(random, dtype, random.within(0, 4), of), inputs, shape: sizes, dtype };
  return {
    given,
    large: sizeOf(sizes) > 400 && random.chance(0.9),
    run: (device, { expression, inputs, shape, dtype }) => [valuesOf(device.map(expression, inputs, shape, dtype))],
    bounds: boundsOf(given),
  };
}

function boundsOf({ expression, inputs, shape, dtype }: Given): Planned["bounds"] {
  if (!isApproximate(expression)) return "exact";
  if (!isApproximated(expression) || expression.to.some(isApproximate)) return "unknown";
  const units = unitsOf(expression.scalar);
  return (reference: Device) => [
    Float64Array.from(valuesOf(reference.map(expression, inputs, shape, dtype)), (x) => units * ulp(x)),
  ];
}
