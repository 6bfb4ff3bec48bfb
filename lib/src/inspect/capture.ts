import { Module, modulesOf } from "../nn/module.ts";
import { run, Sequential } from "../nn/sequential.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { Tensor } from "../tensor/tensor.ts";

/** One layer at work: what went in and what came out. */
export interface Passage {
  /** The module's path, or for a function in a Sequential its position. */
  readonly path: string;
  /** `null` for a function. */
  readonly module: Module | null;
  readonly input: Tensor;
  readonly output: Tensor;
}

type Forward = (...args: unknown[]) => unknown;

/**
 * Everything that passes through the layers of a model during one forward pass, in order of completion: modules by path,
 * and the functions between them by their position in a Sequential.
 */
export function passages(model: Module & { forward(x: Tensor): unknown }, input: Tensor): Passage[] {
  const seen: Passage[] = [];
  const watched = modulesOf(model).map(({ path, module }) => ({
    path,
    module: module as Module & { forward?: Forward },
  }));
  const note = (path: string, module: Module | null, given: unknown, output: unknown) => {
    if (given instanceof Tensor && output instanceof Tensor) seen.push({ path, module, input: given, output });
  };
  const own = new Map<Module, PropertyDescriptor | undefined>();
  for (const { path, module } of watched) {
    const forward = module.forward?.bind(module);
    if (forward === undefined) continue;
    own.set(module, Object.getOwnPropertyDescriptor(module, "forward"));
    const observed: Forward = (...args) => {
      const output =
        module instanceof Sequential ? stepByStep(module, path, args[0] as Tensor, note) : forward(...args);
      note(path, module, args[0], output);
      return output;
    };
    // An own property shadows the method, or stands for the field, until things are put back below.
    Object.defineProperty(module, "forward", {
      value: observed,
      configurable: true,
      enumerable: false,
      writable: true,
    });
  }
  try {
    model.forward(input);
  } finally {
    for (const [module, before] of own) {
      if (before === undefined) Reflect.deleteProperty(module, "forward");
      else Object.defineProperty(module, "forward", before);
    }
  }
  return seen;
}

function stepByStep(
  model: Sequential,
  path: string,
  x: Tensor,
  note: (path: string, module: null, input: Tensor, output: Tensor) => void,
): Tensor {
  return model.layers.reduce<Tensor>((value, layer, i) => {
    const output = run(layer, value);
    if (!(layer instanceof Module)) note(path === "" ? String(i) : `${path}.${i}`, null, value, output);
    return output;
  }, x);
}

/** The output of every layer of a model for one input, by path. */
export function capture(model: Module & { forward(x: Tensor): unknown }, input: Tensor): Map<string, Tensor> {
  const found = new Map(passages(model, input).map(({ path, output }) => [path, output]));
  if (found.size === 0)
    throw new ArgumentError(
      "capture",
      `${model.constructor.name} passed no tensor through a layer with a forward method.`,
    );
  return found;
}
