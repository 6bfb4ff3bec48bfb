import type { Shape } from "../device/device.ts";
import { type Module, modulesOf, parameters } from "../nn/module.ts";
import { zeros } from "../tensor/create.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Table } from "./text-table.ts";
import { type Model, mapOutput, type Run, watching } from "./watch.ts";

/** A layer of the table. */
export interface LayerRow {
  readonly path: string;
  readonly layer: string;
  /** Without the batch axis. */
  readonly output: Shape;
  readonly parameters: number;
  /** How many of them are not frozen. */
  readonly trainable: number;
  /** Connections for one example, each bias counted; `null` where the layer has none of its own. */
  readonly connections: number | null;
}

/** The layers of a model with their shapes, parameters and connections; prints as a table, and as one in a notebook. */
export class Summary {
  readonly rows: readonly LayerRow[];
  /** Numbers to be learned; shared ones count once. */
  readonly parameters: number;
  /** How many of them are not frozen. */
  readonly trainable: number;
  readonly connections: number;

  constructor(
    rows: readonly LayerRow[],
    { parameters, trainable }: { readonly parameters: number; readonly trainable: number },
  ) {
    this.rows = rows;
    this.parameters = parameters;
    this.trainable = trainable;
    this.connections = rows.reduce((sum, row) => sum + (row.connections ?? 0), 0);
  }

  /** The row at a path. */
  row(path: string): LayerRow | undefined {
    return this.rows.find((row) => row.path === path);
  }

  #table(): Table {
    const head = ["path", "layer", "output", "parameters", "connections"];
    const learned = ({ parameters: all, trainable }: Pick<LayerRow, "parameters" | "trainable">) =>
      trainable === all
        ? count(all)
        : trainable === 0
          ? `${count(all)} frozen`
          : `${count(trainable)} of ${count(all)}`;
    const rows = this.rows.map((row) => [
      row.path,
      row.layer,
      row.output.join("×"),
      row.parameters === 0 ? "–" : learned(row),
      row.connections === null ? "–" : count(row.connections),
    ]);
    const foot = ["", "total", "", learned(this), count(this.connections)];
    return new Table(head, rows, foot, 3);
  }

  toString(): string {
    return String(this.#table());
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  [Symbol.for("Jupyter.display")](): Record<string, string> {
    return { "text/plain": this.toString(), "text/html": this.#table().toHtml() };
  }
}

/**
 * The layer table of a model: every module that has parameters of its own or no modules inside, in the order in which they
 * are done. Runs the model once: on zeros of a shape (without the batch axis), on a tensor, or as a function says. What is
 * shared counts where it comes first.
 *
 * @example
 * ```ts
 * import { nn, relu, summary } from "gradbook";
 *
 * const net = nn.init(new nn.Sequential([new nn.Linear(784, 100), relu, new nn.Linear(100, 10)]), { seed: 1 });
 * summary(net, [784]).parameters; // 79510
 * ```
 */
export function summary<M extends Model>(model: M, on: Shape | Run<M>): Summary {
  const own = new Map<string, { parameters: number; trainable: number }>();
  const total = { parameters: 0, trainable: 0 };
  const seen = new Set<Tensor>();
  for (const { path, get, frozen } of parameters(model)) {
    const tensor = get();
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    const owner = ownerOf(path, model);
    const counts = own.get(owner) ?? { parameters: 0, trainable: 0 };
    own.set(owner, counts);
    for (const each of [counts, total]) {
      each.parameters += tensor.size;
      if (!frozen) each.trainable += tensor.size;
    }
  }
  const rows: LayerRow[] = [];
  const input = isShape(on) ? zeros([1, ...on]) : on;
  watching(model, input as Run<M>, ({ path, module, args, forward }) => {
    const output = forward(...args);
    const counts = own.get(path) ?? { parameters: 0, trainable: 0 };
    if (module === null || (counts.parameters === 0 && module.children().length > 0)) return output;
    const y = firstTensor(output);
    if (y === null) return output;
    const x = firstTensor(args[0]);
    // What a layer does for the second time costs connections, but no more parameters.
    own.delete(path);
    const connections = x === null ? null : (module.connections?.(x.shape, y.shape) ?? null);
    rows.push({ path, layer: module.describe(), output: y.shape.slice(1), ...counts, connections });
    return output;
  });
  return new Summary(rows, total);
}

function isShape(on: unknown): on is Shape {
  return Array.isArray(on);
}

/** The path of the module whose field holds a parameter, which may lie in arrays and records. */
function ownerOf(path: string, model: Module): string {
  const owners = modulesOf(model).map((module) => module.path);
  const parts = path.split(".");
  while (parts.length > 0) {
    parts.pop();
    if (owners.includes(parts.join("."))) break;
  }
  return parts.join(".");
}

/** The tensor that is a layer's output, or the first in a record of several. */
function firstTensor(output: unknown): Tensor | null {
  let first: Tensor | null = null;
  mapOutput(output, "", (x) => {
    first ??= x;
    return x;
  });
  return first;
}

function count(n: number): string {
  return n.toLocaleString("en");
}
