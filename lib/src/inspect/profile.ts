import { alias } from "../gradient/tape.ts";
import { modulesOf } from "../nn/module.ts";
import { apply } from "../operations/define.ts";
import type { AnyOperation } from "../operations/record.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { materialise } from "../tensor/lazy.ts";
import { activeRecorders, type Recorder, withRecorders } from "../tensor/recording.ts";
import { Tensor } from "../tensor/tensor.ts";
import { bytesOf, type Kernel, listen } from "./kernels.ts";
import { Table } from "./text-table.ts";
import { type Model, mapOutput, type Run, watching } from "./watch.ts";

/** What an operation cost, for one run. */
export interface OperationCost {
  /** The operation, or what an elementwise run computes: `mul, add, tanh`. */
  readonly name: string;
  readonly calls: number;
  readonly seconds: number;
  /** Bytes of its results. */
  readonly bytes: number;
}

/** What a layer cost for one run, without the layers inside it. */
export interface LayerCost {
  /** "" for the model itself and what surrounds it. */
  readonly path: string;
  readonly layer: string;
  readonly forward: number;
  readonly backward: number;
  /** Bytes of its results. */
  readonly bytes: number;
}

/** Where time and memory go; prints as two tables, and as such in a notebook. */
export class Profile {
  /** Wall time of one run, in seconds; more than that of the kernels by what surrounds them. */
  readonly seconds: number;
  /** The dearest first. */
  readonly operations: readonly OperationCost[];
  /** In the model's order. */
  readonly layers: readonly LayerCost[];

  /** @internal Use `profile`. */
  constructor(seconds: number, operations: readonly OperationCost[], layers: readonly LayerCost[]) {
    this.seconds = seconds;
    this.operations = operations;
    this.layers = layers;
  }

  #tables(): readonly Table[] {
    const ms = (seconds: number) => (1000 * seconds).toFixed(2);
    const mb = (bytes: number) => (bytes / 1e6).toFixed(2);
    const kernels = this.operations.reduce((sum, { seconds }) => sum + seconds, 0);
    const total = (cells: readonly { readonly bytes: number }[]) =>
      mb(cells.reduce((sum, { bytes }) => sum + bytes, 0));
    const sum = (which: "forward" | "backward") => ms(this.layers.reduce((all, row) => all + row[which], 0));
    return [
      new Table(
        ["operation", "calls", "ms", "MB"],
        this.operations.map(({ name, calls, seconds, bytes }) => [name, String(calls), ms(seconds), mb(bytes)]),
        [`total, of ${ms(this.seconds)} ms`, "", ms(kernels), total(this.operations)],
        1,
      ),
      new Table(
        ["path", "layer", "forward ms", "backward ms", "MB"],
        this.layers.map((row) => [row.path, row.layer, ms(row.forward), ms(row.backward), mb(row.bytes)]),
        ["", "total", sum("forward"), sum("backward"), total(this.layers)],
        2,
      ),
    ];
  }

  toString(): string {
    return this.#tables().join("\n\n");
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  [Symbol.for("Jupyter.display")](): Record<string, string> {
    const html = this.#tables().map((table) => table.toHtml());
    return { "text/plain": this.toString(), "text/html": html.join("") };
  }
}

export interface ProfileOptions {
  /** How often the model is run; the figures are for one run on average. 3 if not said. */
  readonly runs?: number;
  /** Runs before those, which count for nothing: code is generated and compiled. 1 if not said. */
  readonly warmUp?: number;
}

/**
 * Where a model spends time and memory, by operation and by layer. Runs it on a tensor, or as a function says:
 * `profile(model, (m) => valueAndGrad(m, loss))` has the way back, too, by layer. Elementwise operations run as they do
 * otherwise, several in one pass, except that a run ends where a layer ends.
 * @throws ArgumentError for a number of runs that makes no sense.
 *
 * @example
 * ```ts
 * import { inspect, nn, random, relu, valueAndGrad } from "gradbook";
 *
 * const model = nn.init(new nn.Sequential([new nn.Linear(8, 16), relu, new nn.Linear(16, 4)]), { seed: 1 });
 * const x = random.seed(2).normal([32, 8]);
 * const found = inspect.profile(model, (m) => valueAndGrad(m, (same) => same.forward(x).square().mean()));
 * found.layers.map(({ path }) => path); // ["", "0", "1", "2"]
 * found.operations.some(({ name }) => name === "matmul"); // true
 * ```
 */
export function profile<M extends Model>(model: M, on: Run<M>, { runs = 3, warmUp = 1 }: ProfileOptions = {}): Profile {
  for (const [name, value, least] of [
    ["runs", runs, 1],
    ["warmUp", warmUp, 0],
  ] as const)
    if (!Number.isInteger(value) || value < least)
      throw new ArgumentError("profile", `${name} is ${value}, expected a whole number of ${least} or more.`);
  for (let i = 0; i < warmUp; i++) new Meter().run(model, on);
  const meter = new Meter();
  const began = performance.now();
  for (let i = 0; i < runs; i++) meter.run(model, on);
  const seconds = (performance.now() - began) / 1000 / runs;
  return meter.profile(model, { seconds, runs });
}

interface Cost {
  calls: number;
  seconds: number;
  bytes: number;
}

interface Place {
  forward: number;
  backward: number;
  bytes: number;
}

/** Attributes kernels to operations, which are told of afterwards, and to the layer at work. */
class Meter implements Recorder {
  readonly #operations = new Map<string, Cost>();
  readonly #places = new Map<string, Place>();
  /** Kernels since the last operation was told of. */
  #unnamed: Kernel[] = [];
  #path = "";
  #way: "forward" | "backward" = "forward";

  run<M extends Model>(model: M, on: Run<M>): void {
    const stop = listen((kernel) => this.#hear(kernel));
    this.#path = "";
    this.#way = "forward";
    try {
      withRecorders([...activeRecorders(), this], () => {
        const output = watching(model, on, ({ path, args, forward }) => {
          const outside = this.#path;
          const inside = args.map((arg) => mapOutput(arg, "", (x) => this.#border(x, outside)));
          this.#path = path;
          this.#way = "forward";
          const given = mapOutput(forward(...inside), "", (x) => this.#border(x, path));
          this.#path = outside;
          return given;
        });
        finish(output);
      });
      this.#name(null);
    } finally {
      stop();
    }
  }

  record(operation: object): void {
    this.#name((operation as AnyOperation).name);
  }

  #hear(kernel: Kernel): void {
    this.#unnamed.push(kernel);
    const place = this.#places.get(this.#path) ?? { forward: 0, backward: 0, bytes: 0 };
    this.#places.set(this.#path, place);
    place[this.#way] += kernel.seconds;
    place.bytes += kernel.buffers.reduce((sum, buffer) => sum + bytesOf(buffer), 0);
  }

  #name(operation: string | null): void {
    for (const kernel of this.#unnamed) {
      const name = kernel.elementwise || operation === null || operation === "border" ? kernel.name : operation;
      const cost = this.#operations.get(name) ?? { calls: 0, seconds: 0, bytes: 0 };
      this.#operations.set(name, cost);
      cost.calls++;
      cost.seconds += kernel.seconds;
      cost.bytes += kernel.buffers.reduce((sum, buffer) => sum + bytesOf(buffer), 0);
    }
    this.#unnamed = [];
  }

  /** A tensor that goes into or out of a layer: on the way back, what is before it belongs to the layer `path`. */
  #border(x: Tensor, path: string): Tensor {
    if (x.dtype === "int32" || x.dtype === "bool") return x;
    const operation = {
      name: "border",
      inputs: ["x"],
      shape: ([shape]: readonly [readonly number[]]) => shape,
      compose: () => alias(x),
      pullback: (g: Tensor) => {
        // What was on the way is computed where it belongs.
        materialise(g);
        this.#path = path;
        this.#way = "backward";
        return [g];
      },
      samples: [],
    };
    return apply(operation as unknown as AnyOperation, [x], undefined);
  }

  profile(model: Model, { seconds, runs }: { readonly seconds: number; readonly runs: number }): Profile {
    const operations = [...this.#operations]
      .map(([name, cost]) => ({
        name,
        calls: cost.calls / runs,
        seconds: cost.seconds / runs,
        bytes: cost.bytes / runs,
      }))
      .sort((a, b) => b.seconds - a.seconds);
    const layers = new Map(modulesOf(model).map(({ path, module }) => [path, module.describe()]));
    const order = [...layers.keys(), ...[...this.#places.keys()].filter((path) => !layers.has(path))];
    const rows = order
      .filter((path) => this.#places.has(path))
      .map((path) => {
        const { forward, backward, bytes } = this.#places.get(path)!;
        const layer = layers.get(path) ?? "function";
        return { path, layer, forward: forward / runs, backward: backward / runs, bytes: bytes / runs };
      })
      .sort((a, b) => a.path.localeCompare(b.path, "en", { numeric: true }));
    return new Profile(seconds, operations, rows);
  }
}

/** Computes what a run gives, whatever its form. */
function finish(output: unknown): void {
  if (output instanceof Tensor) materialise(output);
  else if (output instanceof Map || Array.isArray(output)) for (const item of output.values()) finish(item);
  else if (typeof output === "object" && output !== null) for (const item of Object.values(output)) finish(item);
}
