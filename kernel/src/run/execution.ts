import type { ExecuteReply } from "../protocol/messages.ts";
import type { Message } from "../wire/index.ts";

/** How long to wait for the end of the output once the reply is there and nothing more arrives, in milliseconds. */
const SILENCE = 4_000;

/**
 * Code that a kernel is running. Iterating gives what it publishes meanwhile (status, output, display …), up to and
 * without the `idle` that ends it.
 */
export class Execution implements AsyncIterable<Message> {
  /** The id of the request, which everything it causes has as parent. */
  readonly id: string;
  /** The kernel's reply. Output may still be under way when it comes. Rejects when the kernel dies. */
  readonly reply: Promise<Message<ExecuteReply>>;
  /** The reply, once all output has arrived as well. Rejects when the kernel dies. */
  readonly done: Promise<Message<ExecuteReply>>;

  readonly #waiting: Message[] = [];
  readonly #idle: Promise<void>;
  #wake = (): void => {};
  #ended = false;
  #end: () => void = () => {};
  #fail: (reason: Error) => void = () => {};
  #silence: NodeJS.Timeout | undefined;

  constructor(id: string, reply: Promise<Message>) {
    this.id = id;
    this.reply = reply as unknown as Promise<Message<ExecuteReply>>;
    this.#idle = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    this.reply.then(
      () => this.#watchSilence(),
      (reason: Error) => this.fail(reason),
    );
    this.done = Promise.all([this.reply, this.#idle]).then(([message]) => message);
    // Whoever awaits one of the promises sees the failure; the others must not count as unhandled.
    this.done.catch(() => {});
  }

  /** Takes a published message whose parent is this request. For the client only. */
  receive(message: Message): void {
    if (this.#ended) return;
    if (this.#silence) this.#watchSilence();
    if (message.header.msg_type === "status" && message.content.execution_state === "idle") this.#finish();
    else this.#waiting.push(message);
    this.#wake();
  }

  /** Ends the execution because its kernel is gone. For the client only. */
  fail(reason: Error): void {
    this.#fail(reason);
    this.#finish();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Message, void, undefined> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next) yield next;
      else if (this.#ended) break;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
    await this.#idle;
  }

  /** A lost `idle` must not hang the run: after the reply, a long silence counts as the end. */
  #watchSilence(): void {
    if (this.#ended) return;
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#finish(), SILENCE);
  }

  #finish(): void {
    this.#ended = true;
    clearTimeout(this.#silence);
    this.#end();
    this.#wake();
  }
}
