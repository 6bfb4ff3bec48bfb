import type { FileHandle } from "node:fs/promises";
import { basename, dirname, join, rm, stat } from "../device/node.ts";
import { loadState } from "../nn/load-state.ts";
import { type Module, state } from "../nn/module.ts";
import { ArgumentError, DataError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { build, type DescribeOptions, type ModelDescription } from "./description.ts";
import { readPart, readWhole, withFile, writeWhole } from "./files.ts";
import { bytesOf, type SafetensorsOptions, safetensorsParts, tensorFrom } from "./safetensors.ts";
import { headerLength, readHeader, type SafetensorsHeader } from "./safetensors-header.ts";

export interface SaveOptions extends SafetensorsOptions {
  /** What the model is made of, from `describe(model)`: with it, `loadModel` needs no source. */
  readonly description?: ModelDescription;
  /**
   * Spreads the tensors over files of at most so many bytes of values, `name-00001-of-00003.safetensors` …, with an index
   * `name.safetensors.index.json`. One file if not said.
   */
  readonly shardBytes?: number;
}

/** Which file holds which tensor, as Hugging Face's libraries write it. */
interface Index {
  readonly metadata: { readonly total_size: number };
  readonly weight_map: Readonly<Record<string, string>>;
}

const ending = ".safetensors";
const indexEnding = `${ending}.index.json`;

/**
 * Writes tensors by name to a safetensors file, or to several with an index. Each file is written as a whole or not at
 * all, the index last. Then what an earlier save under this name left beside them goes.
 */
export async function saveTensors(
  tensors: ReadonlyMap<string, Tensor>,
  path: string,
  options: SaveOptions = {},
): Promise<void> {
  const { shardBytes, ...rest } = options;
  const before = path.endsWith(ending) ? await shardsOf(path) : [];
  if (shardBytes === undefined) {
    await writeWhole(path, safetensorsParts(tensors, rest), "save");
    return remove(before);
  }
  if (!(shardBytes > 0)) throw new ArgumentError("save", `shardBytes is ${shardBytes}, expected a positive number.`);
  if (!path.endsWith(ending)) throw new ArgumentError("save", `the path is ${path}, expected one ending in ${ending}.`);
  const shards = spread(tensors, shardBytes, rest);
  const stem = path.slice(0, -ending.length);
  const files: string[] = [];
  const map: [string, string][] = [];
  for (const [i, shard] of shards.entries()) {
    const number = (n: number) => String(n).padStart(5, "0");
    const file = `${stem}-${number(i + 1)}-of-${number(shards.length)}${ending}`;
    await writeWhole(file, safetensorsParts(shard, rest), "save");
    files.push(file);
    for (const name of shard.keys()) map.push([name, basename(file)]);
  }
  const total = [...tensors.values()].reduce((sum, tensor) => sum + bytesOf(tensor, rest.floats), 0);
  const index: Index = { metadata: { total_size: total }, weight_map: Object.fromEntries(map) };
  const text = `${JSON.stringify(index, null, 2)}\n`;
  files.push(`${stem}${indexEnding}`);
  await writeWhole(files.at(-1)!, [new TextEncoder().encode(text)], "save");
  await remove([path, ...before.filter((file) => !files.includes(file))]);
}

/** The index of a model in shards that was saved under a name, and the shards in it that bear that name. */
async function shardsOf(path: string): Promise<readonly string[]> {
  const stem = path.slice(0, -ending.length);
  const index = `${stem}${indexEnding}`;
  const map = await readIndex(index).catch((error: unknown) => {
    if (error instanceof DataError) return new Map<string, string>();
    throw error;
  });
  const own = (name: string) =>
    name.startsWith(basename(stem)) && /^-\d+-of-\d+\.safetensors$/.test(name.slice(basename(stem).length));
  return [index, ...[...new Set(map.values())].filter(own).map((name) => join(dirname(path), name))];
}

async function remove(paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { force: true });
}

/** Tensors in their order, in as few groups of at most so many bytes; one that is larger has a group of its own. */
function spread(tensors: ReadonlyMap<string, Tensor>, most: number, { floats }: SafetensorsOptions) {
  const shards: Map<string, Tensor>[] = [];
  let room = 0;
  for (const [name, tensor] of tensors) {
    const bytes = bytesOf(tensor, floats);
    if (shards.length === 0 || bytes > room) {
      shards.push(new Map());
      room = most;
    }
    shards.at(-1)!.set(name, tensor);
    room -= bytes;
  }
  return shards.length === 0 ? [new Map<string, Tensor>()] : shards;
}

const hint = "A model is written there by save(model, path).";

/**
 * Tensors by name from a safetensors file, from several through their `.index.json`, or from a folder that holds
 * `model.safetensors` or `model.safetensors.index.json`. Numbers become ours as in `fromSafetensors`.
 */
export async function loadTensors(path: string): Promise<Map<string, Tensor>> {
  const file = await fileOf(path);
  return file.endsWith(".json") ? loadShards(file) : loadFile(file);
}

async function fileOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory()) {
    const [one, index] = [join(path, `model${ending}`), join(path, `model${indexEnding}`)];
    if (await stat(one).catch(() => null)) return one;
    if (await stat(index).catch(() => null)) return index;
    throw new DataError("load", `the folder ${path} has no model${ending} and no model${indexEnding}.`);
  }
  // A model in shards goes by the name that it was saved under.
  const index = path.endsWith(ending) ? `${path.slice(0, -ending.length)}${indexEnding}` : null;
  return found === null && index !== null && (await stat(index).catch(() => null)) ? index : path;
}

function loadFile(path: string): Promise<Map<string, Tensor>> {
  return withFile(path, "load", hint, async (file, length) => {
    const { tensors } = await readStart(file, length, path);
    const loaded = new Map<string, Tensor>();
    for (const [name, stored] of tensors) {
      const bytes = await readPart(file, stored.from, stored.to - stored.from);
      loaded.set(name, tensorFrom(bytes, name, stored, path));
    }
    return loaded;
  });
}

async function readStart(file: FileHandle, length: number, path: string): Promise<SafetensorsHeader> {
  const header = headerLength(await readPart(file, 0, 8), length, path);
  return readHeader(await readPart(file, 8, header), length, path);
}

function headerOf(path: string): Promise<SafetensorsHeader> {
  return withFile(path, "load", hint, (file, length) => readStart(file, length, path));
}

async function loadShards(path: string): Promise<Map<string, Tensor>> {
  const map = await readIndex(path);
  const shards = new Map<string, Map<string, Tensor>>();
  for (const file of new Set(map.values())) shards.set(file, await loadFile(join(dirname(path), file)));
  return new Map(
    Array.from(map, ([name, file]) => {
      const tensor = shards.get(file)!.get(name);
      if (tensor === undefined)
        throw new DataError(path, `${name} is said to be in ${file}, which has no such tensor.`);
      return [name, tensor];
    }),
  );
}

async function readIndex(path: string): Promise<Map<string, string>> {
  let json: { readonly weight_map?: unknown } | null;
  try {
    json = JSON.parse(new TextDecoder().decode(await readWhole(path, "load", hint)));
  } catch (error) {
    if (error instanceof SyntaxError) throw new DataError(path, "the index is no JSON; was it cut off?");
    throw error;
  }
  const map = json?.weight_map;
  if (typeof map !== "object" || map === null) throw new DataError(path, "the index has no weight_map, expected one.");
  // Nothing outside the model's own folder is read.
  for (const [name, file] of Object.entries(map))
    if (typeof file !== "string" || basename(file) !== file)
      throw new DataError(path, `${name} is in ${JSON.stringify(file)}, expected the name of a file beside the index.`);
  return new Map(Object.entries(map as Record<string, string>));
}

/**
 * Writes a model's parameters and constants to a safetensors file, under PyTorch's names: as a whole or not at all.
 *
 * @example
 * ```ts
 * import { load, nn, save } from "gradbook";
 *
 * const net = nn.init(new nn.Linear(784, 10), { seed: 1 });
 * await save(net, "/tmp/net.safetensors");
 * const again = await load(new nn.Linear(784, 10), "/tmp/net.safetensors");
 * ```
 */
export async function save(model: Module, path: string, options: SaveOptions = {}): Promise<void> {
  const { description, metadata = {}, ...rest } = options;
  const notes = description === undefined ? metadata : { ...metadata, [descriptionNote]: JSON.stringify(description) };
  await saveTensors(new Map(state(model).map((place) => [place.path, place.get()])), path, {
    ...rest,
    metadata: notes,
  });
}

const descriptionNote = "gradbook.model";

/**
 * A model out of a file alone, without its source, if it was saved with its description:
 * `save(model, path, { description: describe(model) })`.
 */
export async function loadModel(path: string, options: DescribeOptions = {}): Promise<Module> {
  const file = await fileOf(path);
  const shard = file.endsWith(".json") ? join(dirname(file), [...(await readIndex(file)).values()][0] ?? "") : file;
  const note = (await headerOf(shard)).metadata[descriptionNote];
  if (note === undefined)
    throw new DataError(
      "loadModel",
      `${path} has no description. save(model, path, { description: describe(model) }) adds it.`,
    );
  return load(build(JSON.parse(note) as ModelDescription, options), path);
}

/** Reads them back, from one file or several; every name and shape must fit. */
export async function load<M extends Module>(model: M, path: string): Promise<M> {
  loadState(model, await loadTensors(path));
  return model;
}
