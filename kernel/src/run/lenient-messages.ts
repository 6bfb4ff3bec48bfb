import { type KernelMessage, ServerConnection } from "@jupyterlab/services";
import type { Header, Message } from "../wire/index.ts";
import { isObject } from "./notebook.ts";

/** Turns messages into what goes over a WebSocket and back. */
type Serializer = ServerConnection.ISettings["serializer"];

/** What the content of a publication must hold, and what stands for it where a kernel leaves it out. */
const NEEDED: Readonly<Record<string, Readonly<Record<string, string | boolean | object>>>> = {
  stream: { name: "stdout", text: "" },
  display_data: { data: {}, metadata: {} },
  execute_input: { code: "" },
  execute_result: { data: {}, metadata: {} },
  error: { ename: "", evalue: "", traceback: [] },
  clear_output: { wait: false },
  comm_open: { comm_id: "", target_name: "", data: {} },
  comm_msg: { comm_id: "", data: {} },
  comm_close: { comm_id: "" },
  shutdown_reply: { restart: false },
};

const STATES = ["starting", "idle", "busy", "restarting", "dead"];

/**
 * Reads messages so that none of them can end the program: the client library throws, out of everybody's reach, at a
 * message that is not quite what the protocol says.
 *
 * A kernel that the server starts anew is told of as dead: what the notebook had in it is gone.
 */
export function lenientSerializer(): Serializer {
  const { serialize, deserialize } = ServerConnection.makeSettings().serializer;
  return {
    serialize,
    deserialize(data, protocol) {
      let message: KernelMessage.IMessage;
      try {
        message = deserialize(data, protocol);
      } catch {
        message = {} as KernelMessage.IMessage;
      }
      return mended(message);
    },
  };
}

function mended(message: KernelMessage.IMessage): KernelMessage.IMessage {
  const header = { username: "", version: "", session: "", msg_id: "", msg_type: "unreadable", date: "" };
  const content: Record<string, unknown> = isObject(message.content) ? message.content : {};
  const whole = {
    ...message,
    channel: message.channel ?? "iopub",
    header: { ...header, ...message.header },
    parent_header: message.parent_header ?? {},
    metadata: isObject(message.metadata) ? message.metadata : {},
    content,
  };
  if (whole.channel === "iopub") {
    const type = whole.header.msg_type;
    for (const [name, otherwise] of Object.entries(NEEDED[type] ?? {}))
      if (typeof content[name] !== typeof otherwise || content[name] === null)
        Object.assign(content, { [name]: otherwise });
    if (type.startsWith("execute_") && typeof content.execution_count !== "number") content.execution_count = 0;
    if (type === "status") {
      if (content.execution_state === "restarting")
        Object.assign(content, { execution_state: "dead", restarting: true });
      if (!STATES.includes(String(content.execution_state))) content.execution_state = "busy";
    }
  }
  return whole as unknown as KernelMessage.IMessage;
}

/** A message of the client library as our own programs know messages. */
export function ofServices({ header, parent_header, metadata, content, buffers }: KernelMessage.IMessage): Message {
  return {
    identities: [],
    header: header as unknown as Header,
    parent: parent_header as unknown as Header,
    metadata: { ...metadata } as Message["metadata"],
    content: content as unknown as Message["content"],
    buffers: (buffers ?? []).map((view) =>
      view instanceof ArrayBuffer
        ? new Uint8Array(view)
        : new Uint8Array(view.buffer, view.byteOffset, view.byteLength),
    ),
  };
}
