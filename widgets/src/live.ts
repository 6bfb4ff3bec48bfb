import type { MimeBundle, View } from "./display.ts";

/**
 * Under this symbol of `globalThis` a notebook kernel offers a function that makes live widgets, in anywidget's form:
 * values that kernel and page share, and an ES module that draws them in the page. Where it is missing, as in plain
 * Node, a widget is its static picture.
 */
const widgetSymbol: unique symbol = Symbol.for("Jupyter.widget");

/** What a live widget is made of. */
export interface LiveParts<State extends object> {
  readonly esm: URL;
  readonly css: URL;
  /** JSON, and typed arrays however deep inside. */
  readonly state: State;
  /** Looks at what the page wants to set; throws to refuse. */
  readonly validate?: (proposed: Partial<State>) => Partial<State>;
  /** Values that change too often to be set each time: asked for when a page wants to know everything. */
  readonly snapshot?: () => Partial<State>;
}

/** The kernel's end of a live widget. */
export interface LiveModel<State extends object, Message> {
  readonly closed: boolean;
  get<Name extends keyof State & string>(name: Name): State[Name];
  set(values: Partial<State>): void;
  on<Name extends keyof State & string>(
    name: Name,
    listener: (value: State[Name], old: State[Name], origin: "kernel" | "page") => unknown,
  ): () => void;
  onMessage(listener: (content: Message, buffers: readonly DataView[]) => unknown): () => void;
  send(content: unknown, buffers?: readonly (ArrayBufferView | ArrayBufferLike)[]): void;
  [key: symbol]: unknown;
}

type MakeLive = <State extends object, Message>(parts: LiveParts<State>) => LiveModel<State, Message>;

/** Makes a live widget where there is a notebook to show it. */
export function liveModel<State extends object, Message>(
  parts: LiveParts<State>,
): LiveModel<State, Message> | undefined {
  const make = (globalThis as { readonly [key: symbol]: MakeLive | undefined })[widgetSymbol];
  return make?.<State, Message>(parts);
}

/** The MIME type under which a page looks for the model of a live view. */
export const liveType = "application/vnd.jupyter.widget-view+json";

/** What the model's own bundle says of its live view, and nothing else. */
export async function liveBundle(model: object, display: symbol, view?: View): Promise<MimeBundle> {
  const bundle = await (model as { [key: symbol]: (view?: View) => MimeBundle | Promise<MimeBundle> })[display]!(view);
  return liveType in bundle ? { [liveType]: bundle[liveType] } : {};
}
