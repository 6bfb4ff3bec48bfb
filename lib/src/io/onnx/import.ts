import { DataError } from "../../tensor/errors.ts";
import { readWhole } from "../files.ts";
import { OnnxModel } from "./onnx-model.ts";
import { decodeModel, type ModelProto } from "./schema.ts";

/** The oldest and the newest version of ONNX's operations that is read. */
const versions = [7, 21] as const;

/**
 * The model of an ONNX file as a module: it runs with our operations, on any device, has derivatives and can be trained
 * further. 64-bit integers become int32, 16-bit floats float32.
 *
 * Throws a `DataError` for what is no ONNX file and for operations that are not supported, by name.
 *
 * @example
 * ```ts
 * import { fromOnnx, nn, random, toOnnx } from "gradbook";
 *
 * const net = nn.init(new nn.Linear(4, 2), { seed: 1 });
 * const x = random.seed(2).normal([3, 4]);
 * const again = fromOnnx(await toOnnx(net, x));
 * await again.forward(x).toArray(); // as net.forward(x)
 * ```
 */
export function fromOnnx(bytes: Uint8Array, who = "onnx"): OnnxModel {
  let model: ModelProto;
  try {
    model = decodeModel(bytes);
  } catch {
    throw new DataError(who, "this is no ONNX file, or it was cut off or damaged.");
  }
  const { graph } = model;
  if (graph === undefined || model.opsetImport.length === 0)
    throw new DataError(who, "the file has no graph or no version of operations; is this an ONNX file?");
  const version = model.opsetImport.find(({ domain }) => domain === "" || domain === "ai.onnx")?.version;
  const opset = Number(version ?? 0);
  if (opset < versions[0] || opset > versions[1])
    throw new DataError(who, `version ${opset} of ONNX's operations, expected ${versions[0]} … ${versions[1]}.`);
  if (model.functions.length > 0)
    throw new DataError(who, `the file defines functions (${model.functions[0]!.name} …), which are not supported.`);
  return new OnnxModel(graph, opset, who);
}

/** The model of an ONNX file on disk, as `fromOnnx` reads it. */
export async function loadOnnx(path: string): Promise<OnnxModel> {
  const hint = "saveOnnx(model, path, { example }) or torch.onnx.export writes one.";
  return fromOnnx(await readWhole(path, "loadOnnx", hint), path);
}
