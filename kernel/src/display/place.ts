import type { LiveValue } from "./live-value.ts";

/** Where a value is shown: one display id, in the output of one or more cells. */
export class Place {
  readonly id: string;
  readonly #cells = new Set<string>();
  // Weak, so that having been shown keeps no value alive: one that can still change holds its view itself.
  #live: WeakRef<LiveValue>;

  constructor(id: string, live: LiveValue) {
    this.id = id;
    this.#live = new WeakRef(live);
    live.join(id);
  }

  /** Shows another value from now on. */
  replace(live: LiveValue): void {
    this.#live.deref()?.leave(this.id);
    this.#live = new WeakRef(live);
    live.join(this.id);
    live.refresh();
  }

  /** Stands in the output of this cell, too. */
  appear(cell: string): void {
    this.#cells.add(cell);
    this.#live.deref()?.join(this.id);
  }

  /** The output of a cell is gone: a value that stands nowhere else is not updated here any more. */
  vanish(cell: string): void {
    if (this.#cells.delete(cell) && this.#cells.size === 0) this.#live.deref()?.leave(this.id);
  }
}
