import { statSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { compileFunction } from "node:vm";
import { importMark, type LocalModule } from "../session/messages.ts";
import type { Sources } from "./sources.ts";

type Require = NodeJS.Require;

const notFoundCodes = new Set([
  "MODULE_NOT_FOUND",
  "ERR_MODULE_NOT_FOUND",
  "ERR_PACKAGE_PATH_NOT_EXPORTED",
  "ERR_UNSUPPORTED_DIR_IMPORT",
]);

/** Where a specifier is written: a folder, and what the language process has found out about its imports. */
interface Importer {
  readonly folder: string;
  readonly resolved: Readonly<Record<string, string>>;
}

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
  /** Where the imports of cells lead that lead to files beside the notebook; the latest counts. */
  readonly #resolved: Record<string, string> = {};
  /** Modules that await while they load; `require` cannot load them, so `prepare` has. */
  readonly #awaited = new Map<string, unknown>();
  /** Modules that the kernel itself provides. */
  readonly #provided = new Map<string, () => object>();

  constructor(folder: string, sources: Sources) {
    this.folder = folder;
    this.#sources = sources;
    this.#near = createRequire(join(folder, "cell.js"));
    this.require = this.#requireFrom({ folder, resolved: this.#resolved });
  }

  /** Makes a module of the kernel's own out of a name, whatever is installed under it; loaded when first imported. */
  provide(name: string, load: () => object): void {
    let module: object | undefined;
    this.#provided.set(name, () => (module ??= load()));
  }

  /** Takes files beside the notebook that have changed since they were last seen, and where a cell's imports lead. */
  addLocal(modules: readonly LocalModule[], resolved: Readonly<Record<string, string>> = {}): void {
    Object.assign(this.#resolved, resolved);
    for (const module of modules) {
      const known = this.#local.get(module.file);
      this.#local.set(module.file, module);
      // What imports a changed file has to be evaluated again as well.
      if (known?.code !== module.code) this.#localExports.clear();
    }
  }

  /** Loads what a cell imports before it starts, so that its `require` calls find even modules that await. */
  async prepare(specifiers: readonly string[]): Promise<void> {
    for (const specifier of specifiers) {
      try {
        this.require(importMark + specifier);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ERR_REQUIRE_ASYNC_MODULE") throw error;
        const path = this.#resolve(specifier, this.folder, "import");
        this.#awaited.set(path, await import(pathToFileURL(path).href));
      }
    }
  }

  /** `import()` of a cell. */
  async import(specifier: string): Promise<unknown> {
    if (isBuiltin(specifier)) return import(specifier);
    const provided = this.#provided.get(specifier);
    if (provided) return provided();
    const local = this.#localPath(specifier, { folder: this.folder, resolved: this.#resolved });
    if (local !== undefined) return asNamespace(this.#loadLocal(local));
    if (/^(file|data):/.test(specifier)) return import(specifier);
    const path = this.#resolve(specifier, this.folder, "import");
    if (extname(path) === ".json") return { default: this.#near(path) as unknown };
    return import(pathToFileURL(path).href);
  }

  #requireFrom(importer: Importer): Require {
    const load = (written: string): unknown => {
      const isImport = written.startsWith(importMark);
      const specifier = isImport ? written.slice(importMark.length) : written;
      if (isBuiltin(specifier)) return this.#near(specifier);
      const provided = this.#provided.get(specifier);
      if (provided) return provided();
      const local = this.#localPath(specifier, importer);
      if (local !== undefined) return this.#loadLocal(local);
      const path = this.#resolve(specifier, importer.folder, isImport ? "import" : "require");
      return this.#awaited.get(path) ?? this.#near(path);
    };
    const { cache, extensions, main } = this.#near;
    const lookUp = Object.assign((specifier: string) => this.#resolve(specifier, importer.folder, "require"), {
      paths: this.#near.resolve.paths,
    });
    return Object.assign(load, { cache, extensions, main, resolve: lookUp });
  }

  /** As Node would find it for an import declaration or for `require`, first of all from the importing folder. */
  #resolve(specifier: string, folder: string, by: "import" | "require"): string {
    if (isBuiltin(specifier)) return specifier;
    const near = folder === this.folder ? this.#near : createRequire(join(folder, "module.js"));
    const required = [() => near.resolve(specifier), () => this.#installed.resolve(specifier)];
    const imported = [
      () => existing(fileURLToPath(import.meta.resolve(specifier, pathToFileURL(join(folder, "cell.js")).href))),
      () => existing(fileURLToPath(import.meta.resolve(specifier))),
    ];
    const [first, second] = by === "import" ? [imported, required] : [required, imported];
    // A path means one file: neither other conditions nor the kernel's installation have it.
    const isPath = /^[./]/.test(specifier);
    const attempts = isPath ? [required[0]!] : [first[0]!, second[0]!, first[1]!, second[1]!];
    for (const attempt of attempts) {
      try {
        return attempt();
      } catch (error) {
        if (!notFoundCodes.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
      }
    }
    throw new ModuleNotFound(specifier, folder, isPath);
  }

  #localPath(specifier: string, { folder, resolved }: Importer): string | undefined {
    const known = resolved[specifier];
    if (known !== undefined && this.#local.has(known)) return known;
    if (!/^\.{0,2}\//.test(specifier)) return undefined;
    const path = resolve(folder, specifier);
    const [, stem = path, extension = ""] = /^(.*)\.([cm]?)[jt]sx?$/.exec(path) ?? [];
    const names = [path, ...["ts", "tsx", "js", "jsx"].map((end) => `${stem}.${extension}${end}`)];
    const extensions = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".json"];
    const inside = extensions.flatMap((end) => [`${path}${end}`, join(path, `index${end}`)]);
    return [...names, ...inside].find((candidate) => this.#local.has(candidate));
  }

  #loadLocal(path: string): unknown {
    const loaded = this.#localExports.get(path);
    if (loaded) return loaded.exports;
    const { code, map, source: text, file, resolved } = this.#local.get(path)!;
    const module = { exports: {} as unknown };
    this.#localExports.set(path, module);
    const folder = dirname(path);
    const body = compileFunction(code, ["exports", "require", "module", "__filename", "__dirname"], { filename: path });
    this.#sources.add(path, { name: file, isCell: false, map, text });
    try {
      body.call(module.exports, module.exports, this.#requireFrom({ folder, resolved }), module, path, folder);
    } catch (error) {
      this.#localExports.delete(path);
      throw error;
    }
    return module.exports;
  }
}

/** What `import()` of CommonJS gives: its properties, and all of it as `default`. */
function asNamespace(exports: unknown): unknown {
  if (typeof exports !== "object" || exports === null || "__esModule" in exports) return exports;
  return { ...exports, default: exports };
}

function existing(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return path;
  throw Object.assign(new Error(`${path} is missing.`), { code: "MODULE_NOT_FOUND" });
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
