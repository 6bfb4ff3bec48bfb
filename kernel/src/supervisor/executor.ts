import type {
  ErrorContent,
  ExecuteInput,
  ExecuteReply,
  ExecuteRequest,
  UserExpressionReply,
} from "../protocol/messages.ts";
import type { Program } from "../session/messages.ts";
import type { Header } from "../wire/message.ts";
import type { History } from "./history.ts";
import type { LanguageProcess } from "./language-process.ts";
import { LocalModuleStore } from "./local-modules.ts";
import { problemReport } from "./problem-report.ts";
import { neverStarted, type RuntimeHost } from "./runtime-host.ts";
import type { Request } from "./sockets.ts";

/** How long requests that a client sent together with a failing one may take to arrive, in milliseconds. */
const arrivalTime = 10;

export interface ExecutorOutput {
  publish(type: string, content: object, parent: Header): void;
  reply(request: Request<ExecuteRequest>, content: ExecuteReply): void;
  status(state: "busy" | "idle", parent: Header): void;
}

interface Compiled {
  readonly program: Program;
  readonly declarations: string;
  readonly expressions: Record<string, Program | ErrorContent>;
}

/** Executes one cell after another: checks and converts it, runs it, and keeps the declarations for the next. */
export class Executor {
  readonly #language: LanguageProcess;
  readonly #runtime: RuntimeHost;
  readonly #history: History;
  readonly #output: ExecutorOutput;
  #queue: Promise<void> = Promise.resolve();
  #received = 0;
  #abortedUpTo = 0;
  #count = 0;
  #declarations = "";
  #current: Header | undefined;
  #interrupted = false;
  readonly #localModules = new LocalModuleStore();
  #stage: "idle" | "compiling" | "running" = "idle";

  constructor(parts: { language: LanguageProcess; runtime: RuntimeHost; history: History; output: ExecutorOutput }) {
    this.#language = parts.language;
    this.#runtime = parts.runtime;
    this.#history = parts.history;
    this.#output = parts.output;
  }

  /** The declarations of all variables so far, for completion and inspection. */
  get declarations(): string {
    return this.#declarations;
  }

  /** The request that is being executed. */
  get current(): Header | undefined {
    return this.#current;
  }

  /** How many cells have been counted; the number that belongs to the latest result. */
  get count(): number {
    return this.#count;
  }

  /** Queues a cell. */
  enqueue(request: Request<ExecuteRequest>): void {
    const order = ++this.#received;
    this.#queue = this.#queue.then(() => this.#execute(request, order));
  }

  /** Stops the cell that is being executed. */
  interrupt(): void {
    if (this.#stage === "compiling") this.#interrupted = true;
    else this.#runtime.interrupt();
  }

  /** Forgets all variables: they went with their runtime. */
  forget(): void {
    this.#declarations = "";
    this.#localModules.forgetDeliveries();
  }

  async #execute(request: Request<ExecuteRequest>, order: number): Promise<void> {
    const { header, content } = request;
    this.#output.status("busy", header);
    this.#current = header;
    try {
      if (order <= this.#abortedUpTo) {
        this.#output.reply(request, { status: "aborted" });
        return;
      }
      if (content.store_history && !content.silent) {
        this.#count++;
        this.#history.add(this.#count, content.code);
      }
      if (!content.silent) {
        const input: ExecuteInput = { code: content.code, execution_count: this.#count };
        this.#output.publish("execute_input", input, header);
      }
      await this.#answer(request);
    } finally {
      this.#stage = "idle";
      this.#current = undefined;
      this.#output.status("idle", header);
    }
  }

  async #answer(request: Request<ExecuteRequest>): Promise<void> {
    const { header, content } = request;
    const execution_count = this.#count;
    const result = await this.#run(request);
    if ("expressions" in result) {
      const { expressions: user_expressions } = result;
      this.#output.reply(request, { status: "ok", execution_count, user_expressions, payload: [] });
      return;
    }
    if (!content.silent) this.#output.publish("error", result, header);
    if (content.stop_on_error) {
      await new Promise((resolve) => setTimeout(resolve, arrivalTime));
      this.#abortedUpTo = this.#received;
    }
    this.#output.reply(request, { status: "error", execution_count, ...result });
  }

  async #run({
    content,
    header,
    metadata,
  }: Request<ExecuteRequest>): Promise<ErrorContent | { expressions: Record<string, UserExpressionReply> }> {
    const label = content.silent ? "Cell" : `Cell [${this.#count}]`;
    this.#stage = "compiling";
    this.#interrupted = false;
    const before = this.#declarations;
    let compiled: Compiled | ErrorContent;
    try {
      compiled = await this.#compile(content, label);
    } catch (error) {
      return failure("ConversionFailed", error instanceof Error ? error.message : String(error));
    }
    if ("ename" in compiled) return compiled;
    if (this.#interrupted) return neverStarted;
    this.#stage = "running";
    const { declarations, expressions } = compiled;
    const program = { ...compiled.program, localModules: this.#localModules.deliver() };
    const { cellId } = metadata;
    const notebookCell = typeof cellId === "string" ? { notebookCell: cellId } : {};
    const command = { label, program, expressions, silent: content.silent, ...notebookCell };
    const end = await this.#runtime.execute(command, header);
    if (end.status === "ok") {
      this.#declarations = declarations;
      return { expressions: { ...end.expressions } };
    }
    if (end.status === "died")
      return failure("RuntimeDied", `${end.why}. All variables are gone; a fresh runtime has been started.`);
    const missed = program.declares.filter((name) => !end.assigned.includes(name));
    this.#declarations =
      missed.length > 0 ? await this.#language.ask("narrow", before, declarations, missed) : declarations;
    return end.error;
  }

  async #compile({ code, user_expressions }: ExecuteRequest, label: string): Promise<Compiled | ErrorContent> {
    const compiled = await this.#language.ask("compile", this.#declarations, code);
    if ("problems" in compiled) return problemReport(compiled.problems, label, code);
    this.#localModules.add(compiled.program.localModules);
    const expressions: Record<string, Program | ErrorContent> = {};
    for (const [name, expression] of Object.entries(user_expressions)) {
      const answer = await this.#language.ask("compile", compiled.declarations, expression);
      expressions[name] =
        "program" in answer ? answer.program : problemReport(answer.problems, "Expression", expression);
    }
    return { program: compiled.program, declarations: compiled.declarations, expressions };
  }
}

function failure(ename: string, evalue: string): ErrorContent {
  return { ename, evalue, traceback: [`${ename}: ${evalue}`] };
}
