import { type Displayable, displaySymbol, type MimeBundle, type View } from "./display.ts";
import { withHtmlPicture } from "./picture/picture-html.ts";

/** A value that can be shown in several places and tells all of them when it has changed. */
export abstract class Widget implements Displayable {
  readonly #views = new Set<View>();

  /** The current picture; with a `view`, a place in a notebook, that view is told about every later change. */
  [displaySymbol](view?: View): MimeBundle | Promise<MimeBundle> {
    if (!view) return this.bundle();
    this.#views.add(view);
    const bundle = this.bundle();
    return bundle instanceof Promise ? bundle.then(withHtmlPicture) : withHtmlPicture(bundle);
  }

  /** The current picture in every form that a front end may choose from. */
  protected abstract bundle(): MimeBundle | Promise<MimeBundle>;

  protected changed(): void {
    this.tellViews("soon");
  }

  /** Has a fresh bundle asked for, soon or when the running cell ends. */
  protected tellViews(when: "soon" | "at rest"): void {
    for (const view of this.#views) view.changed(when);
  }
}
