import { realpathSync } from "node:fs";
import { lstat, realpath } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { Problem } from "../../problem.ts";
import { BadRequest, HttpProblem, NotFound } from "../problems.ts";

/** Where something lies, or would lie. */
export interface Place {
  /** The path by which clients know it: names with `/` between them, none in front; empty for the root. */
  readonly path: string;
  readonly name: string;
  /** Its path on this machine. The folders on the way are real; it may be a symbolic link itself. */
  readonly file: string;
}

/** The folder that is served: translates clients' paths, and lets none of them lead out. */
export class RootFolder {
  /** Its path, without symbolic links. */
  readonly folder: string;
  readonly #hidden: boolean;

  /** @param hidden whether names that begin with a dot are served. @throws Problem when there is no such folder. */
  constructor(folder: string, hidden = false) {
    try {
      this.folder = realpathSync(resolve(folder));
    } catch {
      throw new Problem(`The folder ${resolve(folder)} does not exist. Give the folder in which your documents lie.`);
    }
    this.#hidden = hidden;
  }

  /** The place of a path. @throws HttpProblem when it is none, leads out or is hidden, or its folder is missing. */
  async place(path: string): Promise<Place> {
    const names = this.#namesIn(path);
    const name = names.at(-1);
    if (name === undefined) return { path: "", name: "", file: this.folder };
    const above = names.slice(0, -1).join("/");
    let folder: string;
    try {
      folder = await realpath(join(this.folder, above));
    } catch (error) {
      if (!isMissing(error)) throw error;
      throw new NotFound(`${quoted(path)}: the folder ${quoted(above)} does not exist.`);
    }
    this.#mustContain(folder, path);
    return { path: names.join("/"), name, file: join(folder, name) };
  }

  /** The file or folder at a place: where it leads, if it is a symbolic link. @throws HttpProblem when that is outside. */
  async target({ file, path }: Place): Promise<string> {
    try {
      const real = await realpath(file);
      this.#mustContain(real, path);
      return real;
    } catch (error) {
      if (isMissing(error)) return file;
      throw error;
    }
  }

  /** Whether an entry of a folder is listed: it is neither hidden nor leads out. */
  async lists(folder: string, name: string): Promise<boolean> {
    if (this.#isHidden(name)) return false;
    const file = join(folder, name);
    if (!(await lstat(file)).isSymbolicLink()) return true;
    return this.#contains(await realpath(file));
  }

  /** The path by which clients know a file of this machine, if it lies in this folder and is not hidden. */
  pathOf(file: string): string | undefined {
    if (!this.#contains(file)) return undefined;
    const names = relative(this.folder, file).split(sep);
    return names.some((name) => this.#isHidden(name)) ? undefined : names.join("/");
  }

  #namesIn(path: string): string[] {
    const names = path.split("/").filter((name) => name !== "");
    for (const name of names) {
      if (name.includes("\0")) throw new BadRequest(`${quoted(path)}: a path cannot contain the character NUL.`);
      if (process.platform === "win32" && /[\\:]/.test(name))
        throw new BadRequest(`${quoted(path)}: on Windows a name cannot contain "\\" or ":". Put "/" between folders.`);
      if (name === "." || name === "..")
        throw new NotFound(`${quoted(path)}: a path goes down from the served folder, without "." and "..".`);
      if (this.#isHidden(name))
        throw new NotFound(`${quoted(path)}: hidden files are not served, unless the server is told to.`);
    }
    return names;
  }

  #isHidden(name: string): boolean {
    return !this.#hidden && name.startsWith(".");
  }

  #contains(file: string): boolean {
    return file === this.folder || file.startsWith(this.folder.endsWith(sep) ? this.folder : this.folder + sep);
  }

  #mustContain(file: string, path: string): void {
    if (!this.#contains(file))
      throw new HttpProblem(
        403,
        `${quoted(path)} is a link that leads out of the served folder. Serve a folder that contains both.`,
      );
  }
}

/** A path as messages show it. */
export function quoted(path: string): string {
  return JSON.stringify(path);
}

/** Whether an error of the file system says that something is not there. */
export function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR";
}
