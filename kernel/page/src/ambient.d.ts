// The generated list of JupyterLab's plugins, and modules without types of their own.
declare module "gradbook-plugins" {
  export const extensions: [string, { default?: unknown }][];
  export const mimeExtensions: [string, { default?: unknown }][];
}
declare module "*.svg" {
  const source: string;
  export default source;
}
declare module "*.css";
declare const ANYWIDGET_VERSION: string;
declare module "anywidget" {
  import type * as base from "@jupyter-widgets/base";

  /** Makes the model and the view of widgets that bring their own module. */
  const create: (widgets: typeof base) => Record<string, unknown>;
  export default create;
}
