import { randomUUID } from "node:crypto";
import { encoded } from "./bundle.ts";
import { type Display, type DisplayHandle, type DisplayOptions, displaySymbol, type MimeBundle } from "./contract.ts";
import { LiveView, type ViewSink } from "./live-view.ts";

/** Where displays go. */
export interface DisplayOutput {
  display(id: string, bundle: MimeBundle): void;
  update(id: string, bundle: MimeBundle): void;
  clear(wait: boolean): void;
  failed(error: unknown): void;
}

/** Everything the notebook has displayed, each with its live view. */
export class Displays {
  readonly #output: DisplayOutput;
  readonly #named = new Map<string, LiveView>();
  readonly #handles = new WeakSet<object>();
  readonly #owing = new Set<LiveView>();
  readonly #opening = new Set<Promise<void>>();
  readonly #sink: ViewSink;

  constructor(output: DisplayOutput) {
    this.#output = output;
    this.#sink = {
      update: (id, bundle) => output.update(id, bundle),
      failed: (error) => output.failed(error),
      owes: (view, owing) => {
        if (owing) this.#owing.add(view);
        else this.#owing.delete(view);
      },
    };
  }

  /** The function that cells call. */
  get function(): Display {
    const show = (value: unknown, options?: DisplayOptions) => this.show(value, options);
    return Object.assign(show, {
      mime: (bundle: MimeBundle, options?: DisplayOptions) => this.show(asDisplayable(bundle), options),
      clear: (options?: { wait?: boolean }) => this.#output.clear(options?.wait ?? false),
    });
  }

  show(value: unknown, options: DisplayOptions = {}): DisplayHandle {
    const view = this.#viewOf(value, options.id);
    const show = (bundle: MimeBundle) => this.#output.display(view.id, bundle);
    const bundle = view.first();
    if (bundle instanceof Promise) this.#open(bundle.then(show));
    else show(bundle);
    return this.#handle(view);
  }

  /** A live view of a cell's result, with the bundle to show. */
  async result(value: unknown): Promise<{ id: string; bundle: MimeBundle }> {
    const view = this.#viewOf(value);
    return { id: view.id, bundle: await view.first() };
  }

  /** Resolves when every display shows the latest state of its value. */
  async settle(): Promise<void> {
    while (this.#opening.size > 0) await Promise.all(this.#opening);
    await Promise.all([...this.#owing].map((view) => view.settle()));
  }

  #viewOf(value: unknown, id?: string): LiveView {
    const known = id === undefined ? undefined : this.#named.get(id);
    known?.replace(value);
    const view = known ?? new LiveView(id ?? randomUUID(), value, this.#sink);
    // Nameless views live as long as their value: only names can be asked for again.
    if (id !== undefined) this.#named.set(id, view);
    return view;
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

  #handle(view: LiveView): DisplayHandle {
    const handle: DisplayHandle = {
      id: view.id,
      update: (value) => view.replace(value),
      clear: () => view.replace(asDisplayable({ "text/plain": "" })),
    };
    this.#handles.add(handle);
    return handle;
  }
}

function asDisplayable(bundle: MimeBundle): object {
  const content = encoded(bundle);
  return { [displaySymbol]: () => content };
}
