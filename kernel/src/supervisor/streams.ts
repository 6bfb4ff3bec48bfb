import type { Header } from "../wire/message.ts";

/** How long output is held back to be sent together, in milliseconds. */
const delay = 15;
/** How much of it, in UTF-16 units. */
const limit = 256 * 1024;

type StreamName = "stdout" | "stderr";

/** Puts what is printed in quick succession into one message. */
export class StreamCoalescer {
  readonly #publish: (name: StreamName, text: string, parent: Header | undefined) => void;
  #parts: string[] = [];
  #length = 0;
  #name: StreamName = "stdout";
  #parent: Header | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(publish: (name: StreamName, text: string, parent: Header | undefined) => void) {
    this.#publish = publish;
  }

  write(name: StreamName, text: string, parent: Header | undefined): void {
    if (name !== this.#name || parent !== this.#parent) this.flush();
    this.#name = name;
    this.#parent = parent;
    this.#parts.push(text);
    this.#length += text.length;
    if (this.#length > limit) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), delay);
  }

  /** Sends what has been held back; called before anything else is published, so that the order stays. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#parts.length === 0) return;
    const text = this.#parts.join("");
    this.#parts = [];
    this.#length = 0;
    this.#publish(this.#name, text, this.#parent);
  }
}
