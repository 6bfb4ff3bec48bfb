import type { History } from "../history/history.ts";
import type { LanguageProcess } from "./language-process.ts";
import { LocalModuleStore } from "./local-modules.ts";

/** What the cells of a notebook share, whichever shell they run in: the declarations of their variables, and a count. */
export class NotebookState {
  readonly localModules = new LocalModuleStore();
  readonly history: History;
  readonly #language: LanguageProcess;
  #declarations = "";
  #count = 0;
  #generation = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(language: LanguageProcess, history: History) {
    this.#language = language;
    this.history = history;
  }

  /** The declarations of all variables so far, as TypeScript. */
  get declarations(): string {
    return this.#declarations;
  }

  /** Changes when all variables are lost: what was compiled before speaks of variables that are not there any more. */
  get generation(): number {
    return this.#generation;
  }

  /** How many cells have been counted. */
  get count(): number {
    return this.#count;
  }

  /** Counts a cell; returns its number. */
  countCell(): number {
    return ++this.#count;
  }

  /**
   * Adds the names that a cell has declared. It was compiled to go from the declarations `before` to `after`; names in
   * `missed` have got no value, and keep the declaration they had.
   */
  declare(
    code: string,
    [before, after]: readonly [string, string],
    names: readonly string[],
    missed: readonly string[] = [],
  ): Promise<void> {
    const generation = this.#generation;
    const add = async (): Promise<void> => {
      const present = this.#declarations;
      // Another shell has declared something meanwhile: the cell's own declarations come on top of that.
      const together = present === before ? after : await this.#onTopOf(present, code, after, names);
      const kept = missed.length === 0 ? together : await this.#language.ask("narrow", present, together, missed);
      // The runtime may have died while the language process was asked, and the variables with it.
      if (this.#generation === generation) this.#declarations = kept;
    };
    const added = this.#last.then(add);
    this.#last = added.catch(() => undefined);
    return added;
  }

  /** Forgets all variables: they went with their runtime. */
  forget(): void {
    this.#generation++;
    this.#declarations = "";
    this.localModules.forgetDeliveries();
  }

  async #onTopOf(present: string, code: string, after: string, names: readonly string[]): Promise<string> {
    const compiled = await this.#language.compile(present, code).catch(() => undefined);
    if (!compiled || !("program" in compiled)) return this.#language.ask("combine", present, after, names);
    // Each is handed out only once.
    this.localModules.add(compiled.program.localModules);
    return compiled.declarations;
  }
}
