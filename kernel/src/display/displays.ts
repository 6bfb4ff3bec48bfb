import { randomUUID } from "node:crypto";
import { type Rendering, rendered } from "./bundle.ts";
import {
  type Display,
  type DisplayHandle,
  type DisplayOptions,
  displaySymbol,
  isDisplayable,
  type MimeBundle,
} from "./contract.ts";
import { type LiveSink, LiveValue } from "./live-value.ts";
import { Place } from "./place.ts";
import { textOf } from "./text.ts";

/** How long a display waits for those that were asked for before it, in milliseconds. */
const patience = 250;

/** Where displays go. */
export interface DisplayOutput {
  /** The notebook's cell in whose output things appear at the moment: the same each time the cell is run. */
  cell(): string;
  display(id: string, rendering: Rendering): void;
  update(id: string, rendering: Rendering): void;
  clear(wait: boolean): void;
  failed(error: unknown): void;
}

/** Everything the notebook has displayed, and what keeps it up to date. */
export class Displays {
  readonly #output: DisplayOutput;
  readonly #named = new Map<string, Place>();
  readonly #live = new WeakMap<object, LiveValue>();
  readonly #inCell = new Map<string, Set<Place>>();
  readonly #handles = new WeakSet<object>();
  readonly #owing = new Set<LiveValue>();
  readonly #opening = new Set<Promise<void>>();
  /** Of displays that are not there yet: what they have become meanwhile. */
  readonly #ahead = new Map<string, Rendering | undefined>();
  readonly #sink: LiveSink;

  constructor(output: DisplayOutput) {
    this.#output = output;
    this.#sink = {
      update: (id, rendering) => {
        if (this.#ahead.has(id)) this.#ahead.set(id, rendering);
        else output.update(id, rendering);
      },
      failed: (error) => output.failed(error),
      owes: (live, owing) => {
        if (owing) this.#owing.add(live);
        else this.#owing.delete(live);
      },
    };
  }

  /** The function that cells call. */
  get function(): Display {
    const show = (value: unknown, options?: DisplayOptions) => this.show(value, options);
    const mime = (bundle: MimeBundle, options?: DisplayOptions) => this.show(asDisplayable(bundle), options);
    const as = (type: string) => (text: string, options?: DisplayOptions) => {
      if (typeof text !== "string")
        throw new TypeError(`display: ${type} is written as text, but a value of type ${typeof text} was given.`);
      // The source serves where the page cannot show the type.
      return mime({ "text/plain": text, [type]: text }, options);
    };
    return Object.assign(show, {
      mime,
      html: as("text/html"),
      markdown: as("text/markdown"),
      latex: as("text/latex"),
      svg: as("image/svg+xml"),
      // The type that every notebook knows.
      javascript: as("application/javascript"),
      json: (value: unknown, options?: DisplayOptions) =>
        mime({ "text/plain": textOf(value), "application/json": value }, options),
      clear: (options?: { wait?: boolean }) => {
        this.retire(this.#output.cell());
        this.#output.clear(options?.wait ?? false);
      },
    });
  }

  show(value: unknown, options: DisplayOptions = {}): DisplayHandle {
    const live = this.#liveOf(value);
    const place = this.#placeOf(live, options.id);
    const rendering = live.first();
    if (rendering instanceof Promise || this.#opening.size > 0) this.#open(this.#showInTurn(place.id, rendering));
    else this.#output.display(place.id, rendering);
    return this.#handle(place);
  }

  /** Shows it below what was displayed before, also where that takes longer; nothing is held up for long. */
  async #showInTurn(id: string, rendering: Rendering | Promise<Rendering>): Promise<void> {
    this.#ahead.set(id, undefined);
    const earlier = this.#earlier();
    const first = await rendering;
    await earlier;
    const latest = this.#ahead.get(id) ?? first;
    this.#ahead.delete(id);
    this.#output.display(id, latest);
  }

  /** Resolves when all that was displayed before is there, or has been waited for long enough. */
  async #earlier(): Promise<void> {
    if (this.#opening.size === 0) return;
    const limit = new Promise((resolve) => setTimeout(resolve, patience).unref());
    await Promise.race([Promise.all(this.#opening), limit]);
  }

  /** A cell's result: what to show and, of a value that may change, the display id under which it is kept up to date. */
  async result(value: unknown): Promise<Rendering & { id?: string }> {
    const earlier = this.#earlier();
    const live = this.#liveOf(value);
    const id = isDisplayable(value) ? { id: this.#placeOf(live).id } : {};
    const rendering = await live.first();
    await earlier;
    return { ...id, ...rendering };
  }

  /** What is shown of a value now, wherever it goes. */
  async rendering(value: unknown): Promise<Rendering> {
    return new LiveValue(value, this.#sink).first();
  }

  /** The output of a cell is removed, for example because it is run again: nothing is updated there any more. */
  retire(cell: string): void {
    for (const place of this.#inCell.get(cell) ?? []) place.vanish(cell);
    this.#inCell.delete(cell);
  }

  /** Resolves when every display shows the latest state of its value. */
  async settle(): Promise<void> {
    while (this.#opening.size > 0) await Promise.all(this.#opening);
    await Promise.all([...this.#owing].map((live) => live.settle()));
  }

  #liveOf(value: unknown): LiveValue {
    if (!isDisplayable(value)) return new LiveValue(value, this.#sink);
    const live = this.#live.get(value) ?? new LiveValue(value, this.#sink);
    this.#live.set(value, live);
    return live;
  }

  #placeOf(live: LiveValue, id?: string): Place {
    const known = id === undefined ? undefined : this.#named.get(id);
    known?.replace(live);
    const place = known ?? new Place(id ?? randomUUID(), live);
    // Only names can be asked for again.
    if (id !== undefined) this.#named.set(id, place);
    const cell = this.#output.cell();
    place.appear(cell);
    const places = this.#inCell.get(cell) ?? new Set();
    this.#inCell.set(cell, places.add(place));
    return place;
  }

  #open(shown: Promise<void>): void {
    const tracked = shown
      .catch((error: unknown) => this.#output.failed(error))
      .then(() => void this.#opening.delete(tracked));
    this.#opening.add(tracked);
  }

  /** Whether a value is what `display` returns: a cell that ends with a call of it has shown its result already. */
  isHandle(value: unknown): boolean {
    return typeof value === "object" && value !== null && this.#handles.has(value);
  }

  #handle(place: Place): DisplayHandle {
    const handle: DisplayHandle = {
      id: place.id,
      update: (value) => place.replace(this.#liveOf(value)),
      clear: () => place.replace(this.#liveOf(asDisplayable({ "text/plain": "" }))),
    };
    this.#handles.add(handle);
    return handle;
  }
}

function asDisplayable(bundle: MimeBundle): object {
  const { data } = rendered(bundle);
  return { [displaySymbol]: () => data };
}
