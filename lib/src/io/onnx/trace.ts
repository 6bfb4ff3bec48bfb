import { type Module, state } from "../../nn/module.ts";
import { concat } from "../../operations/joining.ts";
import type { AnyOperation } from "../../operations/record.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import { type Recorder, withRecorders } from "../../tensor/recording.ts";
import { Tensor } from "../../tensor/tensor.ts";

/** One operation of a computation. */
export interface Entry {
  readonly name: string;
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly options: unknown;
  /** The dtype of a cast. */
  readonly to?: string;
}

/** A computation written down: what went in, what was done, and what came out, by name. */
export interface Trace {
  readonly inputs: readonly Tensor[];
  readonly entries: readonly Entry[];
  readonly outputs: ReadonlyMap<string, Tensor>;
  /** The model's own tensors, by path. */
  readonly own: ReadonlyMap<Tensor, string>;
}

/** Writes down the operations of a body, those of a table as one whatever they are composed of. */
class Writer implements Recorder {
  readonly entries: Entry[] = [];
  readonly #table: { has(name: string): boolean };

  constructor(table: { has(name: string): boolean }) {
    this.#table = table;
  }

  whole(operation: object): boolean {
    return this.#table.has((operation as AnyOperation).name);
  }

  record(operation: object, inputs: readonly Tensor[], output: Tensor, options: unknown): void {
    const { name, to } = operation as AnyOperation & { readonly to?: string };
    this.entries.push({ name, inputs, output, options, ...(to !== undefined && { to }) });
  }
}

type Forward = { forward(...inputs: readonly Tensor[]): unknown };

/** One forward pass, outside of training, written down. */
export function traced(
  model: Module & Forward,
  inputs: readonly Tensor[],
  table: { has(name: string): boolean },
): Trace {
  const writer = new Writer(table);
  // What a result computes when it is asked for is written down, too.
  const outputs = withRecorders([writer], () => new Map(resultsOf(model.forward(...inputs), "")));
  if (outputs.size === 0)
    throw new ArgumentError("toOnnx", `${model.constructor.name}.forward gives no tensor, expected at least one.`);
  return { inputs, entries: writer.entries, outputs, own: new Map(state(model).map(({ path, get }) => [get(), path])) };
}

/** The tensors of a result, alone or in arrays and records, by name. */
function resultsOf(value: unknown, path: string): [string, Tensor][] {
  if (value instanceof Tensor) return [[path === "" ? "output" : path, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => resultsOf(item, path === "" ? key : `${path}.${key}`));
}

/** The first `size` rows, begun anew where there are fewer, in another order and other values if `changed`. */
export function rows(x: Tensor, size: number, changed: boolean): Tensor {
  const n = x.shape[0]!;
  const parts = Array.from({ length: size }, (_, i) => {
    const row = (changed ? size - 1 - i : i) % n;
    return x.slice({ axis: 0, start: row, stop: row + 1 });
  });
  const all = concat(parts);
  return changed && x.dtype.startsWith("float") ? all.mul(0.75).add(0.125) : all;
}
