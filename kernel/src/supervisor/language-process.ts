import { type ChildProcess, fork } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { CompileResult, LanguageReply, LanguageRequest, LanguageService, Program } from "../session/messages.ts";
import { buildInBackground, isUsable, languageFlags, snapshotFile } from "../session/snapshot.ts";

const entry = fileURLToPath(new URL("../session/main.js", import.meta.url));
/** When the start-up snapshot that is missing gets built: after the user's first cells, in milliseconds. */
const leisure = 4000;
/** How many ends of the process a request may see before it counts as their cause; others may kill it, too. */
const tolerated = { killed: 5, failed: 1 };
/** How often in a row the process may end before it has started up. */
const stillborn = 20;
/** How long an answer may take, in milliseconds. */
const patienceWith = (method: keyof LanguageService) => (method === "compile" ? 120_000 : 20_000);
/** How much of a running compilation an interrupt waits for rather than start the process anew, in milliseconds. */
const nearlyDone = 200;

interface Waiting {
  readonly request: LanguageRequest;
  resolve(result: unknown): void;
  reject(error: Error): void;
  /** How many processes have ended with it. */
  ends: number;
  /** The program of the cell to be compiled, as soon as there is one. */
  program?: Program;
  readonly onProgram: ((program: Program) => void) | undefined;
}

export interface LanguageProcessOptions {
  /** The file of the start-up snapshot; nothing for none. */
  readonly snapshot?: string | undefined;
}

/** TypeScript in a process of its own, so that it answers while cells run; started again should it fail. */
export class LanguageProcess {
  readonly #snapshot: string | undefined;
  #child: ChildProcess | undefined;
  #sequence = 0;
  #stillborn = 0;
  #closed = false;
  readonly #waiting: Waiting[] = [];
  /** What the process is working on; one at a time, so that cells need not wait for all that was asked before. */
  #current: Waiting | undefined;
  #limit: NodeJS.Timeout | undefined;
  #building: NodeJS.Timeout | undefined;

  constructor({ snapshot = snapshotFile() }: LanguageProcessOptions = {}) {
    this.#snapshot = snapshot;
    this.#start();
  }

  /** The process that works at present. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * Checks and converts a cell. Its program comes first, so that it can run while the declarations are found out.
   * Rejects when the process fails on it.
   */
  compile(declarations: string, code: string, onProgram?: (program: Program) => void): Promise<CompileResult> {
    return this.#ask("compile", [declarations, code], onProgram);
  }

  /** Asks for one of the service's answers. Rejects when the process fails on it. */
  ask<Method extends Exclude<keyof LanguageService, "compile">>(
    method: Method,
    ...parameters: Parameters<LanguageService[Method]>
  ): Promise<ReturnType<LanguageService[Method]>> {
    return this.#ask(method, parameters);
  }

  #ask<Result>(
    method: keyof LanguageService,
    parameters: readonly unknown[],
    onProgram?: (program: Program) => void,
  ): Promise<Result> {
    const request: LanguageRequest = { id: ++this.#sequence, method, parameters };
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { request, resolve: resolve as Waiting["resolve"], reject, ends: 0, onProgram };
      // Cells go before what is asked about them.
      const isCell = method === "compile" || method === "narrow";
      const place = isCell ? this.#waiting.findIndex((other) => !/^(compile|narrow)$/.test(other.request.method)) : -1;
      if (place >= 0) this.#waiting.splice(place, 0, waiting);
      else this.#waiting.push(waiting);
      this.#next();
    });
  }

  /** Gives up the compilation that is going on, unless it ends at once by itself: its promise rejects. */
  interrupt(): void {
    const current = this.#current;
    if (current?.request.method !== "compile") return;
    setTimeout(() => {
      if (this.#current === current) this.#abandon(new Error("The compilation was interrupted."));
    }, nearlyDone);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#limit);
    clearTimeout(this.#building);
    this.#child?.kill("SIGKILL");
  }

  #next(): void {
    if (this.#current || this.#closed) return;
    const waiting = this.#waiting.shift();
    if (!waiting) return;
    this.#current = waiting;
    const { method } = waiting.request;
    this.#limit = setTimeout(() => {
      const seconds = patienceWith(method) / 1000;
      this.#abandon(new Error(`TypeScript: ${method} took more than ${seconds} s and was given up.`));
    }, patienceWith(method));
    const child = this.#child ?? this.#start();
    // A process that has just ended cannot take it any more: its end will be noticed.
    child.send(waiting.request, () => undefined);
  }

  #abandon(error: Error): void {
    this.#settle()?.reject(error);
    this.#child?.kill("SIGKILL");
  }

  #settle(): Waiting | undefined {
    const current = this.#current;
    clearTimeout(this.#limit);
    this.#current = undefined;
    return current;
  }

  #start(): ChildProcess {
    const snapshot = this.#snapshot !== undefined && isUsable(this.#snapshot) ? this.#snapshot : undefined;
    const child = fork(entry, {
      execArgv: [...languageFlags, ...(snapshot === undefined ? [] : ["--snapshot-blob", snapshot])],
      stdio: ["ignore", "ignore", snapshot === undefined ? "inherit" : "ignore", "ipc"],
    });
    this.#child = child;
    let isReady = false;
    child.on("message", (reply: LanguageReply) => {
      if (!isReady && snapshot === undefined) this.#buildSnapshot();
      isReady = true;
      this.#stillborn = 0;
      const current = this.#current;
      if (current?.request.id !== reply.id) return;
      if ("program" in reply) {
        // A process that took over from one that has ended tells it once more.
        if (current.program) return;
        current.program = reply.program;
        current.onProgram?.(reply.program);
        return;
      }
      this.#settle();
      if ("failure" in reply) current.reject(new Error(reply.failure));
      else current.resolve(current.program ? { ...(reply.result as object), program: current.program } : reply.result);
      this.#next();
    });
    child.on("error", () => undefined);
    child.once("exit", (code, signal) => {
      if (this.#child === child) this.#child = undefined;
      if (this.#closed) return;
      // A snapshot that does not start may be damaged.
      if (!isReady && snapshot !== undefined && signal !== "SIGKILL") rmSync(snapshot, { force: true });
      if (!isReady) this.#stillborn++;
      const current = this.#settle();
      if (current && isReady) current.ends++;
      const tolerance = signal === "SIGKILL" ? tolerated.killed : tolerated.failed;
      if (current && current.ends <= tolerance && this.#stillborn < stillborn) this.#waiting.unshift(current);
      else
        current?.reject(
          new Error(`The language process ended with ${signal ?? `code ${code}`}. It starts again with the next cell.`),
        );
      // Ready for what comes next.
      if (this.#stillborn < stillborn) this.#start();
      else this.#stillborn = 0;
      this.#next();
    });
    return child;
  }

  #buildSnapshot(): void {
    const file = this.#snapshot;
    if (file === undefined || this.#building) return;
    this.#building = setTimeout(() => {
      if (!isUsable(file)) buildInBackground(file);
    }, leisure).unref();
  }
}
