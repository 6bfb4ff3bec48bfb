import { bundleOf } from "./bundle.ts";
import type { MimeBundle, View } from "./contract.ts";

/** The least time between two updates of one display, in milliseconds. */
const interval = 150;

/** What a live view needs to reach the page. */
export interface ViewSink {
  update(id: string, bundle: MimeBundle): void;
  /** Called when the view owes the page an update, and again when it does not any more. */
  owes(view: LiveView, owing: boolean): void;
  failed(error: unknown): void;
}

/** One display of one value: asks it for a fresh bundle when it has changed, at most every 150 ms. */
export class LiveView implements View {
  readonly id: string;
  #value: unknown;
  readonly #sink: ViewSink;
  #sentAt = Number.NEGATIVE_INFINITY;
  #stale = false;
  #timer: NodeJS.Timeout | undefined;
  #asking: Promise<void> | undefined;

  constructor(id: string, value: unknown, sink: ViewSink) {
    this.id = id;
    this.#value = value;
    this.#sink = sink;
  }

  /** The bundle to show first. */
  first(): MimeBundle | Promise<MimeBundle> {
    this.#sentAt = performance.now();
    return bundleOf(this.#value, this);
  }

  /** Shows another value from now on. */
  replace(value: unknown): void {
    this.#value = value;
    this.#stale = true;
    this.#send();
  }

  // A timer alone would not do: a busy loop lets none fire, so whether an update is due is looked at right here.
  changed(): void {
    if (!this.#stale) {
      this.#stale = true;
      this.#sink.owes(this, true);
    }
    if (this.#asking) return;
    const wait = this.#sentAt + interval - performance.now();
    if (wait <= 0) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), wait).unref();
  }

  /** Sends what is still owed; resolves when nothing is. */
  async settle(): Promise<void> {
    for (;;) {
      if (this.#asking) await this.#asking;
      else if (this.#stale) this.#send();
      else return;
    }
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#stale || this.#asking) return;
    this.#stale = false;
    this.#sentAt = performance.now();
    let answer: MimeBundle | Promise<MimeBundle>;
    try {
      answer = bundleOf(this.#value, this);
    } catch (error) {
      this.#sink.failed(error);
      this.#sink.owes(this, false);
      return;
    }
    if (!(answer instanceof Promise)) {
      this.#sink.update(this.id, answer);
      this.#sink.owes(this, false);
      return;
    }
    this.#sink.owes(this, true);
    this.#asking = answer
      .then(
        (bundle) => this.#sink.update(this.id, bundle),
        (error: unknown) => this.#sink.failed(error),
      )
      .then(() => {
        this.#asking = undefined;
        if (this.#stale) this.changed();
        else this.#sink.owes(this, false);
      });
  }
}
