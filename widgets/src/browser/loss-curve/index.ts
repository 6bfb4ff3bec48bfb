import { frame } from "../frame/frame.ts";
import type { PageModel, RenderProps } from "../frame/model.ts";
import { forget, storeOf } from "./store.ts";
import { CurveView } from "./view.ts";

/** Follows the kernel from the beginning, whether a view is open or not. */
function initialize({ model }: { readonly model: PageModel }): () => void {
  storeOf(model);
  return () => forget(model);
}

function render({ model, el }: RenderProps): () => void {
  const card = frame(el, { kind: "loss-curve", title: model.get<string>("title"), label: "loss curve" });
  new CurveView(card, model, storeOf(model));
  return card.end;
}

export default { initialize, render };
