import { dirname, join, parse as parsePath } from "node:path";
import { fileURLToPath } from "node:url";
import type * as TypeScript from "@tslab/typescript-for-tslab";
import { parseEither, readHead } from "./cell-file.ts";
import { lendPackages } from "./lent-packages.ts";
import { bind, type Imports, LivingProgram } from "./living-program.ts";
import { ownTypeRoot, TypeResolution } from "./resolution.ts";
import { type Settings, TsConfig } from "./settings.ts";
import { parse, SourceFiles, target } from "./source-files.ts";
import { importsOf, refersElsewhere } from "./specifiers.ts";
import { remember } from "./tree.ts";
import { libraryFolder, type ProgramFile, type TS, undeclared } from "./typescript.ts";

/** Declarations of `display` and of what Node has beyond the compiler's library; they stand there once built. */
const ambient = ["../display/globals.d.ts", "./ambient.d.ts", "./webassembly.d.ts"].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);
/** After how many cells, or characters of them, the checker is made anew: it keeps a little of each. */
const oldAge = { cells: 300, characters: 1_000_000 };

interface Environment {
  readonly settings: Settings;
  readonly options: TypeScript.CompilerOptions;
  readonly resolution: TypeResolution;
}

/** The program that a cell is checked in: the cell, the declarations of earlier ones, and what they import. */
export class CellProgram {
  readonly #ts: TS;
  /** Files as the checker sees them: with the packages of the kernel's installation. */
  readonly system: TypeScript.System;
  readonly #files: SourceFiles;
  #folder!: string;
  #config!: TsConfig;
  #defaults: TypeScript.CompilerOptions | undefined;
  #environment: Environment | undefined;
  #living:
    | { readonly program: LivingProgram; readonly options: TypeScript.CompilerOptions; readonly isClosed: boolean }
    | undefined;
  #earlier!: ProgramFile;
  #cell!: ProgramFile;
  #restore: () => void = () => undefined;
  #isCurrent = false;
  #sequence = 0;
  #age = { cells: 0, characters: 0 };

  constructor(ts: TS) {
    this.#ts = ts;
    this.system = { ...ts.sys };
    lendPackages(this.system);
    this.#files = new SourceFiles(ts, this.system, isUsers);
  }

  /** Goes to a folder, with the program it has, as long as the settings are the same there. */
  open(folder: string, defaults: TypeScript.CompilerOptions): void {
    const ts = this.#ts;
    this.#folder = folder;
    this.#config = new TsConfig(ts, this.system, folder);
    this.#defaults ??= {
      ...defaults,
      target,
      strict: true,
      lib: ["lib.es2023.d.ts"],
      checkJs: false,
      sourceMap: true,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      customConditions: ["node"],
      // Modules may lie anywhere, also above the notebook, and be named with their extension.
      rootDir: parsePath(folder).root,
      allowImportingTsExtensions: true,
      types: ["node"],
      typeRoots: [ownTypeRoot()],
    };
    this.update("", "");
  }

  /** The cell, with its names found. */
  get cell(): ProgramFile {
    return this.#cell;
  }

  /** The declarations of earlier cells, with their names found. */
  get earlier(): ProgramFile {
    return this.#earlier;
  }

  get options(): TypeScript.CompilerOptions {
    return this.#environment!.options;
  }

  get settings(): Settings {
    return this.#config.current;
  }

  /** Takes another cell. Nothing is checked before the program is asked for. */
  update(earlier: string, cell: string): void {
    const { options } = this.#refresh();
    const number = ++this.#sequence;
    // Every file has a name of its own: the checker keeps what it finds wrong by the names of files.
    const path = (name: string) => join(this.#folder, name).replaceAll("\\", "/");
    if (this.#earlier?.text !== earlier) {
      this.#earlier = parse(this.#ts, path(`__prev__${number}.d.ts`), earlier, options);
      bind(this.#ts, this.#earlier, options);
      this.#restore = remember(this.#ts, this.#earlier);
    }
    this.#cell = this.#parseCell(path(`__tslab__${number}.ts`), cell, options);
    bind(this.#ts, this.#cell, options);
    this.#isCurrent = false;
  }

  /** Undoes what has been done to the tree of the declarations of earlier cells. */
  restore(): void {
    this.#restore();
  }

  /** The program with the latest cell. */
  get program(): TypeScript.Program {
    if (this.#isCurrent) return this.#living!.program.program;
    if (!this.#exchange()) this.#rebuild();
    this.#isCurrent = true;
    return this.#living!.program.program;
  }

  /** Makes the next program a fresh one, if the present one is getting old or on request. */
  renew(): void {
    this.#living = undefined;
    this.#isCurrent = false;
  }

  /** Whether its checker has seen other cells. */
  get hasHistory(): boolean {
    return this.#age.cells > 0;
  }

  /** Whether it should be made anew when there is time. */
  get isOld(): boolean {
    return this.#age.cells > oldAge.cells / 2 || this.#age.characters > oldAge.characters / 2;
  }

  #refresh(): Environment {
    const settings = this.#config.current;
    if (this.#environment?.settings === settings) return this.#environment;
    const isUsual = Object.keys(settings.options).length === 0;
    const options = isUsual ? this.#defaults! : joined(this.#defaults!, settings.options);
    if (this.#environment && options !== this.#environment.options) this.#files.forgetUsers();
    const resolution = new TypeResolution(this.#ts, this.system, options, isUsers);
    this.#environment = { settings, options, resolution };
    return this.#environment;
  }

  #parseCell(path: string, text: string, options: TypeScript.CompilerOptions): ProgramFile {
    const prefersJsx = this.settings.options.jsx !== undefined;
    const file = parseEither(this.#ts, (kind) => parse(this.#ts, path, text, options, kind), prefersJsx);
    readHead(this.#ts, file, text.slice(text.indexOf("\n") + 1));
    return file;
  }

  /** Puts the cell into the program there is; false where only a new program would be right. */
  #exchange(): boolean {
    const environment = this.#environment!;
    const living = this.#living;
    if (!living || living.isClosed || living.options !== environment.options) return false;
    if (this.#age.cells > oldAge.cells || this.#age.characters > oldAge.characters) return false;
    if (this.#files.stale || environment.resolution.cured) return false;
    const fresh = [this.#earlier, this.#cell];
    const imports = fresh.map((file) => this.#importsWithin(file, living.program, environment));
    for (const found of imports) if (!found) return false;
    fresh.forEach((file, index) => {
      living.program.adopt(file, imports[index]);
    });
    living.program.exchange(fresh);
    this.#age.cells++;
    this.#age.characters += this.#cell.text.length;
    return true;
  }

  /** Where the imports of a file lead; undefined where it needs more than the program has. */
  #importsWithin(
    file: ProgramFile,
    { program }: LivingProgram,
    { resolution, options }: Environment,
  ): Imports | undefined {
    if (refersElsewhere(this.#ts, file)) return undefined;
    const literals = importsOf(this.#ts, file);
    const specifiers = literals.map(({ text }) => text);
    const jsx = file.isDeclarationFile ? undefined : jsxImport(this.#ts, file, options);
    if (jsx !== undefined) specifiers.push(jsx);
    const modules = undeclared(this.#ts).createModeAwareCache();
    for (const specifier of specifiers) {
      const resolved = resolution.module(specifier, file.fileName);
      const { resolvedModule } = resolved;
      // JavaScript of packages is never looked into.
      const isIgnored = resolvedModule?.isExternalLibraryImport && /^\.[cm]?jsx?$/.test(resolvedModule.extension);
      if (resolvedModule && !isIgnored && !program.getSourceFile(resolvedModule.resolvedFileName)) return undefined;
      modules.set(specifier, undefined, resolved);
    }
    return { literals, modules: specifiers.length > 0 ? modules : undefined };
  }

  #rebuild(): void {
    const environment = this.#environment!;
    const { options, resolution } = environment;
    const own = [this.#earlier, this.#cell];
    const system = this.system;
    const directories = new Map<string, boolean>();
    const host: TypeScript.CompilerHost = {
      getSourceFile: (name) => own.find(({ fileName }) => fileName === name) ?? this.#files.get(name, options),
      getDefaultLibFileName: (given) => join(libraryFolder(), this.#ts.getDefaultLibFileName(given)),
      getDefaultLibLocation: libraryFolder,
      writeFile: () => undefined,
      getCurrentDirectory: () => this.#folder,
      useCaseSensitiveFileNames: () => true,
      getCanonicalFileName: (name) => name,
      getNewLine: () => "\n",
      fileExists: (name) => system.fileExists(name),
      readFile: (name) => system.readFile(name),
      directoryExists: (name) => {
        // Where a replacement of every single file of the compiler's library is looked for.
        if (name.endsWith("/node_modules/@typescript")) return false;
        const exists = directories.get(name) ?? system.directoryExists(name);
        directories.set(name, exists);
        return exists;
      },
      getDirectories: (name) => system.getDirectories(name),
      ...(system.realpath && { realpath: (name: string) => system.realpath!(name) }),
      resolveModuleNameLiterals: (literals, importer) => literals.map(({ text }) => resolution.module(text, importer)),
    };
    // The library of browsers has it, too.
    const hasDom = options.lib?.includes("lib.dom.d.ts") === true;
    const declared = ambient.filter((path) => !(hasDom && path.endsWith("webassembly.d.ts")));
    const program = this.#ts.createProgram([...own.map(({ fileName }) => fileName), ...declared], options, host);
    const living = new LivingProgram(this.#ts, program, own);
    this.#age = { cells: 0, characters: this.#cell.text.length };
    // What they add to the global scope could not be taken out of its checker again.
    const isClosed = own.some((file) => refersElsewhere(this.#ts, file));
    this.#living = { program: living, options, isClosed };
  }
}

/** The kernel's settings with those of the folder: Node, and the language that runs, are there whatever they say. */
function joined(own: TypeScript.CompilerOptions, folder: TypeScript.CompilerOptions): TypeScript.CompilerOptions {
  const all = (name: "lib" | "types" | "typeRoots" | "customConditions") => ({
    [name]: [...new Set([...(own[name] ?? []), ...(folder[name] ?? [])])],
  });
  return { ...own, ...folder, ...all("lib"), ...all("types"), ...all("typeRoots"), ...all("customConditions") };
}

function jsxImport(ts: TS, file: ProgramFile, options: TypeScript.CompilerOptions): string | undefined {
  const { getJSXRuntimeImport, getJSXImplicitImportBase } = undeclared(ts);
  return getJSXRuntimeImport(getJSXImplicitImportBase(options, file), options);
}

/** Whether a file is the user's own and may change under a running kernel. */
export function isUsers(path: string): boolean {
  return !path.includes("/node_modules/") && !isKernels(path);
}

const kernelFolder = dirname(dirname(fileURLToPath(import.meta.url)));

function isKernels(path: string): boolean {
  return path.startsWith(`${kernelFolder}/`) || path.endsWith(".d.ts");
}
