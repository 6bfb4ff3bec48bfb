import type { Display } from "./contract.ts";

declare global {
  /**
   * Shows a value below the cell: a widget, tensor or picture as it wishes to be shown, anything else as text.
   * A value that changes later is shown anew in the same place.
   */
  var display: Display;
}
