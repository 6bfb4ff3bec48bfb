import { randomUUID } from "node:crypto";
import type { JsonObject } from "../../src/wire/message.ts";
import type { Received, TestKernel } from "../client.ts";

interface Options {
  metadata?: JsonObject;
  buffers?: readonly Uint8Array[];
  channel?: "shell" | "control";
}

/** The page's side of comms. */
export class CommClient {
  readonly #kernel: TestKernel;

  constructor(kernel: TestKernel) {
    this.#kernel = kernel;
  }

  /** Opens a comm at a target in the kernel. */
  open(target: string, data: unknown = {}, options: Options = {}): ClientComm {
    const id = randomUUID();
    const openId = this.#kernel.send(
      options.channel ?? "shell",
      "comm_open",
      { comm_id: id, target_name: target, data },
      options,
    );
    return new ClientComm(this.#kernel, id, openId);
  }

  /** A comm that somebody else has opened. */
  joined(id: string): ClientComm {
    return new ClientComm(this.#kernel, id, "");
  }

  /** What the kernel says of open comms. */
  async info(target?: string): Promise<Record<string, { target_name: string }>> {
    const content = target === undefined ? {} : { target_name: target };
    return (await this.#kernel.request("shell", "comm_info_request", content)).content.comms;
  }
}

/** The page's end of one comm. */
export class ClientComm {
  readonly id: string;
  /** The id of the message that has opened it. */
  readonly openId: string;
  readonly #kernel: TestKernel;

  constructor(kernel: TestKernel, id: string, openId: string) {
    this.#kernel = kernel;
    this.id = id;
    this.openId = openId;
  }

  /** Sends data to the kernel's end; returns the message's id. */
  send(data: unknown, options: Options = {}): string {
    return this.#kernel.send(options.channel ?? "shell", "comm_msg", { comm_id: this.id, data }, options);
  }

  close(data: unknown = {}): string {
    return this.#kernel.send("shell", "comm_close", { comm_id: this.id, data });
  }

  /** The messages of the kernel's end so far, as soon as there are that many. */
  async received(count: number): Promise<Received[]> {
    await this.#kernel.until(() => this.#of("comm_msg").length >= count);
    return this.#of("comm_msg");
  }

  /** Resolves when the kernel's end is closed. */
  closed(): Promise<void> {
    return this.#kernel.until(() => this.#of("comm_close").length > 0);
  }

  #of(type: string): Received[] {
    return this.#kernel.published.filter(
      ({ header, content }) => header.msg_type === type && content.comm_id === this.id,
    );
  }
}
