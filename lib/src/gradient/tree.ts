import { ArgumentError } from "../tensor/errors.ts";
import { Tensor } from "../tensor/tensor.ts";

/** A place that holds a tensor of a model, by path: `layers.0.weight`. */
export interface Variable {
  readonly path: string;
  get(): Tensor;
  set(value: Tensor): void;
}

/** @internal Gives every place the value of its path. A tensor in several places stays one: the first path decides. */
export function replaceShared(places: readonly Variable[], valueOf: (path: string, before: Tensor) => Tensor): void {
  const own = places.map(({ get }) => get());
  const values = new Map<Tensor, Tensor>();
  for (const [i, { path, set }] of places.entries()) {
    const before = own[i]!;
    const value = values.get(before) ?? valueOf(path, before);
    values.set(before, value);
    set(value);
  }
}

/** The method by which a model names its variables. */
export const variables: unique symbol = Symbol("gradbook.variables");

export interface HasVariables {
  [variables](): readonly Variable[];
}

/** Derivatives with respect to a model's parameters, by path. */
export type Gradients = ReadonlyMap<string, Tensor>;

/** Tensors in arrays, records and maps by path, nested as you like. */
export type Tree = Tensor | readonly Tree[] | ReadonlyMap<string, Tensor> | { readonly [key: string]: Tree };

/** What the derivative with respect to a tensor, a tree or a model looks like. */
export type Gradient<At> = At extends Tensor
  ? At
  : At extends HasVariables
    ? Gradients
    : At extends ReadonlyMap<string, Tensor>
      ? Gradients
      : { readonly [K in keyof At]: Gradient<At[K]> };

/** What has derivatives: a tensor of integers or truth values has none, and its type says so. */
export type Fractional<At> =
  At extends Tensor<infer D>
    ? [D] extends ["int32" | "bool"]
      ? "no derivative with respect to integers or truth values: cast them to float32"
      : At
    : At;

export function hasVariables(value: unknown): value is HasVariables {
  return typeof value === "object" && value !== null && variables in value;
}

/** Every tensor of a tree in order. */
export function leavesOf(tree: unknown, path = "", who = "grad"): { path: string; tensor: Tensor }[] {
  if (tree instanceof Tensor) return [{ path, tensor: tree }];
  if (Array.isArray(tree)) return tree.flatMap((item, i) => leavesOf(item, join(path, String(i)), who));
  if (tree instanceof Map) return [...tree].flatMap(([key, item]) => leavesOf(item, join(path, String(key)), who));
  if (typeof tree === "object" && tree !== null && Object.getPrototypeOf(tree) === Object.prototype) {
    return Object.entries(tree).flatMap(([key, item]) => leavesOf(item, join(path, key), who));
  }
  throw new ArgumentError(
    who,
    `${path === "" ? "the point" : path} is ${what(tree)}, expected a tensor, a model, or tensors in arrays and records.`,
  );
}

/** The tree with its tensors replaced, in the order of `leavesOf`. */
export function withLeaves<T>(tree: T, leaves: Iterator<Tensor>): T {
  if (tree instanceof Tensor) return leaves.next().value as T;
  if (Array.isArray(tree)) return tree.map((item) => withLeaves(item, leaves)) as T;
  if (tree instanceof Map) return new Map([...tree].map(([key, item]) => [key, withLeaves(item, leaves)])) as T;
  return Object.fromEntries(Object.entries(tree as object).map(([key, item]) => [key, withLeaves(item, leaves)])) as T;
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

function what(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === "object" ? `a ${value.constructor?.name ?? "object"}` : `a ${typeof value}`;
}
