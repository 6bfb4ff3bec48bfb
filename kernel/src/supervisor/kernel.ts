import { randomUUID } from "node:crypto";
import { CommTable } from "../comm/comm-table.ts";
import type {
  CompleteReply,
  CompleteRequest,
  ExecuteRequest,
  HistoryRequest,
  InspectReply,
  InspectRequest,
  IsCompleteReply,
  MimeData,
  Status,
} from "../protocol/messages.ts";
import type { ConnectionInfo } from "../wire/connection.ts";
import type { Header, JsonObject } from "../wire/message.ts";
import { pointsFromUnits, unitsFromPoints } from "./cursor.ts";
import { Executor } from "./executor.ts";
import { History } from "./history.ts";
import { kernelInfo } from "./kernel-info.ts";
import { LanguageProcess } from "./language-process.ts";
import { RuntimeHost } from "./runtime-host.ts";
import { KernelSockets, type Request } from "./sockets.ts";
import { StreamCoalescer } from "./streams.ts";

/** A kernel: answers every request of the protocol, on its own or through the runtime and the language process. */
export class Kernel {
  readonly #sockets: KernelSockets;
  readonly #streams: StreamCoalescer;
  readonly #language = new LanguageProcess();
  readonly #runtime: RuntimeHost;
  readonly #history = new History();
  readonly #executor: Executor;
  readonly #comms: CommTable;
  readonly #onShutdown: () => void;

  constructor(connection: ConnectionInfo, onShutdown: () => void) {
    this.#onShutdown = onShutdown;
    this.#sockets = new KernelSockets(connection, randomUUID());
    this.#streams = new StreamCoalescer((content, parent, metadata) => {
      void this.#sockets.publish("stream", content, parent, { ...metadata });
    });
    this.#runtime = new RuntimeHost(this.#streams, {
      display: ({ type, data, metadata, displayId }, parent) => this.#display(type, data, metadata, displayId, parent),
      clear: (wait, parent) => this.#publish("clear_output", { wait }, parent),
      lost: (why) => this.#lost(why),
      comm: (frame, parent) => this.#comms.send(frame, parent),
      commTarget: (frame) => this.#comms.setTarget(frame),
    });
    this.#comms = new CommTable({
      publish: (type, content, parent, metadata, buffers) => this.#publish(type, content, parent, metadata, buffers),
      complain: (text, parent) => this.#publish("stream", { name: "stderr", text }, parent),
      deliver: (event, parent) => this.#runtime.deliver(event, parent),
      settled: () => Promise.all([this.#executor.settled, this.#runtime.ready]),
    });
    this.#executor = new Executor({
      language: this.#language,
      runtime: this.#runtime,
      history: this.#history,
      output: {
        publish: (type, content, parent) => this.#publish(type, content, parent),
        status: (state, parent) => this.#status(state, parent),
        reply: (request, content) => {
          this.#streams.flush();
          void this.#sockets.reply(request, "execute_reply", content);
        },
      },
    });
  }

  async start(): Promise<void> {
    await this.#sockets.open((request) => void this.#handle(request));
    this.#status("starting", undefined);
  }

  interrupt(): void {
    this.#executor.interrupt();
  }

  async close(): Promise<void> {
    this.#runtime.close();
    this.#language.close();
    await this.#sockets.close();
  }

  async #handle(request: Request): Promise<void> {
    const { header } = request;
    if (header.msg_type === "execute_request" && typeof request.content.code === "string") {
      this.#executor.enqueue({ ...request, content: executeRequest(request.content) });
      return;
    }
    this.#status("busy", header);
    try {
      await this.#answer(request);
    } catch (error) {
      const evalue = error instanceof Error ? error.message : String(error);
      const content = { status: "error", ename: "KernelError", evalue, traceback: [evalue] };
      void this.#sockets.reply(request, header.msg_type.replace(/_request$/, "_reply"), content);
    } finally {
      this.#status("idle", header);
      // A client that shows one state for the kernel must not take this idle for the end of the running cell.
      if (this.#executor.current) this.#status("busy", this.#executor.current);
    }
  }

  async #answer(request: Request): Promise<void> {
    const content: unknown = request.content;
    const reply = (type: string, answer: object) => this.#sockets.reply(request, type, answer);
    switch (request.header.msg_type) {
      case "kernel_info_request":
        await reply("kernel_info_reply", kernelInfo());
        break;
      case "execute_request":
        throw new Error("execute_request: code is missing, expected a string.");
      case "complete_request":
        await reply("complete_reply", await this.#complete(content as CompleteRequest));
        break;
      case "inspect_request":
        await reply("inspect_reply", await this.#inspect(content as InspectRequest));
        break;
      case "is_complete_request":
        await reply("is_complete_reply", await this.#isComplete((content as { code: string }).code));
        break;
      case "history_request":
        await reply("history_reply", { status: "ok", history: this.#history.find(content as HistoryRequest) });
        break;
      case "comm_info_request":
        await reply("comm_info_reply", {
          status: "ok",
          comms: this.#comms.info((content as { target_name?: unknown }).target_name),
        });
        break;
      case "comm_open":
      case "comm_msg":
      case "comm_close":
        await this.#comms.receive(request);
        break;
      case "interrupt_request":
        this.interrupt();
        await reply("interrupt_reply", { status: "ok" });
        break;
      case "shutdown_request": {
        const answer = { status: "ok", restart: (content as { restart?: boolean }).restart === true };
        await reply("shutdown_reply", answer);
        this.#publish("shutdown_reply", answer, request.header);
        setImmediate(this.#onShutdown);
      }
    }
  }

  async #complete({ code, cursor_pos }: CompleteRequest): Promise<CompleteReply> {
    const cursor = unitsFromPoints(code, cursor_pos);
    const { start, end, candidates } = await this.#language.ask("complete", this.#executor.declarations, code, cursor);
    const cursor_start = pointsFromUnits(code, start);
    const cursor_end = pointsFromUnits(code, end);
    const types = candidates.map(({ name, kind }) => ({
      text: name,
      type: kind,
      start: cursor_start,
      end: cursor_end,
    }));
    return {
      status: "ok",
      matches: candidates.map(({ name }) => name),
      cursor_start,
      cursor_end,
      metadata: { _jupyter_types_experimental: types },
    };
  }

  async #inspect({ code, cursor_pos, detail_level }: InspectRequest): Promise<InspectReply> {
    const cursor = unitsFromPoints(code, cursor_pos);
    const found = await this.#language.ask("inspect", this.#executor.declarations, code, cursor);
    if (!found) return { status: "ok", found: false, data: {}, metadata: {} };
    const { signature, documentation } = found;
    const notes = detail_level === 1 ? found.tags : "";
    const text = [signature, documentation, notes].filter(Boolean).join("\n\n");
    const markdown = ["```typescript", signature, "```", documentation, notes].join("\n");
    return { status: "ok", found: true, data: { "text/plain": text, "text/markdown": markdown }, metadata: {} };
  }

  async #isComplete(code: string): Promise<IsCompleteReply> {
    return this.#language.ask("isComplete", code);
  }

  #display(
    kind: "display" | "update" | "result",
    data: MimeData,
    metadata: JsonObject,
    id: string | undefined,
    parent: Header | undefined,
  ): void {
    const content = { data, metadata, transient: id === undefined ? {} : { display_id: id } };
    if (kind === "display") this.#publish("display_data", content, parent);
    else if (kind === "update") this.#publish("update_display_data", content, parent);
    else {
      const text = data["text/plain"];
      if (typeof text === "string") this.#history.setOutput(text);
      this.#publish("execute_result", { ...content, execution_count: this.#executor.count }, parent);
    }
  }

  #lost(why: string): void {
    this.#executor.forget();
    this.#comms.closeAll(this.#executor.current);
    const text = `The runtime died: ${why}. All variables are gone; a fresh runtime has been started.\n`;
    if (!this.#executor.current) void this.#sockets.publish("stream", { name: "stderr", text }, undefined);
  }

  #publish(
    type: string,
    content: object,
    parent: Header | undefined,
    metadata: JsonObject = {},
    buffers: readonly Uint8Array[] = [],
  ): void {
    this.#streams.flush();
    void this.#sockets.publish(type, content, parent, metadata, buffers);
  }

  #status(execution_state: Status["execution_state"], parent: Header | undefined): void {
    this.#publish("status", { execution_state } satisfies Status, parent);
  }
}

function executeRequest(content: JsonObject): ExecuteRequest {
  const { code, silent, store_history, user_expressions, allow_stdin, stop_on_error } =
    content as Partial<ExecuteRequest>;
  return {
    code: code ?? "",
    silent: silent === true,
    store_history: silent !== true && store_history !== false,
    user_expressions: user_expressions ?? {},
    allow_stdin: allow_stdin === true,
    stop_on_error: stop_on_error !== false,
  };
}
