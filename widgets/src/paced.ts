/** Does something at once, and when it is asked for again soon, not before a while has passed: then once for all. */
export class Paced {
  readonly #work: () => void;
  readonly #interval: number;
  #last = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param interval the least time between two times, in milliseconds */
  constructor(work: () => void, interval = 250) {
    this.#work = work;
    this.#interval = interval;
  }

  ask(): void {
    if (this.#timer !== undefined) return;
    const wait = this.#last + this.#interval - performance.now();
    // Nothing waits for a picture: it does not keep the process alive.
    if (wait <= 0) this.#now();
    else this.#timer = setTimeout(() => this.#now(), wait).unref();
  }

  #now(): void {
    this.#timer = undefined;
    this.#last = performance.now();
    this.#work();
  }
}
