import { WidgetManager } from "@jupyter-widgets/jupyterlab-manager";

type Restore = WidgetManager["restoreWidgets"];

const turns = new WeakMap<WidgetManager, Promise<void>>();
const begun = new WeakSet<WidgetManager>();

/**
 * Has a notebook's widgets restored in one turn after another. A widget manager restores them when it is made, from the
 * kernel and from the notebook, and when the kernel is connected, from the kernel alone. On a slow machine the second
 * could overtake the first: the manager then took itself for restored, and saved widgets for lost.
 */
export function restoreInTurn(): void {
  const restore: Restore = WidgetManager.prototype.restoreWidgets;
  WidgetManager.prototype.restoreWidgets = function (notebook, what = { loadKernel: true, loadNotebook: true }) {
    const turn = (turns.get(this) ?? Promise.resolve()).then(async () => {
      if (this.isDisposed) return;
      // Until the first time has come to its end, whoever comes next has to see to what is saved as well.
      await restore.call(this, notebook, { ...what, loadNotebook: what.loadNotebook || !begun.has(this) });
      if (this.restoredStatus) begun.add(this);
    });
    turns.set(this, turn);
    return turn;
  };
}

/**
 * Has widgets found that were restored while the manager slept between two looks: after two seconds it would give up
 * without a last one, and say that there is no such widget.
 */
export function lookOnceMore(): void {
  const find = WidgetManager.prototype.get_model;
  WidgetManager.prototype.get_model = function (id) {
    return find.call(this, id).catch((error: unknown) => {
      if (this.has_model(id)) return find.call(this, id);
      throw error;
    });
  };
}
