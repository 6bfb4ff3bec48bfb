import type { MessagePort } from "node:worker_threads";

/** Whether the main thread waits for an answer. */
export const waitState = { none: 0, waiting: 1, interrupted: 2 } as const;

/** What the main thread, which waits for answers, and the control thread, which brings them, share. */
export interface QuestionChannel {
  /** One element, of `waitState`. */
  readonly state: Int32Array;
  readonly answers: MessagePort;
}
