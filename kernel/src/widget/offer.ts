import { AnyWidget, type WidgetOptions } from "./any-widget.ts";

/** The symbol of `globalThis` by which packages that do not know this kernel make live widgets. */
export const widgetSymbol: unique symbol = Symbol.for("Jupyter.widget");

/** Called by the runtime, once: packages of widgets find a function there that makes one from its parts. */
export function offerWidgets(): void {
  const make = <State extends object>(options: WidgetOptions<State>) => new AnyWidget(options);
  Object.defineProperty(globalThis, widgetSymbol, { value: make, configurable: true });
}
