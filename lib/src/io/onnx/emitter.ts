import type { DType } from "../../device/device.ts";
import { tensorOf } from "../../tensor/create.ts";
import { DataError } from "../../tensor/errors.ts";
import { sameShape } from "../../tensor/shapes.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { AttributeProto, Init, NodeProto, TensorProto } from "./schema.ts";
import { writeTensor } from "./tensors.ts";
import type { Entry, Trace } from "./trace.ts";

/** The same operation in two traces of different batches. */
export interface Pair {
  readonly one: Entry;
  readonly two: Entry;
}

/** A size in both traces; one that differs depends on the batch. */
export type Size = readonly [number, number];

export type Attribute = number | string | readonly number[] | { readonly float: number };

/** Puts together the nodes and initialisers of a graph. */
export class Emitter {
  readonly nodes: Init<NodeProto>[] = [];
  readonly #names = new Map<Tensor, string>();
  readonly #twins = new Map<Tensor, Tensor>();
  readonly #own: ReadonlyMap<Tensor, string>;
  readonly #taken = new Set<string>();
  readonly #initializers = new Map<string, () => Promise<Init<TensorProto>>>();
  readonly #numbers = new Map<string, string>();
  /** How many examples each trace has; the same where the batch is fixed. */
  readonly #batch: Size;
  readonly #first: string;
  #batchName: string | null = null;

  constructor(one: Trace, two: Trace, names: readonly string[], batch: Size) {
    this.#own = one.own;
    this.#batch = batch;
    this.#first = names[0]!;
    for (const path of one.own.values()) this.#taken.add(path);
    for (const [i, input] of one.inputs.entries()) {
      this.#names.set(input, names[i]!);
      this.#taken.add(names[i]!);
    }
    for (const [i, entry] of one.entries.entries())
      for (const [k, input] of entry.inputs.entries()) this.#twins.set(input, two.entries[i]!.inputs[k]!);
    for (const [name, output] of one.outputs) this.#twins.set(output, two.outputs.get(name)!);
  }

  /** What a tensor is called; one that nothing has computed is the model's own or a constant. */
  name(tensor: Tensor): string {
    const known = this.#names.get(tensor);
    if (known !== undefined) return known;
    const path = this.#own.get(tensor);
    const name = path ?? this.#constant(tensor);
    this.#names.set(tensor, name);
    if (path !== undefined) this.#initializers.set(path, () => writeTensor(path, tensor));
    return name;
  }

  /** From now on a tensor is called so. */
  call(tensor: Tensor, name: string): void {
    this.#names.set(tensor, name);
  }

  /** A name that is not taken yet. */
  fresh(base: string): string {
    let name = base;
    for (let n = 1; this.#taken.has(name); n++) name = `${base}_${n}`;
    this.#taken.add(name);
    return name;
  }

  /** Adds a node; gives the name of its first result. */
  add(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    outputs = 1,
  ): string {
    const name = this.fresh(opType.toLowerCase());
    const output = Array.from({ length: outputs }, (_, i) => (i === 0 ? name : this.fresh(`${name}_${i}`)));
    const attribute = Object.entries(attributes).map(([key, value]) => attributeOf(key, value));
    this.nodes.push({ name, opType, input: inputs, output, attribute });
    return name;
  }

  /** Numbers as a tensor: 64-bit integers as ONNX wants shapes. */
  ints(values: readonly number[], scalar = false): string {
    return this.#numeric(`i${scalar}${values}`, "shape", () =>
      writeTensor("", tensorOf(Int32Array.from(values), "int32", scalar ? [] : [values.length]), true),
    );
  }

  /** A number of a dtype, without axes. */
  number(value: number, dtype: DType): string {
    const array = { float32: Float32Array, float64: Float64Array, int32: Int32Array, bool: Uint8Array }[dtype];
    return this.#numeric(`n${dtype}${Object.is(value, -0) ? "-0" : value}`, "value", () =>
      writeTensor("", tensorOf(array.of(value) as never, dtype, [])),
    );
  }

  #numeric(key: string, base: string, write: () => Promise<Init<TensorProto>>): string {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const name = this.fresh(base);
    this.#numbers.set(key, name);
    this.#initializers.set(name, async () => ({ ...(await write()), name }));
    return name;
  }

  /** Sizes as a tensor, computed from the batch where they depend on it. */
  sizes(sizes: readonly Size[]): string {
    if (sizes.every(([a, b]) => a === b)) return this.ints(sizes.map(([a]) => a));
    const parts = sizes.map(([a, b]) => (a === b ? this.ints([a]) : this.#ofBatch(a, b)));
    return parts.length === 1 ? parts[0]! : this.add("Concat", parts, { axis: 0 });
  }

  #ofBatch(a: number, b: number): string {
    const [m, n] = this.#batch;
    const slope = (b - a) / (n - m);
    const offset = a - slope * m;
    if (m === n || !Number.isInteger(slope) || !Number.isInteger(offset))
      throw new DataError("toOnnx", `a size is ${a} for ${m} examples and ${b} for ${n}, expected a multiple of them.`);
    this.#batchName ??= this.add("Shape", [this.#first], { start: 0, end: 1 });
    const product = slope === 1 ? this.#batchName : this.add("Mul", [this.#batchName, this.ints([slope])]);
    return offset === 0 ? product : this.add("Add", [product, this.ints([offset])]);
  }

  /** A tensor that the model makes by itself: the same in both traces, or one number in a shape that they give. */
  #constant(tensor: Tensor): string {
    if (tensor.state.kind === "constant") return this.number(tensor.state.value, tensor.dtype);
    const twin = this.#twins.get(tensor) ?? tensor;
    const name = this.fresh("constant");
    if (sameShape(tensor.shape, twin.shape)) {
      this.#initializers.set(name, async () => {
        const [a, b] = [await tensor.data(), await twin.data()];
        if (a.some((value, i) => !Object.is(value, b[i]))) throw unseen(tensor);
        return writeTensor(name, tensor);
      });
      return name;
    }
    this.#initializers.set(name, async () => {
      const [a, b] = [await tensor.data(), await twin.data()];
      if ([...a, ...b].some((value) => !Object.is(value, a[0]))) throw unseen(tensor);
      return writeTensor(name, tensor.reshape([-1]).slice({ axis: 0, stop: 1 }).reshape([]));
    });
    return this.add("Expand", [name, this.sizes(tensor.shape.map((n, i) => [n, twin.shape[i]!] as const))]);
  }

  /** The values of all initialisers. */
  async initializers(): Promise<Init<TensorProto>[]> {
    const used = new Set(this.nodes.flatMap(({ input }) => input));
    const list: Init<TensorProto>[] = [];
    for (const [name, write] of this.#initializers) if (used.has(name)) list.push(await write());
    return list;
  }
}

function unseen(tensor: Tensor): DataError {
  return new DataError(
    "toOnnx",
    `a tensor of shape [${tensor.shape.join(", ")}] depends on the data or on how many examples there are, in a way that no operation shows. With { batch: "fixed" } the number of examples stays as it is.`,
  );
}

const float = 1;
const int = 2;
const text = 3;
const ints = 7;

function attributeOf(name: string, value: Attribute): Init<AttributeProto> {
  if (typeof value === "number") return { name, type: int, i: BigInt(value) };
  if (typeof value === "string") return { name, type: text, s: new TextEncoder().encode(value) };
  if ("float" in value) return { name, type: float, f: value.float };
  return { name, type: ints, ints: value.map(BigInt) };
}
