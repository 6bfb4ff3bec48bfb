import type { Header, JsonObject, Message } from "../wire/message.ts";
import type { CommEvent, CommFrame, CommTargetFrame } from "./messages.ts";

/** What the table needs of the kernel around it. */
export interface CommSurroundings {
  publish(
    type: string,
    content: object,
    parent: Header | undefined,
    metadata: JsonObject,
    buffers: readonly Uint8Array[],
  ): void;
  /** Says on the page that a message made no sense. */
  complain(text: string, parent: Header): void;
  /** Hands a message to the runtime; resolves when it has been handled. */
  deliver(event: CommEvent, parent: Header): Promise<void>;
  /** Resolves when there is a runtime, and the cells that have been sent so far are over. */
  settled(): Promise<unknown>;
}

const actions = { comm_open: "open", comm_msg: "message", comm_close: "close" } as const;
const messageTypes = { open: "comm_open", message: "comm_msg", close: "comm_close" } as const;

/** All comms that are open, whichever end opened them: known here, so that the kernel tells them while a cell runs. */
export class CommTable {
  readonly #kernel: CommSurroundings;
  readonly #open = new Map<string, string>();
  readonly #targets = new Set<string>();
  /** Who waits for a target to be named. */
  readonly #awaited = new Map<string, Set<() => void>>();
  /** Comms that the page has opened at a target that has no name yet: their messages wait as well. */
  readonly #opening = new Map<string, Promise<void>>();

  constructor(kernel: CommSurroundings) {
    this.#kernel = kernel;
  }

  /** The comms that are open, or those of one target, as `comm_info_reply` has them. */
  info(target: unknown): Record<string, { target_name: string }> {
    const asked = typeof target === "string" && target !== "" ? target : undefined;
    const comms = [...this.#open].filter(([, name]) => asked === undefined || name === asked);
    return Object.fromEntries(comms.map(([id, target_name]) => [id, { target_name }]));
  }

  /** Takes a comm message of a client; resolves when it has been handled. */
  async receive({ header, content, metadata, buffers }: Message): Promise<void> {
    const action = actions[header.msg_type as keyof typeof actions];
    const { comm_id: commId, target_name: target, data = {} } = content;
    if (typeof commId !== "string") return this.#refuse(header, "comm_id", commId);
    const event = { action, commId, data, metadata, buffers };
    if (action !== "open") {
      if (!this.#open.has(commId)) await (this.#opening.get(commId) ?? this.#kernel.settled());
      // A page may still know comms of a runtime that is gone.
      if (!this.#open.has(commId)) return;
      if (action === "close") this.#open.delete(commId);
      return this.#kernel.deliver(event, header);
    }
    if (typeof target !== "string") return this.#refuse(header, "target_name", target);
    if (!this.#targets.has(target)) {
      // Cells that were sent before may still name it, and so may a runtime that starts.
      const named = this.#whenNamed(target);
      this.#opening.set(commId, named);
      await named;
      this.#opening.delete(commId);
    }
    if (!this.#targets.has(target)) {
      this.#kernel.publish("comm_close", { comm_id: commId, data: {} }, header, {}, []);
      return;
    }
    if (this.#open.has(commId)) return this.#refuse(header, "comm_id", commId, "one that is not in use");
    this.#open.set(commId, target);
    return this.#kernel.deliver({ ...event, target }, header);
  }

  /** Publishes what a comm in the runtime sends. */
  send(frame: CommFrame, parent: Header | undefined): void {
    const { action, commId, target = "", data, metadata, buffers = [] } = frame;
    if (action === "open") this.#open.set(commId, target);
    if (action === "close") this.#open.delete(commId);
    const content = { comm_id: commId, ...(action === "open" && { target_name: target }), data };
    this.#kernel.publish(messageTypes[action], content, parent, { ...metadata }, buffers);
  }

  /** The runtime has named a target, or taken its name away. */
  setTarget({ name, known }: CommTargetFrame): void {
    if (known) this.#targets.add(name);
    else this.#targets.delete(name);
    for (const resolve of this.#awaited.get(name) ?? []) resolve();
  }

  /** The runtime is gone, and with it its end of every comm. */
  closeAll(parent: Header | undefined): void {
    const ids = [...this.#open.keys()];
    this.#open.clear();
    this.#targets.clear();
    for (const comm_id of ids) this.#kernel.publish("comm_close", { comm_id, data: {} }, parent, {}, []);
  }

  /** Resolves when the target is named, or when nothing is left that could do so. */
  async #whenNamed(target: string): Promise<void> {
    const waiting = this.#awaited.get(target) ?? new Set();
    this.#awaited.set(target, waiting);
    await new Promise<void>((resolve) => {
      waiting.add(resolve);
      void this.#kernel.settled().then(() => {
        waiting.delete(resolve);
        if (waiting.size === 0) this.#awaited.delete(target);
        resolve();
      });
    });
  }

  #refuse(header: Header, field: string, value: unknown, expected = "a string"): void {
    const text = `${header.msg_type}: ${field} is ${JSON.stringify(value) ?? "missing"}, expected ${expected}.\n`;
    this.#kernel.complain(text, header);
  }
}
