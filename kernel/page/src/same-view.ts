import { WidgetRenderer } from "@jupyter-widgets/jupyterlab-manager";

type Render = WidgetRenderer["renderModel"];

/** What each place shows, or is about to. */
const rendered = new WeakMap<WidgetRenderer, { readonly id: string; readonly done: Promise<void> }>();

/**
 * Keeps a widget's view when only the picture beside it comes anew: for each such update JupyterLab would make another
 * view in the place of the one that the reader is looking at, and leave the old one working behind it.
 */
export function keepSameView(): void {
  const render: Render = WidgetRenderer.prototype.renderModel;
  WidgetRenderer.prototype.renderModel = function (model) {
    const { model_id: id } = (model.data[this.mimeType] ?? {}) as { model_id?: string };
    const earlier = rendered.get(this);
    // The update of a short cell comes while the first view is still being made.
    if (id && earlier?.id === id) return earlier.done;
    const views = this.widgets.length;
    const done = render.call(this, model).finally(() => {
      // Without a view it has told why, and may have another try.
      if (this.widgets.length === views && rendered.get(this)?.done === done) rendered.delete(this);
    });
    if (id) rendered.set(this, { id, done });
    return done;
  };
}
