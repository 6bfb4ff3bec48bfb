/** The least time between two messages, in milliseconds: 30 a second. */
const interval = 1000 / 30;

/** For how long a view that says nothing is waited for, in milliseconds: its page may have been closed or reloaded. */
const patience = 2000;

/**
 * Sends no more than the slowest of the views that look on has drawn: each message is answered by every view before the
 * next one leaves. Where no view is there, or a hidden page draws nothing, nothing is sent.
 */
export class PacedStream {
  readonly #now: () => number;
  /** The views, with the last message each of them has drawn, and when it was last heard of. */
  readonly #views = new Map<string, { drawn: number; heard: number }>();
  #sequence = 0;
  #sentAt = Number.NEGATIVE_INFINITY;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** A view was opened; it has the latest of everything. */
  join(view: string): void {
    this.#views.set(view, { drawn: this.#sequence, heard: this.#now() });
  }

  leave(view: string): void {
    this.#views.delete(view);
  }

  /** A view has drawn a message. One that was given up is back with it. */
  drawn(view: string, sequence: number): void {
    this.#views.set(view, { drawn: sequence, heard: this.#now() });
  }

  /** Whether it is time for another message. */
  get open(): boolean {
    const now = this.#now();
    if (now - this.#sentAt < interval) return false;
    for (const [view, { drawn, heard }] of this.#views) {
      if (drawn >= this.#sequence) continue;
      if (now - Math.max(heard, this.#sentAt) < patience) return false;
      this.#views.delete(view);
    }
    return this.#views.size > 0;
  }

  /** Counts a message that is sent now. @returns its number, to be answered by the views. */
  next(): number {
    this.#sentAt = this.#now();
    return ++this.#sequence;
  }
}
