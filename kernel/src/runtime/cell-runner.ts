import { Script } from "node:vm";
import type { Displays } from "../display/displays.ts";
import type { UserExpressionReply } from "../protocol/messages.ts";
import type { Program } from "../session/messages.ts";
import { CellScope } from "./cell-scope.ts";
import { send } from "./channel.ts";
import { activity, Execution, Interrupted } from "./execution.ts";
import type { ExecuteCommand, Outcome } from "./messages.ts";
import type { NotebookModules } from "./modules.ts";
import type { Sources } from "./sources.ts";
import type { Tracebacks } from "./tracebacks.ts";

type CellFunction = (exports: object, require: NodeJS.Require, cell: CellScope) => unknown;

/** How long code that heeds the abort signal has to end by itself, in milliseconds. */
const heedingTime = 1000;
/** How long a stopped cell has to unwind through its `finally` blocks, in milliseconds. */
const unwindingTime = 100;

/** Runs cells and keeps their variables; cells of several shells take turns while they await. */
export class CellRunner {
  /** What cells share. */
  readonly variables: Record<string, unknown> = {};
  readonly #sources: Sources;
  readonly #modules: NotebookModules;
  readonly #displays: Displays;
  readonly #tracebacks: Tracebacks;
  readonly #running = new Map<Execution, CellScope>();
  #last = 0;
  #lastNotebookCell = "";

  constructor(parts: { sources: Sources; modules: NotebookModules; displays: Displays; tracebacks: Tracebacks }) {
    this.#sources = parts.sources;
    this.#modules = parts.modules;
    this.#displays = parts.displays;
    this.#tracebacks = parts.tracebacks;
  }

  /** The number of the cell that caused what is running now, or of the last one. */
  get currentCell(): number {
    return activity.getStore()?.command.cell ?? this.#last;
  }

  /** What the notebook calls that cell; a name for this run alone where the client does not say. */
  get currentNotebookCell(): string {
    const execution = activity.getStore();
    return execution ? notebookCellOf(execution.command) : this.#lastNotebookCell;
  }

  /** The signal of the cell that is running. */
  get signal(): AbortSignal | undefined {
    return this.cell?.signal;
  }

  /** The cell that is running. */
  get cell(): Execution | undefined {
    return activity.getStore() ?? [...this.#running.keys()].at(-1);
  }

  /** Starts a cell; what comes of it goes to the supervisor. */
  start(command: ExecuteCommand): void {
    const execution = new Execution(command);
    const scope = new CellScope(execution, this.variables, this.#modules);
    this.#running.set(execution, scope);
    this.#last = command.cell;
    this.#lastNotebookCell = notebookCellOf(command);
    this.#displays.retire(this.#lastNotebookCell);
    activity.run(execution, () => {
      this.#run(command, scope).then(
        (outcome) => this.#finish(execution, outcome),
        (thrown: unknown) => this.#fail(execution, thrown),
      );
    });
  }

  /**
   * Asks all running cells to end: code that heeds the abort signal is left to end by itself for a while,
   * any other await throws at once, and so does everything when asked a second time.
   */
  interrupt(stack?: string): void {
    for (const execution of [...this.#running.keys()])
      if (stack === undefined && execution.abort()) setTimeout(() => this.#stop(execution), heedingTime);
      else this.#stop(execution, stack);
  }

  /** Called while a loop that lets nothing else run is held up: whether it is given time to end by itself. */
  interruptBusy(): boolean {
    let heeded = false;
    for (const execution of [...this.#running.keys()]) {
      if (!execution.abort()) continue;
      setTimeout(() => this.#stop(execution), heedingTime);
      heeded = true;
    }
    return heeded;
  }

  #stop(execution: Execution, stack?: string): void {
    if (!this.#running.has(execution)) return;
    const reason = new Interrupted(stack ?? execution.waitingAt);
    execution.stop(reason);
    // Its code may never run again, if it was stopped in the middle of a loop or awaits something that never comes.
    setTimeout(() => this.#fail(execution, reason), stack === undefined ? unwindingTime : 0);
  }

  async #run(command: ExecuteCommand, scope: CellScope): Promise<Outcome> {
    await this.#evaluate(command.program, scope, command.cell, command.label);
    const { result } = scope;
    if (!command.silent && result !== undefined && !this.#displays.isHandle(result))
      await this.#showResult(command.cell, result);
    const expressions: Record<string, UserExpressionReply> = {};
    for (const [name, program] of Object.entries(command.expressions))
      expressions[name] =
        "ename" in program ? { status: "error", ...program } : await this.#evaluateExpression(program);
    await this.#displays.settle();
    return { status: "ok", expressions };
  }

  async #evaluate(program: Program, scope: CellScope, cell: number | string, label: string): Promise<void> {
    this.#modules.addLocal(program.localModules, program.resolved);
    if (program.complaints) process.stderr.write(program.complaints);
    if (program.imports.length > 0) await this.#modules.prepare(program.imports);
    const file = `gradbook:cell/${cell}`;
    this.#sources.add(file, { name: label, isCell: true, map: program.map, text: program.source });
    // A cell may declare names like those of the outer function; those of its own parameters it may not.
    const head = `(__filename, __dirname) => (${program.async ? "async " : ""}function (exports, require, __cell) { "use strict";\n`;
    const script = new Script(`${head}${program.code}\n})`, { filename: file, lineOffset: -1 });
    const { filename, dirname } = scope.meta;
    const body = (script.runInThisContext() as (...names: string[]) => CellFunction)(filename, dirname);
    await body.call(undefined, this.variables, this.#modules.require, scope);
  }

  async #evaluateExpression(program: Program): Promise<UserExpressionReply> {
    const execution = activity.getStore();
    if (!execution) throw new Error("CellRunner: an expression was evaluated outside of a cell.");
    const scope = new CellScope(execution, this.variables, this.#modules);
    try {
      await this.#evaluate(program, scope, `${execution.command.cell}/expression`, "Expression");
      return { status: "ok", ...(await this.#displays.rendering(scope.result)) };
    } catch (thrown) {
      return { status: "error", ...this.#tracebacks.describe(thrown) };
    }
  }

  async #showResult(cell: number, value: unknown): Promise<void> {
    const { id, ...rendering } = await this.#displays.result(value);
    send({ type: "result", cell, ...rendering, ...(id === undefined ? {} : { displayId: id }) });
  }

  #fail(execution: Execution, thrown: unknown): void {
    const scope = this.#running.get(execution);
    if (!scope) return;
    const error = this.#tracebacks.describe(thrown);
    const finish = () => this.#finish(execution, { status: "error", error, assigned: scope.assigned });
    // Displays may wait for something that never comes: they must not keep the error from its cell.
    const patience = new Promise((resolve) => setTimeout(resolve, heedingTime).unref());
    Promise.race([this.#displays.settle(), patience]).then(finish, finish);
  }

  #finish(execution: Execution, outcome: Outcome): void {
    if (!this.#running.delete(execution)) return;
    execution.finished = true;
    send({ type: "finished", cell: execution.command.cell, outcome });
  }
}

function notebookCellOf({ cell, notebookCell }: Pick<ExecuteCommand, "cell" | "notebookCell">): string {
  return notebookCell ?? `run ${cell}`;
}
