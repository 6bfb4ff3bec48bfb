import { randomUUID } from "node:crypto";
import type { Header } from "../wire/message.ts";
import { Executor, type ExecutorParts } from "./executor.ts";

/**
 * The main shell and its subshells (Jupyter Enhancement Proposal 91). Their cells share all variables and take turns:
 * a subshell's cell runs while another shell's cell awaits something.
 */
export class Shells {
  readonly main: Executor;
  readonly #parts: ExecutorParts;
  readonly #subshells = new Map<string, Executor>();
  /** Deleted ones whose last cell still runs. */
  readonly #ending = new Set<Executor>();

  constructor(parts: ExecutorParts) {
    this.#parts = parts;
    this.main = new Executor(parts);
  }

  /** The names of all subshells. */
  get names(): string[] {
    return [...this.#subshells.keys()];
  }

  /** Opens a subshell; returns its name. */
  create(): string {
    const name = randomUUID();
    this.#subshells.set(name, new Executor(this.#parts));
    return name;
  }

  /** Ends a subshell: what is queued there is aborted, what runs goes on to its end. */
  delete(name: string): void {
    const executor = this.#find(name);
    executor.abortQueue();
    this.#subshells.delete(name);
    this.#ending.add(executor);
    void executor.settled.then(() => this.#ending.delete(executor));
  }

  /** The shell that a request is meant for. @throws Error when it names a subshell that is not there. */
  of({ subshell_id: name }: Header): Executor {
    return name == null ? this.main : this.#find(name);
  }

  /** The number of the cell whose request has this header, while it is executed. */
  countOf(header: Header | undefined): number | undefined {
    return this.#all.find(({ current }) => current?.header === header)?.currentCount;
  }

  /** The request whose header this is, while it is executed. */
  requestOf(header: Header | undefined): Executor["current"] {
    return this.#all.find(({ current }) => current?.header === header)?.current;
  }

  /** Ends the cells of all shells. */
  interrupt(): void {
    const { language, runtime } = this.#parts;
    const compiling = this.#all.filter((executor) => executor.interruptCompilation());
    // A compilation that takes long must not hold up the next cell.
    if (compiling.length > 0) language.interrupt();
    runtime.interrupt();
  }

  get #all(): Executor[] {
    return [this.main, ...this.#subshells.values(), ...this.#ending];
  }

  #find(name: string): Executor {
    const found = this.#subshells.get(name);
    if (found) return found;
    const there = this.names.length === 0 ? "there are none" : `there are ${this.names.join(", ")}`;
    throw new Error(`Subshell ${JSON.stringify(name)}: not found; ${there}. Ask for one with create_subshell_request.`);
  }
}
