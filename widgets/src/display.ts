/**
 * How a value shows itself in a notebook: a method under this well-known symbol returns its MIME bundle.
 * The kernel knows the symbol, not the widgets.
 */
export const displaySymbol: unique symbol = Symbol.for("Jupyter.display");

/** MIME type → content. Strings and JSON are sent as they are; a `Uint8Array` is sent in base64. */
export type MimeBundle = Record<string, unknown>;

/**
 * One place in the notebook where a value is shown. Call `changed` when a fresh bundle would look different: soon, or
 * when the running cell ends, for a value that the page follows in another way.
 */
export interface View {
  changed(when?: "soon" | "at rest"): void;
}

/** A value that shows itself, once or live. */
export interface Displayable {
  [displaySymbol](view?: View): MimeBundle | Promise<MimeBundle>;
}
