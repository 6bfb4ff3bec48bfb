/** Content keyed by MIME type: strings and JSON values as they are, `Uint8Array` for binary content such as PNG. */
export type MimeBundle = Record<string, unknown>;

/** What a displayed value calls when its data have changed, so that it is asked for a fresh bundle. */
export interface View {
  /**
   * `"soon"`, if not said: at once, or a moment later where changes follow one another quickly. `"at rest"`: when the
   * running cell ends, or nothing has changed for a second. That is for values which the page follows in another way,
   * so that a fresh bundle is for the saved notebook only.
   */
  changed(when?: "soon" | "at rest"): void;
}

/** The method by which any value says how it is displayed. */
export const displaySymbol: unique symbol = Symbol.for("Jupyter.display");

/** An optional method of displayed values, called when the first place shows them and when none does any more. */
export const shownSymbol: unique symbol = Symbol.for("gradbook.shown");

/** A value that says how it is displayed. */
export interface Displayable {
  [displaySymbol](view?: View): MimeBundle | Promise<MimeBundle>;
  [shownSymbol]?(shown: boolean): void;
}

export interface DisplayOptions {
  /** The display's name: showing something else under the same name updates what stands there, too. */
  id?: string;
}

/** A display that can be changed later, from the same or another cell. */
export interface DisplayHandle {
  readonly id: string;
  /** Shows another value in the same place. */
  update(value: unknown): void;
  /** Empties the place. */
  clear(): void;
}

/** The function `display` of every cell. */
export interface Display {
  /**
   * Shows a value below the cell: a widget, tensor or picture as it wishes to be shown, anything else as text.
   * A value that changes later is shown anew in the same place.
   */
  (value: unknown, options?: DisplayOptions): DisplayHandle;
  /** Shows content given by MIME type, for example `display.mime({ "text/html": "<b>bold</b>" })`. */
  mime(bundle: MimeBundle, options?: DisplayOptions): DisplayHandle;
  /** Shows HTML. */
  html(text: string, options?: DisplayOptions): DisplayHandle;
  /** Shows formatted text, written in Markdown. */
  markdown(text: string, options?: DisplayOptions): DisplayHandle;
  /** Shows mathematics, written in LaTeX: `display.latex("$e^{i\\pi} = -1$")`. */
  latex(text: string, options?: DisplayOptions): DisplayHandle;
  /** Shows a drawing, written in SVG. */
  svg(text: string, options?: DisplayOptions): DisplayHandle;
  /** Shows data as a tree to look through, where the page can. */
  json(value: unknown, options?: DisplayOptions): DisplayHandle;
  /** Runs JavaScript in the page, where the page lets it. */
  javascript(code: string, options?: DisplayOptions): DisplayHandle;
  /** Removes what the cell has shown so far; with `wait`, when the next output comes. */
  clear(options?: { wait?: boolean }): void;
}

/** Whether a value says how it is displayed. */
export function isDisplayable(value: unknown): value is Displayable {
  if ((typeof value !== "object" || value === null) && typeof value !== "function") return false;
  try {
    return typeof (value as Partial<Displayable>)[displaySymbol] === "function";
  } catch {
    // A proxy or a getter that refuses: it says nothing.
    return false;
  }
}
