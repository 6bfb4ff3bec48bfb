import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { install } from "../../src/install/install.ts";

/** Debian's Jupyter programs, which a test of a real client starts. */
export const jupyter = "/usr/bin/jupyter";

/**
 * Whether programs are there. When not, tests that need them are skipped with a word on how to get them; with
 * GRADBOOK_REQUIRE=all they fail instead.
 */
export function programsThere(programs: Readonly<Record<string, string>>): boolean {
  const missing = Object.keys(programs).filter((program) => !existsSync(program));
  if (missing.length === 0) return true;
  const packages = missing.map((program) => programs[program]).join(" ");
  const message = `${missing.join(", ")} missing. To get them on Debian: apt-get install ${packages}`;
  if (process.env.GRADBOOK_REQUIRE === "all") throw new Error(message);
  console.warn(`Tests are skipped: ${message}`);
  return false;
}

/** A home in which Jupyter finds our kernel, and nothing of the one who runs the tests. */
export interface JupyterHome {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

export async function jupyterHome(): Promise<JupyterHome> {
  const folder = await mkdtemp(join(tmpdir(), "gradbook-home-"));
  await install({ prefix: folder });
  const own = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(JUPYTER|XDG_(?!CACHE)|PYTHON|IPYTHON|NO_COLOR|FORCE_COLOR)/.test(name),
    ),
  ) as Record<string, string>;
  return {
    folder,
    environment: {
      ...own,
      HOME: folder,
      JUPYTER_PATH: join(folder, "share", "jupyter"),
      JUPYTER_RUNTIME_DIR: join(folder, "runtime"),
      JUPYTER_CONFIG_DIR: join(folder, "config"),
      LC_ALL: "C.UTF-8",
    },
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  };
}

/** A notebook of code cells, as written for our kernel. */
export function notebookOf(...cells: readonly string[]): object {
  return {
    cells: cells.map((source, index) => ({
      cell_type: "code",
      id: `cell-${index}`,
      execution_count: null,
      metadata: {},
      outputs: [],
      source,
    })),
    metadata: {
      kernelspec: { name: "gradbook", display_name: "TypeScript (Gradbook)", language: "typescript" },
      language_info: { name: "typescript" },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
}
