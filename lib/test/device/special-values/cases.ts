import { deviceNamed } from "../../../src/device/current.ts";
import { vjp } from "../../../src/gradient/grad.ts";
import { apply } from "../../../src/operations/define.ts";
import type { AnyOperation } from "../../../src/operations/record.ts";
import { tensor } from "../../../src/tensor/create.ts";
import { GradbookError } from "../../../src/tensor/errors.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { apart, elementsOf, enlarged, inputsOf, type On, type Sample } from "../samples/inputs.ts";
import { type Layout, layouts } from "../samples/laid-out.ts";
import { ofSize, type Sized } from "../samples/of-size.ts";
import type { Placement } from "./placements.ts";

/** Elements from which kernels take over from loops. */
const MANY = 2100;
/** Elements of all inputs above which the reference takes too long; a sample that is too large so takes its own rule. */
const MOST = 7000;

/** A result or a derivative, which every device has its own way to compute. */
export interface Case {
  readonly title: string;
  readonly placement: Placement;
  /** The result, or a derivative at a special point, or of a special cotangent. */
  readonly kind: "value" | "point" | "cotangent";
  /** Whether the sample was made larger. */
  readonly isMany: boolean;
  /** Whether all that is computed is as small as what goes in. */
  readonly isSmall: boolean;
  readonly on: (where: On) => Tensor;
}

/** An operation on its samples as they are and, where `many` says so, larger, with special values, laid out in several ways. */
export function* casesOf(operation: AnyOperation, placements: readonly Placement[], many: boolean): Generator<Case> {
  let turn = 0;
  for (const sample of operation.samples) {
    if (sample.large === true) continue;
    for (const placement of placements)
      for (const size of many ? ["own", "many"] : ["own"]) {
        const given = size === "own" ? { sample } : larger(operation, sample, 17 + (turn % 7));
        const layout = layouts[turn % layouts.length]!;
        // All inputs have special values, or one of them.
        const only = turn++ % (sample.shapes.length + 1);
        if (given === undefined || !fits(operation, given.sample)) continue;
        yield* casesOn({ operation, ...given, placement, layout, only, isMany: size === "many" });
      }
  }
}

/** A sample with many elements: the given one, made larger, or, once, as the operation's own rule says. */
function larger(operation: AnyOperation, sample: Sample, n: number): Sized | undefined {
  const own = ofSize(operation.name, n, MANY);
  const shapes = own?.value === undefined ? enlarged(sample, n, MANY) : undefined;
  if (shapes !== undefined && elementsOf(shapes) <= MOST && fits(operation, { ...sample, shapes }))
    return { sample: { ...sample, shapes } };
  return sample === operation.samples[0] ? own : undefined;
}

function fits(operation: AnyOperation, { shapes, options }: Sample): boolean {
  try {
    return !("because" in operation.shape(shapes, options as never));
  } catch (error) {
    if (error instanceof GradbookError) return false;
    throw error;
  }
}

interface Setting {
  readonly operation: AnyOperation;
  readonly sample: Sample;
  readonly value?: Sized["value"];
  readonly isLarge?: Sized["isLarge"];
  readonly placement: Placement;
  readonly layout: Layout;
  readonly only: number;
  readonly isMany: boolean;
}

/** The result, and the derivative by each input, at special points and of special cotangents. */
function* casesOn({ operation, sample, value, isLarge, placement, layout, only, isMany }: Setting): Generator<Case> {
  const { shapes, options, range: [low, high] = [-2, 2] } = sample;
  const usual =
    value ?? ((k: number, size: number, input: number) => low + (high - low) * apart(k, size, input) ** 1.2);
  const special = (k: number, size: number, input: number) => {
    const is = usual(k, size, input);
    if (only !== shapes.length && only !== input) return is;
    const placed = placement.at(k, size, is);
    return isLarge?.(k, input) && Math.abs(placed) < 1 && !placement.isSmall ? is : placed;
  };
  const whose = only === shapes.length ? "all inputs" : operation.inputs[only];
  const where = `${placement.name} in ${whose}, ${layout}, ${JSON.stringify(shapes)} ${JSON.stringify(options) ?? ""}`;
  const common = { placement, isMany };
  yield {
    ...{ ...common, title: `result with ${where}`, kind: "value", isSmall: placement.isSmall },
    on: (on) => apply(operation, inputsOf(sample, shapes, on, special, layout), options),
  };
  if (operation.pullback === null || operation.kind === "bool" || operation.kind === "int32") return;
  for (let i = 0; i < shapes.length; i++) {
    if (sample.indices?.[i] !== undefined || sample.conditions?.[i] !== undefined) continue;
    for (const at of ["point", "cotangent"] as const)
      yield {
        ...{ ...common, title: `derivative by ${operation.inputs[i]}, ${at} with ${where}`, kind: at },
        isSmall: placement.isSmall && at === "cotangent",
        on: (on) => {
          const points = inputsOf(sample, shapes, on, at === "point" ? special : usual, layout);
          const { value, pullBack } = vjp(
            (x) => apply(operation, points.with(i, x), options),
            points[i]! as Tensor<"float32">,
          );
          const cotangent = Float32Array.from({ length: value.size }, (_, k) =>
            at === "point" ? Math.sin(k + 1) : placement.at(k, value.size, Math.sin(k + 1)),
          );
          return pullBack(tensor(cotangent, { shape: value.shape, dtype: on.dtype, device: deviceNamed(on.device) }));
        },
      };
  }
}
