import type { SavedModel, SavedWidgets } from "../saved-widgets.ts";
import { type Model, SharedState } from "./model.ts";

/** What a module in anywidget's form exports. */
interface Definition {
  initialize?(given: object): unknown;
  render?(given: object): unknown;
}

/** A widget that is ready to be drawn. */
interface Ready {
  readonly definition: Definition;
  /** What its `initialize` returned for other widgets. */
  readonly exports: unknown;
}

/** The widgets that the page holds, with their modules loaded when they are needed. */
export class Widgets {
  readonly #saved: SavedWidgets;
  readonly #states = new Map<string, SharedState>();
  readonly #ready = new Map<string, Promise<Ready>>();
  readonly #modules = new Map<number, Promise<Definition>>();
  readonly #styled = new Set<number>();

  constructor(saved: SavedWidgets) {
    this.#saved = saved;
  }

  /** Draws a view of a widget into an element. */
  async render(id: string, el: HTMLElement): Promise<void> {
    const { definition } = await this.prepare(id);
    await definition.render?.({ model: this.#model(id), el, host: this.#host, ...circumstances() });
  }

  readonly #host = {
    getModel: async (reference: string) => this.#model(named(reference)),
    getWidget: async (reference: string) => {
      const id = named(reference);
      const { exports } = await this.prepare(id);
      return { exports, render: ({ el }: { el: HTMLElement }) => this.render(id, el) };
    },
  };

  /** Loads a widget's module and has it initialise the widget, once. */
  prepare(id: string): Promise<Ready> {
    const known = this.#ready.get(id) ?? this.#initialize(id);
    this.#ready.set(id, known);
    return known;
  }

  async #initialize(id: string): Promise<Ready> {
    const { module, style } = this.#find(id);
    const loaded = this.#modules.get(module) ?? load(this.#saved.modules[module]!);
    this.#modules.set(module, loaded);
    const definition = await loaded;
    if (style !== undefined && !this.#styled.has(style)) {
      this.#styled.add(style);
      document.head.append(Object.assign(document.createElement("style"), { textContent: this.#saved.styles[style]! }));
    }
    const result = await definition.initialize?.({ model: this.#model(id), ...circumstances() });
    return { definition, exports: typeof result === "object" && result !== null ? result : undefined };
  }

  #model(id: string): Model {
    const state = this.#states.get(id) ?? new SharedState(valuesOf(this.#find(id)));
    this.#states.set(id, state);
    return state.model(async (other) => this.#model(other));
  }

  #find(id: string): SavedModel {
    const { models } = this.#saved;
    if (!Object.hasOwn(models, id)) throw new Error(`the page holds no widget ${JSON.stringify(id)}`);
    return models[id]!;
  }
}

/** What every call of a module's functions is given besides. No view is ever removed, and no kernel answers. */
function circumstances(): object {
  const invoke = () => Promise.reject(new Error("there is no kernel behind this page"));
  return { signal: new AbortController().signal, experimental: { invoke } };
}

function named(reference: string): string {
  return reference.replace(/^(anywidget:|IPY_MODEL_)/, "");
}

async function load(text: string): Promise<Definition> {
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const module = (await import(/* @vite-ignore */ url)) as Definition & { default?: Definition | (() => Definition) };
  URL.revokeObjectURL(url);
  if (module.render) return { render: module.render };
  const definition = typeof module.default === "function" ? await module.default() : module.default;
  if (!definition) throw new Error("the widget's module has no default export");
  return definition;
}

/** The state with its bytes in their places, as JupyterLab gives them: in views on their buffers. */
function valuesOf({ state, buffers }: SavedModel): Record<string, unknown> {
  const values = structuredClone(state) as Record<string, unknown>;
  for (const { path, data } of buffers) {
    let place: unknown = values;
    for (const key of path.slice(0, -1))
      place = Object.hasOwn(Object(place) as object, key) ? (place as Record<string, unknown>)[key] : undefined;
    if (typeof place !== "object" || place === null) continue;
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    const value = new DataView(bytes.buffer);
    Object.defineProperty(place, path.at(-1)!, { value, writable: true, enumerable: true, configurable: true });
  }
  return values;
}
