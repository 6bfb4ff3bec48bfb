import { Tensor } from "../tensor/tensor.ts";
import { Module, modulesOf } from "./module.ts";
import { run, Sequential } from "./sequential.ts";

/** A model with a forward method of whatever kind. */
export type Model = Module & { forward(...args: never[]): unknown };

/** What a model is run on: a tensor, or how to run it, for models that take more or something else. */
export type Run<M> = Tensor | ((model: M) => unknown);

/** A layer about to work. */
export interface Call {
  /** The module's path, or for a function in a Sequential its position. */
  readonly path: string;
  /** `null` for a function. */
  readonly module: Module | null;
  readonly args: readonly unknown[];
  forward(...args: readonly unknown[]): unknown;
}

type Forward = (...args: readonly unknown[]) => unknown;

/**
 * Runs a model with `around` in place of every layer's forward method, and of every function in a Sequential; what it
 * returns is what the layer gives. Afterwards the model is as it was.
 */
export function watching<M extends Model>(model: M, on: Run<M>, around: (call: Call) => unknown): unknown {
  const own = new Map<Module, PropertyDescriptor | undefined>();
  for (const { path, module } of modulesOf(model)) {
    const method = (module as Module & { readonly forward?: Forward }).forward;
    if (method === undefined) continue;
    const forward: Forward =
      module instanceof Sequential
        ? (x) => stepByStep(module, path, x as Tensor, around)
        : (...args) => method.apply(module, args as unknown[]);
    own.set(module, Object.getOwnPropertyDescriptor(module, "forward"));
    const value: Forward = (...args) => around({ path, module, args, forward });
    // An own property shadows the method, or stands for the field, until things are put back below.
    Object.defineProperty(module, "forward", { value, configurable: true, enumerable: false, writable: true });
  }
  try {
    return on instanceof Tensor ? model.forward(on as never) : on(model);
  } finally {
    for (const [module, before] of own) {
      if (before === undefined) Reflect.deleteProperty(module, "forward");
      else Object.defineProperty(module, "forward", before);
    }
  }
}

function stepByStep(model: Sequential, path: string, input: Tensor, around: (call: Call) => unknown): Tensor {
  return model.layers.reduce<Tensor>((x, layer, i) => {
    if (layer instanceof Module) return run(layer, x);
    const place = path === "" ? String(i) : `${path}.${i}`;
    const forward: Forward = (...args) => run(layer, args[0] as Tensor);
    return around({ path: place, module: null, args: [x], forward }) as Tensor;
  }, input);
}

/** A layer's output with each of its tensors replaced: a tensor, or tensors in arrays and records beside other things. */
export function mapOutput(output: unknown, path: string, f: (x: Tensor, path: string) => Tensor): unknown {
  if (output instanceof Tensor) return f(output, path);
  const below = (key: string | number) => (path === "" ? String(key) : `${path}.${key}`);
  if (Array.isArray(output)) return output.map((item, i) => mapOutput(item, below(i), f));
  if (typeof output === "object" && output !== null && Object.getPrototypeOf(output) === Object.prototype)
    return Object.fromEntries(Object.entries(output).map(([key, item]) => [key, mapOutput(item, below(key), f)]));
  return output;
}
