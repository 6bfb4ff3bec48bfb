import { createRequire, isBuiltin } from "node:module";
import { extname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { compileFunction } from "node:vm";
import type { LocalModule } from "../session/messages.ts";
import type { Sources } from "./sources.ts";

type Require = NodeJS.Require;

const notFoundCodes = new Set(["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND", "ERR_PACKAGE_PATH_NOT_EXPORTED"]);

/**
 * The modules of a notebook: found from its folder first, then in the kernel's installation,
 * CommonJS or ES modules, and TypeScript files beside the notebook.
 */
export class NotebookModules {
  readonly folder: string;
  /** The `require` of a cell. */
  readonly require: Require;
  readonly #sources: Sources;
  readonly #near: Require;
  readonly #installed = createRequire(import.meta.url);
  readonly #local = new Map<string, LocalModule>();
  readonly #localExports = new Map<string, { exports: unknown }>();
  /** Modules that await while they load; `require` cannot load them, so `prepare` has. */
  readonly #awaited = new Map<string, unknown>();
  /** Modules that the kernel itself provides. */
  readonly #provided = new Map<string, () => object>();

  constructor(folder: string, sources: Sources) {
    this.folder = folder;
    this.#sources = sources;
    this.#near = createRequire(join(folder, "cell.js"));
    this.require = this.#requireFrom(folder);
  }

  /** Makes a module of the kernel's own out of a name, whatever is installed under it; loaded when first imported. */
  provide(name: string, load: () => object): void {
    let module: object | undefined;
    this.#provided.set(name, () => (module ??= load()));
  }

  /** Takes TypeScript files that have changed since they were last seen. */
  addLocal(modules: readonly LocalModule[]): void {
    for (const module of modules) {
      this.#local.set(module.path, module);
      // What imports a changed file has to be evaluated again as well.
      this.#localExports.clear();
    }
  }

  /** Loads what a cell imports before it starts, so that its `require` calls find even modules that await. */
  async prepare(specifiers: readonly string[]): Promise<void> {
    for (const specifier of specifiers) {
      try {
        this.require(specifier);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ERR_REQUIRE_ASYNC_MODULE") throw error;
        const path = this.#resolve(specifier, this.folder);
        this.#awaited.set(path, await import(pathToFileURL(path).href));
      }
    }
  }

  /** `import()` of a cell. */
  async import(specifier: string): Promise<unknown> {
    if (isBuiltin(specifier)) return import(specifier);
    const provided = this.#provided.get(specifier);
    if (provided) return provided();
    const local = this.#localPath(specifier, this.folder);
    if (local !== undefined) return this.#loadLocal(local);
    if (/^(file|data):/.test(specifier)) return import(specifier);
    const path = this.#resolve(specifier, this.folder);
    if (extname(path) === ".json") return { default: this.#near(path) as unknown };
    return import(pathToFileURL(path).href);
  }

  #requireFrom(folder: string): Require {
    const load = (specifier: string): unknown => {
      if (isBuiltin(specifier)) return this.#near(specifier);
      const provided = this.#provided.get(specifier);
      if (provided) return provided();
      const local = this.#localPath(specifier, folder);
      if (local !== undefined) return this.#loadLocal(local);
      const path = this.#resolve(specifier, folder);
      return this.#awaited.get(path) ?? this.#near(path);
    };
    const { cache, extensions, main } = this.#near;
    const lookUp = Object.assign((specifier: string) => this.#resolve(specifier, folder), {
      paths: this.#near.resolve.paths,
    });
    return Object.assign(load, { cache, extensions, main, resolve: lookUp });
  }

  #resolve(specifier: string, folder: string): string {
    if (isBuiltin(specifier)) return specifier;
    const near = folder === this.folder ? this.#near : createRequire(join(folder, "module.js"));
    const attempts = [
      () => near.resolve(specifier),
      () => fileURLToPath(import.meta.resolve(specifier, pathToFileURL(join(folder, "cell.js")).href)),
      () => this.#installed.resolve(specifier),
      () => fileURLToPath(import.meta.resolve(specifier)),
    ];
    // A path means one file: neither other conditions nor the kernel's installation have it.
    const isPath = /^[./]/.test(specifier);
    for (const attempt of isPath ? attempts.slice(0, 1) : attempts) {
      try {
        return attempt();
      } catch (error) {
        if (!notFoundCodes.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
      }
    }
    throw new ModuleNotFound(specifier, folder, isPath);
  }

  #localPath(specifier: string, folder: string): string | undefined {
    if (!/^\.{0,2}\//.test(specifier)) return undefined;
    const path = resolve(folder, specifier).replace(/\.tsx?$/, ".js");
    return [path, `${path}.js`, join(path, "index.js")].find((candidate) => this.#local.has(candidate));
  }

  #loadLocal(path: string): unknown {
    const loaded = this.#localExports.get(path);
    if (loaded) return loaded.exports;
    const { code, map, source: text, file } = this.#local.get(path)!;
    const module = { exports: {} as unknown };
    this.#localExports.set(path, module);
    const folder = resolve(path, "..");
    const body = compileFunction(code, ["exports", "require", "module", "__filename", "__dirname"], { filename: path });
    this.#sources.add(path, { name: file, isCell: false, map, text });
    try {
      body.call(module.exports, module.exports, this.#requireFrom(folder), module, path, folder);
    } catch (error) {
      this.#localExports.delete(path);
      throw error;
    }
    return module.exports;
  }
}

class ModuleNotFound extends Error {
  override readonly name = "ModuleNotFound";
  readonly code = "MODULE_NOT_FOUND";

  constructor(specifier: string, folder: string, isPath: boolean) {
    const wayOn = isPath
      ? "Check the path; it is relative to the notebook's folder."
      : `Install it there: npm install ${specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/")}`;
    super(`import: "${specifier}" is not found from ${folder}. ${wayOn}`);
  }
}
