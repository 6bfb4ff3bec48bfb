import { unwinding } from "./uncaught.ts";

/**
 * From the control thread to the main thread, which answers with the sequence number once it has begun the first
 * `after` of the supervisor's commands.
 */
export type ControlMessage = { readonly sequence: number; readonly after: number } & (
  | { readonly type: "ping" }
  | { readonly type: "stop"; readonly stack?: string }
);

/** Where the control thread finds the function below, from inside a paused frame of any user code. */
export const busyInterruptKey = "gradbook.interrupt";

/**
 * Installs what the control thread calls in the frame where it has paused a busy main thread: it says `heeding`
 * when the code has asked for the abort signal and may go on for a while, else `unwinding`.
 */
export function installBusyInterrupt(interruptBusy: () => boolean): void {
  const fatal = process as unknown as { _fatalException(error: unknown, fromPromise: boolean): void };
  const interrupt = (force: boolean): "heeding" | "unwinding" => {
    if (!force && interruptBusy()) return "heeding";
    // Node keeps a stack of asynchronous contexts that only its handling of an uncaught error empties;
    // termination alone would leave it full, and Node aborts on the next timer.
    try {
      fatal._fatalException(unwinding, false);
    } catch {
      // Nothing to do: the frame ends next.
    }
    return "unwinding";
  };
  Object.defineProperty(globalThis, Symbol.for(busyInterruptKey), { value: interrupt });
}
