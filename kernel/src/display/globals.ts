import type { Display } from "./contract.ts";
import type { Prompt } from "./prompts.ts";

declare global {
  /**
   * Shows a value below the cell: a widget, tensor or picture as it wishes to be shown, anything else as text.
   * A value that changes later is shown anew in the same place.
   */
  var display: Display;
  /**
   * Asks for a line of text and waits for it, as in a browser. `prompt.password(…)` does not show what is typed.
   * @throws StdinNotAllowed when the client has no way to ask, as in a headless run.
   */
  var prompt: Prompt;
  /** Asks a question whose answer is yes or no; anything but `y` and `yes` is no. */
  var confirm: (message?: string) => boolean;
  /** Shows a message and waits until it has been read. */
  var alert: (message?: string) => void;
}
