/** What the other end of a comm has sent. */
export interface CommMessage {
  /** Any JSON value; an object by convention. */
  readonly data: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Bytes beside it. Each has memory of its own: `new Float32Array(buffers[0].buffer)` works. */
  readonly buffers: readonly DataView[];
}

/** What can be sent beside the data of a message. */
export interface CommOptions {
  /** JSON, like the data. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Bytes, sent as they are: typed arrays, views or whole array buffers. They may be changed right afterwards. */
  readonly buffers?: readonly (ArrayBufferView | ArrayBufferLike)[];
}

/** Is given what the other end sends. What it throws is shown and ends nothing; a promise is not waited for. */
export type CommListener = (message: CommMessage) => unknown;

/** A connection to the page: both ends send messages until one of them closes it. */
export interface Comm {
  readonly id: string;
  readonly target: string;
  /** Whether either end has closed it. */
  readonly closed: boolean;
  /**
   * Sends data, any JSON value, to the other end.
   * @throws TypeError when JSON cannot hold the data; Error when the comm is closed.
   */
  send(data: unknown, options?: CommOptions): void;
  /** Calls back with every message of the other end. @returns how to stop it. */
  onMessage(listener: CommListener): () => void;
  /** Calls back when the other end closes the comm. @returns how to stop it. */
  onClose(listener: CommListener): () => void;
  /** Closes the comm on both ends; closing it again does nothing. */
  close(data?: unknown, options?: CommOptions): void;
}

/** Comms between this notebook and the page that shows it. */
export interface Comms {
  /**
   * Names a target at which the page can open comms; a name registered again goes to the latest.
   * @returns how to take the name away again.
   */
  register(target: string, opened: (comm: Comm, message: CommMessage) => unknown): () => void;
  /** Opens a comm at a target that the page knows; one that does not know it closes the comm. */
  open(target: string, data?: unknown, options?: CommOptions): Comm;
}
