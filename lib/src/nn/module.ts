import { currentDevice } from "../device/current.ts";
import type { Shape } from "../device/device.ts";
import { type HasVariables, type Variable, variables } from "../gradient/tree.ts";
import { cast } from "../operations/define.ts";
import { seed as keyOf } from "../random/key.ts";
import { ArgumentError, DataError, DTypeError, ShapeError } from "../tensor/errors.ts";
import { sameShape, showShape } from "../tensor/shapes.ts";
import { Tensor } from "../tensor/tensor.ts";
import { isTraining } from "./context.ts";
import type { Initialiser } from "./initialisers.ts";

/** How the placeholder of a parameter is to be drawn. */
const initialisers = new WeakMap<Tensor, Initialiser>();
/** The parameters of each module by the name of their slot: known from placeholders, kept when values take their place. */
const parameterSlots = new WeakMap<Module, Map<string, Initialiser>>();
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

/** A tensor in a field of a module: itself, or inside arrays and records, named as paths name it. */
interface Slot {
  readonly name: string;
  get(): Tensor;
  set(value: Tensor): void;
}

function slotsIn(container: object, prefix: string): Slot[] {
  const record = container as Record<string, unknown>;
  return Object.entries(record).flatMap(([key, value]) => {
    const name = `${prefix}${key}`;
    if (value instanceof Tensor) {
      const set = (tensor: Tensor) => {
        record[key] = tensor;
      };
      return [{ name, get: () => record[key] as Tensor, set }];
    }
    return Array.isArray(value) || isRecord(value) ? slotsIn(value, `${name}.`) : [];
  });
}

/** Learns from placeholders which slots of a module are parameters. */
function parametersOf(module: Module): Map<string, Initialiser> {
  let known = parameterSlots.get(module);
  if (known === undefined) {
    known = new Map();
    parameterSlots.set(module, known);
  }
  for (const { name, get } of slotsIn(module, "")) {
    const initialiser = initialisers.get(get());
    if (initialiser !== undefined) known.set(name, initialiser);
  }
  return known;
}

interface Place extends Variable {
  /** `null` for a constant. */
  readonly initialiser: Initialiser | null;
}

function places(model: Module): Place[] {
  return modulesOf(model).flatMap(({ path, module }) => {
    const known = parametersOf(module);
    return slotsIn(module, "").map(({ name, get, set }) => ({
      path: path === "" ? name : `${path}.${name}`,
      get,
      set,
      initialiser: known.get(name) ?? null,
    }));
  });
}

/** The trainable tensors of a model, by path, in the order of its fields. */
export function parameters(model: Module): readonly Variable[] {
  return places(model).filter(({ initialiser }) => initialiser !== null);
}

/** Everything that a saved model holds: parameters and constants, by path. */
export function state(model: Module): readonly Variable[] {
  return places(model);
}

/**
 * Draws every parameter from the seed and its own path, so that adding a layer does not change the others; gives the
 * model back. The same seed gives the same bits on every machine.
 */
export function init<M extends Module>(model: M, options: { readonly seed: number }): M {
  const seed: unknown = (options as { readonly seed?: number } | undefined)?.seed;
  if (typeof seed !== "number")
    throw new ArgumentError("nn.init", "no seed, expected one. nn.init(model, { seed: 1 }).");
  const root = keyOf(seed);
  const drawn = new Map<Tensor, Tensor>();
  for (const { path, module } of modulesOf(model))
    paths.set(module, path === "" ? "" : `${model.constructor.name}.${path}`);
  for (const { path, get, set, initialiser } of places(model)) {
    if (initialiser === null) continue;
    const before = get();
    // A shared parameter is drawn once, under the first of its paths.
    const tensor = drawn.get(before) ?? initialiser(before.shape, root.child(path));
    drawn.set(before, tensor);
    set(tensor);
  }
  return model;
}

/**
 * Puts values in place by path, for the whole of a model and checked: nothing missing, nothing left over, every shape as
 * it was. A tensor that is in several places stays shared; one of its paths is enough.
 */
export function loadState(model: Module, values: ReadonlyMap<string, Tensor>): void {
  const groups = new Map<Tensor, Place[]>();
  for (const place of places(model)) groups.set(place.get(), [...(groups.get(place.get()) ?? []), place]);
  const known = new Set([...groups.values()].flat().map(({ path }) => path));
  const named = (group: readonly Place[]) => group.find(({ path }) => values.has(path));
  const missing = [...groups.values()].filter((group) => named(group) === undefined).map((group) => group[0]!.path);
  const surplus = [...values.keys()].filter((path) => !known.has(path));
  if (missing.length > 0 || surplus.length > 0) {
    const parts = [
      missing.length > 0 ? `missing ${missing.join(", ")}` : "",
      surplus.length > 0 ? `not in the model: ${surplus.join(", ")}` : "",
    ];
    throw new DataError(model.constructor.name, `the saved values do not fit: ${parts.filter(Boolean).join("; ")}.`);
  }
  const fitting = [...groups].map(([before, group]) => {
    const { path } = named(group)!;
    return { group, value: fitted(path, values.get(path)!, before) };
  });
  for (const { group, value } of fitting) for (const place of group) place.set(value);
}

/** A saved value in the dtype of what it replaces, if it has its shape. */
function fitted(path: string, value: Tensor, before: Tensor): Tensor {
  if (!sameShape(value.shape, before.shape)) {
    const text = `the saved values are ${showShape(value.shape)}, the model expects ${showShape(before.shape)}.`;
    throw new ShapeError(path, text, [value.shape]);
  }
  const float = (tensor: Tensor) => tensor.dtype === "float32" || tensor.dtype === "float64";
  if (float(value) !== float(before)) {
    throw new DTypeError(path, `the saved values are ${value.dtype}, the model expects ${before.dtype}.`);
  }
  return cast(value, before.dtype);
}

/** @internal Refuses an argument that must be a positive integer. */
export function checkCount(who: string, what: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new ArgumentError(who, `${what} is ${value}, expected a positive integer.`);
}
