import type { JsonObject } from "../wire/message.ts";

/** Content keyed by MIME type. */
export type MimeData = Record<string, unknown>;

export interface KernelInfoReply {
  status: "ok";
  protocol_version: string;
  implementation: string;
  implementation_version: string;
  language_info: {
    name: string;
    version: string;
    mimetype: string;
    file_extension: string;
    pygments_lexer: string;
    codemirror_mode: JsonObject;
    nbconvert_exporter: string;
  };
  banner: string;
  help_links: { text: string; url: string }[];
  supported_features: string[];
  debugger: boolean;
}

/** An error as clients show it: a name, a message, and lines that may hold ANSI colours. */
export interface ErrorContent {
  ename: string;
  evalue: string;
  traceback: string[];
}

export interface DisplayContent {
  data: MimeData;
  metadata: JsonObject;
  transient?: { display_id?: string };
}

export type UserExpressionReply = ({ status: "ok" } & DisplayContent) | ({ status: "error" } & ErrorContent);

export type ExecuteReply =
  | {
      status: "ok";
      execution_count: number;
      user_expressions: Record<string, UserExpressionReply>;
      payload: JsonObject[];
    }
  | ({ status: "error"; execution_count: number } & ErrorContent)
  | { status: "aborted"; execution_count?: never };

export interface ExecuteInput {
  code: string;
  execution_count: number;
}

export interface Stream {
  name: "stdout" | "stderr";
  text: string;
}

/** What we say beside printed text, in the message's metadata: programs should not have to look for errors in it. */
export interface StreamMetadata {
  /** The errors shown in the text that nothing caught, and that made no cell fail. */
  uncaught?: readonly ErrorContent[];
}

export interface Status {
  execution_state: "starting" | "busy" | "idle";
}

export interface CompleteReply {
  status: "ok";
  matches: string[];
  cursor_start: number;
  cursor_end: number;
  metadata: JsonObject;
}

export interface InspectReply {
  status: "ok";
  found: boolean;
  data: MimeData;
  metadata: JsonObject;
}

export type IsCompleteReply = { status: "complete" | "invalid" | "unknown" } | { status: "incomplete"; indent: string };

/** One line of history: session, line number, and the input, or the input with its output. */
export type HistoryEntry = [session: number, line: number, source: string | [string, string | null]];
