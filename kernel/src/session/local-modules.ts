import type * as TypeScript from "@tslab/typescript-for-tslab";
import { isUsers } from "./cell-program.ts";
import type { CommonJS, Emitted } from "./commonjs.ts";
import type { LocalModule } from "./messages.ts";
import { composedMap } from "./source-map.ts";
import { nameImports } from "./transforms.ts";
import type { ProgramFile, TS } from "./typescript.ts";

/** The user's own files that cells import: which they are, and their code for the runtime. */
export class LocalModules {
  readonly #ts: TS;
  readonly #commonJS: CommonJS;
  /** What has been handed out, by path: the file and the settings it was converted under. */
  readonly #converted = new Map<string, { file: ProgramFile; options: TypeScript.CompilerOptions }>();

  constructor(ts: TS, commonJS: CommonJS) {
    this.#ts = ts;
    this.#commonJS = commonJS;
  }

  /** The user's files that a file imports, directly or not, without those of pure declarations. */
  dependencies(program: TypeScript.Program, from: ProgramFile): ProgramFile[] {
    const found = new Set<ProgramFile>();
    const follow = (file: ProgramFile): void => {
      file.resolvedModules?.forEach(({ resolvedModule }) => {
        if (!resolvedModule || !isUsers(resolvedModule.resolvedFileName)) return;
        const next = program.getSourceFile(resolvedModule.resolvedFileName) as ProgramFile | undefined;
        if (!next || next.isDeclarationFile || found.has(next)) return;
        found.add(next);
        follow(next);
      });
    };
    follow(from);
    return [...found];
  }

  /** Those of them that are new or have changed, converted. */
  changed(program: TypeScript.Program, from: ProgramFile): LocalModule[] {
    const options = program.getCompilerOptions();
    return this.dependencies(program, from)
      .filter((file) => {
        const known = this.#converted.get(file.fileName);
        return known?.file !== file || known.options !== options;
      })
      .map((file) => {
        this.#converted.set(file.fileName, { file, options });
        return this.#convert(program, file);
      });
  }

  /** Where the imports of a file lead that lead to files of the user. */
  resolved(file: ProgramFile): Record<string, string> {
    const resolved: Record<string, string> = {};
    file.resolvedModules?.forEach(({ resolvedModule }, specifier) => {
      if (resolvedModule && isUsers(resolvedModule.resolvedFileName))
        resolved[specifier] = resolvedModule.resolvedFileName;
    });
    return resolved;
  }

  #convert(program: TypeScript.Program, file: ProgramFile): LocalModule {
    const resolved = this.resolved(file);
    if (file.fileName.endsWith(".json"))
      return {
        file: file.fileName,
        source: file.text,
        code: `module.exports = JSON.parse(${JSON.stringify(file.text)});`,
        map: "",
        resolved,
      };
    let emitted: Emitted = { text: "", map: "" };
    program.emit(file, (name, text) => {
      if (name.endsWith(".map")) emitted = { ...emitted, map: text };
      else if (!/\.d\.[cm]?ts$/.test(name)) emitted = { ...emitted, text };
    });
    const { text, map } = this.#commonJS.convert(emitted.text, { before: [nameImports(this.#ts)] });
    return { file: file.fileName, source: file.text, code: text, map: composedMap(map, emitted.map, false), resolved };
  }
}
