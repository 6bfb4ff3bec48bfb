import { readFile } from "node:fs/promises";
import { hashOf } from "../server/contents/model.ts";
import { TrustedNotebooks } from "../server/contents/trust.ts";
import type { CellReport } from "./execute-notebook.ts";
import type { Notebook } from "./notebook.ts";
import { notebookText } from "./notebook-file.ts";

/**
 * Whose outputs pages may show live is decided by who made them. Running a notebook headlessly makes its outputs this
 * user's own, as running it in a page does.
 */
export class RunTrust {
  readonly #trusted: TrustedNotebooks;
  /** Whether what cells already held in the notebook was trusted. */
  readonly #held: boolean;
  /** The same for the results of an earlier run that are kept. */
  readonly #kept: boolean;

  private constructor(trusted: TrustedNotebooks, held: boolean, kept: boolean) {
    this.#trusted = trusted;
    this.#held = held;
    this.#kept = kept;
  }

  /**
   * Looks at the files before the run writes any of them. @param notebook the one that is run
   * @param earlier the executed notebook of an earlier run, which may not be there
   */
  static async of(file: string, notebook: string, earlier: string): Promise<RunTrust> {
    const trusted = new TrustedNotebooks(file);
    const contents = await Promise.all([notebook, earlier].map((path) => readFile(path).catch(() => undefined)));
    const [held = false, kept = held] = await Promise.all(
      contents.map((content) => (content ? trusted.includes(hashOf(content)) : undefined)),
    );
    return new RunTrust(trusted, held, kept);
  }

  /** Trusts the notebook as it was saved, unless it holds outputs that neither ran here nor were trusted. */
  async saved(notebook: Notebook, reports: readonly CellReport[]): Promise<void> {
    const statuses = new Map(reports.map(({ id, status }) => [id, status]));
    const isOwn = notebook.cells.every((cell) => {
      if (cell.cell_type !== "code" || cell.outputs.length === 0) return true;
      const status = statuses.get(cell.id) ?? "skipped";
      if (status === "skipped") return this.#held;
      return status === "kept" || status === "replayed" ? this.#kept : true;
    });
    if (isOwn) await this.#trusted.remember(hashOf(notebookText(notebook)));
  }
}
