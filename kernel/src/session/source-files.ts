import type * as TypeScript from "@tslab/typescript-for-tslab";
import { type ProgramFile, type TS, undeclared } from "./typescript.ts";

/** The language of cells and of what they import. */
export const target = 9 satisfies TypeScript.ScriptTarget.ES2022;

/** Reads and parses files once; those of the user again when they have changed. */
export class SourceFiles {
  readonly #ts: TS;
  readonly #system: TypeScript.System;
  readonly #isUsers: (path: string) => boolean;
  readonly #files = new Map<string, ProgramFile>();
  /** The user's files, and when they were last changed. */
  readonly #read = new Map<string, number>();

  constructor(ts: TS, system: TypeScript.System, isUsers: (path: string) => boolean) {
    this.#ts = ts;
    this.#system = system;
    this.#isUsers = isUsers;
  }

  get(path: string, options: TypeScript.CompilerOptions): ProgramFile | undefined {
    const isUsers = this.#isUsers(path);
    const changed = isUsers ? this.#changed(path) : 0;
    const known = this.#files.get(path);
    if (known && (!isUsers || this.#read.get(path) === changed)) return known;
    const text = this.#system.readFile(path);
    if (isUsers) this.#read.set(path, changed);
    if (text === undefined) {
      this.#files.delete(path);
      return undefined;
    }
    const file = parse(this.#ts, path, text, options);
    this.#files.set(path, file);
    return file;
  }

  /** Whether one of the user's files is not any more as it was read. */
  get stale(): boolean {
    for (const [path, changed] of this.#read) if (this.#changed(path) !== changed) return true;
    return false;
  }

  /** Forgets the user's files: they are to be read under other settings. */
  forgetUsers(): void {
    for (const path of this.#read.keys()) this.#files.delete(path);
    this.#read.clear();
  }

  #changed(path: string): number {
    return this.#system.getModifiedTime?.(path)?.getTime() ?? 0;
  }
}

/** Parses a file for a program. */
export function parse(
  ts: TS,
  path: string,
  text: string,
  options: TypeScript.CompilerOptions,
  kind?: TypeScript.ScriptKind,
): ProgramFile {
  const setExternalModuleIndicator = undeclared(ts).getSetExternalModuleIndicator(options);
  return ts.createSourceFile(
    path,
    text,
    { languageVersion: target, setExternalModuleIndicator },
    false,
    kind,
  ) as ProgramFile;
}
