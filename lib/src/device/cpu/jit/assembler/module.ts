import { type Local, localAt, type Statement, type ValueType } from "./code.ts";
import { unsigned } from "./leb128.ts";

const typeByte: Record<ValueType, number> = { i32: 0x7f, f32: 0x7d, v128: 0x7b };

type Parameters = Readonly<Record<string, ValueType>>;
type Locals<P extends Parameters> = { readonly [K in keyof P]: Local<P[K]> };
/** Declares a variable of the function, zero at first. */
export type Declare = <T extends ValueType>(type: T) => Local<T>;

/** A function that returns nothing: every kernel leaves its results in memory. */
export interface FunctionCode {
  readonly parameters: readonly ValueType[];
  readonly locals: readonly ValueType[];
  readonly body: Statement;
}

/** Defines a function; its parameters, in the order they are written, become variables of the same names. */
export function define<const P extends Parameters>(
  parameters: P,
  write: (parameters: Locals<P>, declare: Declare) => Statement,
): FunctionCode {
  const types = Object.values(parameters);
  const locals: ValueType[] = [];
  const named = Object.fromEntries(Object.entries(parameters).map(([key, type], i) => [key, localAt(type, i)]));
  const declare: Declare = (type) => localAt(type, types.length + locals.push(type) - 1);
  const body = write(named as Locals<P>, declare);
  return { parameters: types, locals, body };
}

const vector = (items: readonly (readonly number[])[]) => [...unsigned(items.length), ...items.flat()];
const sized = (bytes: readonly number[]) => [...unsigned(bytes.length), ...bytes];
const section = (id: number, items: readonly (readonly number[])[]) => [id, ...sized(vector(items))];
const text = (value: string) => sized([...new TextEncoder().encode(value)]);

/** A module that imports the memory `scratch.memory` and exports every function under its key. */
export function assemble(exported: Readonly<Record<string, FunctionCode>>): Uint8Array<ArrayBuffer> {
  const functions = Object.values(exported);
  const signatures = functions.map((f) => [0x60, ...vector(f.parameters.map((type) => [typeByte[type]])), 0]);
  const bodies = functions.map((f) => sized([...vector(f.locals.map((type) => [1, typeByte[type]])), ...f.body, 0x0b]));
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, signatures),
    ...section(2, [[...text("scratch"), ...text("memory"), 0x02, 0x00, 0]]),
    ...section(
      3,
      functions.map((_, i) => unsigned(i)),
    ),
    ...section(
      7,
      Object.keys(exported).map((name, i) => [...text(name), 0x00, ...unsigned(i)]),
    ),
    ...section(10, bodies),
  ]);
}
