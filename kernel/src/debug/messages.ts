import type { Debugger, Runtime } from "node:inspector";

/** Where expressions that the debugger evaluates find its support in the runtime, from inside any frame. */
export const debugSupportKey = "gradbook.debug";

/** From the supervisor to the control thread, which alone reaches V8's inspector while the main thread is stopped. */
export type InspectorCommand =
  | { readonly type: "inspector"; readonly action: "open" }
  | { readonly type: "inspector"; readonly action: "close" }
  | {
      readonly type: "inspector";
      readonly action: "post";
      readonly id: number;
      readonly method: string;
      readonly parameters: object | undefined;
    };

/** What the inspector reports of its own accord, as far as the debugger looks at it. */
export type InspectorEvent =
  | { readonly method: "Debugger.paused"; readonly params: Debugger.PausedEventDataType }
  | { readonly method: "Debugger.resumed" }
  | {
      readonly method: "Debugger.scriptParsed";
      readonly params: Pick<Debugger.ScriptParsedEventDataType, "scriptId" | "url">;
    }
  | { readonly method: "Debugger.breakpointResolved"; readonly params: Debugger.BreakpointResolvedEventDataType };

/** From the control thread to the supervisor. */
export type InspectorFrame =
  | { readonly type: "answer"; readonly id: number; readonly result?: unknown; readonly error?: string }
  | { readonly type: "event"; readonly event: InspectorEvent };

/** Values under this name are let go of together. */
export const objectGroup = "gradbook";

/** A value in the runtime, as the inspector describes it. */
export type RemoteValue = Runtime.RemoteObject;
