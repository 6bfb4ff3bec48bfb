/**
 * Under this symbol each step that `train` gives out has the control of its training, so that whatever shows the steps,
 * such as a loss curve with buttons, can hold it up and end it without knowing this library.
 */
export const controlSymbol: unique symbol = Symbol.for("gradbook.control");

/** Holds a training up between two steps, or ends it after the current one as `break` would. */
export class Control {
  #stopped = false;
  #ended = false;
  #waiting = 0;
  #held: { readonly promise: Promise<void>; release(): void } | undefined;

  get paused(): boolean {
    return this.#held !== undefined;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Whether the training is over: nothing is left to be paused or stopped. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether the training is held up right now: one that was left without a word, between two steps, never gets there. */
  get waiting(): boolean {
    return this.#waiting > 0;
  }

  /** Called by the training when it is over, in whatever way. */
  end(): void {
    this.#ended = true;
    this.resume();
  }

  /** No further step is made until `resume` or `stop`. */
  pause(): void {
    if (this.#stopped || this.#ended || this.#held) return;
    let release: () => void = () => undefined;
    const promise = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#held = { promise, release };
  }

  resume(): void {
    this.#held?.release();
    this.#held = undefined;
  }

  /** The step that was given out last is the last one; the model keeps its parameters. */
  stop(): void {
    this.#stopped = true;
    this.resume();
  }

  /** Waits while it is paused. @throws what the signal says, when it is aborted meanwhile. */
  async gate(signal: AbortSignal | undefined): Promise<void> {
    this.#waiting += 1;
    try {
      while (this.#held) {
        const { promise } = this.#held;
        if (!signal) await promise;
        else await Promise.race([promise, aborted(signal)]);
      }
    } finally {
      this.#waiting -= 1;
    }
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
