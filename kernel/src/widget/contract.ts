import type { Comm } from "../comm/contract.ts";

/** A widget as the runtime knows it. */
export interface HostedWidget {
  /** Everything that a page has to know to show it, with typed arrays as they are. */
  fullState(): Record<string, unknown>;
}

/** The widgets of a runtime, by the comm that connects each to its model in the page. */
export interface WidgetRegistry {
  /** A page may ask for this widget from now on. The widget may be collected as garbage, which closes the comm. */
  add(widget: HostedWidget, comm: Comm): void;
  delete(widget: HostedWidget, comm: Comm): void;
  /** Keeps a widget that is shown, or lets it go. */
  keep(widget: HostedWidget, shown: boolean): void;
}
