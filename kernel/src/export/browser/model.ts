import { equal } from "./equal.ts";

type Listener = (...given: unknown[]) => unknown;
type Values = Record<string, unknown>;

/** Finds another model of the page by its id. */
export type FindModel = (id: string) => Promise<Model>;

/** A widget's values, which all its views share. */
export class SharedState {
  readonly #values: Map<string, unknown>;
  readonly #models = new Set<Model>();

  constructor(values: Values) {
    this.#values = new Map(Object.entries(values));
  }

  get(name: string): unknown {
    return this.#values.get(name);
  }

  set(values: Values): void {
    const changed = Object.entries(values).filter(([name, value]) => !equal(this.#values.get(name), value));
    for (const [name, value] of changed) this.#values.set(name, value);
    for (const [name, value] of changed) for (const model of this.#models) model.tell(`change:${name}`, value);
    if (changed.length > 0) for (const model of this.#models) model.tell("change");
  }

  /** A model for one user of the state: what it listens to is its own. */
  model(findModel: FindModel): Model {
    const model = new Model(this, findModel);
    this.#models.add(model);
    return model;
  }
}

/** What anywidget gives to a widget's module, without a kernel behind it: nothing is sent, and nothing comes. */
export class Model {
  readonly #state: SharedState;
  readonly #listeners = new Map<string, Listener[]>();
  readonly widget_manager: object;

  constructor(state: SharedState, findModel: FindModel) {
    this.#state = state;
    this.widget_manager = { get_model: findModel };
    // Modules may take the methods out of the object.
    for (const name of ["get", "set", "save_changes", "send", "on", "off"] as const)
      Object.defineProperty(this, name, { value: (this[name] as Listener).bind(this) });
  }

  get(name: string): unknown {
    return this.#state.get(name);
  }

  /** Takes a name and a value, or several in an object. */
  set(names: string | Values, value?: unknown): void {
    this.#state.set(typeof names === "string" ? { [names]: value } : names);
  }

  /** There is no kernel that could be told. */
  save_changes(): void {}

  send(): void {}

  on(events: string, listener: Listener): void {
    for (const event of events.split(/\s+/)) this.#listeners.set(event, [...this.#of(event), listener]);
  }

  /** Without a listener it ends all of an event, without an event all. */
  off(events?: string | null, listener?: Listener | null): void {
    for (const event of events?.split(/\s+/) ?? [...this.#listeners.keys()])
      this.#listeners.set(event, listener ? this.#of(event).filter((other) => other !== listener) : []);
  }

  /** Tells this user's listeners of an event; one that fails does not keep the others from it. */
  tell(event: string, ...given: unknown[]): void {
    for (const listener of this.#of(event)) {
      try {
        listener(this, ...given);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  #of(event: string): Listener[] {
    return this.#listeners.get(event) ?? [];
  }
}
