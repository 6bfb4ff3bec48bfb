import type { Device } from "../../device/device.ts";
import { isTraining } from "../../nn/context.ts";
import { init } from "../../nn/init.ts";
import { Module, parameter } from "../../nn/module.ts";
import { tensorOf } from "../../tensor/create.ts";
import { ArgumentError, DataError } from "../../tensor/errors.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { Call, nameOf, type Runs, type Value } from "./call.ts";
import { elementwise } from "./run-elementwise.ts";
import { layout, shapeRuns } from "./run-layout.ts";
import { recurrent } from "./run-recurrent.ts";
import { reductions } from "./run-reductions.ts";
import { resizes } from "./run-resize.ts";
import { windows } from "./run-windows.ts";
import type { GraphProto, NodeProto } from "./schema.ts";
import { knownValues, readTensor } from "./tensors.ts";

const runs: Runs = { ...elementwise, ...layout, ...reductions, ...resizes, ...windows, ...recurrent };

/** Inputs of operations that hold no weights: statistics, which data change, and numbers that must be known. */
const statistics: Readonly<Record<string, readonly number[]>> = { BatchNormalization: [3, 4] };
const settings: Readonly<Record<string, readonly number[]>> = {
  Resize: [1, 2, 3],
  Upsample: [1],
  Clip: [1, 2],
  Pad: [1, 2],
  Dropout: [1, 2],
  OneHot: [1, 2],
  Range: [0, 1, 2],
  Pow: [1],
};

/**
 * A model out of an ONNX file, computed with our operations: it runs, has derivatives, and can be trained further. Its
 * floating-point initialisers are parameters under their names in the file; the running statistics of batch
 * normalisation are constants. Outside of training dropout lets everything through.
 */
export class OnnxModel extends Module {
  readonly #graph: GraphProto;
  readonly #opset: number;
  /** The fields of the tensors in the file, by their names there. */
  readonly #fields = new Map<string, string>();
  readonly #known = new Map<string, Tensor>();
  readonly #inputs: readonly string[];

  /** @internal Use `fromOnnx(bytes)`. */
  constructor(graph: GraphProto, opset: number, who: string) {
    super();
    this.#graph = graph;
    this.#opset = opset;
    requireRuns(graph, who);
    const initialised = new Set(graph.initializer.map(({ name }) => name));
    this.#inputs = graph.input.map(({ name }) => name).filter((name) => !initialised.has(name));
    const roles = rolesOf(graph);
    for (const proto of graph.initializer) {
      const tensor = readTensor(proto, who);
      const role = roles.get(proto.name);
      const isFloat = tensor.dtype === "float32" || tensor.dtype === "float64";
      if (!isFloat || role === "setting" || tensor.rank === 0) this.#known.set(proto.name, tensor);
      else this.#hold(proto.name, tensor, role === "statistic");
    }
    // What is drawn are the file's values, now and whenever they are drawn again.
    init(this, { seed: 0 });
  }

  #hold(name: string, tensor: Tensor, constant: boolean): void {
    let field = name;
    while (field in this) field += "_";
    this.#fields.set(name, field);
    const values = tensorOf(knownValues(tensor).slice() as never, tensor.dtype, tensor.shape) as Tensor<"float32">;
    const own = this as unknown as Record<string, Tensor>;
    own[field] = constant ? values : parameter(tensor.shape, () => values);
  }

  /** The names of the inputs, in the order in which `forward` takes them. */
  inputs(): readonly string[] {
    return this.#inputs;
  }

  /** The names of the results. */
  outputs(): readonly string[] {
    return this.#graph.output.map(({ name }) => name);
  }

  /** The first result. */
  forward(...inputs: readonly Tensor[]): Tensor {
    if (inputs.length !== this.#inputs.length) {
      const names = this.#inputs.join(", ");
      throw new ArgumentError(this.where, `${inputs.length} inputs, expected ${this.#inputs.length}: ${names}.`);
    }
    const named = Object.fromEntries(this.#inputs.map((name, i) => [name, inputs[i]!]));
    return this.run(named)[this.outputs()[0]!]!;
  }

  /** All results by name, from inputs by name. */
  run(inputs: Readonly<Record<string, Tensor>>): Readonly<Record<string, Tensor>> {
    const values = new Map<string, Value>();
    const given = this.#inputs.map((name) => {
      const tensor = inputs[name];
      if (!(tensor instanceof Tensor))
        throw new ArgumentError(this.where, `the input ${name} is missing, expected a tensor.`);
      values.set(name, { tensor, known: false });
      return tensor;
    });
    const own = this as unknown as Record<string, Tensor>;
    for (const [name, field] of this.#fields) values.set(name, { tensor: own[field]!, known: false });
    for (const [name, tensor] of this.#known) values.set(name, { tensor, known: true });
    const device = given[0]?.device ?? null;
    for (const node of this.#graph.node) this.#step(node, values, device);
    const results = this.outputs().map((name) => {
      const value = values.get(name);
      if (value === undefined) throw new DataError(this.where, `no operation of the file computes the result ${name}.`);
      return [name, value.tensor] as const;
    });
    return Object.fromEntries(results);
  }

  #step(node: NodeProto, values: Map<string, Value>, device: Device | null): void {
    const inputs = node.input.map((name) => {
      if (name === "") return null;
      const value = values.get(name);
      if (value === undefined)
        throw new DataError(nameOf(node), `its input ${name} is computed later or never; is the file damaged?`);
      return value;
    });
    const shape = shapeRuns[node.opType];
    const known = inputs.every((value) => value === null || value.known);
    const context = { opset: this.#opset, training: isTraining() };
    const call = new Call(node, inputs, known ? null : device, context);
    if (node.opType === "If") {
      this.#branch(call, values, device);
      return;
    }
    const result = (shape ?? runs[node.opType]!)(call);
    const outputs = result instanceof Tensor ? [result] : result;
    const isKnown = known || shape !== undefined;
    for (const [i, name] of node.output.entries()) {
      const tensor = outputs[i];
      if (name !== "" && tensor !== undefined) values.set(name, { tensor, known: isKnown });
    }
  }

  /** Runs one of two graphs, which see all values there are; which one must be known from shapes alone. */
  #branch(call: Call, values: Map<string, Value>, device: Device | null): void {
    const graph = call.graph(call.numbers(0)[0] === 0 ? "else_branch" : "then_branch");
    const inside = new Map(values);
    for (const proto of graph.initializer) inside.set(proto.name, { tensor: readTensor(proto, call.who), known: true });
    for (const node of graph.node) this.#step(node, inside, device);
    for (const [i, name] of call.node.output.entries()) values.set(name, inside.get(graph.output[i]!.name)!);
  }

  override describe(): string {
    return `OnnxModel(${this.#graph.name === "" ? `${this.#graph.node.length} operations` : this.#graph.name})`;
  }
}

function requireRuns(graph: GraphProto, who: string): void {
  const odd = new Set(
    everyNode(graph)
      .filter((node) => !isRun(node))
      .map(fullName),
  );
  if (odd.size > 0)
    throw new DataError(who, `the model has operations that are not supported: ${[...odd].sort().join(", ")}.`);
}

/** The nodes of a graph and of the graphs inside it. */
function everyNode(graph: GraphProto): readonly NodeProto[] {
  const inside = (node: NodeProto) => node.attribute.flatMap(({ g }) => (g === undefined ? [] : everyNode(g)));
  return graph.node.flatMap((node) => [node, ...inside(node)]);
}

const isOwn = (domain: string) => domain === "" || domain === "ai.onnx";

function isRun({ opType, domain }: NodeProto): boolean {
  return isOwn(domain) && (opType === "If" || Object.hasOwn(runs, opType) || Object.hasOwn(shapeRuns, opType));
}

function fullName({ opType, domain }: NodeProto): string {
  return isOwn(domain) ? opType : `${domain}.${opType}`;
}

/** Which initialisers are no weights. */
function rolesOf(graph: GraphProto): Map<string, "statistic" | "setting"> {
  const roles = new Map<string, "statistic" | "setting">();
  for (const { opType, input } of graph.node) {
    for (const i of statistics[opType] ?? []) if (input[i]) roles.set(input[i], "statistic");
    for (const i of settings[opType] ?? []) if (input[i]) roles.set(input[i], "setting");
  }
  return roles;
}
