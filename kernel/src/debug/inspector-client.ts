import type { InspectorCommand, InspectorEvent, InspectorFrame } from "./messages.ts";

type Waiting = { resolve(result: unknown): void; reject(error: Error): void };

/** The supervisor's end of the session with the runtime's inspector. */
export class InspectorClient {
  readonly #send: (command: InspectorCommand) => void;
  readonly #handle: (event: InspectorEvent) => void;
  readonly #waiting = new Map<number, Waiting>();
  readonly #urls = new Map<string, string>();
  #sequence = 0;
  #open = false;

  constructor(send: (command: InspectorCommand) => void, handle: (event: InspectorEvent) => void) {
    this.#send = send;
    this.#handle = handle;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  open(): void {
    if (!this.#open) this.#send({ type: "inspector", action: "open" });
    this.#open = true;
  }

  /** Ends the session; whatever it had stopped goes on. */
  close(): void {
    if (this.#open) this.#send({ type: "inspector", action: "close" });
    this.lose("the debugger was detached");
  }

  /** Ends what depends on a session that is gone already. */
  lose(why: string): void {
    this.#open = false;
    this.#urls.clear();
    for (const { reject } of this.#waiting.values()) reject(new Error(why));
    this.#waiting.clear();
  }

  /** Calls one of the inspector's methods. Rejects with its own message. */
  post<Result = unknown>(method: string, parameters?: object): Promise<Result> {
    const id = ++this.#sequence;
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as Waiting["resolve"], reject });
      this.#send({ type: "inspector", action: "post", id, method, parameters });
    });
  }

  /** The name of a script, which frames give by number. */
  urlOf(scriptId: string): string {
    return this.#urls.get(scriptId) ?? "";
  }

  receive(frame: InspectorFrame): void {
    if (frame.type === "answer") {
      const waiting = this.#waiting.get(frame.id);
      this.#waiting.delete(frame.id);
      if (frame.error === undefined) waiting?.resolve(frame.result);
      else waiting?.reject(new Error(frame.error));
    } else if (this.#open) {
      const { event } = frame;
      if (event.method === "Debugger.scriptParsed") this.#urls.set(event.params.scriptId, event.params.url);
      this.#handle(event);
    }
  }
}
