import type { CommFrame, CommHandledFrame, CommTargetFrame } from "../comm/messages.ts";
import type { InspectorCommand } from "../debug/messages.ts";
import type { ErrorContent, MimeData, UserExpressionReply } from "../protocol/messages.ts";
import type { Program } from "../session/messages.ts";
import type { JsonObject } from "../wire/message.ts";

/** A cell to run. Frames that it causes carry its number. */
export interface ExecuteCommand {
  readonly type: "execute";
  readonly cell: number;
  /** What error messages call it, for example `Cell [3]`. */
  readonly label: string;
  /** What the notebook calls the cell, the same at every run, where the client says so. */
  readonly notebookCell?: string;
  /** What comes of it is not shown as its result. */
  readonly silent?: boolean;
  /** Whether the client that sent it can be asked for input. */
  readonly allowStdin?: boolean;
  readonly program: Program;
  /** Expressions to evaluate once the cell has ended well. */
  readonly expressions: Readonly<Record<string, Program | ErrorContent>>;
}

/** From the supervisor to the runtime's main thread. */
export type MainCommand = ExecuteCommand | CommFrame;

/** From the supervisor to the runtime's control thread, which takes it while the main thread is busy. */
export type ControlCommand =
  | InspectorCommand
  /** Stops what the first `after` commands of the main thread have begun. */
  | { readonly type: "interrupt"; readonly after: number }
  /** What the user has typed in answer to a question. */
  | { readonly type: "answer"; readonly text: string };

export interface DisplayFrame {
  readonly type: "display" | "update" | "result";
  readonly cell: number;
  readonly data: MimeData;
  readonly metadata: JsonObject;
  readonly displayId?: string;
}

export interface StreamFrame {
  readonly type: "stream";
  readonly cell: number;
  readonly name: "stdout" | "stderr";
  readonly text: string;
  /** The error that the text shows, where nothing caught it. */
  readonly uncaught?: ErrorContent;
}

/** How a cell ended. */
export type Outcome =
  | { readonly status: "ok"; readonly expressions: Readonly<Record<string, UserExpressionReply>> }
  | {
      readonly status: "error";
      readonly error: ErrorContent;
      /** Which of the names that the cell declares have got a value. */
      readonly assigned: readonly string[];
    };

/** From the runtime to the supervisor. */
export type Frame =
  | { readonly type: "ready" }
  | StreamFrame
  | DisplayFrame
  | CommFrame
  | CommTargetFrame
  | CommHandledFrame
  | { readonly type: "clear"; readonly cell: number; readonly wait: boolean }
  /** The main thread waits until the user has answered. */
  | { readonly type: "question"; readonly cell: number; readonly prompt: string; readonly password: boolean }
  | { readonly type: "finished"; readonly cell: number; readonly outcome: Outcome }
  | { readonly type: "exit"; readonly code: number };
