import { ArgumentError, DataError } from "../tensor/errors.ts";
import { Tensor } from "../tensor/tensor.ts";

/** What remembers something from step to step, such as an optimiser. */
export interface Stateful {
  /** Everything needed to go on exactly: numbers, texts and tensors, in arrays, records and maps. */
  state(): unknown;
  /** Goes on from a saved state. */
  load(state: never): void;
}

/** JSON with marks for what JSON has not: `{ $tensor: name }`, `{ $map: entries }`, `{ $number: "NaN" }`. */
type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A state as JSON, and the tensors in it by name. */
export function packed(state: unknown, who: string): { readonly json: Json; readonly tensors: Map<string, Tensor> } {
  const tensors = new Map<string, Tensor>();
  const visit = (value: unknown, path: string): Json => {
    if (value instanceof Tensor) {
      tensors.set(path, value);
      return { $tensor: path };
    }
    if (value === null || value === undefined) return null;
    if (typeof value === "number" && !(Number.isFinite(value) && !Object.is(value, -0)))
      return { $number: Object.is(value, -0) ? "-0" : String(value) };
    if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") return value;
    const below = (key: string | number) => (path === "" ? String(key) : `${path}/${key}`);
    if (Array.isArray(value)) return value.map((item, i) => visit(item, below(i)));
    if (value instanceof Map)
      return { $map: Array.from(value, ([key, item]) => [String(key), visit(item, below(String(key)))]) };
    if (typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype)
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, visit(item, below(key))]));
    throw new ArgumentError(
      who,
      `its state has a ${typeof value === "object" ? value.constructor.name : typeof value} at ${path || "its top"}, expected numbers, texts and tensors in arrays, records and maps.`,
    );
  };
  return { json: visit(state, ""), tensors };
}

/** A state again from its JSON and its tensors. */
export function unpacked(json: unknown, tensors: ReadonlyMap<string, Tensor>, who: string): unknown {
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) return json.map((item) => unpacked(item, tensors, who));
  const record = json as Readonly<Record<string, unknown>>;
  if (typeof record.$number === "string") return Number(record.$number);
  if (typeof record.$tensor === "string") {
    const tensor = tensors.get(record.$tensor);
    if (tensor === undefined) throw new DataError(who, `the tensor ${record.$tensor} is missing.`);
    return tensor;
  }
  if (Array.isArray(record.$map))
    return new Map((record.$map as [string, unknown][]).map(([key, item]) => [key, unpacked(item, tensors, who)]));
  return Object.fromEntries(Object.entries(record).map(([key, item]) => [key, unpacked(item, tensors, who)]));
}
