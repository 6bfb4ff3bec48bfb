import type { WidgetModel } from "@jupyter-widgets/base";
import { serialize_state as statesOf } from "@jupyter-widgets/base-manager";
import { WidgetManager } from "@jupyter-widgets/jupyterlab-manager";
import type { ICellModel, ICodeCellModel } from "@jupyterlab/cells";
import type { INotebookModel } from "@jupyterlab/notebook";

const viewType = "application/vnd.jupyter.widget-view+json";
const stateType = "application/vnd.jupyter.widget-state+json";

interface Saving extends Pick<WidgetManager, "context"> {
  _saveState(): void;
  readonly _modelsSync: ReadonlyMap<string, WidgetModel>;
}

const isCode = (cell: ICellModel): cell is ICodeCellModel => cell.type === "code";

/** The widgets that the notebook's outputs show. */
function* shownIn({ cells }: INotebookModel): Generator<string> {
  for (const cell of cells) {
    if (!isCode(cell)) continue;
    for (let i = 0; i < cell.outputs.length; i++) {
      const { model_id: id } = (cell.outputs.get(i).data[viewType] ?? {}) as { model_id?: string };
      if (id) yield id;
    }
  }
}

/** The widgets that a state refers to, as its children, its layout or within outputs of its own. */
function* namedIn(state: unknown): Generator<string> {
  for (const [, child, shown] of JSON.stringify(state).matchAll(/IPY_MODEL_([\w-]+)|"model_id":"([^"]+)"/g))
    yield child ?? shown!;
}

/**
 * Has a notebook saved with every widget that it shows. By itself the widget manager saves those alone of which a
 * kernel knows: whoever opened a notebook, or started its kernel anew, and then saved it lost the others for good.
 */
export function saveWhatIsShown(): void {
  const prototype = WidgetManager.prototype as unknown as Saving;
  prototype._saveState = function () {
    const notebook = this.context.model as unknown as INotebookModel;
    const live = [...this._modelsSync.values()].filter((model) => model.comm_live);
    const saved = statesOf(live, { drop_defaults: true });
    const states = saved.state as Record<string, { readonly state: unknown }>;
    const before = (notebook.getMetadata("widgets") as Record<string, typeof saved> | undefined)?.[stateType]?.state;
    const wanted = new Set([
      ...shownIn(notebook),
      ...Object.values(states).flatMap(({ state }) => [...namedIn(state)]),
    ]);
    for (const id of wanted) {
      if (id in states) continue;
      const model = this._modelsSync.get(id);
      const state = model ? statesOf([model], { drop_defaults: true }).state[id] : before?.[id];
      if (!state) continue;
      states[id] = state;
      for (const other of namedIn(state.state)) wanted.add(other);
    }
    notebook.setMetadata("widgets", { [stateType]: saved });
  };
}
