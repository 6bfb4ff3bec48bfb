import { receiveMessageOnPort } from "node:worker_threads";
import { send } from "./channel.ts";
import { activity, Interrupted } from "./execution.ts";
import { type QuestionChannel, waitState } from "./question-channel.ts";

/** Asked by code that no client can answer. */
class StdinNotAllowed extends Error {
  override readonly name = "StdinNotAllowed";
}

/** Asks the user and holds up the main thread until the answer comes, as `prompt` does in a browser. */
export class Questions {
  readonly #channel: QuestionChannel;

  constructor(channel: QuestionChannel) {
    this.#channel = channel;
  }

  /** @throws StdinNotAllowed when nobody can answer; KeyboardInterrupt when the cell is interrupted meanwhile. */
  ask(prompt: string, password = false): string {
    const execution = activity.getStore();
    if (!execution || execution.finished)
      throw new StdinNotAllowed(
        "prompt: the cell that asks has ended, expected a running one. Ask before the cell's last await.",
      );
    if (!execution.command.allowStdin)
      throw new StdinNotAllowed(
        "prompt: this client cannot be asked (allow_stdin is false), expected one with an input box, such as JupyterLab. Give the value in the cell, or as a parameter.",
      );
    execution.check();
    const { state, answers } = this.#channel;
    Atomics.store(state, 0, waitState.waiting);
    send({ type: "question", cell: execution.command.cell, prompt, password });
    while (Atomics.load(state, 0) === waitState.waiting) Atomics.wait(state, 0, waitState.waiting);
    if (Atomics.exchange(state, 0, waitState.none) === waitState.interrupted) {
      const reason = new Interrupted(framesHere());
      // Code that catches this and asks again is not asked for the user's patience again.
      execution.stop(reason);
      throw reason;
    }
    return (receiveMessageOnPort(answers) as { message: string }).message;
  }
}

/** The functions of a browser that ask the user, for all cells. */
export function installPrompts(questions: Questions): void {
  const ask = (message = "", fallback?: unknown): string | null => {
    const answer = questions.ask(withSpace(String(message)));
    return answer === "" && fallback !== undefined ? String(fallback) : answer;
  };
  globalThis.prompt = Object.assign(ask, {
    password: (message = "Password:") => questions.ask(withSpace(String(message)), true),
  });
  globalThis.confirm = (message = "") => /^y(es)?$/i.test(questions.ask(`${message} [y/N] `).trim());
  globalThis.alert = (message = "") => void questions.ask(`${message} [Enter] `);
}

function framesHere(): string {
  return (new Error().stack ?? "").replace(/^.*\n/, "");
}

// Console clients write the answer right behind the question.
function withSpace(message: string): string {
  return message === "" || /\s$/.test(message) ? message : `${message} `;
}
