import { setTimeout as sleep } from "node:timers/promises";

/** The publishing socket, as far as it is needed here. */
export interface PublishingSocket {
  /** Whether a message that one subscriber has no room for is refused, for all, instead of dropped for that one. */
  noDrop: boolean;
  send(frames: Buffer[]): Promise<void>;
}

/**
 * How many messages may lie unread for one subscriber before those who print have to wait. It must not change: ZeroMQ
 * counts what was read in steps of half of it, and would wait for ever after it was lowered.
 */
export const unreadLimit = 2000;
/** How much may wait here before whoever prints is asked to pause, in bytes. */
const pressureLimit = 4 * 1024 * 1024;
/** How long a subscriber may read nothing before it loses messages, so that the others go on, in milliseconds. */
const patience = 10_000;
const retryTime = 5;

/**
 * Sends to all subscribers, in order. One that reads slowly slows down whoever prints, and loses nothing;
 * one that has stopped reading holds up the others for a while, and then misses what it does not read.
 */
export class Publisher {
  readonly #socket: PublishingSocket;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #pressed = false;
  #patience = patience;
  #closing = false;
  /** Told when too much waits to be sent, and when that is over. */
  onPressure: (pressed: boolean) => void = () => undefined;

  constructor(socket: PublishingSocket) {
    this.#socket = socket;
    socket.noDrop = true;
  }

  /** Resolves when this message has been handed to ZeroMQ. */
  send(frames: Buffer[]): Promise<void> {
    const size = frames.reduce((sum, { length }) => sum + length, 0);
    this.#waiting += size;
    this.#press();
    this.#last = this.#last
      .then(() => this.#deliver(frames))
      // Nothing but a socket that is closed refuses here.
      .catch(() => undefined)
      .then(() => {
        this.#waiting -= size;
        this.#press();
      });
    return this.#last;
  }

  /** Resolves when everything sent so far has been handed to ZeroMQ; it no longer waits for anyone to read. */
  close(): Promise<void> {
    this.#closing = true;
    return this.#last;
  }

  async #deliver(frames: Buffer[]): Promise<void> {
    const deadline = performance.now() + this.#patience;
    while (!(await this.#accepted(frames))) {
      if (!this.#closing && performance.now() < deadline) {
        await sleep(retryTime);
        continue;
      }
      // Who did not read until now is not waited for again before it has caught up.
      this.#patience = 0;
      this.#socket.noDrop = false;
      await this.#socket.send(frames);
      this.#socket.noDrop = true;
      return;
    }
    this.#patience = patience;
  }

  async #accepted(frames: Buffer[]): Promise<boolean> {
    try {
      await this.#socket.send(frames);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return false;
      throw error;
    }
  }

  #press(): void {
    const pressed = this.#waiting > (this.#pressed ? pressureLimit / 2 : pressureLimit);
    if (pressed === this.#pressed) return;
    this.#pressed = pressed;
    this.onPressure(pressed);
  }
}
