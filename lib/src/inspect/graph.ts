import type { DType, Shape } from "../device/device.ts";
import { Module, parameters } from "../nn/module.ts";
import type { AnyOperation } from "../operations/record.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { activeRecorders, type Recorder, withRecorders } from "../tensor/recording.ts";
import { Tensor } from "../tensor/tensor.ts";
import { graphToDot } from "./graph-dot.ts";
import { graphToSvg } from "./graph-svg.ts";
import { type Model, mapOutput, type Run, watching } from "./watch.ts";

export interface GraphNode {
  readonly id: number;
  readonly kind: "input" | "parameter" | "constant" | "operation";
  /** The operation's name with its numbers, the parameter's path, or `input`. */
  readonly name: string;
  /** Path of the layer at work; "" outside of all. */
  readonly layer: string;
  readonly shape: Shape;
  readonly dtype: DType;
  /** Whether it is the result, or a part of it. */
  readonly output: boolean;
}

export interface GraphEdge {
  readonly from: number;
  readonly to: number;
}

/** Which operations made a result, from what: the tape as a picture. Shows itself as one in a notebook. */
export class Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];

  /** @internal Use `graph`. */
  constructor(nodes: readonly GraphNode[], edges: readonly GraphEdge[]) {
    this.nodes = nodes;
    this.edges = edges;
  }

  /** In the language of Graphviz, layers as boxes around their operations. */
  toDot(): string {
    return graphToDot(this);
  }

  /** As a picture, laid out in layers from top to bottom. */
  toSvg(): Promise<string> {
    return graphToSvg(this);
  }

  toString(): string {
    const count = (kind: GraphNode["kind"]) => this.nodes.filter((node) => node.kind === kind).length;
    return `Graph of ${count("operation")} operations and ${count("parameter")} parameters`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  async [Symbol.for("Jupyter.display")](): Promise<Record<string, string>> {
    return { "text/plain": this.toString(), "image/svg+xml": await this.toSvg() };
  }
}

/**
 * The operations by which a model, or a function of a tensor, makes its result, with parameters, layers and shapes.
 * What has no influence on the result is left out; numbers stand in the operation's name. A model runs on a tensor, or
 * as a function says.
 * @throws ArgumentError where nothing comes out.
 *
 * @example
 * ```ts
 * import { inspect, nn, relu, zeros } from "gradbook";
 *
 * const model = nn.init(new nn.Sequential([new nn.Linear(4, 3), relu]), { seed: 1 });
 * const picture = inspect.graph(model, zeros([2, 4]));
 * picture.nodes.filter(({ kind }) => kind === "parameter").map(({ name }) => name); // ["0.weight", "0.bias"]
 * picture.toDot().startsWith("digraph"); // true
 * ```
 */
export function graph<M extends Model>(model: M, on: Run<M>): Graph;
export function graph(f: (x: Tensor) => unknown, x: Tensor): Graph;
export function graph(of: Model | ((x: Tensor) => unknown), on: Run<never>): Graph {
  const notes = new Notes();
  const model = of instanceof Module ? of : null;
  if (model !== null) for (const { path, get } of parameters(model)) notes.know(get(), "parameter", path);
  if (on instanceof Tensor) notes.know(on, "input", "input");
  const output = withRecorders([...activeRecorders(), notes], () => {
    if (model === null) return (of as (x: Tensor) => unknown)(on as Tensor);
    return watching(model, on as Run<Model>, ({ path, args, forward }) => {
      const outside = notes.layer;
      notes.layer = path;
      try {
        return forward(...args);
      } finally {
        notes.layer = outside;
      }
    });
  });
  const results: Tensor[] = [];
  mapOutput(output instanceof Map ? [...output.values()] : output, "", (x) => {
    results.push(x);
    return x;
  });
  if (results.length === 0) throw new ArgumentError("graph", "nothing came out, expected a tensor, or several.");
  return notes.leadingTo(results);
}

/** Writes down every operation. */
class Notes implements Recorder {
  layer = "";
  readonly #nodes: (Omit<GraphNode, "output"> & { readonly from: readonly number[] })[] = [];
  readonly #ids = new Map<Tensor, number>();

  know(tensor: Tensor, kind: GraphNode["kind"], name: string, from: readonly number[] = []): number {
    const known = this.#ids.get(tensor);
    if (known !== undefined) return known;
    const id = this.#nodes.length;
    const { shape, dtype } = tensor;
    this.#nodes.push({ id, kind, name, layer: kind === "operation" ? this.layer : "", shape, dtype, from });
    this.#ids.set(tensor, id);
    return id;
  }

  record(operation: object, inputs: readonly Tensor[], output: Tensor, options: unknown): void {
    const numbers: string[] = [];
    const from: number[] = [];
    for (const input of inputs) {
      if (input.state.kind === "constant" && !this.#ids.has(input)) numbers.push(shortNumber(input.state.value));
      else from.push(this.know(input, "constant", "constant"));
    }
    const { name } = operation as AnyOperation;
    const more = [...numbers, ...(typeof options === "number" ? [`axis ${options}`] : [])];
    this.know(output, "operation", more.length === 0 ? name : `${name} ${more.join(", ")}`, from);
  }

  leadingTo(results: readonly Tensor[]): Graph {
    const ends = new Set(results.map((x) => this.know(x, "constant", "constant")));
    const needed = new Set<number>();
    const visit = (id: number): void => {
      if (needed.has(id)) return;
      needed.add(id);
      this.#nodes[id]!.from.forEach(visit);
    };
    ends.forEach(visit);
    const kept = this.#nodes.filter(({ id }) => needed.has(id));
    return new Graph(
      kept.map(({ from: _, ...node }) => ({ ...node, output: ends.has(node.id) })),
      kept.flatMap(({ id, from }) => from.map((source) => ({ from: source, to: id }))),
    );
  }
}

function shortNumber(value: number): string {
  return String(Number(value.toPrecision(4)));
}
