import { WidgetRenderer } from "@jupyter-widgets/jupyterlab-manager";

type Render = WidgetRenderer["renderModel"];

const rendered = new WeakMap<WidgetRenderer, string>();

/**
 * Keeps a widget's view when only the picture beside it comes anew: for each such update JupyterLab would make another
 * view in the place of the one that the reader is looking at, and leave the old one working behind it.
 */
export function keepSameView(): void {
  const render: Render = WidgetRenderer.prototype.renderModel;
  WidgetRenderer.prototype.renderModel = async function (model) {
    const { model_id: id } = (model.data[this.mimeType] ?? {}) as { model_id?: string };
    // A renderer without views has told why, and may have another try.
    if (id && rendered.get(this) === id && this.widgets.length > 0 && !this.widgets[0]?.isDisposed) return;
    if (id) rendered.set(this, id);
    await render.call(this, model);
  };
}
