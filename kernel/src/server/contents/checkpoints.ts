import { constants, copyFile, mkdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { NotFound } from "../problems.ts";
import { draftOf, replaceBy } from "./atomic-file.ts";
import { isMissing, type Place, quoted, type RootFolder } from "./root-folder.ts";

/** A checkpoint as the API describes it. */
export interface CheckpointModel {
  id: string;
  last_modified: string;
}

/** There is one for each file, as in Jupyter. */
const ONLY_ID = "checkpoint";
const FOLDER = ".ipynb_checkpoints";

/** Keeps a state of a file to which its user can go back, in a folder beside it, where Jupyter keeps it, too. */
export class Checkpoints {
  readonly #root: RootFolder;

  constructor(root: RootFolder) {
    this.#root = root;
  }

  async list(place: Place): Promise<CheckpointModel[]> {
    const file = checkpointOf(await this.#root.target(place));
    try {
      return [await modelOf(file)];
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  /** @throws ENOENT when there is no such file. */
  async create(place: Place): Promise<CheckpointModel> {
    const file = await this.#root.target(place);
    if (!(await stat(file)).isFile())
      throw new NotFound(`${quoted(place.path)} is no file: only files have checkpoints.`);
    const checkpoint = checkpointOf(file);
    await mkdir(dirname(checkpoint), { recursive: true });
    await copyWhole(file, checkpoint);
    return modelOf(checkpoint);
  }

  /** @throws NotFound */
  async restore(place: Place, id: string): Promise<void> {
    const file = await this.#root.target(place);
    await copyWhole(await this.#find(place, file, id), file);
  }

  /** @throws NotFound */
  async delete(place: Place, id: string): Promise<void> {
    await rm(await this.#find(place, await this.#root.target(place), id));
  }

  /** Takes a file's checkpoint along to its new place. */
  async follow(from: string, to: string): Promise<void> {
    const [before, after] = [checkpointOf(from), checkpointOf(to)];
    if (!(await stat(before).catch(() => undefined))) return;
    await mkdir(dirname(after), { recursive: true });
    await rename(before, after);
  }

  /** Forgets the checkpoint of a file that is gone. */
  async forget(file: string): Promise<void> {
    await rm(checkpointOf(file), { force: true });
  }

  async #find(place: Place, file: string, id: string): Promise<string> {
    const checkpoint = checkpointOf(file);
    if (id !== ONLY_ID || !(await stat(checkpoint).catch(() => undefined)))
      throw new NotFound(`${quoted(place.path)} has no checkpoint ${quoted(id)}. Ask for the list of those it has.`);
    return checkpoint;
  }
}

function checkpointOf(file: string): string {
  const name = basename(file);
  const dot = name.lastIndexOf(".") > 0 ? name.lastIndexOf(".") : name.length;
  return join(dirname(file), FOLDER, `${name.slice(0, dot)}-checkpoint${name.slice(dot)}`);
}

async function copyWhole(from: string, to: string): Promise<void> {
  const draft = draftOf(to);
  try {
    await copyFile(from, draft, constants.COPYFILE_FICLONE);
    await replaceBy(draft, to);
  } finally {
    await rm(draft, { force: true });
  }
}

async function modelOf(checkpoint: string): Promise<CheckpointModel> {
  return { id: ONLY_ID, last_modified: (await stat(checkpoint)).mtime.toISOString() };
}
