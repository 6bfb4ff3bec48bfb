import type { ErrorContent, Stream, StreamMetadata } from "../protocol/messages.ts";
import type { Header } from "../wire/message.ts";

/** How long output is held back to be sent together, in milliseconds. */
const delay = 15;
/** How much of it, in UTF-16 units. */
const limit = 32 * 1024;

type Publish = (content: Stream, parent: Header | undefined, metadata: StreamMetadata) => void;

/** Puts what is printed in quick succession into one message. */
export class StreamCoalescer {
  readonly #publish: Publish;
  #parts: string[] = [];
  #uncaught: ErrorContent[] = [];
  #length = 0;
  #name: Stream["name"] = "stdout";
  #parent: Header | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(publish: Publish) {
    this.#publish = publish;
  }

  /** Takes printed text, with the error that it shows where nothing caught that. */
  write(name: Stream["name"], text: string, parent: Header | undefined, uncaught?: ErrorContent): void {
    if (name !== this.#name || parent !== this.#parent) this.flush();
    this.#name = name;
    this.#parent = parent;
    this.#parts.push(text);
    if (uncaught) this.#uncaught.push(uncaught);
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
    const metadata = this.#uncaught.length > 0 ? { uncaught: this.#uncaught } : {};
    this.#uncaught = [];
    this.#publish({ name: this.#name, text }, this.#parent, metadata);
  }
}
