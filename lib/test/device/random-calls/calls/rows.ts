import { valuesOf } from "../../../../src/device/cpu/buffer.ts";
import type {
  Device,
  DType,
  Expression,
  RowFold,
  RowProgram,
  Shape,
  TypedArray,
  View,
} from "../../../../src/device/device.ts";
import type { Planned } from "../calls.ts";
import { apply, expression, input, isApproximate } from "../expressions.ts";
import type { Random } from "../random.ts";
import { rowMajor, shape, sizeOf, view } from "../views.ts";

type Given = { readonly program: RowProgram; readonly inputs: readonly View[]; readonly shape: Shape };

/** A program on the rows of views: folds, and results for elements and for rows. */
export function rows(random: Random): Planned<Given> {
  const large = random.chance(0.3);
  const sizes = shape(random, random.within(1, 4), large ? 6000 : 400, large ? 600 : 67);
  const kind = random.pick(["tame", "special", "special", "wild"] as const);
  const inputs = Array.from({ length: random.within(1, 4) }, () =>
    view(random, sizes, { dtype: random.chance(0.12) ? "bool" : random.chance(0.04) ? "int32" : "float32", kind }),
  );
  const views = inputs.map(({ buffer }) => buffer.dtype);
  const folds: { by: RowFold; of: Expression }[] = [];
  const dtypes: DType[] = [...views];
  const approximate = random.chance(0.5);
  const float = (depth: number, known = dtypes) =>
    expression(random, "float32", depth, { inputs: known.map(hidden), approximate, slow: random.chance(0.1) });
  for (let i = random.below(3); i > 0; i--) {
    const by = random.pick(["sum", "max", "sum", "max", "argmax", "argmin"] as const);
    folds.push({ by, of: float(random.below(3)) });
    dtypes.push(by.startsWith("arg") ? "int32" : "float32");
  }
  const elements = Array.from({ length: random.within(folds.length > 0 ? 0 : 1, 3) }, () =>
    random.chance(0.85)
      ? float(random.within(0, 3))
      : apply(random.pick(["less", "equal"] as const), "bool", float(1), float(1)),
  );
  const folded = folds.map((_, i) => input(views.length + i, dtypes[views.length + i]!));
  const beside = elements.length > 1 && elements.every(({ dtype }) => dtype === "float32") && random.chance(0.3);
  const program: RowProgram = {
    folds,
    elements,
    // What has a value for every row depends on folds alone.
    rows: folded.filter(() => random.chance(0.8)).map((node) => (random.chance(0.7) ? node : onlyOf(node))),
    ...(beside && { beside }),
  };
  const isExact =
    folds.every(({ by, of }) => by !== "sum" && !isApproximate(of)) &&
    ![...elements, ...program.rows].some(isApproximate);
  return {
    given: { program, inputs, shape: sizes },
    large: sizeOf(sizes) > 400 && random.chance(0.9),
    run: (device, { program, inputs, shape }) => {
      if (device.rows === undefined) return stepByStep(device, program, inputs, shape);
      const results = device.rows(program, inputs, shape);
      return results && [...results.elements, ...results.rows].map(valuesOf);
    },
    bounds: isExact ? "exact" : "unknown",
  };
}

/** Nothing computes with positions. */
const hidden = (dtype: DType): DType => (dtype === "int32" ? "int32" : dtype);
const onlyOf = (node: Expression) =>
  node.dtype === "float32" ? apply("add", "float32", node, { kind: "constant", value: 0.5, dtype: "float32" }) : node;

/** The same by map and reduce, as an interface without row programs has it done. */
function stepByStep(
  device: Device,
  { folds, elements, rows, beside }: RowProgram,
  inputs: readonly View[],
  shape: Shape,
) {
  const given = [...inputs];
  const outer = shape.slice(0, -1);
  const axis = shape.length - 1;
  for (const { by, of } of folds) {
    const all = device.map(of, given.slice(0, inputs.length + folds.length), shape, "float32");
    const dtype = by.startsWith("arg") ? "int32" : "float32";
    const buffer = device.reduce(by, { buffer: all, shape, strides: rowMajor(shape), offset: 0 }, [axis], dtype);
    given.push({ buffer, shape, strides: [...rowMajor(outer), 0], offset: 0 });
  }
  const results = elements.map((node) => valuesOf(device.map(node, given, shape, node.dtype)));
  // For a row the folds' results are all that there is.
  const perRow = given.map((each) => ({ ...each, shape: outer, strides: each.strides.slice(0, -1) }));
  const ofRows = rows.map((node) => valuesOf(device.map(node, perRow, outer, node.dtype)));
  if (beside !== true) return [...results, ...ofRows];
  const columns = shape.at(-1)!;
  const together = new Float32Array(results.length * sizeOf(shape));
  results.forEach((values: TypedArray, k) => {
    for (let i = 0; i < values.length; i++)
      together[(Math.floor(i / columns) * results.length + k) * columns + (i % columns)] = values[i]!;
  });
  return [together, ...ofRows];
}
