import { type ISessionContext, SessionContext } from "@jupyterlab/apputils";
import { type INotebookCellExecutor, runCell } from "@jupyterlab/notebook";

/** For so long a cell waits for its kernel to be started, in milliseconds; then JupyterLab sees what it can do. */
const patience = 60_000;

/** Notebooks whose first kernel has been started, or asked for, or could not be. */
const settled = new WeakSet<object>();

/** What early cells of each notebook wait for. */
const waits = new WeakMap<object, Promise<void>>();

async function begun(context: ISessionContext): Promise<void> {
  const until = Date.now() + patience;
  while (!context.isReady && !context.isDisposed && !settled.has(context) && Date.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 50));
}

/**
 * Has cells wait that are run while their notebook's kernel is being started. JupyterLab takes them for done without
 * having run them: of what was run by somebody quicker than the machine, a part would never run.
 */
export function runEarlyCellsLater(plugins: readonly { id: string; activate?: unknown }[]): void {
  const executor = plugins.find(({ id }) => id === "@jupyterlab/notebook-extension:cell-executor");
  if (executor === undefined) return;
  const initialize = SessionContext.prototype.initialize;
  SessionContext.prototype.initialize = async function () {
    try {
      return await initialize.call(this);
    } finally {
      settled.add(this);
    }
  };
  executor.activate = (): INotebookCellExecutor =>
    Object.freeze({
      runCell: async (options: INotebookCellExecutor.IRunCellOptions) => {
        const { sessionContext: context } = options;
        // One wait for all cells of a notebook, so that they run in their order.
        if (context && (waits.has(context) || !context.isReady)) {
          const wait = waits.get(context) ?? begun(context);
          waits.set(context, wait);
          await wait;
        }
        // Whoever has closed the notebook, or loaded it anew, meanwhile: there is nothing to run any more.
        return options.cell.isDisposed ? false : runCell(options);
      },
    });
}
