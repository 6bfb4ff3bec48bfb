import type { RenderProps } from "../frame/model.ts";
import { LayerView } from "./layer-view.ts";

/** Filters and feature maps of the layers of a network. */
function render({ model, el }: RenderProps): () => void {
  const view = new LayerView(model, el);
  return () => view.end();
}

export default { render };
