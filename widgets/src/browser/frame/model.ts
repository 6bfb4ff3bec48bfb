/** The page's end of a widget, as anywidget hands it to a view. Bytes arrive as `DataView`. */
export interface PageModel {
  get<T = unknown>(name: string): T;
  set(name: string, value: unknown): void;
  save_changes(): void;
  send(content: unknown, callbacks?: unknown, buffers?: readonly (ArrayBuffer | ArrayBufferView)[]): void;
  // biome-ignore lint/suspicious/noExplicitAny: what a callback is given depends on the event
  on(event: string, callback: (...given: any[]) => void): void;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  off(event?: string | null, callback?: ((...given: any[]) => void) | null): void;
}

/** What a view's module is given to draw with. */
export interface RenderProps {
  readonly model: PageModel;
  readonly el: HTMLElement;
}

/** Bytes of a shared value as numbers, copied so that they are aligned. */
export function floats(view: DataView | null | undefined): Float32Array<ArrayBuffer> {
  return view ? new Float32Array(bytesOf(view)) : new Float32Array(0);
}

/** As {@link floats}, for doubles. */
export function doubles(view: DataView | null | undefined): Float64Array<ArrayBuffer> {
  return view ? new Float64Array(bytesOf(view)) : new Float64Array(0);
}

/** As {@link floats}, for whole numbers. */
export function integers(view: DataView | null | undefined): Int32Array<ArrayBuffer> {
  return view ? new Int32Array(bytesOf(view)) : new Int32Array(0);
}

function bytesOf({ buffer, byteOffset, byteLength }: DataView): ArrayBuffer {
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}

/**
 * Keeps a setting of the view, such as its zoom, in the shared state: it is there again after a reload and in the saved
 * notebook, and every view of the same widget follows. What follows quickly, as while dragging, is put together by the
 * page's widget manager, which has one message on its way at a time.
 */
export class Setting<T> {
  readonly #model: PageModel;
  readonly #name: string;

  constructor(model: PageModel, name: string) {
    this.#model = model;
    this.#name = name;
  }

  get value(): T {
    return this.#model.get<T>(this.#name);
  }

  set(value: T): void {
    this.#model.set(this.#name, value);
    // At once: until it is on its way, the kernel's echo of an earlier value would take its place.
    this.#model.save_changes();
  }

  /** Calls back whenever it changes, here or elsewhere. @returns how to stop it. */
  onChange(listener: () => void): () => void {
    const event = `change:${this.#name}`;
    this.#model.on(event, listener);
    return () => this.#model.off(event, listener);
  }
}

/**
 * Tells whether a kernel is behind the view: one restored from a saved file, or exported, may be alone, and a kernel may
 * be restarted, or die. @returns how to stop it.
 */
export function followKernel(model: PageModel, changed: (there: boolean) => void): () => void {
  const hear = (content: { readonly type?: unknown } | null) => {
    if (content?.type === "here") changed(true);
  };
  const lost = () => {
    changed(false);
    model.send({ type: "hello" });
  };
  model.on("msg:custom", hear);
  // The page's widget manager says so when the connection has become another.
  model.on("comm_live_update", lost);
  model.send({ type: "hello" });
  return () => {
    model.off("msg:custom", hear);
    model.off("comm_live_update", lost);
  };
}
