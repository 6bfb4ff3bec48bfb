import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import JSON5 from "json5";
import { writeWhole } from "../server/contents/atomic-file.ts";
import { BadRequest } from "../server/problems.ts";

/** A plugin's settings as the page asks for them. */
export interface Setting {
  readonly id: string;
  /** A JSON schema with the defaults. */
  readonly schema: JsonSchema;
  readonly version: string;
  /** What the user wrote: JSON with comments. */
  readonly raw: string;
  readonly settings: unknown;
  readonly warning: string | null;
  readonly created: string | null;
  readonly last_modified: string | null;
}

interface JsonSchema {
  properties?: Record<string, { default?: unknown }>;
}

/** Where we differ from JupyterLab's own defaults. */
const ownDefaults: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  // Without the state of its widgets, a notebook that is opened again shows none.
  "@jupyter-widgets/jupyterlab-manager:plugin": { saveState: true },
  // Light or dark as the reader's system is.
  "@jupyterlab/apputils-extension:themes": { "adaptive-theme": true },
};

const pluginId = /^(?<package>(?:@[\w.-]+\/)?[\w.-]+):(?<plugin>[\w.-]+)$/;

/** The settings of the page's plugins: schemas come with the page, what the user changes is kept in a folder. */
export class Settings {
  readonly #schemas: string;
  readonly #folder: string;

  constructor(schemas: string, folder: string) {
    this.#schemas = schemas;
    this.#folder = folder;
  }

  /** All plugins that have settings. */
  async all(): Promise<Setting[]> {
    const files = await readdir(this.#schemas, { recursive: true });
    const ids = files
      .filter((file) => file.endsWith(".json"))
      .map((file) => file.replaceAll("\\", "/").replace(/\/([^/]+)\.json$/, ":$1"))
      .sort();
    const found = await Promise.all(ids.map((id) => this.get(id)));
    return found.filter((setting) => setting !== undefined);
  }

  /** A plugin's settings; nothing when there is no such plugin. */
  async get(id: string): Promise<Setting | undefined> {
    const parts = pluginId.exec(id)?.groups;
    if (!parts) return undefined;
    const folder = join(this.#schemas, parts.package!);
    const schemaText = await readFile(join(folder, `${parts.plugin}.json`), "utf8").catch(() => undefined);
    if (schemaText === undefined) return undefined;
    const schema = JSON.parse(schemaText) as JsonSchema;
    for (const [name, value] of Object.entries(ownDefaults[id] ?? {}))
      if (schema.properties?.[name]) schema.properties[name].default = value;
    const file = this.#fileOf(id);
    const [version, raw, times] = await Promise.all([
      readFile(join(folder, "version.txt"), "utf8"),
      readFile(file, "utf8").catch(() => "{}"),
      stat(file).catch(() => undefined),
    ]);
    let settings: unknown = {};
    let warning: string | null = null;
    try {
      settings = JSON5.parse(raw);
    } catch (error) {
      warning = `The settings of ${id} could not be read: ${(error as Error).message}. The defaults are used.`;
    }
    const created = times?.birthtime.toISOString() ?? null;
    return { id, schema, version, raw, settings, warning, created, last_modified: times?.mtime.toISOString() ?? null };
  }

  /** Keeps what the user wrote; false when there is no such plugin. @throws BadRequest when it is no JSON. */
  async set(id: string, raw: string): Promise<boolean> {
    if (!(await this.get(id))) return false;
    try {
      JSON5.parse(raw);
    } catch (error) {
      throw new BadRequest(`${id}: ${(error as Error).message}.`);
    }
    const file = this.#fileOf(id);
    await mkdir(dirname(file), { recursive: true });
    await writeWhole(file, raw);
    return true;
  }

  #fileOf(id: string): string {
    return join(this.#folder, `${id.replace(":", "/")}.json5`);
  }
}
