import type * as Protobuf from "@bufbuild/protobuf";
import type { DescMessage } from "@bufbuild/protobuf";
import type * as WellKnown from "@bufbuild/protobuf/wkt";
import { createRequire } from "../../device/node.ts";

/** A tensor in an ONNX file: its numbers as bytes, or in one of the lists. */
export interface TensorProto {
  readonly dims: readonly bigint[];
  readonly dataType: number;
  readonly floatData: readonly number[];
  readonly int32Data: readonly number[];
  readonly int64Data: readonly bigint[];
  readonly uint64Data: readonly bigint[];
  readonly doubleData: readonly number[];
  readonly name: string;
  readonly rawData: Uint8Array;
  readonly dataLocation: number;
}

/** An attribute of a node; `type` says which field holds it. */
export interface AttributeProto {
  readonly name: string;
  readonly type: number;
  readonly f: number;
  readonly i: bigint;
  readonly s: Uint8Array;
  readonly t?: TensorProto;
  readonly g?: GraphProto;
  readonly floats: readonly number[];
  readonly ints: readonly bigint[];
  readonly strings: readonly Uint8Array[];
}

/** One operation of a graph. */
export interface NodeProto {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name: string;
  readonly opType: string;
  readonly domain: string;
  readonly attribute: readonly AttributeProto[];
}

export interface DimensionProto {
  readonly dimValue: bigint;
  readonly dimParam: string;
}

/** An input or a result of a graph. */
export interface ValueInfoProto {
  readonly name: string;
  readonly type?: {
    readonly tensorType?: { readonly elemType: number; readonly shape?: { readonly dim: readonly DimensionProto[] } };
  };
}

export interface GraphProto {
  readonly node: readonly NodeProto[];
  readonly name: string;
  readonly initializer: readonly TensorProto[];
  readonly input: readonly ValueInfoProto[];
  readonly output: readonly ValueInfoProto[];
}

/** An ONNX file. */
export interface ModelProto {
  readonly irVersion: bigint;
  readonly producerName: string;
  readonly producerVersion: string;
  readonly graph?: GraphProto;
  readonly opsetImport: readonly { readonly domain: string; readonly version: bigint }[];
  readonly metadataProps: readonly { readonly key: string; readonly value: string }[];
  readonly functions: readonly { readonly name: string }[];
}

/** Parts of a message, all of them optional, for writing. */
export type Init<T> = T extends bigint | number | string | Uint8Array
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Init<Item>[]
    : { readonly [K in keyof T]?: Init<T[K]> };

/**
 * The messages of onnx.proto that models use, and the numbers of their fields, which never change. "*" stands for
 * repeated; numbers that repeat are packed, as their declaration says.
 */
const messages: Readonly<Record<string, Readonly<Record<string, readonly [number, string]>>>> = {
  ModelProto: {
    ir_version: [1, "int64"],
    producer_name: [2, "string"],
    producer_version: [3, "string"],
    graph: [7, "GraphProto"],
    opset_import: [8, "OperatorSetIdProto*"],
    metadata_props: [14, "StringStringEntryProto*"],
    functions: [25, "FunctionProto*"],
  },
  OperatorSetIdProto: { domain: [1, "string"], version: [2, "int64"] },
  StringStringEntryProto: { key: [1, "string"], value: [2, "string"] },
  FunctionProto: { name: [1, "string"] },
  GraphProto: {
    node: [1, "NodeProto*"],
    name: [2, "string"],
    initializer: [5, "TensorProto*"],
    input: [11, "ValueInfoProto*"],
    output: [12, "ValueInfoProto*"],
  },
  NodeProto: {
    input: [1, "string*"],
    output: [2, "string*"],
    name: [3, "string"],
    op_type: [4, "string"],
    attribute: [5, "AttributeProto*"],
    domain: [7, "string"],
  },
  AttributeProto: {
    name: [1, "string"],
    f: [2, "float"],
    i: [3, "int64"],
    s: [4, "bytes"],
    t: [5, "TensorProto"],
    g: [6, "GraphProto"],
    floats: [7, "float*"],
    ints: [8, "int64*"],
    strings: [9, "bytes*"],
    type: [20, "int32"],
  },
  TensorProto: {
    dims: [1, "int64*"],
    data_type: [2, "int32"],
    float_data: [4, "float*"],
    int32_data: [5, "int32*"],
    int64_data: [7, "int64*"],
    name: [8, "string"],
    raw_data: [9, "bytes"],
    double_data: [10, "double*"],
    uint64_data: [11, "uint64*"],
    data_location: [14, "int32"],
  },
  ValueInfoProto: { name: [1, "string"], type: [2, "TypeProto"] },
  TypeProto: { tensor_type: [1, "TensorTypeProto"] },
  TensorTypeProto: { elem_type: [1, "int32"], shape: [2, "TensorShapeProto"] },
  TensorShapeProto: { dim: [1, "DimensionProto*"] },
  DimensionProto: { dim_value: [1, "int64"], dim_param: [2, "string"] },
};

/** The library for such files, loaded when it is needed: it takes longer to start than this one. */
function protobuf(): typeof Protobuf & typeof WellKnown {
  const require = createRequire(import.meta.url);
  return { ...require("@bufbuild/protobuf"), ...require("@bufbuild/protobuf/wkt") };
}

/** Lists whose declaration in onnx.proto says that they are packed; all others are not. */
const packed = new Set(["float_data", "int32_data", "int64_data", "double_data", "uint64_data"]);

function descriptor({
  create,
  FieldDescriptorProto_Label: Label,
  FieldDescriptorProto_Type: Type,
  FileDescriptorProtoSchema,
}: ReturnType<typeof protobuf>): WellKnown.FileDescriptorProto {
  const scalars: Readonly<Record<string, WellKnown.FieldDescriptorProto_Type>> = {
    double: Type.DOUBLE,
    float: Type.FLOAT,
    int64: Type.INT64,
    uint64: Type.UINT64,
    int32: Type.INT32,
    string: Type.STRING,
    bytes: Type.BYTES,
  };
  const field = (name: string, [number, kind]: readonly [number, string]) => {
    const type = kind.replace("*", "");
    const scalar = scalars[type];
    return {
      name,
      number,
      label: kind.endsWith("*") ? Label.REPEATED : Label.OPTIONAL,
      type: scalar ?? Type.MESSAGE,
      ...(scalar === undefined && { typeName: `.onnx.${type}` }),
      ...(packed.has(name) && { options: { packed: true } }),
    };
  };
  return create(FileDescriptorProtoSchema, {
    name: "onnx.proto",
    package: "onnx",
    syntax: "proto2",
    messageType: Object.entries(messages).map(([name, fields]) => ({
      name,
      field: Object.entries(fields).map(([key, what]) => field(key, what)),
    })),
  });
}

interface Format {
  readonly library: ReturnType<typeof protobuf>;
  readonly model: DescMessage;
}

let known: Format | null = null;

/** The shape of an ONNX file, put together when it is first needed. */
function format(): Format {
  if (known === null) {
    const library = protobuf();
    const model = library.createFileRegistry(descriptor(library), () => undefined).getMessage("onnx.ModelProto")!;
    known = { library, model };
  }
  return known;
}

/** The messages of an ONNX file; whatever is wrong with the bytes is thrown. */
export function decodeModel(bytes: Uint8Array): ModelProto {
  const { library, model } = format();
  return library.fromBinary(model, bytes, { readUnknownFields: false }) as unknown as ModelProto;
}

/** The bytes of an ONNX file. */
export function encodeModel(model: Init<ModelProto>): Uint8Array {
  const { library, model: schema } = format();
  return library.toBinary(schema, library.create(schema, model as never));
}
