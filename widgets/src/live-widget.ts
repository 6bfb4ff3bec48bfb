import { displaySymbol, type MimeBundle } from "./display.ts";
import { type LiveModel, type LiveParts, liveBundle, liveModel } from "./live.ts";
import { Widget } from "./widget.ts";

/** The kernel calls this method of a displayed value when the first place shows it and when none does any more. */
const shownSymbol: unique symbol = Symbol.for("gradbook.shown");

let lastId = 0;

/** Where the built modules are, seen from `src` and from `dist` alike. */
const built = (file: string) => new URL(`../dist/browser/${file}`, import.meta.url);

/**
 * A widget with a live view: a module in the page that draws values which kernel and page share, and beside it a
 * static picture of the same values for places without a kernel's page. The picture is drawn anew when the running
 * cell ends, not with every change: those reach the page through the model.
 *
 * @typeParam State The shared values. `id` is added: it names the widget among all of a notebook.
 * @typeParam Message What the page sends as messages of the widget's own; nobody has checked it.
 */
export abstract class LiveWidget<State extends object, Message = unknown> extends Widget {
  readonly #model: LiveModel<State, Message> | undefined;
  readonly #snapshot: (() => Partial<State>) | undefined;
  #state: State;
  #opened = false;

  /** @param view the folder in `browser/` that has the module, for example `"loss-curve"` */
  protected constructor(view: string, parts: Omit<LiveParts<State>, "esm" | "css">) {
    super();
    this.#state = parts.state;
    this.#snapshot = parts.snapshot;
    const id = `${Date.now().toString(36)}-${++lastId}`;
    this.#model = liveModel({
      esm: built(`${view}.js`),
      css: built("view.css"),
      ...parts,
      state: { id, ...parts.state },
    });
    // A view asks whether somebody is there: one restored from a saved file may be alone.
    this.#model?.onMessage((content) => {
      if ((content as { type?: unknown } | null)?.type === "hello") this.#model?.send({ type: "here" });
    });
  }

  /** Whether a notebook is there to show it live. */
  protected get isLive(): boolean {
    return this.#model !== undefined && !this.#model.closed;
  }

  /** Whether some place of it has been asked for: before, messages would reach nobody. */
  protected get isShown(): boolean {
    return this.#opened && this.isLive;
  }

  /** The value of a name, as the page may have changed it. */
  protected get<Name extends keyof State & string>(name: Name): State[Name] {
    return this.#model ? this.#model.get(name) : this.#state[name];
  }

  /** Sets shared values, here and in the page. */
  protected set(values: Partial<State>): void {
    this.#state = { ...this.#state, ...values };
    this.#model?.set(values);
  }

  /** Calls back when the page has set a value. */
  protected onChange<Name extends keyof State & string>(name: Name, listener: (value: State[Name]) => unknown): void {
    this.#model?.on(name, (value, _old, origin) => (origin === "page" ? listener(value) : undefined));
  }

  /** Calls back with the messages that the page sends by `model.send(content)`. */
  protected onMessage(listener: (content: Message, buffers: readonly DataView[]) => unknown): void {
    this.#model?.onMessage(listener);
  }

  /** Sends a message to the views that are open now. Views that open later miss it: keep in the state what they need. */
  protected send(content: unknown, buffers: readonly (ArrayBufferView | ArrayBufferLike)[] = []): void {
    if (this.#opened) this.#model?.send(content, buffers);
  }

  /** The static picture of the values, and their text. */
  protected abstract picture(): MimeBundle | Promise<MimeBundle>;

  protected bundle(): MimeBundle | Promise<MimeBundle> {
    if (!this.#model) return this.picture();
    this.#opened = true;
    // Whoever saves the notebook now has the whole state.
    if (this.#snapshot) this.#model.set(this.#snapshot());
    return this.#liveBundle(this.#model);
  }

  async #liveBundle(model: LiveModel<State, Message>): Promise<MimeBundle> {
    const [picture, live] = await Promise.all([this.picture(), liveBundle(model, displaySymbol)]);
    return { ...picture, ...live };
  }

  /** Draws the static picture anew: where it is live, when the running cell ends. */
  protected override changed(): void {
    this.tellViews(this.isLive ? "at rest" : "soon");
  }

  [shownSymbol](shown: boolean): void {
    (this.#model?.[shownSymbol] as ((shown: boolean) => void) | undefined)?.call(this.#model, shown);
  }
}
