import { dirname, join, relative } from "node:path";
import type * as TypeScript from "@tslab/typescript-for-tslab";
import type { Problem } from "./messages.ts";
import { problemsOfFiles } from "./problems.ts";
import type { TS } from "./typescript.ts";

/** What a notebook takes over from the nearest `tsconfig.json`; the rest is about building, or fixed by the kernel. */
const adopted = [
  "baseUrl",
  "paths",
  "pathsBasePath",
  "jsx",
  "jsxFactory",
  "jsxFragmentFactory",
  "jsxImportSource",
  "experimentalDecorators",
  "emitDecoratorMetadata",
  "lib",
  "types",
  "typeRoots",
  "customConditions",
  "strict",
  "alwaysStrict",
  "noImplicitAny",
  "noImplicitThis",
  "strictBindCallApply",
  "strictFunctionTypes",
  "strictNullChecks",
  "strictPropertyInitialization",
  "useUnknownInCatchVariables",
  "exactOptionalPropertyTypes",
  "noUncheckedIndexedAccess",
  "noImplicitOverride",
  "noImplicitReturns",
  "noFallthroughCasesInSwitch",
  "noPropertyAccessFromIndexSignature",
  "useDefineForClassFields",
  "allowUnreachableCode",
  "allowUnusedLabels",
  "checkJs",
] as const;

/** The settings of a notebook's folder. */
export interface Settings {
  readonly options: TypeScript.CompilerOptions;
  /** What is wrong with them, in words. */
  readonly complaints: readonly Problem[];
}

const name = "tsconfig.json";

/** How types are checked: as TypeScript's `strict`, as tslab does, which is without that, or not at all. */
export function checking(): "strict" | "loose" | "off" {
  const asked = process.env.GRADBOOK_CHECK;
  return asked === "loose" || asked === "off" ? asked : "strict";
}

/** The nearest `tsconfig.json`, with what it extends, read again when one of the files has changed. */
export class TsConfig {
  readonly #ts: TS;
  readonly #system: TypeScript.System;
  readonly #folder: string;
  #settings: Settings = { options: {}, complaints: [] };
  /** The files looked at, present or not, and when they were last changed. */
  #seen: ReadonlyMap<string, number> | undefined;

  constructor(ts: TS, system: TypeScript.System, folder: string) {
    this.#ts = ts;
    this.#system = system;
    this.#folder = folder;
  }

  /** The same object as long as nothing changes. */
  get current(): Settings {
    if (!this.#seen || [...this.#seen].some(([path, changed]) => this.#changed(path) !== changed)) this.#read();
    return this.#settings;
  }

  #read(): void {
    const seen = new Map<string, number>();
    const look = (path: string) => {
      if (!seen.has(path)) seen.set(path, this.#changed(path));
    };
    let folder = this.#folder;
    let path = join(folder, name);
    for (look(path); !this.#system.fileExists(path) && dirname(folder) !== folder; look(path)) {
      folder = dirname(folder);
      path = join(folder, name);
    }
    const found = this.#system.fileExists(path) ? this.#parse(path, look) : { options: {}, complaints: [] };
    this.#settings = checking() === "strict" ? found : { ...found, options: { strict: false, ...found.options } };
    this.#seen = seen;
  }

  #parse(path: string, look: (path: string) => void): Settings {
    const ts = this.#ts;
    const system = this.#system;
    const host: TypeScript.ParseConfigHost = {
      useCaseSensitiveFileNames: true,
      // Which files belong to the project is no business of a notebook, and may take long to find out.
      readDirectory: () => [],
      fileExists: (file) => system.fileExists(file),
      readFile: (file) => {
        look(file);
        return system.readFile(file);
      },
    };
    const json = ts.readJsonConfigFile(path, host.readFile);
    const { options, errors } = ts.parseJsonSourceFileConfigFileContent(json, host, dirname(path), undefined, path);
    const { parseDiagnostics } = json as unknown as { parseDiagnostics: readonly TypeScript.Diagnostic[] };
    const complaints = [...parseDiagnostics, ...errors.filter((error) => isRelevant(ts, error))].map((error) =>
      this.#complaint(error, path),
    );
    const own = Object.fromEntries(
      adopted.flatMap((option) => (options[option] === undefined ? [] : [[option, options[option]]])),
    ) as TypeScript.CompilerOptions;
    // What is left to another program to transform must run here.
    if (own.jsx === ts.JsxEmit.Preserve || own.jsx === ts.JsxEmit.ReactNative)
      own.jsx = own.jsxFactory ? ts.JsxEmit.React : ts.JsxEmit.ReactJSX;
    return { options: own, complaints };
  }

  #complaint(error: TypeScript.Diagnostic, path: string): Problem {
    const [problem] = problemsOfFiles(this.#ts, [error], this.#folder);
    if (problem) return problem;
    const message = this.#ts.flattenDiagnosticMessageText(error.messageText, "\n  ");
    return { line: 0, column: 0, length: 1, message, code: error.code, file: relative(this.#folder, path) };
  }

  #changed(path: string): number {
    return this.#system.getModifiedTime?.(path)?.getTime() ?? 0;
  }
}

/** No inputs; unknown options, maybe of a newer TypeScript: neither matters to a notebook. */
const irrelevant = new Set([18002, 18003, 5023, 5025]);

function isRelevant(ts: TS, error: TypeScript.Diagnostic): boolean {
  if (irrelevant.has(error.code)) return false;
  const option = /'--(\w+)'/.exec(ts.flattenDiagnosticMessageText(error.messageText, " "))?.[1];
  return option === undefined || (adopted as readonly string[]).includes(option);
}
