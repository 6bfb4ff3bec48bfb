import { currentDevice } from "../device/current.ts";
import type { Shape } from "../device/device.ts";
import { type HasVariables, type Variable, variables } from "../gradient/tree.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { outlives } from "../tensor/ownership.ts";
import { keep } from "../tensor/scope.ts";
import { showShape } from "../tensor/shapes.ts";
import { Tensor } from "../tensor/tensor.ts";
import { isTraining, rememberIn } from "./context.ts";
import type { Initialiser } from "./initialisers.ts";

/** What a tensor in a field was declared as. */
type Role =
  | { readonly kind: "parameter"; readonly initialiser: Initialiser }
  | { readonly kind: "buffer"; readonly start: Tensor };

/** What placeholders were declared as. */
const declared = new WeakMap<Tensor, Role>();
/** The same by module and name of the slot: known from placeholders, kept when values take their place. */
const roles = new WeakMap<Module, Map<string, Role>>();
/** The slots of each module that do not change in training. */
const frozen = new WeakMap<Module, Set<string>>();
const paths = new WeakMap<Module, string>();

/** Declares a parameter: `weight = parameter([10, 5], fanInUniform(5))`. `nn.init` draws its values. */
export function parameter(shape: Shape, initialiser: Initialiser): Tensor<"float32"> {
  const tensor = new Tensor<"float32">(currentDevice(), "float32", shape, {
    kind: "unset",
    because: `parameter ${showShape(shape)}`,
  });
  declared.set(tensor, { kind: "parameter", initialiser });
  return tensor;
}

/**
 * Declares a buffer: a tensor that forward passes change while training, by `remember`, such as a running mean. It is
 * saved, not trained; `nn.init` brings `start` back.
 *
 * @example
 * ```ts
 * import { nn, type Tensor, zeros } from "gradbook";
 *
 * class Counter extends nn.Module {
 *   readonly passes = nn.buffer(zeros([]));
 *   forward(x: Tensor): Tensor {
 *     this.remember("passes", (before) => before.add(1));
 *     return x;
 *   }
 * }
 * ```
 */
export function buffer<T extends Tensor>(start: T): T {
  // `nn.init` wants it back one day, when nobody else may hold it.
  declared.set(keep(start), { kind: "buffer", start });
  return start;
}

/** A module inside another and the name that it has there. */
export interface Child {
  readonly name: string;
  readonly child: Module;
}

/**
 * A part of a model: a class whose fields are its parameters and its children, with a `forward` method.
 * Tensors that are fields but were not declared by `parameter` or `buffer` are constants of the model: saved, not trained.
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

  /**
   * Changes a buffer of this module when the training step under way is accepted; `change` is given what it is after all
   * passes of this step so far. Outside of training nothing changes, nor where the buffer is frozen.
   */
  protected remember(name: string, change: (before: Tensor) => Tensor): void {
    if (!this.training || isFrozen(this, name)) return;
    const slots = slotsIn(this);
    rolesOf(this, slots);
    const slot = slots.find((one) => one.name === name);
    if (slot === undefined) throw new ArgumentError(this.where, `it has no buffer ${name}. Declare it: nn.buffer(…).`);
    rememberIn(this, name, slot, change);
  }

  /** @internal Path and description, for messages. */
  get where(): string {
    const path = paths.get(this);
    return path === undefined || path === "" ? this.describe() : `${path}, ${this.describe()}`;
  }

  /** The places that gradients follow: all but the frozen ones. For functions of this library. */
  [variables](): readonly Variable[] {
    return parameters(this).filter((place) => !place.frozen);
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

/** A path of a model and the module there. */
export interface ModulePath {
  readonly path: string;
  readonly module: Module;
}

/** Every module of a model with its path, the model itself first (path ""); one that is in several places by the first. */
export function modulesOf(model: Module): ModulePath[] {
  const seen = new Set<Module>();
  return everyPath(model).filter(({ module }) => !seen.has(module) && seen.add(module));
}

/** The same with all paths of modules that are in several places. */
function everyPath(module: Module, path = "", above: readonly Module[] = []): ModulePath[] {
  if (above.includes(module)) return [];
  const below = module
    .children()
    .flatMap(({ name, child }) => everyPath(child, path === "" ? name : `${path}.${name}`, [...above, module]));
  return [{ path, module }, ...below];
}

/** @internal Tells modules their paths, for messages. */
export function namePlaces(model: Module): void {
  for (const { path, module } of modulesOf(model))
    paths.set(module, path === "" ? "" : `${model.constructor.name}.${path}`);
}

/** A tensor in a field of a module: itself, or inside arrays and records, named as paths name it. */
interface Slot {
  readonly name: string;
  get(): Tensor;
  set(value: Tensor): void;
}

/** In a loop without lists in between: every step of a training asks. */
function slotsIn(container: object, prefix = "", slots: Slot[] = []): Slot[] {
  const record = container as Record<string, unknown>;
  for (const key of Object.keys(record)) {
    const value = record[key];
    if (value instanceof Tensor) {
      const set = (tensor: Tensor) => {
        record[key] = tensor;
        outlives(record);
      };
      slots.push({ name: `${prefix}${key}`, get: () => record[key] as Tensor, set });
    } else if (Array.isArray(value) || isRecord(value)) slotsIn(value, `${prefix}${key}.`, slots);
  }
  return slots;
}

/** Learns from placeholders what the slots of a module are. */
function rolesOf(module: Module, slots: readonly Slot[]): Map<string, Role> {
  let known = roles.get(module);
  if (known === undefined) {
    known = new Map();
    roles.set(module, known);
  }
  for (const { name, get } of slots) {
    const role = declared.get(get());
    if (role !== undefined) known.set(name, role);
  }
  return known;
}

/** @internal A place of a model that holds a tensor. */
export interface Place extends Variable {
  readonly module: Module;
  /** Its name in the module. */
  readonly name: string;
  /** `null` for a constant. */
  readonly role: Role | null;
  /** Whether it stays as it is in training. */
  readonly frozen: boolean;
}

/** @internal Every place, under all paths of modules that are in several places if `aliases`. */
export function places(model: Module, { aliases = false } = {}): Place[] {
  return (aliases ? everyPath(model) : modulesOf(model)).flatMap(({ path, module }) => {
    const slots = slotsIn(module);
    const known = rolesOf(module, slots);
    return slots.map(({ name, get, set }) => ({
      path: path === "" ? name : `${path}.${name}`,
      get,
      set,
      module,
      name,
      role: known.get(name) ?? null,
      frozen: isFrozen(module, name),
    }));
  });
}

/** @internal Whether a slot stays as it is in training. */
export function isFrozen(module: Module, name: string): boolean {
  return frozen.get(module)?.has(name) ?? false;
}

/** @internal Says whether a slot stays as it is in training. */
export function setFrozen(module: Module, name: string, value: boolean): void {
  const names = frozen.get(module) ?? new Set();
  frozen.set(module, names);
  if (value) names.add(name);
  else names.delete(name);
}

/** A parameter of a model: its path, its value, and whether it is frozen, which leaves it out of training. */
export interface Parameter extends Variable {
  readonly frozen: boolean;
}

/** The parameters of a model, by path, in the order of its fields; a shared one under each of its paths. */
export function parameters(model: Module): readonly Parameter[] {
  return places(model).filter(({ role }) => role?.kind === "parameter");
}

/** Everything that a saved model holds: parameters, buffers and constants, by path; what is shared by its first path. */
export function state(model: Module): readonly Variable[] {
  const seen = new Set<Tensor>();
  return places(model).filter(({ get }) => !seen.has(get()) && seen.add(get()));
}

/** @internal Refuses an argument that must be a positive integer. */
export function checkCount(who: string, what: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new ArgumentError(who, `${what} is ${value}, expected a positive integer.`);
}
