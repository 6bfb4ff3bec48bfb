import type { LocalModule } from "../session/messages.ts";

/**
 * The converted TypeScript files that cells have imported. The converter hands out each only once;
 * a fresh runtime needs them all again.
 */
export class LocalModuleStore {
  readonly #all = new Map<string, LocalModule>();
  #undelivered = new Map<string, LocalModule>();

  add(modules: readonly LocalModule[]): void {
    for (const module of modules) {
      this.#all.set(module.file, module);
      this.#undelivered.set(module.file, module);
    }
  }

  /** What the runtime does not have yet. */
  deliver(): LocalModule[] {
    const modules = [...this.#undelivered.values()];
    this.#undelivered.clear();
    return modules;
  }

  /** Delivers everything again: the runtime is a fresh one. */
  forgetDeliveries(): void {
    this.#undelivered = new Map(this.#all);
  }
}
