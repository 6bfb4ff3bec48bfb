import { randomUUID } from "node:crypto";

/** The version of the Jupyter messaging protocol spoken here. */
export const protocolVersion = "5.4";

/** A JSON object whose shape is known only to its reader. */
export type JsonObject = Record<string, unknown>;

/** Who sent a message, when, and what kind it is. */
export interface Header {
  readonly msg_id: string;
  readonly session: string;
  readonly username: string;
  readonly date: string;
  readonly msg_type: string;
  readonly version: string;
  /** Which of the kernel's subshells a request on the shell channel is for; the main shell without one. */
  readonly subshell_id?: string | null;
}

/** One message of the Jupyter protocol. */
export interface Message<Content = JsonObject> {
  /** Routing frames in front of the message: the sender's identity on a router, the topic on iopub. */
  readonly identities: readonly Uint8Array[];
  readonly header: Header;
  /** The header of the message that caused this one; empty when there is none. */
  readonly parent: Header | Record<string, never>;
  readonly metadata: JsonObject;
  readonly content: Content;
  readonly buffers: readonly Uint8Array[];
}

/** A fresh header of the given kind. */
export function newHeader(type: string, session: string, username = "gradbook"): Header {
  return {
    msg_id: randomUUID(),
    session,
    username,
    date: new Date().toISOString(),
    msg_type: type,
    version: protocolVersion,
  };
}

/** A message with a fresh header; what is not given is empty. */
export function newMessage<Content extends object>(
  type: string,
  content: Content,
  session: string,
  more: Partial<Pick<Message, "identities" | "parent" | "metadata" | "buffers">> = {},
): Message<Content> {
  return {
    identities: more.identities ?? [],
    header: newHeader(type, session),
    parent: more.parent ?? {},
    metadata: more.metadata ?? {},
    content,
    buffers: more.buffers ?? [],
  };
}
