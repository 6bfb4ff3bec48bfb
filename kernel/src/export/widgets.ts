import { isObject, type Json, type JsonObject } from "../run/notebook.ts";
import { WIDGETS_MIME } from "../run/widget-states.ts";
import type { SavedBuffer, SavedWidgets } from "./saved-widgets.ts";

/** The saved widgets of a notebook that are drawn by modules of their own, in anywidget's form. */
export class NotebookWidgets {
  readonly #saved: ReadonlyMap<string, JsonObject>;
  readonly #shown = new Set<string>();

  constructor(metadata: JsonObject) {
    const widgets = isObject(metadata.widgets) ? metadata.widgets[WIDGETS_MIME] : undefined;
    const states = isObject(widgets) && isObject(widgets.state) ? Object.entries(widgets.state) : [];
    this.#saved = new Map(states.filter((entry): entry is [string, JsonObject] => drawsItself(entry[1])));
  }

  /** Notes that the page shows the model of a view. @returns its id; nothing when it cannot be shown without a kernel. */
  show(view: Json | undefined): string | undefined {
    const id = isObject(view) ? view.model_id : undefined;
    if (typeof id !== "string" || !this.#saved.has(id)) return undefined;
    this.#shown.add(id);
    return id;
  }

  /** The models that the page shows, and those that they name; modules and style sheets that they share stand once. */
  toPage(): SavedWidgets | undefined {
    if (this.#shown.size === 0) return undefined;
    const modules: string[] = [];
    const styles: string[] = [];
    const models = [...this.#needed()].map((id) => {
      const { state, buffers } = this.#saved.get(id)!;
      const { _esm, _css, ...values } = state as JsonObject;
      const style = typeof _css === "string" && _css !== "" ? { style: numberOf(_css, styles) } : {};
      return [
        id,
        { module: numberOf(_esm as string, modules), ...style, state: values, buffers: validBuffers(buffers) },
      ] as const;
    });
    return { modules, styles, models: Object.fromEntries(models) };
  }

  #needed(): Set<string> {
    const needed = new Set(this.#shown);
    for (const id of needed) {
      const names = JSON.stringify(this.#saved.get(id)!.state).matchAll(/"(?:IPY_MODEL_|anywidget:)([^"\\]+)"/g);
      for (const [, named] of names) if (this.#saved.has(named!)) needed.add(named!);
    }
    return needed;
  }
}

function drawsItself(saved: Json): boolean {
  if (!isObject(saved) || !isObject(saved.state)) return false;
  const { _esm, _model_module: module = saved.model_module } = saved.state;
  return module === "anywidget" && typeof _esm === "string" && !/^https?:/.test(_esm);
}

function validBuffers(buffers: Json | undefined): SavedBuffer[] {
  const list = Array.isArray(buffers) ? buffers.filter(isObject) : [];
  return list.flatMap(({ path, data, encoding }) => {
    if (!Array.isArray(path) || path.length === 0 || typeof data !== "string") return [];
    const bytes = Buffer.from(data, encoding === "hex" ? "hex" : "base64");
    return [{ path: path.map((key) => (typeof key === "number" ? key : String(key))), data: bytes.toString("base64") }];
  });
}

function numberOf(text: string, texts: string[]): number {
  const known = texts.indexOf(text);
  return known >= 0 ? known : texts.push(text) - 1;
}
