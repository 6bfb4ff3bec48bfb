import type { Module } from "../../nn/module.ts";
import { ArgumentError, DataError } from "../../tensor/errors.ts";
import { showShape } from "../../tensor/shapes.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { writeWhole } from "../files.ts";
import { Emitter, type Size } from "./emitter.ts";
import { encodeModel, type Init, type ModelProto, type ValueInfoProto } from "./schema.ts";
import { kindOf } from "./tensors.ts";
import { rows, type Trace, traced } from "./trace.ts";
import { writeContractions } from "./write-contractions.ts";
import { writeElementwise } from "./write-elementwise.ts";
import { writeLayout } from "./write-layout.ts";
import { type Writes, Writing } from "./writing.ts";

/** The version of ONNX's operations that is written, and of its format. */
const [opset, irVersion] = [17, 8n];

const writes: Writes = { ...writeElementwise, ...writeLayout, ...writeContractions };
const table = { has: (name: string) => Object.hasOwn(writes, name) };

export interface OnnxOptions {
  /** What the inputs are called; `input`, or `input0` … of several, if not said. */
  readonly inputs?: readonly string[];
  /**
   * Whether any number of examples may be given later ("dynamic", if not said), or as many as now ("fixed"). The first
   * axis of every input counts them.
   */
  readonly batch?: "dynamic" | "fixed";
  /** Notes by name. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A model with tensors in, and out a tensor or several in arrays and records. */
export type Exportable = Module & { forward(...inputs: never[]): unknown };

/**
 * A model as the bytes of an ONNX file, for ONNX Runtime and everything else that reads the format (version 17 of its
 * operations): what `forward` does to an example, outside of training, with parameters under their paths. Loops and
 * branches of the forward pass are written as they went for the example. `example` is one tensor, or one for each argument
 * of `forward`; the results are called `output`, or by their names in what `forward` returns.
 *
 * Throws a `DataError` where an operation has no counterpart in ONNX, and where results depend on the number of examples in
 * a way that cannot be written down.
 *
 * @example
 * ```ts
 * import { nn, random, relu, toOnnx } from "gradbook";
 *
 * const net = nn.init(new nn.Sequential([new nn.Linear(4, 8), relu, new nn.Linear(8, 2)]), { seed: 1 });
 * const file = await toOnnx(net, random.seed(2).normal([1, 4])); // runs on any number of examples
 * ```
 */
export async function toOnnx(
  model: Exportable,
  example: Tensor | readonly Tensor[],
  options: OnnxOptions = {},
): Promise<Uint8Array> {
  const { batch = "dynamic", metadata = {} } = options;
  const given: readonly Tensor[] = Array.isArray(example) ? example : [example as Tensor];
  const names = namesOf(given, options.inputs);
  if (batch !== "dynamic" && batch !== "fixed")
    throw new ArgumentError("toOnnx", `batch is ${String(batch)}, expected dynamic or fixed.`);
  const scalar = given.find((x) => x.rank === 0 || x.shape[0] === 0);
  if (scalar !== undefined)
    throw new ArgumentError(
      "toOnnx",
      `an example is ${showShape(scalar.shape)}, expected [batch, …] with one row or more.`,
    );
  const dynamic = batch === "dynamic";
  // Two passes over different examples show what depends on them.
  const counts = (dynamic ? [2, 3] : [given[0]!.shape[0]!, given[0]!.shape[0]!]) as unknown as Size;
  const [one, two] = counts.map((count, i) =>
    traced(
      model as never,
      given.map((x) => rows(x, dynamic ? count : x.shape[0]!, i === 1)),
      table,
    ),
  ) as [Trace, Trace];
  requireAlike(one, two);
  const emitter = new Emitter(one, two, names, counts);
  for (const [i, entry] of one.entries.entries()) {
    const write = writes[entry.name];
    if (write === undefined)
      throw new DataError(
        "toOnnx",
        `${entry.name} has no counterpart in ONNX that Gradbook writes. Leave it outside of the model.`,
      );
    emitter.call(entry.output, write(new Writing(emitter, { one: entry, two: two.entries[i]! })));
  }
  const output = [...one.outputs].map(([name, tensor]) => {
    const result = emitter.fresh(name);
    emitter.nodes.push({ opType: "Identity", name: result, input: [emitter.name(tensor)], output: [result] });
    return described(result, tensor, two.outputs.get(name)!);
  });
  const graph: Init<ModelProto>["graph"] = {
    name: model.constructor.name,
    input: one.inputs.map((input, i) => described(names[i]!, input, two.inputs[i]!)),
    output,
    initializer: await emitter.initializers(),
    node: emitter.nodes,
  };
  return encodeModel({
    irVersion,
    producerName: "gradbook",
    opsetImport: [{ domain: "", version: BigInt(opset) }],
    graph,
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
}

function namesOf(given: readonly Tensor[], names: readonly string[] | undefined): readonly string[] {
  if (names === undefined) return given.map((_, i) => (given.length === 1 ? "input" : `input${i}`));
  if (names.length !== given.length || new Set(names).size !== names.length || names.includes(""))
    throw new ArgumentError(
      "toOnnx",
      `inputs are called ${names.join(", ")}, expected ${given.length} different names.`,
    );
  return names;
}

/** Both passes must have done the same. */
function requireAlike(one: Trace, two: Trace): void {
  const at = one.entries.findIndex((entry, i) => {
    const other = two.entries[i];
    return (
      other?.name !== entry.name ||
      other.inputs.length !== entry.inputs.length ||
      other.output.rank !== entry.output.rank
    );
  });
  if (at < 0 && one.entries.length === two.entries.length) return;
  throw new DataError(
    "toOnnx",
    `the model computes other things for ${two.inputs[0]!.shape[0]} examples than for ${one.inputs[0]!.shape[0]}, from operation ${at < 0 ? one.entries.length : at} on. With { batch: "fixed" } it need not.`,
  );
}

/** The name, dtype and shape of what goes in or comes out; sizes that differ have a name, too. */
function described(name: string, one: Tensor, two: Tensor): Init<ValueInfoProto> {
  const dim = one.shape.map((n, i) =>
    n === two.shape[i] ? { dimValue: BigInt(n) } : { dimParam: i === 0 ? "batch" : `${name}_${i}` },
  );
  return { name, type: { tensorType: { elemType: kindOf[one.dtype], shape: { dim } } } };
}

/** Writes a model to an ONNX file, as a whole or not at all; see `toOnnx`. */
export async function saveOnnx(
  model: Exportable,
  path: string,
  { example, ...options }: OnnxOptions & { readonly example: Tensor | readonly Tensor[] },
): Promise<void> {
  await writeWhole(path, [await toOnnx(model, example, options)], "saveOnnx");
}
