import { createRequire, isBuiltin } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type * as TypeScript from "@tslab/typescript-for-tslab";
import type { TS } from "./typescript.ts";

type Resolved = TypeScript.ResolvedModuleWithFailedLookupLocations;

/** A file inside the kernel's own installation: what the notebook's folder lacks is looked up from here. */
const installed = fileURLToPath(import.meta.url);

/** The folder `@types` that holds the kernel's own `@types/node`. */
export function ownTypeRoot(): string {
  return dirname(dirname(createRequire(installed).resolve("@types/node/package.json")));
}

/**
 * Module resolution for the type checker, as Node would import: first from the importing file, then from the kernel's
 * installation, so that a notebook in any folder finds what came with the kernel.
 */
export class TypeResolution {
  readonly #ts: TS;
  readonly #system: TypeScript.System;
  readonly #options: TypeScript.CompilerOptions;
  readonly #isUsers: (path: string) => boolean;
  readonly #known = new Map<string, Resolved>();
  /** Imports of the user's files that led nowhere; an npm install or a new file may cure them. */
  readonly #missed = new Map<string, { readonly specifier: string; readonly importer: string }>();

  constructor(
    ts: TS,
    system: TypeScript.System,
    options: TypeScript.CompilerOptions,
    isUsers: (path: string) => boolean,
  ) {
    this.#ts = ts;
    this.#system = system;
    this.#options = options;
    this.#isUsers = isUsers;
  }

  module(specifier: string, importer: string): Resolved {
    if (isBuiltin(specifier)) return { resolvedModule: undefined };
    const key = `${specifier}\n${dirname(importer)}`;
    const known = this.#known.get(key);
    const isUsers = this.#isUsers(importer);
    if (known && !(isUsers && this.#isGone(known))) return known;
    const resolved = this.#lookUp(specifier, importer);
    if (resolved.resolvedModule || !isUsers) this.#known.set(key, resolved);
    if (resolved.resolvedModule) this.#missed.delete(key);
    else if (isUsers) this.#missed.set(key, { specifier, importer });
    return resolved;
  }

  /** Whether something that was not found before is there now. */
  get cured(): boolean {
    return [...this.#missed.values()].some(
      ({ specifier, importer }) => this.module(specifier, importer).resolvedModule !== undefined,
    );
  }

  #isGone({ resolvedModule }: Resolved): boolean {
    return resolvedModule !== undefined && !this.#system.fileExists(resolvedModule.resolvedFileName);
  }

  #lookUp(specifier: string, importer: string): Resolved {
    // The kernel provides this module itself, as the version that it comes with describes it.
    const near = this.#resolve(specifier, specifier === "tslab" ? installed : importer);
    if (near.resolvedModule || specifier.startsWith(".") || specifier.startsWith("/")) return near;
    const own = this.#resolve(specifier, installed);
    return own.resolvedModule ? own : near;
  }

  // Packages whose `exports` name no types often have some where older resolution finds them.
  #resolve(specifier: string, importer: string): Resolved {
    const modern = this.#ts.resolveModuleName(specifier, importer, this.#options, this.#system);
    if (modern.resolvedModule && !isUntyped(modern.resolvedModule)) return modern;
    const { Node10 } = this.#ts.ModuleResolutionKind;
    const older = this.#ts.resolveModuleName(
      specifier,
      importer,
      { ...this.#options, moduleResolution: Node10 },
      this.#system,
    );
    return older.resolvedModule && (!modern.resolvedModule || !isUntyped(older.resolvedModule)) ? older : modern;
  }
}

function isUntyped({ extension, isExternalLibraryImport }: TypeScript.ResolvedModuleFull): boolean {
  return isExternalLibraryImport === true && /^\.[cm]?jsx?$/.test(extension);
}
