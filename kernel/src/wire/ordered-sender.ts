/** What a ZeroMQ socket that sends looks like. */
export interface SendingSocket {
  send(frames: Buffer[]): Promise<void>;
}

/** Sends one message after another: a zeromq socket refuses a second `send` while one is pending. */
export class OrderedSender {
  readonly #socket: SendingSocket;
  #last: Promise<void> = Promise.resolve();

  constructor(socket: SendingSocket) {
    this.#socket = socket;
  }

  /** Resolves when this message has been handed to ZeroMQ; a failed send is dropped, as a lost peer would be. */
  send(frames: Buffer[]): Promise<void> {
    this.#last = this.#last.then(() => this.#socket.send(frames)).catch(() => undefined);
    return this.#last;
  }

  /** Resolves when everything sent so far has been handed to ZeroMQ. */
  drained(): Promise<void> {
    return this.#last;
  }
}
