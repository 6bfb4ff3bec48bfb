import { ownRendering, type Rendering, renderingOf } from "./bundle.ts";
import { isDisplayable, shownSymbol, type View } from "./contract.ts";

/** The least time between two updates of one value, in milliseconds. */
const interval = 150;
/** How long nothing may have changed for a value to be at rest, in milliseconds. */
const rest = 1000;

/** What a live value needs to reach the page. */
export interface LiveSink {
  update(id: string, rendering: Rendering): void;
  /** Called when the value owes the page an update, and again when it does not any more. */
  owes(value: LiveValue, owing: boolean): void;
  failed(error: unknown): void;
}

/**
 * A value and the places that show it: asks it for a fresh bundle when it has changed, at most every 150 ms and
 * once for all places. Nowhere shown, it is not asked.
 */
export class LiveValue implements View {
  readonly #value: unknown;
  readonly #sink: LiveSink;
  readonly #places = new Set<string>();
  #sentAt = Number.NEGATIVE_INFINITY;
  #stale = false;
  #timer: NodeJS.Timeout | undefined;
  #changedAt = Number.NEGATIVE_INFINITY;
  #resting: NodeJS.Timeout | undefined;
  #asking: Promise<void> | undefined;

  constructor(value: unknown, sink: LiveSink) {
    this.#value = value;
    this.#sink = sink;
  }

  /** The value is shown under this display id from now on. */
  join(id: string): void {
    const isFirst = this.#places.size === 0;
    if (isFirst) this.#sentAt = performance.now();
    this.#places.add(id);
    if (isFirst && isDisplayable(this.#value)) this.#value[shownSymbol]?.(true);
  }

  /** The value is not shown under this display id any more. */
  leave(id: string): void {
    const wasLast = this.#places.delete(id) && this.#places.size === 0;
    if (wasLast && isDisplayable(this.#value)) this.#value[shownSymbol]?.(false);
  }

  /** What to show first in a new place: a value whose own method fails is shown without it, and the failure told. */
  first(): Rendering | Promise<Rendering> {
    const instead = (error: unknown) => {
      this.#sink.failed(error);
      return ownRendering(this.#value);
    };
    try {
      const answer = renderingOf(this.#value, this);
      return answer instanceof Promise ? answer.catch(instead) : answer;
    } catch (error) {
      return instead(error);
    }
  }

  /** Sends the value's bundle to its places now. */
  refresh(): void {
    this.#stale = true;
    this.#send();
  }

  // A timer alone would not do: a busy loop lets none fire, so whether an update is due is looked at right here.
  changed(when: "soon" | "at rest" = "soon"): void {
    if (this.#places.size === 0) return;
    if (!this.#stale) {
      this.#stale = true;
      this.#sink.owes(this, true);
    }
    if (when === "at rest") {
      this.#changedAt = performance.now();
      this.#resting ??= setTimeout(() => this.#lookWhetherAtRest(), rest).unref();
      return;
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

  // One timer that looks again is cheaper than one that is set anew with every change.
  #lookWhetherAtRest(): void {
    const wait = this.#changedAt + rest - performance.now();
    this.#resting = wait > 0 ? setTimeout(() => this.#lookWhetherAtRest(), wait).unref() : undefined;
    if (wait <= 0) this.#send();
  }

  #send(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#resting);
    this.#timer = undefined;
    this.#resting = undefined;
    if (!this.#stale || this.#asking) return;
    this.#stale = false;
    if (this.#places.size === 0) {
      this.#sink.owes(this, false);
      return;
    }
    this.#sentAt = performance.now();
    let answer: Rendering | Promise<Rendering>;
    try {
      answer = renderingOf(this.#value, this);
    } catch (error) {
      this.#sink.failed(error);
      this.#sink.owes(this, false);
      return;
    }
    if (!(answer instanceof Promise)) {
      this.#update(answer);
      this.#sink.owes(this, false);
      return;
    }
    this.#sink.owes(this, true);
    this.#asking = answer
      .then(
        (rendering) => this.#update(rendering),
        (error: unknown) => this.#sink.failed(error),
      )
      .then(() => {
        this.#asking = undefined;
        if (this.#stale && this.#places.size > 0) this.changed();
        else {
          this.#stale = false;
          this.#sink.owes(this, false);
        }
      });
  }

  #update(rendering: Rendering): void {
    for (const id of this.#places) this.#sink.update(id, rendering);
  }
}
