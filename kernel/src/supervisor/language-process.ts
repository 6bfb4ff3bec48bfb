import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { LanguageReply, LanguageRequest, LanguageService } from "../session/messages.ts";

const entry = fileURLToPath(new URL("../session/main.js", import.meta.url));

type Waiting = { resolve(result: unknown): void; reject(error: Error): void };

/** TypeScript in a process of its own, so that it answers while cells run; started again should it fail. */
export class LanguageProcess {
  #child: ChildProcess | undefined;
  #sequence = 0;
  #closed = false;
  readonly #waiting = new Map<number, Waiting>();

  constructor() {
    this.#start();
  }

  /** Asks for one of the service's answers. Rejects when the process fails on it. */
  ask<Method extends keyof LanguageService>(
    method: Method,
    ...parameters: Parameters<LanguageService[Method]>
  ): Promise<ReturnType<LanguageService[Method]>> {
    const child = this.#child ?? this.#start();
    const request: LanguageRequest = { id: ++this.#sequence, method, parameters };
    return new Promise((resolve, reject) => {
      this.#waiting.set(request.id, { resolve: resolve as Waiting["resolve"], reject });
      child.send(request);
    });
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  close(): void {
    this.#closed = true;
    this.#child?.kill("SIGKILL");
  }

  #start(): ChildProcess {
    const child = fork(entry, {
      // A type check makes many short-lived objects: with room for them they are seldom collected.
      execArgv: ["--min-semi-space-size=32", "--max-semi-space-size=32"],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.#child = child;
    child.on("message", (reply: LanguageReply) => {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      if ("failure" in reply) waiting?.reject(new Error(reply.failure));
      else waiting?.resolve(reply.result);
    });
    child.on("error", () => undefined);
    child.once("exit", (code, signal) => {
      if (this.#child === child) this.#child = undefined;
      if (this.#closed) return;
      for (const { reject } of this.#waiting.values())
        reject(
          new Error(`The language process ended with ${signal ?? `code ${code}`}. It starts again with the next cell.`),
        );
      this.#waiting.clear();
    });
    return child;
  }
}
