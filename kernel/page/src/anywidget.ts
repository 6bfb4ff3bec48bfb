import * as base from "@jupyter-widgets/base";
import type { JupyterFrontEndPlugin } from "@jupyterlab/application";
import create from "anywidget";

/** Widgets whose module comes with their state: those of ours, and anybody's. */
export const anywidget: JupyterFrontEndPlugin<void> = {
  id: "gradbook:anywidget",
  description: "Shows widgets that bring their own module (anywidget).",
  autoStart: true,
  requires: [base.IJupyterWidgetRegistry],
  activate: (_app, registry: base.IJupyterWidgetRegistry) => {
    registry.registerWidget({ name: "anywidget", version: ANYWIDGET_VERSION, exports: create(base) as never });
  },
};
