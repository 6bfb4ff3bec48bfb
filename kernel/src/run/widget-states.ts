import type { Message } from "../wire/index.ts";
import { isObject, type Json, type JsonObject, type Output } from "./notebook.ts";

/** The MIME type under which a notebook keeps the widgets it shows. */
export const WIDGETS_MIME = "application/vnd.jupyter.widget-state+json";

type Path = (string | number)[];

interface Widget {
  readonly state: JsonObject;
  /** Binary parts of the state, by their path in it. */
  readonly buffers: Map<string, Uint8Array>;
  /** What an output widget has captured. */
  readonly outputs: Output[];
  /** The request whose output it captures now. */
  captures: string;
}

/** Tells the kernel of a change that a front end made: content of a `comm_msg`. */
type Tell = (content: JsonObject) => void;

/**
 * Follows the widgets of a run, as a page would, so that the saved notebook shows them: their state, and what output
 * widgets capture.
 */
export class WidgetStates {
  readonly #widgets = new Map<string, Widget>();
  readonly #tell: Tell;

  constructor(tell: Tell = () => {}) {
    this.#tell = tell;
  }

  /** Takes a message from iopub; what concerns no widget changes nothing. */
  receive({ header, content, buffers }: Message): void {
    const { comm_id: id, data } = content;
    if (typeof id !== "string") return;
    const known = this.#widgets.get(id);
    if (header.msg_type === "comm_close") this.#widgets.delete(id);
    else if (header.msg_type === "comm_open" && content.target_name === "jupyter.widget") {
      const widget: Widget = { state: {}, buffers: new Map(), outputs: [], captures: "" };
      this.#widgets.set(id, widget);
      update(widget, data, buffers);
    } else if (header.msg_type === "comm_msg" && known && isObject(data)) {
      if (data.method === "update" || data.method === "echo_update") update(known, data, buffers);
    }
  }

  /** Where the output of a request goes when an output widget captures it. */
  capturing(request: string): Output[] | undefined {
    return this.#capturer(request)?.[1].outputs;
  }

  /** Tells the kernel what an output widget has captured, after something was added to it. */
  captured(request: string): void {
    const [id, widget] = this.#capturer(request) ?? [];
    if (id === undefined || !widget) return;
    const outputs = structuredClone(widget.outputs) as unknown as Json;
    this.#tell({ comm_id: id, data: { method: "update", state: { outputs }, buffer_paths: [] } });
  }

  /** What a notebook keeps in its metadata; nothing when there are no widgets. */
  toMetadata(): JsonObject | undefined {
    if (this.#widgets.size === 0) return undefined;
    const state = Object.fromEntries([...this.#widgets].map(([id, widget]) => [id, saved(widget)]));
    return { [WIDGETS_MIME]: { state, version_major: 2, version_minor: 0 } };
  }

  /** The widget that began last captures: they may stand inside each other. */
  #capturer(request: string): [string, Widget] | undefined {
    return [...this.#widgets].findLast(([, { captures }]) => request !== "" && captures === request);
  }
}

function update(widget: Widget, data: unknown, buffers: readonly Uint8Array[]): void {
  const { state, buffer_paths: paths = [] } = isObject(data) ? data : {};
  if (isObject(state)) {
    for (const [name, value] of Object.entries(state)) {
      widget.state[name] = value;
      // A value that is sent anew comes with all its binary parts.
      for (const path of widget.buffers.keys()) if ((JSON.parse(path) as Path)[0] === name) widget.buffers.delete(path);
    }
    if (typeof state.msg_id === "string") widget.captures = state.msg_id;
    if (Array.isArray(state.outputs) && state.outputs.length === 0) widget.outputs.length = 0;
  }
  if (!Array.isArray(paths)) return;
  for (const [index, path] of paths.entries()) {
    const buffer = buffers[index];
    if (Array.isArray(path) && buffer) widget.buffers.set(JSON.stringify(path), buffer);
  }
}

function saved({ state, buffers, outputs }: Widget): JsonObject {
  const { _model_name: name = "", _model_module: module = "", _model_module_version: version = "" } = state;
  const binary = [...buffers].map(([path, bytes]) => ({
    data: Buffer.from(bytes).toString("base64"),
    encoding: "base64",
    path: JSON.parse(path) as Json,
  }));
  return {
    model_module: module,
    model_module_version: version,
    model_name: name,
    state: name === "OutputModel" ? { ...state, outputs: outputs as unknown as Json } : state,
    ...(binary.length > 0 && { buffers: binary }),
  };
}
