/** What a package of widgets needs: `@gradbook/kernel/widget` loads no sockets and no runner. */
export type { Comm, CommListener, CommMessage, CommOptions, Comms } from "../comm/contract.ts";
export { comms } from "../comm/in-cell.ts";
export type { Display, Displayable, DisplayHandle, DisplayOptions, MimeBundle, View } from "../display/contract.ts";
export { display } from "../display/in-cell.ts";
export { AnyWidget, type WidgetMessageListener, type WidgetOptions } from "./any-widget.ts";
export type { ChangeListener, Origin } from "./traits.ts";
