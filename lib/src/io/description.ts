import * as nn from "../nn/index.ts";
import { Module } from "../nn/module.ts";
import * as operations from "../operations/table.ts";
import { ArgumentError, DataError } from "../tensor/errors.ts";
import { readArguments } from "./module-arguments.ts";

/** A model without its values, as JSON: which modules it is made of, and what they are made with. */
export interface ModelDescription {
  readonly gradbook: "model";
  readonly version: 1;
  readonly model: Json;
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Functions and classes of yours that models are made of, by name; a class is made without arguments. */
export type Known = Readonly<Record<string, ((...inputs: never[]) => unknown) | (new () => Module)>>;

export interface DescribeOptions {
  readonly known?: Known;
}

/**
 * A model as JSON, without its values: modules of `nn` with what they are made with, and functions that are operations
 * (`relu`) by name. Functions of yours between layers, and classes of yours that are made without arguments, are given as
 * `known`, to this and to `build`. A module that is in several places stays one.
 *
 * Throws an `ArgumentError` for whatever else a model is made of.
 *
 * @example
 * ```ts
 * import { build, describe, nn, relu } from "gradbook";
 *
 * const net = new nn.Sequential([new nn.Linear(784, 100), relu, new nn.Linear(100, 10)]);
 * const text = JSON.stringify(describe(net));
 * const again = nn.init(build(JSON.parse(text)), { seed: 1 });
 * ```
 */
export function describe(model: Module, { known = {} }: DescribeOptions = {}): ModelDescription {
  const names = new Map<unknown, string>(Object.entries(known).map(([name, value]) => [value, name]));
  const seen = new Map<Module, number>();
  const visit = (value: unknown, path: string): Json => {
    if (value instanceof Module) return describeModule(value, path);
    if (typeof value === "function") return describeFunction(value, path);
    if (Array.isArray(value)) return value.map((item, i) => visit(item, `${path}.${i}`));
    if (typeof value === "object" && value !== null)
      return Object.fromEntries(
        Object.entries(value).flatMap(([key, item]) =>
          item === undefined ? [] : [[key, visit(item, `${path}.${key}`)]],
        ),
      );
    return value as Json;
  };
  const describeModule = (module: Module, path: string): Json => {
    const before = seen.get(module);
    if (before !== undefined) return { same: before };
    seen.set(module, seen.size);
    const own = names.get(module.constructor);
    if (own !== undefined) return { known: own };
    const name = module.constructor.name;
    const made = module.constructor === (nn as Readonly<Record<string, unknown>>)[name];
    const given = made ? readArguments(name, module) : undefined;
    if (given === undefined) {
      const hint = made ? "Gradbook cannot describe it yet" : `say that it is known: { known: { ${name} } }`;
      throw new ArgumentError(
        "describe",
        `${path} is a ${name}, expected modules of nn that can be described; ${hint}.`,
      );
    }
    return { module: name, arguments: given.map((argument, i) => visit(argument, `${path}.${i}`)) };
  };
  const describeFunction = (value: unknown, path: string): Json => {
    const own = names.get(value);
    if (own !== undefined) return { known: own };
    const name = (value as { readonly operation?: { readonly name: string } }).operation?.name;
    if (name !== undefined && (operations as Readonly<Record<string, unknown>>)[name] === value)
      return { function: name };
    throw new ArgumentError(
      "describe",
      `${path} is a function of yours, expected an operation. Give it a name: { known: { name: theFunction } }.`,
    );
  };
  return { gradbook: "model", version: 1, model: visit(model, "the model") };
}

/**
 * The model of a description, its parameters not drawn yet: `nn.init` draws them, `load` reads them.
 *
 * Throws a `DataError` for what is no description, and for names that are not there.
 */
export function build(description: ModelDescription, { known = {} }: DescribeOptions = {}): Module {
  if (description?.gradbook !== "model")
    throw new DataError("build", "this is no description of a model. describe(model) makes one.");
  if (description.version !== 1)
    throw new DataError(
      "build",
      `the description is of version ${description.version}, expected 1. A newer Gradbook reads it.`,
    );
  const made: (Module | null)[] = [];
  const visit = (json: Json): unknown => {
    if (Array.isArray(json)) return json.map(visit);
    if (typeof json !== "object" || json === null) return json;
    const record = json as { readonly [key: string]: Json };
    if (typeof record.module === "string") return buildModule(record.module, record.arguments);
    if (typeof record.function === "string") return found(operations, record.function, "operation");
    if (typeof record.known === "string") return buildKnown(record.known);
    if (typeof record.same === "number") {
      const module = made[record.same];
      if (!module) throw new DataError("build", `module ${record.same} is used before it is made, expected after.`);
      return module;
    }
    return Object.fromEntries(Object.entries(record).map(([key, item]) => [key, visit(item)]));
  };
  const buildModule = (name: string, given: Json | undefined): Module => {
    const place = made.push(null) - 1;
    const Class = found(nn, name, "module of nn") as new (...args: unknown[]) => Module;
    if (!Array.isArray(given) || !(Class.prototype instanceof Module))
      throw new DataError("build", `${name} has no list of arguments or is no module, expected both.`);
    const module = new Class(...given.map(visit));
    made[place] = module;
    return module;
  };
  const buildKnown = (name: string): unknown => {
    const value = Object.hasOwn(known, name) ? known[name]! : null;
    if (value === null) throw new DataError("build", `${name} is not known. Say what it is: { known: { ${name} } }.`);
    if (!(value.prototype instanceof Module)) return value;
    const module = new (value as new () => Module)();
    made.push(module);
    return module;
  };
  const model = visit(description.model);
  if (!(model instanceof Module))
    throw new DataError("build", "the description has no module at its top, expected one.");
  return model;
}

function found(names: object, name: string, what: string): unknown {
  if (Object.hasOwn(names, name)) return (names as Readonly<Record<string, unknown>>)[name];
  throw new DataError("build", `there is no ${what} called ${name}. Is the description from a newer Gradbook?`);
}
