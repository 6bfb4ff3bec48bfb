import type { MimeBundle } from "./display.ts";
import { LiveWidget } from "./live-widget.ts";
import { progressCard } from "./picture/progress-card.ts";
import { inWords, type ProgressState } from "./series/progress-state.ts";

/** How a progress bar looks. */
export interface ProgressOptions {
  readonly title?: string;
  /** How many items there will be, where the iterable does not say by `length` or `size`. */
  readonly total?: number;
  /** What one item is, for the rate: `"image"`. Default `"item"`. */
  readonly unit?: string;
}

/** The least time between two messages to the page, in milliseconds. */
const interval = 50;

/** A bar that shows how far something is. Made by {@link progress}, or moved by hand. */
export class Progress extends LiveWidget<ProgressState> {
  #state: ProgressState;
  #began: number | undefined;
  #sentAt = Number.NEGATIVE_INFINITY;

  constructor({ title = "", total, unit = "item" }: ProgressOptions = {}) {
    if (total !== undefined && !(total >= 0)) {
      throw new RangeError(`progress: total is ${total}, expected how many items there are: a number from 0.`);
    }
    const state: ProgressState = {
      title,
      unit,
      done: 0,
      total: total === undefined || !Number.isFinite(total) ? null : total,
      seconds: 0,
      state: "waiting",
      note: "",
    };
    super("progress", { state });
    this.#state = state;
  }

  /** Moves the bar: so many items are done, and perhaps words to be shown beside it, such as the latest loss. */
  move(done: number, note = this.#state.note): void {
    const now = performance.now();
    this.#began ??= now;
    this.#put({ done, note, seconds: (now - this.#began) / 1000, state: "running" }, now - this.#sentAt >= interval);
  }

  /** The end: everything is done, or it was stopped before. */
  end(state: "done" | "stopped" = "done"): void {
    const seconds = this.#began === undefined ? 0 : (performance.now() - this.#began) / 1000;
    this.#put({ state, seconds }, true);
    this.changed();
  }

  #put(values: Partial<ProgressState>, send: boolean): void {
    this.#state = { ...this.#state, ...values };
    if (!send) return;
    this.#sentAt = performance.now();
    this.set(this.#state);
    if (!this.isLive) this.changed();
  }

  protected picture(): MimeBundle {
    return { "text/plain": inWords(this.#state), "image/svg+xml": progressCard(this.#state, inWords(this.#state)) };
  }
}

/** Items that show how far they are while they are gone through; `bar` is the widget, to show it elsewhere. */
export type WithProgress<I> = I & { readonly bar: Progress };

/**
 * Goes through items and shows how far it is: `for (const file of progress(files, { title: "reading" })) …`. Iterables
 * and asynchronous iterables alike; the bar appears in the cell when the first item is asked for.
 */
export function progress<T>(items: Iterable<T>, options?: ProgressOptions): WithProgress<Iterable<T>>;
export function progress<T>(items: AsyncIterable<T>, options?: ProgressOptions): WithProgress<AsyncIterable<T>>;
export function progress<T>(
  items: Iterable<T> | AsyncIterable<T>,
  options: ProgressOptions = {},
): WithProgress<Iterable<T>> | WithProgress<AsyncIterable<T>> {
  const sized = items as { readonly length?: unknown; readonly size?: unknown };
  const known = [options.total, sized.length, sized.size].find((total) => typeof total === "number");
  const bar = new Progress({ ...options, ...(typeof known === "number" && { total: known }) });
  if (Symbol.asyncIterator in items) return { bar, [Symbol.asyncIterator]: () => asynchronous(items, bar) };
  return { bar, [Symbol.iterator]: () => synchronous(items, bar) };
}

function* synchronous<T>(items: Iterable<T>, bar: Progress): Generator<T> {
  let done = 0;
  let whole = false;
  appear(bar);
  try {
    for (const item of items) {
      yield item;
      bar.move(++done);
    }
    whole = true;
  } finally {
    bar.end(whole ? "done" : "stopped");
  }
}

async function* asynchronous<T>(items: AsyncIterable<T>, bar: Progress): AsyncGenerator<T> {
  let done = 0;
  let whole = false;
  appear(bar);
  try {
    for await (const item of items) {
      yield item;
      bar.move(++done);
    }
    whole = true;
  } finally {
    bar.end(whole ? "done" : "stopped");
  }
}

/** Shows the bar in the cell that runs; in plain Node nothing is to be seen. */
function appear(bar: Progress): void {
  bar.move(0);
  (globalThis as { display?: (value: unknown) => unknown }).display?.(bar);
}
