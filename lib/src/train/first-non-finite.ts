import { valueAndGrad } from "../gradient/grad.ts";
import { FiniteTrace, type Origin } from "../gradient/non-finite.ts";
import { leavesOf } from "../gradient/tree.ts";
import { type Module, parameters } from "../nn/module.ts";
import { type Call, watching } from "../nn/watch.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Where the first NaN or infinite number of a loss and its derivatives arose. */
export interface NonFinite {
  /** The operation that made it of finite numbers; `null` when it came in from outside. */
  readonly operation: string | null;
  /** Whether it arose in that operation's derivative, on the way back. */
  readonly backward: boolean;
  /** The path of the innermost layer at work; "" for the model itself and what surrounds it. */
  readonly module: string;
  /** The path of the parameter that the operation depends on most directly, if any. */
  readonly parameter: string | null;
  /** A sentence or two that say it. */
  readonly text: string;
  /** The user's lines at that operation, as in an error's stack. */
  readonly stack: string;
}

/**
 * Computes a loss and its derivatives while looking at every operation, and says where the first NaN or infinite number
 * arose that reached the loss or a derivative; `null` if all are finite. It costs several times a step: `train` does it
 * by itself for a step that has gone wrong. `batch` only serves to name its tensors.
 *
 * @example
 * ```ts
 * import { firstNonFinite, nn, ones } from "gradbook";
 *
 * const net = nn.init(new nn.Linear(2, 1), { seed: 1, initialisers: { "*": nn.zerosInit } });
 * const found = await firstNonFinite(net, (m) => m.forward(ones([1, 2])).log().sum());
 * [found!.operation, found!.parameter]; // ["log", "bias"]
 * ```
 */
export async function firstNonFinite<M extends Module>(
  model: M,
  loss: (model: M) => Tensor,
  { batch }: { readonly batch?: unknown } = {},
): Promise<NonFinite | null> {
  const calls: Call[] = [];
  const trace = new FiniteTrace(() => placeOf(model, calls.at(-1)));
  const names = new Map(parameters(model).map(({ path, get }) => [get(), path]));
  const around = (call: Call) => {
    calls.push(call);
    try {
      return call.forward(...call.args);
    } finally {
      calls.pop();
    }
  };
  const { value, gradient } = watching(model as never, () => trace.watch(() => valueAndGrad(model, loss)), around) as {
    readonly value: Tensor;
    readonly gradient: ReadonlyMap<string, Tensor>;
  };
  for (const bad of [value, ...gradient.values()]) {
    const origin = await trace.origin(bad);
    if (origin !== null) return told(origin, names, namesIn(batch));
  }
  return null;
}

/** A layer at work: its path, and how messages call it. */
interface Place {
  readonly path: string;
  readonly name: string;
}

function placeOf(model: Module, call: Call | undefined): Place {
  const root = model.constructor.name;
  if (call === undefined) return { path: "", name: "" };
  if (call.path === "") return { path: "", name: root };
  const name = `${root}.${call.path}`;
  return { path: call.path, name: call.module === null ? name : `${name}, ${call.module.describe()}` };
}

function namesIn(batch: unknown): ReadonlyMap<Tensor, string> {
  try {
    return new Map(leavesOf(batch).map(({ path, tensor }) => [tensor, path]));
  } catch {
    // What is no tree of tensors has no names.
    return new Map();
  }
}

function told(
  { source, backwardOf, becameNaN, range, outside }: Origin<Place>,
  parameterNames: ReadonlyMap<Tensor, string>,
  batchNames: ReadonlyMap<Tensor, string>,
): NonFinite {
  const { operation, givenTo, shape, place, stack, tensor } = source;
  const backward = backwardOf !== null;
  const nearest = outside.map((value) => parameterNames.get(value.tensor!)).find((path) => path !== undefined) ?? null;
  const common = { operation, backward, module: place.path, parameter: nearest, stack };
  const then = becameNaN === null ? "" : `, and NaN came of it in ${becameNaN.operation}`;
  const at = place.name === "" ? "" : ` of ${place.name}`;
  if (tensor !== null) {
    const parameter = parameterNames.get(tensor);
    if (parameter !== undefined)
      return { ...common, text: `Parameter ${parameter} ${showShape(shape)} is itself not finite${then}.` };
    const part = batchNames.get(tensor);
    const who =
      part === undefined
        ? tensor.rank === 0
          ? "A number"
          : "A tensor"
        : part === ""
          ? "The batch"
          : `The batch's ${part}`;
    const size = tensor.rank === 0 ? "" : ` ${showShape(shape)}`;
    const text = `${who}${size}, given to ${givenTo}${at}, is itself not finite${then}.`;
    return { ...common, text };
  }
  const name = backward ? `the derivative of ${backwardOf.operation}` : operation;
  const inputs = range === null ? "" : `, from numbers in ${short(range[0])} … ${short(range[1])}`;
  const close = nearest === null ? "" : ` The nearest parameter is ${nearest}.`;
  return { ...common, text: `First in ${name}${at}${inputs}${then}.${close}` };
}

function short(x: number): string {
  return String(Number(x.toPrecision(3)));
}
