import { copyFile, cp, lstat, mkdir, rename, rm, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { BadRequest, HttpProblem, NotFound } from "../problems.ts";
import { draftOf, placeNew, writeNew, writeWhole } from "./atomic-file.ts";
import { type CheckpointModel, Checkpoints } from "./checkpoints.ts";
import { withFiles } from "./file-problem.ts";
import { baseModel, type ContentModel, type ContentQuestion, type ContentType, Describer, hashOf } from "./model.ts";
import { copyNames, untitledNames } from "./names.ts";
import { emptyNotebook, notebookText } from "./notebook-json.ts";
import { type Place, quoted, RootFolder } from "./root-folder.ts";
import { dataOf, type SaveRequest, typeByName } from "./save-request.ts";
import { TrustedNotebooks } from "./trust.ts";
import { Uploads } from "./uploads.ts";

/** What a client wants to have made. */
export interface CreateRequest {
  type?: ContentType | undefined;
  ext?: string | undefined;
  copy_from?: string | undefined;
}

/** Something that has been done with a path. */
export interface ContentChange {
  action: "save" | "copy" | "rename" | "delete";
  path: string;
  source_path?: string;
}

/** How contents are kept. */
export interface ContentsOptions {
  /** Whether hidden files are served. */
  hidden?: boolean | undefined;
  trusted?: TrustedNotebooks | undefined;
  /** Is told of every change. */
  changed?: ((change: ContentChange) => void) | undefined;
}

/** The documents below a folder. Every method takes paths as clients know them, and throws HttpProblem. */
export class Contents {
  readonly root: RootFolder;
  readonly #trusted: TrustedNotebooks;
  readonly #describer: Describer;
  readonly #checkpoints: Checkpoints;
  readonly #uploads = new Uploads();
  readonly #changed: (change: ContentChange) => void;

  constructor(folder: string, { hidden, trusted = new TrustedNotebooks(), changed = () => {} }: ContentsOptions = {}) {
    this.root = new RootFolder(folder, hidden);
    this.#trusted = trusted;
    this.#describer = new Describer(this.root, trusted);
    this.#checkpoints = new Checkpoints(this.root);
    this.#changed = changed;
  }

  get(path: string, question: ContentQuestion): Promise<ContentModel> {
    return withFiles(path, async () => this.#describer.describe(await this.root.place(path), question));
  }

  /** Saves a document, or a part of one. */
  save(path: string, request: SaveRequest): Promise<{ model: ContentModel; created: boolean }> {
    return withFiles(path, async () => {
      const place = await this.#below(path, "saved");
      const file = await this.root.target(place);
      const before = await stat(file).catch(() => undefined);
      const type = request.type ?? typeByName(place.name);
      if (type === "directory") {
        if (before && !before.isDirectory()) throw new HttpProblem(409, `${quoted(path)} is a file already.`);
        if (!before) await mkdir(file);
        return { model: await this.#done("save", place), created: !before };
      }
      if (before?.isDirectory()) throw new BadRequest(`${quoted(path)} is a folder; it cannot be saved as a ${type}.`);
      if (before && (request.content ?? undefined) === undefined)
        throw new BadRequest(`${quoted(path)}: the request has no "content", and the file is there already.`);
      if (request.chunk !== undefined) return await this.#savePart(place, file, type, request, request.chunk, !before);
      const data = dataOf(request, type, path);
      await (before ? writeWhole : writeNew)(file, data);
      if (type === "notebook") await this.#trusted.saved(request.content, hashOf(data));
      const model = await this.#done("save", place, { type });
      return { model: { ...model, hash: hashOf(data), hash_algorithm: "sha256" }, created: !before };
    });
  }

  /** Makes something new in a folder, under a name that is free. */
  create(folder: string, { type, ext = "", copy_from }: CreateRequest): Promise<ContentModel> {
    if (copy_from !== undefined) return this.#copy(copy_from, folder);
    return withFiles(folder, async () => {
      const kind = type ?? (ext === ".ipynb" ? "notebook" : "file");
      if (/[/\\\0]/.test(ext)) throw new BadRequest(`The ending ${quoted(ext)} is none: ".txt" would be one.`);
      const data = kind === "notebook" ? notebookText(emptyNotebook(), "") : "";
      const place = await this.#firstFree(folder, untitledNames(kind, ext), (file) =>
        kind === "directory" ? mkdir(file) : writeNew(file, data),
      );
      if (kind === "notebook") await this.#trusted.saved(emptyNotebook(), hashOf(data));
      return this.#done("save", place);
    });
  }

  rename(path: string, newPath: string): Promise<ContentModel> {
    return withFiles(path, async () => {
      const [from, to] = [await this.#below(path, "renamed"), await this.#below(newPath, "a new name")];
      const [before, there] = [await lstat(from.file), await lstat(to.file).catch(() => undefined)];
      // Where upper and lower case are the same, a file may be in its own way.
      if (there && !(there.ino === before.ino && there.dev === before.dev))
        throw new HttpProblem(409, `${quoted(to.path)} is there already. Choose another name, or delete it first.`);
      if (from.path === to.path) return this.#describer.describe(to);
      await rename(from.file, to.file);
      await this.#checkpoints.follow(from.file, to.file);
      return this.#done("rename", to, {}, from.path);
    });
  }

  delete(path: string): Promise<void> {
    return withFiles(path, async () => {
      const place = await this.#below(path, "deleted");
      const isFolder = (await lstat(place.file)).isDirectory();
      await rm(place.file, { recursive: isFolder });
      if (!isFolder) await this.#checkpoints.forget(place.file);
      this.#changed({ action: "delete", path: place.path });
    });
  }

  checkpoints(path: string): Promise<CheckpointModel[]> {
    return withFiles(path, async () => this.#checkpoints.list(await this.root.place(path)));
  }

  createCheckpoint(path: string): Promise<CheckpointModel> {
    return withFiles(path, async () => this.#checkpoints.create(await this.root.place(path)));
  }

  restoreCheckpoint(path: string, id: string): Promise<void> {
    return withFiles(path, async () => this.#checkpoints.restore(await this.root.place(path), id));
  }

  deleteCheckpoint(path: string, id: string): Promise<void> {
    return withFiles(path, async () => this.#checkpoints.delete(await this.root.place(path), id));
  }

  /** Trusts the outputs of a notebook as it is now. */
  async trust(path: string): Promise<void> {
    const { hash } = await this.get(path, { type: "notebook", content: true, hash: true });
    await this.#trusted.remember(hash!);
  }

  /** Removes what is not complete. */
  close(): Promise<void> {
    return this.#uploads.close();
  }

  async #savePart(
    place: Place,
    file: string,
    type: "notebook" | "file",
    request: SaveRequest,
    part: number,
    created: boolean,
  ) {
    // A notebook comes in parts of its text, as any file does.
    const data = dataOf(request, "file", place.path);
    const written = await this.#uploads.take(file, place.path, part, data);
    if (written === file) return { model: await this.#done("save", place), created };
    return { model: await baseModel(place, written, await stat(written), type), created };
  }

  #copy(path: string, folder: string): Promise<ContentModel> {
    return withFiles(path, async () => {
      const from = await this.#below(path, "copied");
      const source = await this.root.target(from);
      const isFolder = (await stat(source)).isDirectory();
      const into = await this.#folder(folder);
      if (isFolder && (into === source || into.startsWith(source + sep)))
        throw new BadRequest(`${quoted(path)} cannot be copied into itself.`);
      const draft = draftOf(join(into, from.name));
      try {
        if (isFolder) await cp(source, draft, { recursive: true, verbatimSymlinks: true });
        else await copyFile(source, draft);
        const place = await this.#firstFree(folder, copyNames(from.name), async (file) => {
          if (!isFolder) return placeNew(draft, file);
          await mkdir(file);
          // An empty folder may be replaced by another one.
          await rename(draft, file);
        });
        return await this.#done("copy", place, {}, from.path);
      } finally {
        await rm(draft, { recursive: true, force: true });
      }
    });
  }

  /** Makes something under the first name that nothing has. */
  async #firstFree(folder: string, names: Iterable<string>, make: (file: string) => Promise<void>): Promise<Place> {
    await this.#folder(folder);
    for (const name of names) {
      const place = await this.root.place(`${folder}/${name}`);
      try {
        await make(place.file);
        return place;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
    }
    throw new Error("Names do not run out.");
  }

  /** The folder of a path, on this machine. */
  async #folder(path: string): Promise<string> {
    const folder = await this.root.target(await this.root.place(path));
    const stats = await stat(folder).catch(() => undefined);
    if (!stats) throw new NotFound(`The folder ${quoted(path)} does not exist.`);
    if (!stats.isDirectory()) throw new BadRequest(`${quoted(path)} is a file; a folder was expected.`);
    return folder;
  }

  /** A place that is not the root itself. */
  async #below(path: string, what: string): Promise<Place> {
    const place = await this.root.place(path);
    if (place.name === "") throw new BadRequest(`The served folder itself cannot be ${what}.`);
    return place;
  }

  async #done(
    action: "save" | "copy" | "rename",
    place: Place,
    question: ContentQuestion = {},
    source?: string,
  ): Promise<ContentModel> {
    const model = await this.#describer.describe(place, question);
    this.#changed({ action, path: place.path, ...(source !== undefined && { source_path: source }) });
    return model;
  }
}
