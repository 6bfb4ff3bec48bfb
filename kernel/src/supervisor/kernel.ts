import { randomUUID } from "node:crypto";
import { CommTable } from "../comm/comm-table.ts";
import { KernelDebugger } from "../debug/debugger.ts";
import { errorText } from "../display/excerpt.ts";
import { History } from "../history/history.ts";
import type { MimeData, Status } from "../protocol/messages.ts";
import { checkedContent } from "../protocol/requests.ts";
import type { ConnectionInfo } from "../wire/connection.ts";
import type { Header, JsonObject, Message } from "../wire/message.ts";
import { kernelInfo } from "./kernel-info.ts";
import type { LanguageProcess } from "./language-process.ts";
import { LanguageRequests } from "./language-requests.ts";
import { NotebookState } from "./notebook-state.ts";
import { RuntimeHost } from "./runtime-host.ts";
import { Shells } from "./shells.ts";
import { KernelSockets, type Request } from "./sockets.ts";
import { StreamCoalescer } from "./streams.ts";
import { UsageMeter } from "./usage.ts";

/** A kernel: answers every request of the protocol, on its own or through the runtime and the language process. */
export class Kernel {
  readonly #sockets: KernelSockets;
  readonly #streams: StreamCoalescer;
  readonly #language: LanguageProcess;
  readonly #runtime: RuntimeHost;
  readonly #state: NotebookState;
  readonly #requests: LanguageRequests;
  readonly #shells: Shells;
  readonly #comms: CommTable;
  readonly #debugger: KernelDebugger;
  readonly #usage = new UsageMeter();
  /** The request whose cell waits for an answer. */
  #asking: Request<unknown> | undefined;
  readonly #onShutdown: () => void;

  constructor(connection: ConnectionInfo, language: LanguageProcess, onShutdown: () => void) {
    this.#language = language;
    this.#state = new NotebookState(language, new History());
    this.#requests = new LanguageRequests(language, () => this.#state.declarations);
    this.#onShutdown = onShutdown;
    this.#sockets = new KernelSockets(connection, randomUUID());
    this.#streams = new StreamCoalescer((content, parent, metadata) => {
      void this.#sockets.publish("stream", content, parent, { ...metadata });
    });
    this.#runtime = new RuntimeHost(this.#streams, {
      display: ({ type, data, metadata, displayId }, parent) => this.#display(type, data, metadata, displayId, parent),
      clear: (wait, parent) => this.#publish("clear_output", { wait }, parent),
      question: ({ prompt, password }, parent) => this.#ask({ prompt, password }, parent),
      prepare: (command) => this.#debugger.prepare(command),
      inspector: (frame) => this.#debugger.receive(frame),
      lost: (why, parent) => this.#lost(why, parent),
      comm: (frame, parent) => this.#comms.send(frame, parent),
      commTarget: (frame) => this.#comms.setTarget(frame),
    });
    this.#sockets.onPressure = (pressed) => this.#runtime.hold(pressed);
    this.#comms = new CommTable({
      publish: (type, content, parent, metadata, buffers) => this.#publish(type, content, parent, metadata, buffers),
      complain: (text, parent) => this.#publish("stream", { name: "stderr", text }, parent),
      deliver: (event, parent) => this.#runtime.deliver(event, parent),
      settled: () => Promise.all([this.#shells.main.settled, this.#runtime.ready]),
    });
    this.#shells = new Shells({
      language: this.#language,
      runtime: this.#runtime,
      state: this.#state,
      output: {
        publish: (type, content, parent) => this.#publish(type, content, parent),
        status: (state, parent) => this.#status(state, parent),
        reply: (request, content) => {
          this.#streams.flush();
          void this.#sockets.reply(request, "execute_reply", content);
        },
      },
    });
    this.#debugger = new KernelDebugger({
      syntax: (method, ...parameters) => this.#language.ask(method, ...parameters),
      send: (command) => this.#runtime.inspect(command),
      publish: (event) => this.#publish("debug_event", event, this.#shells.main.current?.header),
      declare: (name) => this.#shells.main.declare(name),
      interrupt: () => this.interrupt(),
    });
  }

  async start(): Promise<void> {
    await this.#sockets.open(
      (request) => void this.#handle(request),
      (message) => this.#takeAnswer(message),
    );
    this.#status("starting", undefined);
  }

  interrupt(): void {
    this.#shells.interrupt();
  }

  async close(): Promise<void> {
    this.#runtime.close();
    this.#debugger.close();
    this.#state.history.close();
    await this.#sockets.close();
  }

  async #handle(request: Request): Promise<void> {
    const { header } = request;
    try {
      if (header.msg_type === "execute_request") {
        const content = checkedContent("execute_request", request.content);
        this.#shells.of(header).enqueue({ ...request, content });
        return;
      }
      this.#status("busy", header);
      await this.#answer(request);
    } catch (error) {
      if (header.msg_type === "execute_request") this.#status("busy", header);
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      const content = { status: "error", ename: name, evalue: message, traceback: [message] };
      void this.#sockets.reply(request, header.msg_type.replace(/_request$/, "_reply"), content);
    }
    this.#status("idle", header);
    // A client that shows one state for the kernel must not take this idle for the end of the running cell.
    const { current } = this.#shells.main;
    if (current) this.#status("busy", current.header);
  }

  async #answer(request: Request): Promise<void> {
    const { content, header } = request;
    const type = header.msg_type;
    const reply = (answer: object) => this.#sockets.reply(request, type.replace(/_request$/, "_reply"), answer);
    switch (type) {
      case "kernel_info_request":
        return reply(kernelInfo());
      case "complete_request":
        return reply(await this.#requests.complete(checkedContent(type, content)));
      case "inspect_request":
        return reply(await this.#requests.inspect(checkedContent(type, content)));
      case "is_complete_request":
        return reply(await this.#requests.isComplete(checkedContent(type, content).code));
      case "history_request":
        return reply({ status: "ok", history: this.#state.history.find(checkedContent(type, content)) });
      case "comm_info_request":
        return reply({ status: "ok", comms: this.#comms.info(content.target_name) });
      case "comm_open":
      case "comm_msg":
      case "comm_close":
        return this.#comms.receive(request);
      case "create_subshell_request":
        return reply({ status: "ok", subshell_id: this.#shells.create() });
      case "delete_subshell_request":
        this.#shells.delete(checkedContent(type, content).subshell_id);
        return reply({ status: "ok" });
      case "list_subshell_request":
        return reply({ status: "ok", subshell_id: this.#shells.names });
      case "usage_request":
        return reply(await this.#measure());
      case "interrupt_request":
        this.interrupt();
        return reply({ status: "ok" });
      case "debug_request":
        return reply(await this.#debugger.request(content));
      case "shutdown_request": {
        const answer = { status: "ok", restart: checkedContent(type, content).restart };
        await reply(answer);
        this.#publish("shutdown_reply", answer, header);
        setImmediate(this.#onShutdown);
      }
    }
  }

  #ask(question: { prompt: string; password: boolean }, parent: Header | undefined): void {
    const request = this.#shells.requestOf(parent);
    if (!request) {
      // Nobody is there to be asked, and the cell must not wait for ever.
      this.#runtime.answer("");
      return;
    }
    this.#streams.flush();
    this.#asking = request;
    void this.#sockets.ask(request.identities, "input_request", question, request.header);
  }

  #takeAnswer({ identities, header, content }: Message): void {
    const asked = this.#asking?.identities[0];
    // Only whoever was asked can answer.
    if (header.msg_type !== "input_reply" || !asked || !Buffer.from(asked).equals(identities[0] ?? Buffer.alloc(0)))
      return;
    this.#asking = undefined;
    const { value } = content;
    this.#runtime.answer(typeof value === "string" ? value : "");
  }

  #measure(): Promise<object> {
    const pids = [process.pid, this.#runtime.pid, this.#language.pid];
    return this.#usage.measure(pids.filter((pid) => pid !== undefined));
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
      const execution_count = this.#shells.countOf(parent) ?? this.#state.count;
      if (typeof text === "string" && this.#shells.requestOf(parent)?.content.store_history)
        this.#state.history.setOutput(execution_count, text);
      this.#publish("execute_result", { ...content, execution_count }, parent);
    }
  }

  #lost(why: string, parent: Header | undefined): void {
    this.#state.forget();
    this.#asking = undefined;
    this.#comms.closeAll(this.#shells.main.current?.header);
    this.#debugger.runtimeLost();
    if (!parent) return;
    const evalue = `${why}. All variables are gone; a fresh runtime has been started.`;
    const uncaught = { ename: "RuntimeDied", evalue, traceback: [errorText("RuntimeDied", evalue)] };
    this.#streams.write("stderr", `${uncaught.traceback[0]}\n`, parent, uncaught);
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
