import { join, parse } from "node:path";
import { fileURLToPath } from "node:url";
import remapping from "@jridgewell/remapping";
import type * as TypeScript from "@tslab/typescript-for-tslab";
import type * as Tslab from "tslab/dist/converter.js";
import { remainingModules } from "./declarations.ts";
import { lendPackages } from "./lent-packages.ts";
import type { LocalModule } from "./messages.ts";
import { ownTypeRoot, TypeResolution } from "./resolution.ts";
import { type CellFacts, joinRuntime, markEarlierNames, shareVariables } from "./transforms.ts";
import { loadConverter, loadTypeScript, type TS } from "./typescript.ts";

/** What tslab's converter says about a cell, with what the hooks around it have seen. */
export interface Conversion extends Tslab.ConvertResult {
  readonly facts: CellFacts;
  /** The source map of the output, as JSON, back to what the user wrote. */
  readonly map: string;
  /** TypeScript files that the cell imports, where they are new or have changed. */
  readonly localModules: readonly LocalModule[];
}

/** Declarations of `display` and of what Node has beyond the compiler's library; they stand there once built. */
const ambient = ["../display/globals.d.ts", "./ambient.d.ts", "./webassembly.d.ts"].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);
/** "Could not find a declaration file": a package without types can be used all the same, unchecked. */
const untypedModule = 7016;
/** What TypeScript says of types that have no name outside their scope, which matters only to published packages. */
const isUnwritable = (code: number) => (code >= 4000 && code <= 4103) || [2527, 2742, 7056].includes(code);
const cellFile = "__tslab__.ts";
const earlierFile = "__prev__.d.ts";
const exportList = /\nexport \{([^}]*)\}$/;
const mapComments = /(\n?\/\/# sourceMappingURL=.*)+\s*$/;
// tslab puts `export {};` on a line of its own before the cell.
const prefixLines = 1;

/** tslab's converter, strict, with the kernel's resolution, live variables, stoppable awaits and source maps. */
export class CellConverter {
  readonly #tslab: Tslab.Converter;
  readonly #folder: string;
  readonly #typescript = loadTypeScript();
  #facts: CellFacts = { async: false, imports: [], shared: [] };
  #declared: ReadonlySet<string> = new Set();
  #localModules: LocalModule[] = [];
  /** The cell as ES module code, with its source map: half way through the conversion. */
  #halfway: Emitted = { text: "", map: "" };
  #map = "";

  constructor(folder = process.cwd()) {
    this.#folder = folder;
    const { createConverter } = loadConverter((ts) => ({
      createWatchCompilerHost: this.#hostFactory(ts) as TS["createWatchCompilerHost"],
      transpileModule: this.#toCommonJS(ts),
      getPreEmitDiagnosticsOfFiles: (...parameters) =>
        ts
          .getPreEmitDiagnosticsOfFiles(...parameters)
          .filter(({ code }) => code !== untypedModule && !isUnwritable(code)),
    }));
    this.#tslab = createConverter();
  }

  convert(declarations: string, code: string): Conversion {
    this.#facts = { async: false, imports: [], shared: [] };
    this.#declared = new Set();
    this.#localModules = [];
    this.#halfway = { text: "", map: "" };
    this.#map = "";
    const result = this.#tslab.convert(declarations, code);
    // The converter carries over every other kind of declaration.
    const remaining = () => remainingModules(this.#typescript, declarations, this.#declared);
    return {
      ...result,
      facts: this.#facts,
      ...(result.declOutput !== undefined && { declOutput: result.declOutput + remaining() }),
      map: this.#map,
      localModules: this.#localModules,
    };
  }

  complete(declarations: string, code: string, position: number): Tslab.CompletionInfo {
    return this.#tslab.complete(declarations, code, position);
  }

  inspect(declarations: string, code: string, position: number): TypeScript.QuickInfo | undefined {
    return this.#tslab.inspect(declarations, code, position) as TypeScript.QuickInfo | undefined;
  }

  close(): void {
    this.#tslab.close();
  }

  #hostFactory(ts: TS) {
    return (
      roots: string[],
      options: TypeScript.CompilerOptions,
      system: TypeScript.System,
      _createProgram: unknown,
      ...reporters: [TypeScript.DiagnosticReporter?, TypeScript.WatchStatusReporter?]
    ): unknown => {
      Object.assign(options, {
        strict: true,
        checkJs: false,
        sourceMap: true,
        // Modules may lie anywhere, also above the notebook, and be named with their extension.
        rootDir: parse(this.#folder).root,
        allowImportingTsExtensions: true,
        types: ["node"],
        typeRoots: [ownTypeRoot()],
      } satisfies TypeScript.CompilerOptions);
      lendPackages(system, this.#folder);
      this.#quieten(system);
      const host = ts.createWatchCompilerHost(
        [...roots, ...ambient],
        options,
        system,
        this.#programFactory(ts),
        ...reporters,
      );
      const resolution = new TypeResolution(ts, system, this.#folder);
      host.resolveModuleNameLiterals = (literals, importer, _redirect, resolved) =>
        literals.map((literal) => resolution.module(literal.text, importer, resolved));
      // Without this, own resolution makes every cell rebuild the structure of the whole program.
      host.hasInvalidatedResolutions = () => false;
      return host;
    };
  }

  // Only the cell and the user's own sources change under a running kernel: nothing else needs a watcher.
  #quieten(system: TypeScript.System): void {
    const { readFile, watchFile } = system;
    const ignored = { close: () => undefined };
    system.watchDirectory = () => ignored;
    system.watchFile = (path, callback, interval, options) =>
      path.endsWith(cellFile) || path.endsWith(earlierFile) || isUserSource(path)
        ? watchFile!(path, callback, interval, options)
        : ignored;
    // The converter lists names in the compiler's internal spelling, and internal ones among them.
    system.readFile = (path, encoding) => {
      const text = readFile(path, encoding);
      if (path !== join(this.#folder, cellFile)) return text;
      return text?.replace(exportList, (_, names: string) => `\nexport {${userNames(names.split(", ")).join(", ")}}`);
    };
  }

  // A plain builder: the incremental one would make a type checker for each of the two passes over a cell.
  #programFactory(ts: TS): TypeScript.CreateProgram<TypeScript.BuilderProgram> {
    return (roots, options, host, previous, ...rest) => {
      const builder = ts.createAbstractBuilder(roots, options, host, previous, ...rest);
      const { getSourceFile, emit } = builder;
      builder.getAllDependencies = () =>
        builder.getSourceFiles().flatMap((file) => (file.isDeclarationFile ? [] : [file.fileName]));
      builder.getSourceFile = (name) => {
        const file = getSourceFile(name);
        if (file && name.endsWith(cellFile)) bind(ts, file, builder.getCompilerOptions());
        return file;
      };
      builder.emit = (file, write, cancellation, onlyDeclarations, transformers) => {
        const checker = builder.getProgram().getTypeChecker();
        const before = markEarlierNames(ts, checker, (node) => node.getSourceFile().fileName.endsWith(earlierFile));
        const all = { ...transformers, before: [...(transformers?.before ?? []), before] };
        const outputs = new Map<string, string>();
        const collect: TypeScript.WriteFileCallback = (name, text) => outputs.set(extensionOf(name), text);
        const result = emit(file, collect, cancellation, onlyDeclarations, all);
        // Declarations that have a type without a name are left out unless forced; such a type comes as `any`.
        if (!outputs.has(".d.ts") && file?.fileName.endsWith(cellFile))
          forceDeclarations(builder.getProgram(), file, collect, all);
        const emitted = { text: outputs.get(".js") ?? "", map: outputs.get(".js.map") ?? "" };
        if (file?.fileName.endsWith(cellFile)) {
          this.#declared = new Set(namesOf(file));
          this.#halfway = emitted;
          // The names under which the converter waits for the cell's code and declarations.
          write?.("outDir/__tslab__.js", emitted.text, false);
          write?.("outDir/__tslab__.d.ts", outputs.get(".d.ts") ?? "", false);
        } else if (file) this.#localModules.push(this.#localModule(ts, file, emitted));
        return result;
      };
      return builder;
    };
  }

  #localModule(ts: TS, file: TypeScript.SourceFile, emitted: Emitted): LocalModule {
    const { outputText, sourceMapText } = ts.transpileModule(emitted.text, {
      compilerOptions: {
        module: ts.ModuleKind.CommonJS,
        target: ts.ScriptTarget.ES2022,
        esModuleInterop: true,
        sourceMap: true,
      },
    });
    const path = file.fileName.replace(/\.(ts|tsx|jsx)$/, ".js");
    const map = sourceMapText ? composed(sourceMapText, emitted.map, 0) : "";
    return { path, file: file.fileName, source: file.text, code: outputText.replace(mapComments, ""), map };
  }

  #toCommonJS(ts: TS): TS["transpileModule"] {
    return (input, options) => {
      const { outputText, sourceMapText, ...rest } = ts.transpileModule(input, {
        ...options,
        compilerOptions: { ...options.compilerOptions, sourceMap: true },
        transformers: {
          before: [joinRuntime(ts, this.#facts)],
          after: [shareVariables(ts, this.#declared, this.#facts)],
        },
      });
      if (sourceMapText && input === this.#halfway.text)
        this.#map = composed(sourceMapText, this.#halfway.map, prefixLines);
      return { ...rest, outputText: outputText.replace(mapComments, "") };
    };
  }
}

/** What the compiler writes for a file: code and its source map. */
interface Emitted {
  readonly text: string;
  readonly map: string;
}

// The last parameter is not part of TypeScript's declared interface.
function forceDeclarations(
  program: TypeScript.Program,
  file: TypeScript.SourceFile,
  write: TypeScript.WriteFileCallback,
  transformers: TypeScript.CustomTransformers,
): void {
  const emit = program.emit as (...parameters: [...Parameters<TypeScript.Program["emit"]>, force: boolean]) => unknown;
  emit(file, write, undefined, true, transformers, true);
}

function extensionOf(name: string): string {
  return /(\.d\.ts|\.js|\.js\.map)$/.exec(name)?.[0] ?? "";
}

function isUserSource(path: string): boolean {
  return !path.includes("/node_modules/") && !path.endsWith(".d.ts");
}

function composed(second: string, first: string, skippedLines: number): string {
  const map = remapping([second, first], () => null, { decodedMappings: true, excludeContent: true });
  const mappings = (map.mappings as number[][][]).map((line) =>
    line
      .filter((segment) => (segment[2] ?? 0) >= skippedLines)
      .map(([column, source, line, character]) => [column, source, line! - skippedLines, character]),
  );
  return JSON.stringify({ version: 3, names: [], sources: map.sources, mappings });
}

// Neither `locals` nor the binder is part of TypeScript's declared interface; tslab relies on both as well.
function bind(ts: TS, file: TypeScript.SourceFile, options: TypeScript.CompilerOptions): void {
  const internal = ts as TS & {
    bindSourceFile(file: TypeScript.SourceFile, options: TypeScript.CompilerOptions): void;
  };
  if (!(file as { locals?: unknown }).locals) internal.bindSourceFile(file, options);
}

function namesOf(file: TypeScript.SourceFile): string[] {
  const { locals } = file as { locals?: Map<string, unknown> };
  return userNames([...(locals?.keys() ?? [])]);
}

// A name that begins with two underscores is spelt with three; those spelt with two are the compiler's own.
function userNames(internal: readonly string[]): string[] {
  return internal
    .filter((name) => !/^__(?!_)/.test(name))
    .map((name) => (name.startsWith("___") ? name.slice(1) : name));
}
