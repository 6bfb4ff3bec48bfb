import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { isObject, type JsonObject } from "./notebook.ts";
import { ParameterError } from "./parameters.ts";

/** Reads parameters from a file of JSON or YAML: one object, from name to value. @throws ParameterError */
export async function readParameters(path: string): Promise<JsonObject> {
  let value: unknown;
  try {
    // JSON is YAML, too.
    value = parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new ParameterError(`${path}: the parameters cannot be read (${(error as Error).message.split("\n", 1)[0]}).`);
  }
  if (value === null) return {};
  if (!isObject(value)) throw new ParameterError(`${path}: names with values were expected, such as "epochs: 3".`);
  return value;
}
