import type { DType } from "../../../src/device/device.ts";
import * as gradbook from "../../../src/index.ts";
import { operations } from "../../../src/operations/define.ts";
import { casesOf } from "../../../src/operations/samples.ts";
import { Tensor } from "../../../src/tensor/tensor.ts";
import type { Random } from "./random.ts";

/** A call of a function of the public surface with whatever arguments. */
export interface SenselessCall {
  readonly name: string;
  /** Whether its arguments have the types that it asks for, if not the values. */
  readonly isTyped: boolean;
  readonly call: () => unknown;
  /** The arguments, as they are told in a report. */
  readonly told: string;
}

type AnyFunction = (...args: readonly unknown[]) => unknown;
// biome-ignore format: a list.
const others = [
  "arange", "at", "addAt", "bincount", "chunk", "concat", "cast", "einsum", "eye", "full", "fullLike", "histogram",
  "linspace", "meshgrid", "nonzero", "oneHot", "ones", "onesLike", "promote", "qr", "eigh", "svd", "rearrange", "set",
  "split", "stack", "tensor", "topK", "unbind", "unique", "zeros", "zerosLike", "accuracy",
] as const;

const surface = gradbook as unknown as Readonly<Record<string, unknown>>;
const named = (from: Readonly<Record<string, unknown>>, names: readonly string[], under = "") =>
  names.flatMap((name): [string, AnyFunction][] =>
    typeof from[name] === "function" ? [[`${under}${name}`, from[name] as AnyFunction]] : [],
  );
const ofOperations = Object.entries(surface).flatMap(([name, value]) =>
  typeof value === "function" && "operation" in value ? [name] : [],
);
const functions = [
  ...named(surface, [...ofOperations, ...others]),
  ...named(gradbook.losses, Object.keys(gradbook.losses), "losses."),
];
const methods = Object.getOwnPropertyNames(Tensor.prototype).filter(
  (name) => !["constructor", "data", "toArray"].includes(name) && isMethod(name),
);
function isMethod(name: string): boolean {
  const { value } = Object.getOwnPropertyDescriptor(Tensor.prototype, name)!;
  return typeof value === "function" && !name.startsWith("_");
}

const cases = casesOf(operations.values()).filter(({ large }) => !large);
/** What operations may be told, by name. */
const optionNames = [
  ...new Set(
    cases.flatMap(({ options }) => (isObject(options) && !Array.isArray(options) ? Object.keys(options) : [])),
  ),
];
function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Numbers that are no sizes, or of which memory has not so many: none in between, which would take ages. */
const numbers = [0, -0, 1, -1, 2, 3, 4, -3, 7, 0.5, -1.5, Number.NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 31), 1e300];
const strange: readonly unknown[] = [
  ...[undefined, null, true, false, "", "sum", "reflect", "bqd,bkd->bqk", "a b -> b a", 3n, Symbol("s"), () => 1],
  ...[[], [1, 2], [[1], [2, 3]], [2, 3], [0], [-1], [1, 0], [null], {}, { axis: 1 }, new Float32Array(3), new Date(0)],
];
const sizes = [2, 3, 2, 3, 4, 1, 5, 0];

function anyTensor(random: Random, wanted?: DType): Tensor {
  const shape = Array.from({ length: random.below(5) }, () => random.pick(sizes));
  const length = shape.reduce((product, n) => product * n, 1);
  const dtype = wanted ?? random.pick(["float32", "float32", "float32", "int32", "bool", "float64"] as const);
  const wild = random.chance(0.3);
  const draw = () => (wild ? random.pick(numbers) : dtype === "int32" ? random.below(3) : random.next() * 4 - 2);
  return gradbook.tensor(
    Float64Array.from({ length }, () => (dtype === "bool" ? random.below(2) : dtype === "int32" ? draw() | 0 : draw())),
    { shape, dtype },
  );
}

function anything(random: Random, depth = 1): unknown {
  const draw = random.next();
  if (draw < 0.4) return anyTensor(random);
  if (draw < 0.6) return random.pick(numbers);
  if (draw < 0.75) return random.pick(strange);
  if (draw < 0.85 && depth > 0) return Array.from({ length: random.below(4) }, () => anything(random, depth - 1));
  return anyOptions(random, depth - 1);
}

function anyOptions(random: Random, depth: number): object {
  const names = Array.from({ length: random.below(4) }, () => random.pick(optionNames));
  return Object.fromEntries(names.map((name) => [name, depth < 0 ? random.pick(numbers) : anything(random, depth)]));
}

type Drawn = readonly [name: string, call: AnyFunction, args: readonly unknown[]];

/** An operation on what one of its samples has, with something else in a few places: of the same type, or of any. */
function nearSample(random: Random, isTyped: boolean): Drawn | undefined {
  const { operation, options, inputs } = random.pick(cases);
  const tensors: unknown[] = inputs("cpu", random.pick(["float32", "float32", "float64", "int32", "bool"] as const));
  const all = options === undefined ? tensors : [...tensors, options];
  const args = all.map((each) => (random.chance(0.5) ? each : isTyped ? alike(random, each) : anything(random)));
  const method = tensors.length > 0 && random.chance(0.5);
  const [self, ...rest] = args;
  if (method && self instanceof Tensor && operation.name in self)
    return [
      operation.name,
      (...given) => (self as never as Record<string, AnyFunction>)[operation.name]!(...given),
      rest,
    ];
  const call = surface[operation.name];
  // Of some operations the public function is another one.
  return typeof call === "function" && "operation" in call
    ? [operation.name, call as unknown as AnyFunction, args]
    : undefined;
}

/** Something of the same type. */
function alike(random: Random, value: unknown): unknown {
  if (value instanceof Tensor) return random.chance(0.5) ? anyTensor(random) : anyTensor(random, value.dtype);
  if (typeof value === "number") return random.pick(numbers);
  if (typeof value === "boolean") return random.chance(0.5);
  if (Array.isArray(value)) {
    const list = value.map((each) => (random.chance(0.6) ? each : alike(random, each)));
    // A list of numbers may have any length; one of others may be a tuple.
    if (!value.every((each) => typeof each === "number") || value.length === 2 || random.chance(0.7)) return list;
    return random.chance(0.5) ? list.slice(1) : [...list, random.pick(numbers)];
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, random.chance(0.5) ? each : alike(random, each)]),
  );
}

/** The call of a number. */
export function senselessCallOf(random: Random): SenselessCall {
  const which = random.next();
  const near = which < 0.8 ? nearSample(random, which < 0.6) : undefined;
  const isTyped = near !== undefined && which < 0.6;
  const [name, call, args] = near ?? (random.chance(0.5) ? anyCall(random) : anyMethod(random));
  return { name, isTyped, call: () => call(...args), told: args.map((arg) => tell(arg)).join(", ") };
}

function anyCall(random: Random): Drawn {
  const [name, call] = random.pick(functions);
  return [name, call, Array.from({ length: random.below(4) }, () => anything(random))];
}

function anyMethod(random: Random): Drawn {
  const self = anyTensor(random) as unknown as Record<string, AnyFunction>;
  const name = random.pick(methods);
  const args = Array.from({ length: random.below(3) }, () => anything(random));
  return [`Tensor.${name}`, (...given) => self[name]!(...given), args];
}

function tell(value: unknown): string {
  if (value instanceof Tensor) return `${value.dtype}[${value.shape.join(", ")}]`;
  if (Array.isArray(value)) return `[${value.map(tell).join(", ")}]`;
  if (ArrayBuffer.isView(value)) return `${(value as Float32Array).length} values`;
  if (isObject(value) && !(value instanceof Date))
    return `{${Object.entries(value).map(([name, each]) => ` ${name}: ${tell(each)}`)} }`;
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
