import { errorText } from "../display/excerpt.ts";
import type { ErrorContent, ExecuteInput, ExecuteReply, Status, UserExpressionReply } from "../protocol/messages.ts";
import type { ExecuteRequest } from "../protocol/requests.ts";
import type { CompileResult, Program } from "../session/messages.ts";
import type { Header } from "../wire/message.ts";
import type { LanguageProcess } from "./language-process.ts";
import type { NotebookState } from "./notebook-state.ts";
import { problemReport } from "./problem-report.ts";
import { neverStarted, type RuntimeHost } from "./runtime-host.ts";
import type { Request } from "./sockets.ts";

/** How long requests that a client sent together with a failing one may take to arrive, in milliseconds. */
const arrivalTime = 10;

export interface ExecutorOutput {
  publish(type: string, content: object, parent: Header): void;
  reply(request: Request<unknown>, content: ExecuteReply): void;
  status(state: Status["execution_state"], parent: Header): void;
}

/** What an executor needs; all shells have the same. */
export interface ExecutorParts {
  readonly language: LanguageProcess;
  readonly runtime: RuntimeHost;
  readonly state: NotebookState;
  readonly output: ExecutorOutput;
}

/** The error of a cell that was interrupted when it had run. */
const unknownNames = failure(
  "KeyboardInterrupt",
  "the cell has run, but was interrupted before the types of its variables were known: later cells do not see them",
);

interface Compiled {
  readonly program: Program;
  /** All declarations after the cell; they are found out while it runs. */
  readonly declarations: Promise<string>;
  readonly expressions: Record<string, Program | ErrorContent>;
}

/** One shell: executes one cell after another, checks and converts it, runs it, and keeps what it declares. */
export class Executor {
  readonly #parts: ExecutorParts;
  #queue: Promise<void> = Promise.resolve();
  #received = 0;
  #abortedUpTo = 0;
  #current: { readonly request: Request<ExecuteRequest>; readonly count: number } | undefined;
  #interruptCompilation: (() => void) | undefined;

  constructor(parts: ExecutorParts) {
    this.#parts = parts;
  }

  /** The request that is being executed. */
  get current(): Request<ExecuteRequest> | undefined {
    return this.#current?.request;
  }

  /** The number of the cell that is being executed. */
  get currentCount(): number | undefined {
    return this.#current?.count;
  }

  /** Resolves when all cells received so far are over. */
  get settled(): Promise<void> {
    return this.#queue;
  }

  /** Makes a name, of whatever type, known to the cells that are not being executed yet. */
  declare(name: string): void {
    const code = `let ${name}: any;`;
    this.#queue = this.#queue.then(async () => {
      const { language, state } = this.#parts;
      const { declarations: before } = state;
      const compiled = await language.compile(before, code).catch(() => undefined);
      if (compiled && "program" in compiled)
        await state.declare(code, [before, compiled.declarations], [name]).catch(() => undefined);
    });
  }

  /** Queues a cell. */
  enqueue(request: Request<ExecuteRequest>): void {
    const order = ++this.#received;
    this.#queue = this.#queue.then(() => this.#execute(request, order));
  }

  /**
   * Ends a cell that has not got further than its compilation, and says whether there was one; once it runs, that is
   * for the runtime to do.
   */
  interruptCompilation(): boolean {
    const interrupt = this.#interruptCompilation;
    interrupt?.();
    return interrupt !== undefined;
  }

  /** Answers everything that is queued as aborted. */
  abortQueue(): void {
    this.#abortedUpTo = this.#received;
  }

  async #execute(request: Request<ExecuteRequest>, order: number): Promise<void> {
    const { header, content } = request;
    const { state, output } = this.#parts;
    try {
      if (order <= this.#abortedUpTo) {
        output.status("busy", header);
        output.reply(request, { status: "aborted" });
        return;
      }
      const counted = content.store_history && !content.silent;
      const count = counted ? state.countCell() : state.count;
      this.#current = { request, count };
      // The compiler gets to work first, and does while clients are told.
      const answered = this.#answer(request, count);
      output.status("busy", header);
      if (counted) state.history.add(count, content.code);
      if (!content.silent) {
        const input: ExecuteInput = { code: content.code, execution_count: count };
        output.publish("execute_input", input, header);
      }
      await answered;
    } finally {
      this.#current = undefined;
      output.status("idle", header);
    }
  }

  async #answer(request: Request<ExecuteRequest>, execution_count: number): Promise<void> {
    const { header, content } = request;
    const { output } = this.#parts;
    const result = await this.#run(request, execution_count).catch((error: unknown) =>
      failure("KernelError", error instanceof Error ? error.message : String(error)),
    );
    if ("expressions" in result) {
      const { expressions: user_expressions } = result;
      output.reply(request, { status: "ok", execution_count, user_expressions, payload: [] });
      return;
    }
    if (!content.silent) output.publish("error", result, header);
    if (content.stop_on_error) {
      await new Promise((resolve) => setTimeout(resolve, arrivalTime));
      this.abortQueue();
    }
    output.reply(request, { status: "error", execution_count, ...result });
  }

  async #run(
    request: Request<ExecuteRequest>,
    count: number,
  ): Promise<ErrorContent | { expressions: Record<string, UserExpressionReply> }> {
    const { content, header, metadata } = request;
    const { state, runtime } = this.#parts;
    const label = content.silent ? "Cell" : `Cell [${count}]`;
    let { declarations: before, generation } = state;
    let compiled = await this.#compileUnlessInterrupted(content, before, label);
    // The runtime has died meanwhile: what was compiled speaks of variables that are not there any more.
    while (state.generation !== generation) {
      ({ declarations: before, generation } = state);
      compiled = await this.#compileUnlessInterrupted(content, before, label);
    }
    if ("ename" in compiled) return compiled;
    const { expressions } = compiled;
    const program = { ...compiled.program, localModules: state.localModules.deliver() };
    const { cellId } = metadata;
    const notebookCell = typeof cellId === "string" ? { notebookCell: cellId } : {};
    const { silent, allow_stdin: allowStdin } = content;
    const end = await runtime.execute({ label, program, expressions, silent, allowStdin, ...notebookCell }, header);
    if (end.status === "died")
      return failure("RuntimeDied", `${end.why}. All variables are gone; a fresh runtime has been started.`);
    const missed = end.status === "ok" ? [] : program.declares.filter((name) => !end.assigned.includes(name));
    const declarations = await this.#unlessInterrupted(compiled.declarations, unknownNames);
    // What the cell itself has thrown says more.
    if (typeof declarations !== "string") return end.status === "ok" ? declarations : end.error;
    if (state.generation === generation)
      await state.declare(content.code, [before, declarations], program.declares, missed);
    return end.status === "ok" ? { expressions: { ...end.expressions } } : end.error;
  }

  #compileUnlessInterrupted(
    content: ExecuteRequest,
    declarations: string,
    label: string,
  ): Promise<Compiled | ErrorContent> {
    return this.#unlessInterrupted(this.#compile(content, declarations, label), neverStarted);
  }

  /** What comes of the language process, or why nothing does. */
  #unlessInterrupted<T>(work: Promise<T>, otherwise: ErrorContent): Promise<T | ErrorContent> {
    const interrupted = new Promise<ErrorContent>((resolve) => {
      this.#interruptCompilation = () => resolve(otherwise);
    });
    const done = work.catch((error: unknown) =>
      failure("ConversionFailed", error instanceof Error ? error.message : String(error)),
    );
    return Promise.race([interrupted, done]).finally(() => {
      this.#interruptCompilation = undefined;
    });
  }

  async #compile(
    { code, user_expressions }: ExecuteRequest,
    declarations: string,
    label: string,
  ): Promise<Compiled | ErrorContent> {
    const { language, state } = this.#parts;
    let compilation: Promise<CompileResult>;
    const early = new Promise<{ readonly program: Program }>((resolve) => {
      compilation = language.compile(declarations, code, (program) => resolve({ program }));
    });
    const compiled = await Promise.race([early, compilation!]);
    if ("problems" in compiled) return problemReport(compiled.problems, label, code);
    const { program } = compiled;
    state.localModules.add(program.localModules);
    const after = compilation!.then((result) => ("declarations" in result ? result.declarations : declarations));
    // Where the runtime dies, nobody asks for them any more.
    after.catch(() => undefined);
    const expressions: Record<string, Program | ErrorContent> = {};
    for (const [name, expression] of Object.entries(user_expressions ?? {})) {
      const answer = await language.compile(await after, expression);
      expressions[name] =
        "program" in answer ? answer.program : problemReport(answer.problems, "Expression", expression);
    }
    return { program, declarations: after, expressions };
  }
}

function failure(ename: string, evalue: string): ErrorContent {
  return { ename, evalue, traceback: [errorText(ename, evalue)] };
}
