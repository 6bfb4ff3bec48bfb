import type { DebugProtocol } from "@vscode/debugprotocol";
import type { ExecuteCommand } from "../runtime/messages.ts";
import type { JsonObject } from "../wire/message.ts";
import type { InspectorCommand, InspectorFrame } from "./messages.ts";
import { needsSession, type Requests, requestsOf, threadId } from "./requests.ts";
import { DebugSession, type Syntax } from "./session.ts";
import { DebuggedSources } from "./sources.ts";

export interface DebuggerParts {
  readonly syntax: Syntax;
  /** Sends a command to the runtime there is. */
  send(command: InspectorCommand): void;
  /** Publishes a `debug_event`, under the cell that is running. */
  publish(event: JsonObject): void;
  /** Makes a name known to later cells. */
  declare(name: string): void;
  /** Interrupts the running cell. */
  interrupt(): void;
}

/** The debug adapter of the kernel: answers `debug_request`, and publishes events, as clients of Jupyter expect. */
export class KernelDebugger {
  readonly #parts: DebuggerParts;
  readonly #sources = new DebuggedSources();
  readonly #session: DebugSession;
  readonly #requests: Requests;
  #queue: Promise<unknown> = Promise.resolve();
  #sequence = 0;

  constructor(parts: DebuggerParts) {
    this.#parts = parts;
    this.#session = new DebugSession(this.#sources, parts.syntax, {
      send: parts.send,
      stopped: ({ reason, description, text, breakpoints }) =>
        this.#emit("stopped", {
          reason,
          description,
          threadId,
          allThreadsStopped: true,
          ...(text !== undefined && { text }),
          ...(breakpoints.length > 0 && { hitBreakpointIds: breakpoints }),
        }),
      continued: () => this.#emit("continued", { threadId, allThreadsContinued: true }),
      breakpoint: (breakpoint) => this.#emit("breakpoint", { reason: "changed", breakpoint }),
    });
    const emit = (event: string, body?: object) => this.#emit(event, body);
    this.#requests = requestsOf({ session: this.#session, sources: this.#sources, emit, ...parts });
  }

  /** Answers a request of the debug adapter protocol; one that fails is answered with `success: false`. */
  async request(content: JsonObject): Promise<DebugProtocol.Response> {
    const { seq, command, arguments: given } = content as Partial<DebugProtocol.Request>;
    const name = String(command);
    const answer = { type: "response", request_seq: seq ?? 0, command: name };
    let after: (() => void) | undefined;
    try {
      const request = Object.hasOwn(this.#requests, name) ? this.#requests[name] : undefined;
      if (!request) throw new Error(`debugger: the command "${name}" is not known`);
      const answering = async () => {
        if (needsSession(name) && !this.#session.isDebugging)
          throw new Error(`debugger: it is not started, expected "initialize" before "${name}". Turn the debugger on.`);
        return request((given ?? {}) as JsonObject, (then) => {
          after = then;
        });
      };
      const body = await (needsSession(name) || name === "initialize" ? this.#inTurn(answering) : answering());
      return { ...answer, seq: ++this.#sequence, success: true, ...(body !== undefined && { body }) };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { ...answer, seq: ++this.#sequence, success: false, message, body: { error: { id: 1, format: message } } };
    } finally {
      // Events that a request causes follow its answer.
      if (after) setImmediate(after);
    }
  }

  /** Takes what a cell is about to run, and sets the breakpoints that wait for it. */
  async prepare({ cell, label, program, expressions }: Omit<ExecuteCommand, "type">): Promise<void> {
    const scripts = this.#sources.add(`gradbook:cell/${cell}`, label, program);
    for (const expression of Object.values(expressions))
      if (!("ename" in expression)) this.#sources.add(`gradbook:cell/${cell}/expression`, "Expression", expression);
    this.#session.endLooking();
    if (!this.#session.isDebugging) return;
    this.#session.execution.forgetStep();
    if (!this.#session.execution.stop) this.#session.variables.clear();
    await this.#session.breakpoints.install(scripts).catch(() => undefined);
  }

  receive(frame: InspectorFrame): void {
    this.#session.inspector.receive(frame);
  }

  /** The runtime died; debugging can be started again with the fresh one. */
  runtimeLost(): void {
    const { isDebugging } = this.#session;
    this.#session.lose();
    this.#sources.forgetScripts();
    if (isDebugging) this.#emit("terminated");
  }

  close(): void {
    this.#sources.close();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  #emit(event: string, body?: object): void {
    this.#parts.publish({ seq: ++this.#sequence, type: "event", event, ...(body && { body }) });
  }
}
