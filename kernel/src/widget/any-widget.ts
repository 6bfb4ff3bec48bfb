import { createHash } from "node:crypto";
import { inspect } from "node:util";
import type { CommOptions } from "../comm/contract.ts";
import { offered } from "../comm/in-cell.ts";
import { toJson } from "../comm/json.ts";
import { displaySymbol, type MimeBundle, shownSymbol, type View } from "../display/contract.ts";
import { inKindOf } from "./buffers.ts";
import { type ModelOwner, WidgetModel } from "./model.ts";
import { sourceText } from "./source.ts";
import { type ChangeListener, callAll, Traits } from "./traits.ts";

/** What a widget is made of. */
export interface WidgetOptions<State extends object> {
  /**
   * The ES module that draws it in the page, in the form of anywidget: `export default { render({ model, el }) { … } }`.
   * Its text, or the path or URL of a file, which is read once.
   */
  readonly esm: string | URL;
  /** A style sheet, in the same ways. */
  readonly css?: string | URL;
  /** The values that kernel and page share, as they are at first: JSON, and typed arrays however deep inside. */
  readonly state: State;
  /**
   * Looks at values that the page wants to set: returns those to take, or throws to take none. The page is told what
   * the kernel holds instead. Without it every value is taken, typed arrays in the kind that is held.
   */
  readonly validate?: (proposed: Partial<State>) => Partial<State>;
  /**
   * Values that change too often to be set each time, such as all the points of a growing curve: asked for whenever a
   * page wants the whole state. What happens between reaches the page as messages of the widget's own.
   */
  readonly snapshot?: () => Partial<State>;
}

/** Is given the messages that the page sends through `model.send(content, callbacks, buffers)`. */
export type WidgetMessageListener<Message> = (content: Message, buffers: readonly DataView[]) => unknown;

const modelNames = {
  _model_module: "anywidget",
  _model_module_version: "*",
  _model_name: "AnyModel",
  _view_module: "anywidget",
  _view_module_version: "*",
  _view_name: "AnyView",
};

/**
 * A widget: values that the kernel and the page share, and a module that draws them in the page (anywidget's form).
 * ```ts
 * class Counter extends AnyWidget<{ value: number }> {
 *   constructor(value = 0) {
 *     super({ state: { value }, esm: `export default {
 *       render({ model, el }) {
 *         const button = el.appendChild(document.createElement("button"));
 *         const show = () => { button.textContent = model.get("value"); };
 *         button.onclick = () => { model.set("value", model.get("value") + 1); model.save_changes(); };
 *         model.on("change:value", show);
 *         show();
 *       },
 *     }` });
 *   }
 * }
 * const counter = new Counter();
 * counter.on("value", (value) => console.log("now", value));
 * display(counter);
 * ```
 * Its model in the page is made when it is first shown. It lives as long as a cell shows it or a variable holds it:
 * run again, a cell makes a new one. Outside of a notebook a widget is a plain object with values and listeners, so
 * that packages can build on it: `import { AnyWidget } from "@gradbook/kernel/widget"`, which loads this part alone, with
 * the kernel as a peer dependency. Copies of the package get along: they find the notebook by a symbol.
 *
 * @typeParam State The values, by name.
 * @typeParam Message What the page sends as messages of the widget's own; nobody checks it.
 */
export class AnyWidget<State extends object = Record<string, unknown>, Message = unknown> {
  readonly #traits: Traits<State>;
  readonly #validate: WidgetOptions<State>["validate"];
  readonly #fixed: Readonly<Record<string, unknown>>;
  readonly #owner: ModelOwner;
  readonly #model: WidgetModel;
  readonly #messageListeners = new Set<WidgetMessageListener<Message>>();
  readonly #views = new Set<View>();

  /** @throws TypeError when JSON cannot hold the state; Error when a file cannot be read. */
  constructor({ esm, css, state, validate, snapshot }: WidgetOptions<State>) {
    const source = { _esm: sourceText(esm, "esm"), ...(css !== undefined && { _css: sourceText(css, "css") }) };
    // By this name the page tells style sheets apart and replaces those that have changed.
    const digest = createHash("sha256").update(JSON.stringify(source)).digest("hex").slice(0, 12);
    this.#fixed = { ...modelNames, ...source, _anywidget_id: `${this.#name}-${digest}` };
    const reserved = Object.keys(state).find((name) => Object.hasOwn(this.#fixed, name));
    if (reserved !== undefined)
      throw new TypeError(`${this.#name}: the state has "${reserved}", expected names that no widget has already.`);
    this.#check(`new ${this.#name}`, state);
    this.#traits = new Traits(state);
    this.#validate = validate;
    this.#owner = {
      name: this.#name,
      fullState: () => ({ ...this.#traits.all(), ...snapshot?.(), ...this.#fixed }),
      values: (names) => this.#valuesOf(names),
      receive: (values) => this.#receive(values as Partial<State>),
      message: (content, buffers) =>
        callAll([...this.#messageListeners].map((listener) => () => listener(content as Message, buffers))),
    };
    this.#model = new WidgetModel(this.#owner);
  }

  /** The id of its model in the page, which is made now if it has not been yet; nothing outside of a notebook. */
  get modelId(): string | undefined {
    return this.#model.id;
  }

  /** Whether it has been closed, here or in the page. */
  get closed(): boolean {
    return this.#model.closed;
  }

  /** The value of a name. One changed inside, such as an array, must be `set` again for the page to see it. */
  get<Name extends keyof State & string>(name: Name): State[Name] {
    this.#know("get", name);
    return this.#traits.get(name);
  }

  /**
   * Sets some of the values. Listeners hear of those that are new, at once; the page hears of them together with all
   * others set in the same run of code, once. A value that equals the one before is no change, unless it is the very
   * same object: that counts as changed inside.
   * @throws TypeError for a name that it does not have, or a value that JSON cannot hold.
   */
  set(values: Partial<State>): void {
    for (const name of Object.keys(values)) this.#know("set", name);
    this.#check(`${this.#name}.set`, values);
    const { changed, tell } = this.#traits.assign(values, "kernel");
    this.#model.changed(changed as string[]);
    void tell();
  }

  /** Calls back when a value changes, with the value, the one before, and who changed it. @returns how to stop it. */
  on<Name extends keyof State & string>(name: Name, listener: ChangeListener<State[Name]>): () => void {
    this.#know("on", name);
    return this.#traits.on(name, listener);
  }

  /** Calls back with the widget's own messages from the page. @returns how to stop it. */
  onMessage(listener: WidgetMessageListener<Message>): () => void {
    this.#messageListeners.add(listener);
    return () => this.#messageListeners.delete(listener);
  }

  /**
   * Sends a message of the widget's own to the page, where `model.on("msg:custom", (content, buffers) => …)` gets it.
   * A view that is opened later does not: keep in the state what it needs.
   */
  send(content: unknown, buffers: NonNullable<CommOptions["buffers"]> = []): void {
    this.#model.custom(content, buffers);
  }

  /** Removes it from the page for good. Its values remain. */
  close(): void {
    this.#model.close();
    this.#views.clear();
  }

  /**
   * What stands for it where no kernel runs: on GitHub, on paper. A subclass that can draws a picture of its values,
   * for example `{ "image/svg+xml": … }`; it is saved in the notebook beside the live view.
   */
  protected picture(): MimeBundle | Promise<MimeBundle> {
    return {};
  }

  /** Has the picture drawn anew where the widget is shown. The live views there start anew, too: call it seldom. */
  protected pictureChanged(): void {
    for (const view of this.#views) view.changed();
  }

  /** How it is displayed. */
  [displaySymbol](view?: View): MimeBundle | Promise<MimeBundle> {
    const model_id = this.#model.id;
    if (view && !this.closed) this.#views.add(view);
    const live =
      model_id === undefined
        ? {}
        : { "application/vnd.jupyter.widget-view+json": { version_major: 2, version_minor: 0, model_id } };
    const complete = (picture: MimeBundle) => ({ "text/plain": inspect(this), ...picture, ...live });
    const picture = this.picture();
    return picture instanceof Promise ? picture.then(complete) : complete(picture);
  }

  /** Told by the kernel when cells begin and cease to show it. */
  [shownSymbol](shown: boolean): void {
    if (!this.closed) offered()?.widgets.keep(this.#owner, shown);
  }

  /** Printed, it shows its values. */
  [inspect.custom](_depth: number, options: object, print: typeof inspect): string {
    return `${this.#name} ${print(this.#traits.all(), options)}`;
  }

  get #name(): string {
    return this.constructor.name || "AnyWidget";
  }

  #valuesOf(names: Iterable<string>): Record<string, unknown> {
    const known = [...names].filter((name) => this.#traits.has(name));
    return Object.fromEntries(known.map((name) => [name, this.#traits.get(name as keyof State)]));
  }

  #receive(received: Partial<State>): unknown {
    const names = Object.keys(received) as (keyof State & string)[];
    let refused = names;
    try {
      const proposed = Object.fromEntries(
        names.map((name) => [name, inKindOf(this.#traits.get(name), received[name], name)]),
      ) as Partial<State>;
      const accepted = this.#validate?.(proposed) ?? proposed;
      for (const name of Object.keys(accepted)) this.#know("validate", name);
      this.#check(`${this.#name}.validate`, accepted);
      const { changed, tell } = this.#traits.assign(accepted, "page");
      const asSent = (name: keyof State) => accepted[name] === proposed[name] && Object.hasOwn(proposed, name);
      refused = [...new Set([...names, ...(changed as typeof names)])].filter((name) => !asSent(name));
      return tell();
    } finally {
      // The page believes what it has sent, until it is told otherwise.
      this.#model.changed(refused);
    }
  }

  #know(method: string, name: string): void {
    if (this.#traits.has(name)) return;
    const names = this.#traits.names().join(", ") || "none: its state is empty";
    throw new TypeError(`${this.#name}.${method}: there is no "${name}", expected one of ${names}.`);
  }

  #check(who: string, values: object): void {
    const missing = Object.entries(values).find(([, value]) => value === undefined);
    if (missing) throw new TypeError(`${who}: ${missing[0]} is undefined, expected a value. Use null.`);
    toJson(values, who, "state", () => undefined);
  }
}
