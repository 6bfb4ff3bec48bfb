import type * as TypeScript from "@tslab/typescript-for-tslab";
import { type ModeAwareCache, type ProgramFile, type TS, undeclared } from "./typescript.ts";

/**
 * A program some of whose files are exchanged for fresh ones while it and its type checker go on: making both anew
 * costs several times what a small cell does. A checker learns about modules only when it meets them, so it holds
 * nothing of a module that has gone but what nobody asks for any more.
 */
export class LivingProgram {
  readonly program: TypeScript.Program;
  readonly #ts: TS;
  readonly #options: TypeScript.CompilerOptions;
  #exchangeable: readonly ProgramFile[];

  /** @param exchangeable those of its files that may be exchanged later: modules. */
  constructor(ts: TS, program: TypeScript.Program, exchangeable: readonly ProgramFile[]) {
    this.#ts = ts;
    this.program = program;
    this.#options = program.getCompilerOptions();
    this.#exchangeable = exchangeable;
    const { getSourceFile } = program;
    program.getSourceFile = (name) =>
      this.#exchangeable.find(({ fileName }) => fileName === name) ?? getSourceFile(name);
    const byPath = program as { getSourceFileByPath(path: string): TypeScript.SourceFile | undefined };
    const { getSourceFileByPath } = byPath;
    byPath.getSourceFileByPath = (path) =>
      this.#exchangeable.find((file) => file.path === path) ?? getSourceFileByPath(path);
  }

  /** Puts files, parsed and bound, in the place of the exchangeable ones. */
  exchange(fresh: readonly ProgramFile[]): void {
    const files = this.program.getSourceFiles() as TypeScript.SourceFile[];
    this.#exchangeable.forEach((old, index) => {
      files[files.indexOf(old)] = fresh[index]!;
    });
    this.#exchangeable = fresh;
  }

  /** Completes a file parsed apart from the program to one that can join it. */
  adopt(file: ProgramFile, imports: Imports = { literals: [], modules: undefined }): void {
    file.path = file.fileName;
    file.resolvedPath = file.fileName;
    file.originalFileName = file.fileName;
    file.imports = imports.literals;
    file.resolvedModules = imports.modules;
    file.moduleAugmentations = [];
    file.ambientModuleNames = [];
    bind(this.#ts, file, this.#options);
  }
}

/** The module names in a file, and where they lead. */
export interface Imports {
  readonly literals: readonly TypeScript.StringLiteralLike[];
  readonly modules: ModeAwareCache | undefined;
}

/** Finds the names that a file declares. */
export function bind(ts: TS, file: ProgramFile, options: TypeScript.CompilerOptions): void {
  if (!file.locals) undeclared(ts).bindSourceFile(file, options);
}
