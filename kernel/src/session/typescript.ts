import { createRequire } from "node:module";
import { dirname } from "node:path";
import type * as TypeScript from "@tslab/typescript-for-tslab";
import type * as Converter from "tslab/dist/converter.js";

/** The TypeScript that tslab's converter is built on. */
export type TS = typeof TypeScript;

/** A source file with the fields that a program fills in. */
export interface ProgramFile extends TypeScript.SourceFile {
  path: string;
  resolvedPath: string;
  originalFileName: string;
  imports?: readonly TypeScript.StringLiteralLike[];
  moduleAugmentations?: readonly TypeScript.Node[];
  ambientModuleNames?: readonly string[];
  resolvedModules?: ModeAwareCache | undefined;
  pragmas: Map<string, unknown>;
  checkJsDirective?: { readonly enabled: boolean };
  readonly parseDiagnostics: readonly TypeScript.DiagnosticWithLocation[];
}

/** What the imports of a file lead to, by their specifiers. */
export interface ModeAwareCache {
  get(name: string, mode: undefined): TypeScript.ResolvedModuleWithFailedLookupLocations | undefined;
  set(name: string, mode: undefined, resolved: TypeScript.ResolvedModuleWithFailedLookupLocations): unknown;
  forEach(callback: (resolved: TypeScript.ResolvedModuleWithFailedLookupLocations, name: string) => void): void;
}

/** Functions that TypeScript exports without declaring them; the version is pinned. */
export interface Undeclared {
  bindSourceFile(file: TypeScript.SourceFile, options: TypeScript.CompilerOptions): void;
  createModeAwareCache(): ModeAwareCache;
  getSetExternalModuleIndicator(options: TypeScript.CompilerOptions): (file: TypeScript.SourceFile) => void;
  getJSXImplicitImportBase(options: TypeScript.CompilerOptions, file: TypeScript.SourceFile): string | undefined;
  getJSXRuntimeImport(base: string | undefined, options: TypeScript.CompilerOptions): string | undefined;
}

/** Those functions of the given TypeScript. */
export const undeclared = (ts: TS): Undeclared => ts as TS & Undeclared;

// Not called `require`: the bundle for the snapshot gives every module one of its own.
const load = createRequire(import.meta.url);
const converterPath = load.resolve("tslab/dist/converter");
/** The one file that holds TypeScript. */
export const typescriptPath = createRequire(converterPath).resolve("@tslab/typescript-for-tslab");

/** Loads TypeScript without tslab, for work that needs no checker. */
export function loadTypeScript(): TS {
  return load(typescriptPath) as TS;
}

/** The folder of the declarations of JavaScript's own library. */
export function libraryFolder(): string {
  return dirname(typescriptPath);
}

/**
 * Loads tslab's converter on a TypeScript with some functions replaced: tslab has no options for strictness,
 * resolution or source maps, and TypeScript's exports are read-only, so the converter is given a copy of them.
 */
export function loadConverter(replace: (typescript: TS) => Partial<TS>): typeof Converter {
  const typescript = loadTypeScript();
  const cached = load.cache[typescriptPath];
  if (!cached) throw new Error("loadConverter: TypeScript is not in the module cache, expected it after loading.");
  const original: unknown = cached.exports;
  cached.exports = { ...typescript, ...replace(typescript) };
  try {
    delete load.cache[converterPath];
    return load(converterPath) as typeof Converter;
  } finally {
    cached.exports = original;
  }
}
