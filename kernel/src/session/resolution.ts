import { createRequire, isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type * as TypeScript from "@tslab/typescript-for-tslab";

type TS = typeof TypeScript;
type Resolved = TypeScript.ResolvedModuleWithFailedLookupLocations;

/** A file inside the kernel's own installation: what the notebook's folder lacks is looked up from here. */
const installed = fileURLToPath(import.meta.url);

/** The folder `@types` that holds the kernel's own `@types/node`. */
export function ownTypeRoot(): string {
  return dirname(dirname(createRequire(installed).resolve("@types/node/package.json")));
}

/**
 * Module resolution for the type checker: first from the importing file, then from the kernel's installation,
 * so that a notebook in any folder finds what came with the kernel.
 */
export class TypeResolution {
  readonly #typescript: TS;
  readonly #system: TypeScript.System;
  readonly #userFolder: string;
  readonly #known = new Map<string, Resolved>();

  constructor(typescript: TS, system: TypeScript.System, userFolder: string) {
    this.#typescript = typescript;
    this.#system = system;
    this.#userFolder = userFolder;
  }

  module(specifier: string, importer: string, options: TypeScript.CompilerOptions): Resolved {
    if (isBuiltin(specifier)) return { resolvedModule: undefined };
    const key = `${specifier}\n${dirname(importer)}`;
    const known = this.#known.get(key);
    if (known) return known;
    const resolved = this.#lookUp(specifier, importer, options);
    // A miss in the user's own files may be cured by an npm install while the kernel runs: ask again next time.
    const final = resolved.resolvedModule !== undefined || !this.#isUsers(importer);
    if (final) this.#known.set(key, resolved);
    return resolved;
  }

  #lookUp(specifier: string, importer: string, options: TypeScript.CompilerOptions): Resolved {
    // The kernel provides this module itself, as the version that it comes with describes it.
    const near = this.#resolve(specifier, specifier === "tslab" ? installed : importer, options);
    if (near.resolvedModule || specifier.startsWith(".") || specifier.startsWith("/")) return near;
    const own = this.#resolve(specifier, installed, options);
    return own.resolvedModule ? own : near;
  }

  #resolve(specifier: string, importer: string, options: TypeScript.CompilerOptions): Resolved {
    return this.#typescript.resolveModuleName(specifier, importer, options, this.#system);
  }

  #isUsers(importer: string): boolean {
    return importer.startsWith(join(this.#userFolder, "/")) && !importer.includes("/node_modules/");
  }
}
