import { activity, Execution, Interrupted } from "../runtime/execution.ts";
import { CommChannel, messageOf } from "./channel.ts";
import type { Comm, CommMessage, CommOptions, Comms } from "./contract.ts";
import type { CommEvent, CommFrame, CommHandledFrame, CommTargetFrame } from "./messages.ts";

/** What comms need of the runtime around them. */
export interface CommOutput {
  send(frame: CommFrame | CommTargetFrame | CommHandledFrame): void;
  /** The number of the cell, or of the message, that caused what is running now. */
  cell(): number;
  failed(thrown: unknown): void;
}

type Opened = (comm: Comm, message: CommMessage) => unknown;

/** The runtime's ends of all comms. */
export class RuntimeComms implements Comms {
  readonly #output: CommOutput;
  readonly #targets = new Map<string, Opened>();
  readonly #channels = new Map<string, CommChannel>();
  /** What messages have set off and has not ended. */
  readonly #executions = new Set<Execution>();
  #handling: Execution | undefined;

  constructor(output: CommOutput) {
    this.#output = output;
  }

  register(target: string, opened: Opened): () => void {
    if (typeof target !== "string" || target === "" || typeof opened !== "function")
      throw new TypeError(
        `comms.register: the target is ${JSON.stringify(target)} and the handler a ${typeof opened}, expected a name and a function.`,
      );
    this.#targets.set(target, opened);
    this.#output.send({ type: "comm_target", name: target, known: true });
    return () => {
      if (this.#targets.get(target) !== opened) return;
      this.#targets.delete(target);
      this.#output.send({ type: "comm_target", name: target, known: false });
    };
  }

  open(target: string, data?: unknown, options?: CommOptions): Comm {
    const channel = this.#channel(target);
    channel.open(data, options);
    this.#channels.set(channel.id, channel);
    return channel;
  }

  /** Takes a message of the page. */
  receive(frame: CommFrame): void {
    const execution = new Execution({ cell: frame.cell, notebookCell: "a message of the page" });
    this.#handling = execution;
    activity.run(execution, () => {
      const pending = this.#dispatch(frame).flatMap((handle) => this.#attempt(handle));
      this.#handling = undefined;
      const over = pending.length === 0;
      // What handlers have left to the end of this run, such as a widget's update, goes first.
      queueMicrotask(() => this.#handled(execution, over));
      if (over) return;
      this.#executions.add(execution);
      void Promise.allSettled(pending).then(() => this.#end(execution));
    });
  }

  /** Stops what messages have set off. With a stack, a handler that let nothing else run has just been unwound. */
  interrupt(stack?: string): void {
    const unwound = this.#handling;
    if (unwound && stack !== undefined) {
      this.#handling = undefined;
      activity.run(unwound, () => this.#output.failed(new Interrupted(stack)));
      this.#handled(unwound, true);
    }
    for (const execution of this.#executions) {
      execution.stop(new Interrupted());
      this.#end(execution);
    }
  }

  #end(execution: Execution): void {
    if (this.#executions.delete(execution)) this.#handled(execution, true);
  }

  #handled({ command }: Execution, over: boolean): void {
    this.#output.send({ type: "comm_handled", cell: command.cell, over });
  }

  #dispatch(frame: CommFrame): (() => unknown)[] {
    const message = messageOf(frame);
    if (frame.action === "open") {
      const channel = this.#channel(frame.target ?? "", frame.commId);
      this.#channels.set(channel.id, channel);
      return [() => this.#opened(channel, message)];
    }
    const channel = this.#channels.get(frame.commId);
    if (!channel) return [];
    if (frame.action === "close") this.#channels.delete(frame.commId);
    return channel.received(frame.action).map((listener) => () => listener(message));
  }

  #opened(channel: CommChannel, message: CommMessage): unknown {
    const opened = this.#targets.get(channel.target);
    if (!opened) {
      channel.close();
      return undefined;
    }
    try {
      return opened(channel, message);
    } catch (error) {
      // As a comm that nobody answers would be.
      channel.close();
      throw error;
    }
  }

  /** Calls a handler; a promise of it is given back. */
  #attempt(handle: () => unknown): Promise<unknown>[] {
    try {
      const answer = handle();
      if (!(answer instanceof Promise)) return [];
      return [answer.catch((error: unknown) => this.#output.failed(error))];
    } catch (error) {
      this.#output.failed(error);
      return [];
    }
  }

  #channel(target: string, id?: string): CommChannel {
    const channel: CommChannel = new CommChannel(
      target,
      (event: CommEvent) => {
        if (event.action === "close") this.#channels.delete(channel.id);
        this.#output.send({ type: "comm", cell: this.#output.cell(), ...event });
      },
      id,
    );
    return channel;
  }
}
