import type { Device } from "../../device/device.ts";
import { tensorOf } from "../../tensor/create.ts";
import { DataError } from "../../tensor/errors.ts";
import { keep } from "../../tensor/scope.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { AttributeProto, GraphProto, NodeProto } from "./schema.ts";
import { knownValues, readTensor } from "./tensors.ts";

/** A value while a graph runs; one that is known does not depend on the data, and its numbers can be seen at once. */
export interface Value {
  readonly tensor: Tensor;
  readonly known: boolean;
}

/** What one node of a graph is run with. */
export class Call {
  readonly node: NodeProto;
  /** The version of ONNX's operations that the file speaks. */
  readonly opset: number;
  /** The node, for messages. */
  readonly who: string;
  /** Whether training is under way. */
  readonly training: boolean;
  readonly #inputs: readonly (Value | null)[];
  readonly #device: Device | null;
  readonly #attributes: ReadonlyMap<string, AttributeProto>;

  /** @param device where the data are; null where everything is known. */
  constructor(
    node: NodeProto,
    inputs: readonly (Value | null)[],
    device: Device | null,
    { opset, training }: { readonly opset: number; readonly training: boolean },
  ) {
    this.node = node;
    this.opset = opset;
    this.who = nameOf(node);
    this.training = training;
    this.#inputs = inputs;
    this.#device = device;
    this.#attributes = new Map(node.attribute.map((attribute) => [attribute.name, attribute]));
  }

  /** How many inputs there are. */
  get count(): number {
    return this.#inputs.length;
  }

  /** An input, on the device of the data. */
  x(i: number): Tensor {
    const tensor = this.maybe(i);
    if (tensor === null) throw new DataError(this.who, `input ${i} is missing, expected a tensor.`);
    return tensor;
  }

  maybe(i: number): Tensor | null {
    const value = this.#inputs[i] ?? null;
    if (value === null) return null;
    return value.known && this.#device !== null ? moved(value.tensor, this.#device) : value.tensor;
  }

  /** All inputs. */
  all(): Tensor[] {
    return this.#inputs.map((_, i) => this.x(i));
  }

  /** The numbers of an input that does not depend on the data, such as a shape. */
  numbers(i: number): number[] {
    const numbers = this.maybeNumbers(i);
    if (numbers === null) throw new DataError(this.who, `input ${i} is missing, expected numbers.`);
    return numbers;
  }

  maybeNumbers(i: number): number[] | null {
    const value = this.#inputs[i] ?? null;
    if (value === null) return null;
    if (!value.known) {
      throw new DataError(
        this.who,
        `input ${i} (${this.node.input[i]}) is computed from the data, expected numbers that are known from shapes alone.`,
      );
    }
    return Array.from(knownValues(value.tensor));
  }

  /** Whether an attribute is there. */
  has(name: string): boolean {
    return this.#attributes.has(name);
  }

  /** A whole number among the attributes. */
  int(name: string, otherwise?: number): number {
    const attribute = this.#attributes.get(name);
    return attribute === undefined ? this.#required(name, otherwise) : Number(attribute.i);
  }

  float(name: string, otherwise?: number): number {
    const attribute = this.#attributes.get(name);
    return attribute === undefined ? this.#required(name, otherwise) : attribute.f;
  }

  text(name: string, otherwise?: string): string {
    const attribute = this.#attributes.get(name);
    return attribute === undefined ? this.#required(name, otherwise) : new TextDecoder().decode(attribute.s);
  }

  texts(name: string): string[] {
    return (this.#attributes.get(name)?.strings ?? []).map((text) => new TextDecoder().decode(text));
  }

  /** Whole numbers among the attributes. */
  ints(name: string): number[] | null {
    return this.#attributes.get(name)?.ints.map(Number) ?? null;
  }

  floats(name: string): readonly number[] | null {
    return this.#attributes.get(name)?.floats ?? null;
  }

  tensor(name: string): Tensor | null {
    const proto = this.#attributes.get(name)?.t;
    return proto === undefined ? null : readTensor(proto, this.who);
  }

  graph(name: string): GraphProto {
    return this.#attributes.get(name)?.g ?? this.#required<GraphProto>(name, undefined);
  }

  /** Refuses what is not implemented. */
  refuse(what: string): never {
    throw new DataError(this.who, `${what}, which is not supported.`);
  }

  #required<T>(name: string, otherwise: T | undefined): T {
    if (otherwise === undefined) throw new DataError(this.who, `the attribute ${name} is missing.`);
    return otherwise;
  }
}

/** `Conv /features/0/Conv`. */
export function nameOf(node: NodeProto): string {
  return node.name === "" ? node.opType : `${node.opType} ${node.name}`;
}

/** Where known tensors have gone before, so that each goes once. */
const copies = new WeakMap<Tensor, Map<Device, Tensor>>();

function moved(tensor: Tensor, device: Device): Tensor {
  if (tensor.device === device) return tensor;
  let known = copies.get(tensor);
  if (known === undefined) {
    known = new Map();
    copies.set(tensor, known);
  }
  let copy = known.get(device);
  if (copy === undefined) {
    copy = tensorOf(knownValues(tensor).slice() as never, tensor.dtype, tensor.shape, device);
    known.set(device, keep(copy));
  }
  return copy;
}

/** How an operation of ONNX is computed with ours. */
export type Run = (call: Call) => Tensor | readonly Tensor[];
export type Runs = Readonly<Record<string, Run>>;
