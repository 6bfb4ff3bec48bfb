/** A message of a comm between the supervisor and the runtime, in either direction. */
export interface CommFrame {
  readonly type: "comm";
  /** What caused it; where it comes from the page, the number under which what it causes is sent. */
  readonly cell: number;
  readonly action: "open" | "message" | "close";
  readonly commId: string;
  /** The target's name, when the comm is opened. */
  readonly target?: string;
  readonly data: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly buffers?: readonly Uint8Array[];
}

/** A frame without what the transport adds. */
export type CommEvent = Omit<CommFrame, "type" | "cell">;

/** From the runtime: whether it knows a target by this name. */
export interface CommTargetFrame {
  readonly type: "comm_target";
  readonly name: string;
  readonly known: boolean;
}

/** From the runtime: its handlers have returned from a message of the page, or all that they set off is over. */
export interface CommHandledFrame {
  readonly type: "comm_handled";
  readonly cell: number;
  readonly over: boolean;
}
