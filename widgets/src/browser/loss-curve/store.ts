import { Log, type News, type PackedLog } from "../../series/log.ts";
import type { PageModel } from "../frame/model.ts";

/** How long news that came too early wait for what lies before them, in milliseconds, until the kernel is asked. */
const patience = 1000;

/** The log in the page: from the shared state, and from the messages that follow. One for all views of a model. */
export class Store {
  readonly log = new Log();
  readonly #model: PageModel;
  readonly #listeners = new Set<() => void>();
  #early: { readonly content: News; readonly buffers: readonly DataView[] }[] = [];
  #asking: ReturnType<typeof setTimeout> | undefined;

  constructor(model: PageModel) {
    this.#model = model;
    model.on("change:log", this.#restore);
    model.on("msg:custom", this.#hear);
    this.#restore();
  }

  /** Calls back when something was added or cleared. @returns how to stop it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  end(): void {
    clearTimeout(this.#asking);
    this.#model.off("change:log", this.#restore);
    this.#model.off("msg:custom", this.#hear);
  }

  // A message may overtake the state that was sent before it.
  readonly #restore = () => {
    this.log.restore(this.#model.get<PackedLog>("log"));
    const early = this.#early;
    this.#early = [];
    for (const { content, buffers } of early) this.#follow(content, buffers);
    this.#changed();
  };

  readonly #hear = (content: { readonly type?: unknown } | null, buffers: readonly DataView[] = []) => {
    if (content?.type !== "points") return;
    this.#follow(content as News, buffers);
    this.#changed();
  };

  #follow(content: News, buffers: readonly DataView[]): void {
    if (this.log.follow(content, buffers)) return;
    this.#early.push({ content, buffers });
    this.#asking ??= setTimeout(() => {
      this.#asking = undefined;
      if (this.#early.length > 0) this.#model.send({ type: "whole" });
    }, patience);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

const stores = new Map<string, Store>();

/** The store of a model; models are told apart by the id in their state, as each view is given an object of its own. */
export function storeOf(model: PageModel): Store {
  const id = model.get<string>("id");
  const known = stores.get(id);
  if (known) return known;
  const store = new Store(model);
  stores.set(id, store);
  return store;
}

/** Forgets the store of a model that is gone. */
export function forget(model: PageModel): void {
  const id = model.get<string>("id");
  stores.get(id)?.end();
  stores.delete(id);
}
