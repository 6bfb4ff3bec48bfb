import { currentDevice } from "../device/current.ts";
import type { Shape } from "../device/device.ts";
import { type HasVariables, type Variable, variables } from "../gradient/tree.ts";
import { seed as keyOf } from "../random/key.ts";
import { ArgumentError, DataError, ShapeError } from "../tensor/errors.ts";
import { sameShape, showShape } from "../tensor/shapes.ts";
import { Tensor } from "../tensor/tensor.ts";
import { isTraining } from "./context.ts";
import type { Initialiser } from "./initialisers.ts";

const initialisers = new WeakMap<Tensor, Initialiser>();
/** Which fields of a module are parameters: known from its placeholders, kept when values take their place. */
const parameterFields = new WeakMap<Module, Set<string>>();
const paths = new WeakMap<Module, string>();

/** Declares a parameter: `weight = parameter([10, 5], fanInUniform(5))`. `nn.init` draws its values. */
export function parameter(shape: Shape, initialiser: Initialiser): Tensor<"float32"> {
  const tensor = new Tensor<"float32">(currentDevice(), "float32", shape, {
    kind: "unset",
    because: `parameter ${showShape(shape)}`,
  });
  initialisers.set(tensor, initialiser);
  return tensor;
}

/** A module inside another and the name that it has there. */
export interface Child {
  readonly name: string;
  readonly child: Module;
}

/**
 * A part of a model: a class whose fields are its parameters and its children, with a `forward` method.
 * Tensors that are fields but were not declared by `parameter` are constants of the model: saved, not trained.
 */
export abstract class Module implements HasVariables {
  /** Whether a training step is under way; dropout and its like ask. */
  get training(): boolean {
    return isTraining();
  }

  /** What the layer table and messages call this module: `Conv2d(6 → 16, 5×5)`. */
  describe(): string {
    return this.constructor.name;
  }

  /** Connections from input to output for one example, where the module knows how to count them. */
  connections?(input: Shape, output: Shape): number;

  /** The modules inside this one, by the names that paths use: those of its fields. */
  children(): readonly Child[] {
    return Object.entries(this).flatMap(([name, value]) => modulesIn(name, value));
  }

  /** @internal Path and description, for messages. */
  get where(): string {
    const path = paths.get(this);
    return path === undefined || path === "" ? this.describe() : `${path}, ${this.describe()}`;
  }

  /** @internal */
  [variables](): readonly Variable[] {
    return parameters(this);
  }
}

/** Modules in a field: itself, or inside arrays and records. */
function modulesIn(name: string, value: unknown): Child[] {
  if (value instanceof Module) return [{ name, child: value }];
  if (Array.isArray(value)) return value.flatMap((item, i) => modulesIn(`${name}.${i}`, item));
  if (isRecord(value)) return Object.entries(value).flatMap(([key, item]) => modulesIn(`${name}.${key}`, item));
  return [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** Every module of a model with its path, the model itself first (path ""). */
export function modulesOf(
  model: Module,
  path = "",
  seen = new Set<Module>(),
): { readonly path: string; readonly module: Module }[] {
  if (seen.has(model)) return [];
  seen.add(model);
  const below = model
    .children()
    .flatMap(({ name, child }) => modulesOf(child, path === "" ? name : `${path}.${name}`, seen));
  return [{ path, module: model }, ...below];
}

function fieldsOf(module: Module): Set<string> {
  let fields = parameterFields.get(module);
  if (fields === undefined) {
    fields = new Set();
    parameterFields.set(module, fields);
  }
  for (const [name, value] of Object.entries(module))
    if (value instanceof Tensor && initialisers.has(value)) fields.add(name);
  return fields;
}

function places(model: Module, wanted: (isParameter: boolean) => boolean): Variable[] {
  return modulesOf(model).flatMap(({ path, module }) => {
    const fields = fieldsOf(module);
    const record = module as unknown as Record<string, unknown>;
    return Object.entries(record).flatMap(([name, value]) => {
      if (!(value instanceof Tensor) || !wanted(fields.has(name))) return [];
      return [
        {
          path: path === "" ? name : `${path}.${name}`,
          get: () => record[name] as Tensor,
          set: (tensor: Tensor) => {
            record[name] = tensor;
          },
        },
      ];
    });
  });
}

/** The trainable tensors of a model, by path, in the order of its fields. */
export function parameters(model: Module): readonly Variable[] {
  return places(model, (isParameter) => isParameter);
}

/** Everything that a saved model holds: parameters and constants, by path. */
export function state(model: Module): readonly Variable[] {
  return places(model, () => true);
}

/**
 * Draws every parameter from the seed and its own path, so that adding a layer does not change the others; gives the
 * model back. The same seed gives the same bits on every machine.
 */
export function init<M extends Module>(model: M, { seed }: { readonly seed: number }): M {
  const root = keyOf(seed);
  const drawn = new Map<Tensor, Tensor>();
  for (const { path, module } of modulesOf(model)) {
    const name = model.constructor.name;
    paths.set(module, path === "" ? "" : `${name}.${path}`);
  }
  for (const place of parameters(model)) {
    const before = place.get();
    const initialiser = initialisers.get(before);
    if (initialiser === undefined) continue;
    // A shared parameter is drawn once, under the first of its paths.
    const tensor = drawn.get(before) ?? initialiser(before.shape, root.child(place.path));
    initialisers.set(tensor, initialiser);
    drawn.set(before, tensor);
    place.set(tensor);
  }
  return model;
}

/** Values by path for the whole of a model, checked: nothing missing, nothing left over, every shape as it was. */
export function loadState(model: Module, values: ReadonlyMap<string, Tensor>): void {
  const places = state(model);
  const known = new Set(places.map((place) => place.path));
  const missing = places.filter((place) => !values.has(place.path)).map((place) => place.path);
  const surplus = [...values.keys()].filter((path) => !known.has(path));
  if (missing.length > 0 || surplus.length > 0) {
    const text = [
      missing.length > 0 ? `missing ${missing.join(", ")}` : "",
      surplus.length > 0 ? `not in the model: ${surplus.join(", ")}` : "",
    ].filter(Boolean);
    throw new DataError(`${model.constructor.name}`, `the saved values do not fit: ${text.join("; ")}.`);
  }
  for (const place of places) {
    const value = values.get(place.path)!;
    if (!sameShape(value.shape, place.get().shape)) {
      throw new ShapeError(
        place.path,
        `the saved values are ${showShape(value.shape)}, the model expects ${showShape(place.get().shape)}.`,
        [value.shape],
      );
    }
  }
  // Placeholders about to be replaced tell which fields are parameters.
  for (const { module } of modulesOf(model)) fieldsOf(module);
  for (const place of places) place.set(values.get(place.path)!);
}

/** @internal Refuses an argument that must be a positive integer. */
export function checkCount(who: string, what: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new ArgumentError(who, `${what} is ${value}, expected a positive integer.`);
}
