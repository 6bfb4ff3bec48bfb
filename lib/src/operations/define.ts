import { currentDevice } from "../device/current.ts";
import type { Device, DType, Shape, View } from "../device/device.ts";
import { DTypeError } from "../tensor/errors.ts";
import { boundRun, materialise } from "../tensor/lazy.ts";
import { ownBuffer, released } from "../tensor/ownership.ts";
import { activeRecorders, activeWriters, withRecorders } from "../tensor/recording.ts";
import {
  commonDevice,
  constant,
  exampleOf,
  type Pending,
  type State,
  Tensor,
  type TensorLike,
} from "../tensor/tensor.ts";
import { contiguousView } from "../tensor/view.ts";
import { promote } from "./promote.ts";
import type { AnyOperation, Kind, Operation, Result } from "./record.ts";
import { resultShape } from "./result-shape.ts";

type Arguments<Inputs extends readonly TensorLike[], D extends DType> = Inputs extends readonly [
  infer First,
  ...infer Others,
]
  ? [first: Narrowed<First, D>, ...others: Others]
  : never;
type Narrowed<First, D extends DType> = number extends First
  ? Tensor<D> | number
  : DType extends (First extends Tensor<infer E> ? E : never)
    ? Tensor<D>
    : First;

export interface OperationFunction<
  Inputs extends readonly TensorLike[],
  Rest extends readonly unknown[] = [],
  K extends Kind = "float",
> {
  <D extends DType = "float32">(...args: [...Arguments<Inputs, D>, ...Rest]): Tensor<Result<K, D>>;
  readonly operation: Operation<Inputs, Rest>;
  readonly signature?: { readonly inputs: Inputs; readonly rest: Rest; readonly kind: K };
}

/** Every operation, by name, in order of definition. */
export const operations = new Map<string, AnyOperation>();

type Signature = {
  readonly signature?: {
    readonly inputs: readonly TensorLike[];
    readonly rest: readonly unknown[];
    readonly kind: Kind;
  };
};
type RecordOf<F extends Signature> = Operation<
  NonNullable<F["signature"]>["inputs"],
  NonNullable<F["signature"]>["rest"]
>;

/**
 * Makes the function and the method of an operation from its record. The constant that takes it says its type:
 * `const take: OperationFunction<[x: Tensor, indices: Tensor<"int32">], [axis?: number], "same"> = define({ … })`.
 */
export function define<F extends Signature>(operation: RecordOf<F>): F {
  const count = operation.inputs.length;
  const record = ofOneForm(operation as unknown as AnyOperation);
  const call =
    count === 2
      ? (x: unknown, y: unknown, options?: unknown): Tensor =>
          x instanceof Tensor && y instanceof Tensor
            ? apply(record, [x, y], options)
            : apply(record, toTensors(record, [x, y], 2), options)
      : (...args: unknown[]): Tensor => apply(record, toTensors(record, args, count), args[count]);
  Object.defineProperty(Tensor.prototype, operation.name, {
    value(this: Tensor, ...args: unknown[]) {
      return (call as (...args: unknown[]) => Tensor)(this, ...args);
    },
    writable: true,
    configurable: true,
  });
  operations.set(operation.name, record);
  return Object.assign(call, { operation: record }) as unknown as F;
}

/** The same record with a place for everything that any has, in one order: engines look things up sooner in equal forms. */
function ofOneForm(operation: AnyOperation): AnyOperation {
  const given = operation as unknown as Readonly<Record<string, unknown>>;
  const { name, inputs, kind, shape, map, sooner, view, forward, fused, compose, pullback, inParts, batch, ...rest } =
    given;
  const ways = { map, sooner, view, forward, fused, compose };
  return { name, inputs, kind, shape, ...ways, pullback, inParts, batch, ...rest } as never;
}

function toTensors(operation: AnyOperation, args: readonly unknown[], count: number): Tensor[] {
  const inputs = new Array<Tensor>(count);
  let dtype: DType | undefined;
  let device: Device | undefined;
  for (let i = 0; i < count; i++) {
    const arg = args[i];
    if (arg instanceof Tensor) {
      inputs[i] = arg;
      if (!isSelector(operation, i)) dtype ??= arg.dtype;
      device ??= arg.device;
    } else if (typeof arg !== "number" && typeof arg !== "boolean") {
      const what = arg === undefined ? "missing" : Array.isArray(arg) ? "an array" : typeof arg;
      throw new DTypeError(
        operation.name,
        `${operation.inputs[i]} is ${what}, expected a tensor or a number. Make one: tensor([1, 2, 3]).`,
      );
    }
  }
  for (let i = 0; i < count; i++) {
    const arg = args[i];
    if (arg instanceof Tensor) continue;
    const value = Number(arg);
    // A number takes the other operand's dtype, except that one that is no 32-bit integer makes integers float.
    const weak = dtype === undefined || dtype === "bool" ? "float32" : dtype;
    inputs[i] = constant(
      device ?? currentDevice(),
      weak === "int32" && value !== (value | 0) ? "float32" : weak,
      value,
    );
  }
  return inputs;
}

/** Runs an operation on tensors that stand for one example of many. */
type Batching = (operation: AnyOperation, inputs: readonly Tensor[], shape: Shape, options: unknown) => Tensor;
let batching: Batching | null = null;

/** @internal Says what runs an operation inside `vmap`. */
export function batchBy(how: Batching): void {
  batching = how;
}

/** Runs an operation on tensors and tells whoever listens. */
export function apply(operation: AnyOperation, inputs: readonly Tensor[], options: unknown): Tensor {
  const given = options as never;
  const shape = resultShape(operation, inputs, given);
  let output: Tensor;
  let examples = false;
  for (const input of inputs) {
    const { kind } = input.state;
    if (kind === "batched") examples = true;
    else if (kind === "released") throw released(operation.name, input);
    else if (kind === "unset" && operation.map !== undefined) materialise(input);
  }
  if (operation.compose !== undefined) {
    if (!isWhole(operation)) return operation.compose(inputs, given);
    if (examples) output = batching!(operation, inputs, shape, options);
    else output = withRecorders([], () => operation.compose(inputs, given));
  } else if (examples) {
    output = batching!(operation, inputs, shape, options);
  } else {
    let dtype = ofFloats(operation, inputs);
    let operands = inputs;
    if (dtype === undefined) ({ dtype, operands } = typed(operation, inputs));
    const device = commonDevice(operation.name, operands);
    if (operands !== inputs && operands.some((operand, i) => operand !== inputs[i]))
      return apply(operation, operands, options);
    output = new Tensor(device, dtype, shape, evaluate(operation, operands, device, shape, dtype, given));
  }
  const recorders = activeRecorders();
  for (let i = 0; i < recorders.length; i++) recorders[i]!.record(operation, inputs, output, options);
  return output;
}

/** Whether a composed operation is recorded as one: if it has a pullback of its own, or a writer says so. */
function isWhole(operation: AnyOperation): boolean {
  const writer = activeWriters()[0];
  return writer?.whole === undefined ? operation.pullback !== undefined : writer.whole(operation);
}

type Primitive = Exclude<AnyOperation, { readonly compose: (...given: never) => unknown }>;

function evaluate(
  operation: Primitive,
  inputs: readonly Tensor[],
  device: Device,
  shape: Shape,
  dtype: DType,
  options: never,
): State {
  if (operation.map !== undefined) {
    const { sooner } = operation;
    const same = sooner === undefined ? undefined : withRecorders([], () => sooner(inputs as never));
    if (same !== undefined) return same.state;
    const depth = boundRun(inputs);
    for (const input of inputs) input.uses++;
    return { kind: "pending", scalar: operation.map, operands: inputs, depth, folded: false } satisfies Pending;
  }
  if (operation.forward !== undefined && operation.fused !== undefined) {
    const buffer = operation.fused(inputs, device, options);
    if (buffer !== undefined) {
      ownBuffer(device, buffer);
      return { kind: "stored", view: contiguousView(buffer, shape) };
    }
  }
  const views = inputs.map((input) => materialise(on(device, input)));
  if (operation.view !== undefined) {
    const view =
      operation.view(views[0]!, shape, options) ??
      operation.view(copied(views[0]!, device, inputs[0]!.dtype), shape, options)!;
    return { kind: "stored", view };
  }
  const buffer = operation.forward(views, device, shape, options, dtype);
  ownBuffer(device, buffer, views);
  return { kind: "stored", view: contiguousView(buffer, shape) };
}

/** A constant goes to the device where it is used. */
function on(device: Device, input: Tensor): Tensor {
  return input.state.kind === "constant" && input.device !== device
    ? constant(device, input.dtype, input.state.value)
    : input;
}

function copied(view: View, device: Device, dtype: DType): View {
  const buffer = device.map({ kind: "input", index: 0, dtype }, [view], view.shape, dtype);
  ownBuffer(device, buffer);
  return contiguousView(buffer, view.shape);
}

/** The result's dtype where all inputs are floats of one dtype, as most are. */
function ofFloats({ kind }: Primitive, inputs: readonly Tensor[]): DType | undefined {
  const first = inputs[0]!.dtype;
  if (first !== "float32" && first !== "float64") return undefined;
  for (let i = 1; i < inputs.length; i++) if (inputs[i]!.dtype !== first) return undefined;
  return kind === "bool" || kind === "int32" ? kind : first;
}

/** The result's dtype, and the inputs cast to the dtype in which the operation computes. */
function typed(operation: Primitive, inputs: readonly Tensor[]): { dtype: DType; operands: readonly Tensor[] } {
  const kind = operation.kind ?? "float";
  const values = inputs.filter((_, i) => !isSelector(operation, i));
  let common = values.length > 0 ? promote(values.map((input) => input.dtype)) : "float32";
  if (kind === "float" && (common === "int32" || common === "bool")) common = "float32";
  const dtype = kind === "total" && common === "bool" ? "int32" : kind === "bool" || kind === "int32" ? kind : common;
  const casts = operation.map !== undefined || operation.forward !== undefined;
  if (!casts || values.every((input) => input.dtype === common)) return { dtype, operands: inputs };
  const operands = inputs.map((input, i) => (isSelector(operation, i) ? input : castTo(input, common)));
  return { dtype, operands };
}

/** Indices and conditions keep their own dtype. */
function isSelector(operation: AnyOperation, input: number): boolean {
  const name = operation.inputs[input];
  return name === "indices" || name === "condition";
}

function castTo(input: Tensor, dtype: DType): Tensor {
  if (input.dtype === dtype) return input;
  if (input.state.kind === "constant") return constant(input.device, dtype, input.state.value);
  return cast(input, dtype);
}

/** The same values in another dtype: towards zero for integers, anything but zero is true. */
export function cast<D extends DType>(x: Tensor, dtype: D): Tensor<D> {
  if (x.dtype === (dtype as DType)) return x as Tensor as Tensor<D>;
  return apply(castTargets[dtype] as AnyOperation, [x], undefined) as Tensor as Tensor<D>;
}

const castTargets = Object.fromEntries(
  (["float32", "float64", "int32", "bool"] as const).map((dtype) => [dtype, castRecord(dtype)]),
) as Record<DType, AnyOperation>;

function castRecord(dtype: DType): AnyOperation {
  const record: Operation<[x: Tensor], []> & { readonly to: DType } = {
    name: "cast",
    inputs: ["x"],
    to: dtype,
    shape: ([x]) => x,
    compose: ([x]) => {
      if (x.state.kind === "batched") return exampleOf(cast(x.state.all, dtype), x.state.level);
      const depth = boundRun([x]);
      x.uses++;
      return new Tensor(x.device, dtype, x.shape, {
        kind: "pending",
        scalar: "cast",
        operands: [x],
        depth,
        folded: false,
      });
    },
    pullback: (g, [x]) => [x.dtype === "float32" || x.dtype === "float64" ? cast(g, x.dtype) : null],
    samples: [],
  };
  return record as unknown as AnyOperation;
}
