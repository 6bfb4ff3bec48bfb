import type * as TypeScript from "@tslab/typescript-for-tslab";
import type * as Tslab from "tslab/dist/converter.js";
import { namesOf, withExports } from "./cell-exports.ts";
import { CellProgram } from "./cell-program.ts";
import { CommonJS, type Emitted } from "./commonjs.ts";
import { completionHost } from "./completion.ts";
import { remainingModules } from "./declarations.ts";
import { findFactories } from "./jsx.ts";
import { LocalModules } from "./local-modules.ts";
import type { LocalModule, Problem } from "./messages.ts";
import { printerOf } from "./printer.ts";
import { problemsOf, problemsOfFiles } from "./problems.ts";
import { composedMap } from "./source-map.ts";
import { type CellFacts, copied, joinRuntime, markEarlierNames, shareVariables } from "./transforms.ts";
import { loadConverter, loadTypeScript, type ProgramFile, type TS } from "./typescript.ts";

/** What tslab's converter makes of a cell. */
export type Conversion =
  | { readonly problems: readonly Problem[] }
  | { readonly code: ConvertedCode; readonly declarations: string };

/** A cell as it will run, with what the hooks around the converter have seen. */
export interface ConvertedCode {
  readonly code: string;
  readonly facts: CellFacts;
  /** The source map of the code, as JSON, back to what the user wrote. */
  readonly map: string;
  /** Files of the user that the cell imports, where they are new or have changed. */
  readonly localModules: readonly LocalModule[];
  /** Where imports lead that lead to files of the user. */
  readonly resolved: Readonly<Record<string, string>>;
}

const nothing: ConvertedCode = {
  code: "",
  facts: { async: false, imports: [], shared: [] },
  map: "",
  localModules: [],
  resolved: {},
};

/** "Could not find a declaration file": a package without types can be used all the same, unchecked. */
const untypedModule = 7016;
/** The host and the program that tslab asks for, as far as it uses them. */
interface WatchHost {
  readonly system: TypeScript.System;
  readonly roots: readonly string[];
  readonly options: TypeScript.CompilerOptions;
  afterProgramCreate?(builder: object): void;
}

/** tslab's converter, strict, with the kernel's resolution, live variables, stoppable awaits and source maps. */
export class CellConverter {
  #tslab!: Tslab.Converter;
  #folder!: string;
  readonly #ts = loadTypeScript();
  readonly #commonJS = new CommonJS(this.#ts);
  readonly #localModules = new LocalModules(this.#ts, this.#commonJS);
  readonly #program = new CellProgram(this.#ts);
  /** What tslab calls the cell's file. */
  #cellName = "";
  #declared: ReadonlySet<string> = new Set();
  #fileProblems: Problem[] = [];
  #code = nothing;
  #onCode: (code: ConvertedCode) => void = () => undefined;
  #isConverting = false;

  constructor(folder: string) {
    this.moveTo(folder);
  }

  /** Goes on for a notebook in another folder, with what the checker has learnt so far. */
  moveTo(folder: string): void {
    this.#folder = folder;
    const { createConverter } = loadConverter((ts) => ({
      sys: { ...ts.sys, getCurrentDirectory: () => folder },
      createWatchCompilerHost: ((roots: string[], options: TypeScript.CompilerOptions, system: TypeScript.System) => ({
        roots,
        options,
        system,
      })) as unknown as TS["createWatchCompilerHost"],
      createWatchProgram: ((host: WatchHost) => this.#watch(host)) as unknown as TS["createWatchProgram"],
      // What it would make CommonJS of has been, when it was written.
      transpileModule: () => ({ outputText: this.#code.code }),
      createPrinter: (options) => printerOf(ts, options),
      ...({
        getPreEmitDiagnosticsOfFiles: () => this.#diagnose(),
        Completions: { ...completionsOf(ts), getCompletionsAtPositionForTslab: this.#completions(ts) },
      } as object),
    }));
    this.#tslab = createConverter();
  }

  /** `onCode` is told the code of a cell that is right, before its declarations are found out. */
  convert(declarations: string, code: string, onCode: (code: ConvertedCode) => void = () => undefined): Conversion {
    this.#declared = new Set();
    this.#fileProblems = [];
    this.#code = nothing;
    this.#onCode = onCode;
    const { diagnostics, declOutput = "" } = this.#convert(declarations, code);
    const problems = [...problemsOf(diagnostics, code), ...this.#fileProblems];
    if (problems.length > 0) return { problems };
    // The converter carries over every other kind of declaration.
    return { code: this.#code, declarations: declOutput + remainingModules(this.#ts, declarations, this.#declared) };
  }

  // tslab tells TypeScript of no files, without which the names of modules cannot be completed.
  #completions(ts: TS): (...parameters: unknown[]) => unknown {
    const { getCompletionsAtPositionForTslab: complete } = completionsOf(ts);
    return (_host, ...rest) =>
      complete?.(completionHost(this.#program.system, this.#folder, this.#program.options), ...rest);
  }

  #convert(declarations: string, code: string): Tslab.ConvertResult {
    this.#isConverting = true;
    try {
      return this.#tslab.convert(declarations, code);
    } catch (error) {
      if (!this.#program.hasHistory) throw error;
      // Whatever it was, it may lie in what the checker has been through.
      this.#program.renew();
      return this.#tslab.convert(declarations, code);
    } finally {
      this.#isConverting = false;
      // tslab takes out of the tree of earlier declarations what this cell replaces.
      this.#program.restore();
    }
  }

  complete(declarations: string, code: string, position: number): Tslab.CompletionInfo {
    return this.#tslab.complete(declarations, code, position);
  }

  inspect(declarations: string, code: string, position: number): TypeScript.QuickInfo | undefined {
    return this.#tslab.inspect(declarations, code, position) as TypeScript.QuickInfo | undefined;
  }

  /** Forgets what the checker has learnt; the next cell takes longer. */
  renew(): void {
    this.#program.renew();
  }

  get isOld(): boolean {
    return this.#program.isOld;
  }

  /** Whether the settings speak of JSX. */
  get prefersJsx(): boolean {
    return this.#program.settings.options.jsx !== undefined;
  }

  /** What is wrong with the settings of the notebook's folder. */
  get complaints(): readonly Problem[] {
    return this.#program.settings.complaints;
  }

  close(): void {
    this.#tslab.close();
  }

  // tslab hears of a program by a watcher's callbacks; here a program is made when a cell has come.
  #watch(host: WatchHost): { close(): void; updateRootFileNames(): void } {
    const { system } = host;
    const [earlierName, cellName] = host.roots as [string, string];
    this.#cellName = cellName;
    this.#program.open(this.#folder, host.options);
    const builder = () => this.#builder(cellName, earlierName);
    let isPending = false;
    const changed = () => {
      if (isPending) return;
      isPending = true;
      system.setTimeout!(() => {
        isPending = false;
        const text = system.readFile(cellName) ?? "";
        try {
          const cell = this.#isConverting ? withExports(this.#ts, text, this.#program.cell) : text;
          this.#program.update(system.readFile(earlierName) ?? "", cell);
          host.afterProgramCreate?.(builder());
        } catch (error) {
          // Thrown here it would leave tslab waiting for ever.
          host.afterProgramCreate?.(failing(error));
        }
      }, 0);
    };
    system.watchFile!(cellName, changed);
    system.watchFile!(earlierName, changed);
    host.afterProgramCreate?.(builder());
    return { close: () => undefined, updateRootFileNames: () => undefined };
  }

  /** What tslab takes for the builder of a program. */
  #builder(cellName: string, earlierName: string): object {
    const current = this.#program;
    return {
      getProgram: () => current.program,
      getCompilerOptions: () => current.options,
      getSourceFile: (name: string) => {
        if (name === cellName) return current.cell;
        return name === earlierName ? current.earlier : current.program.getSourceFile(name);
      },
      getAllDependencies: () => [cellName],
      emit: (
        cell: ProgramFile,
        write: TypeScript.WriteFileCallback,
        _cancellation: unknown,
        _onlyDeclarations: unknown,
        transformers: TypeScript.CustomTransformers,
      ) => this.#emit(cell, write, transformers),
    };
  }

  #diagnose(): TypeScript.Diagnostic[] {
    const { cell } = this.#program;
    const diagnose = (file: ProgramFile) => {
      const { program } = this.#program;
      const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
      return found.filter(({ code }) => code !== untypedModule);
    };
    let found = diagnose(cell);
    // What a checker says may depend on what it has said before: how often it offers another spelling, for example.
    if (found.length > 0 && this.#program.hasHistory) {
      this.#program.renew();
      found = diagnose(cell);
    }
    const files = this.#localModules.dependencies(this.#program.program, cell);
    this.#fileProblems = problemsOfFiles(this.#ts, files.flatMap(diagnose), this.#folder);
    // Under the name that tslab knows.
    const file = Object.create(cell, { fileName: { value: this.#cellName } }) as TypeScript.SourceFile;
    return found.map((diagnostic) => ({ ...diagnostic, ...(diagnostic.file === cell && { file }) }));
  }

  #emit(
    cell: ProgramFile,
    write: TypeScript.WriteFileCallback,
    transformers: TypeScript.CustomTransformers,
  ): TypeScript.EmitResult {
    const { program, earlier } = this.#program;
    const checker = program.getTypeChecker();
    const before = markEarlierNames(this.#ts, checker, (node) => node.getSourceFile() === earlier);
    const all = {
      ...transformers,
      before: [...(transformers.before ?? []), before],
      after: [copied(this.#ts), findFactories(this.#ts, this.#program), ...(transformers.after ?? [])],
    };
    this.#declared = new Set(namesOf(cell));
    const outputs = new Map<string, string>();
    // The source map comes first, then the code, and last the declarations.
    const collect: TypeScript.WriteFileCallback = (name, text) => {
      const extension = extensionOf(name);
      outputs.set(extension, text);
      if (extension === ".js") this.#finish({ text, map: outputs.get(".js.map") ?? "" });
    };
    const result = program.emit(cell, collect, undefined, undefined, all);
    // Declarations that have a type without a name are left out unless forced; such a type comes as `any`.
    if (!outputs.has(".d.ts")) forceDeclarations(program, cell, collect, all);
    // The names under which the converter waits for the cell's code and declarations.
    write("outDir/__tslab__.js", outputs.get(".js") ?? "", false);
    write("outDir/__tslab__.d.ts", outputs.get(".d.ts") ?? "", false);
    return result;
  }

  /** Makes what will run of the cell as an ES module. */
  #finish(module: Emitted): void {
    if (this.#fileProblems.length > 0) return;
    const { program, cell } = this.#program;
    const facts: CellFacts = { async: false, imports: [], shared: [] };
    const { text, map } = this.#commonJS.convert(module.text, {
      before: [joinRuntime(this.#ts, facts)],
      after: [shareVariables(this.#ts, this.#declared, facts)],
    });
    this.#code = {
      code: text,
      facts,
      map: composedMap(map, module.map, true),
      localModules: this.#localModules.changed(program, cell),
      resolved: this.#localModules.resolved(cell),
    };
    this.#onCode(this.#code);
  }
}

// Not part of TypeScript's declared interface.
function completionsOf(ts: TS): Record<string, (...parameters: unknown[]) => unknown> {
  return (ts as unknown as { Completions: Record<string, (...parameters: unknown[]) => unknown> }).Completions;
}

function failing(error: unknown): object {
  const fail = () => {
    throw error;
  };
  return { getSourceFile: fail, getProgram: fail };
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
