import type { Tensor } from "./tensor.ts";

/**
 * Gradients listen to operations through this file alone, so that tensors and operations know nothing of tapes.
 * Nothing is recorded while no recorder is active.
 */
export interface Recorder {
  /** Called after every operation; the recorder keeps what depends on what it follows. */
  record(operation: object, inputs: readonly Tensor[], output: Tensor, options: unknown): void;
  /**
   * Of a recorder that writes a computation down, instead of following derivatives: whether an operation that is composed
   * of others counts as one, or as its parts.
   */
  whole?(operation: object): boolean;
}

let active: readonly Recorder[] = [];

export function activeRecorders(): readonly Recorder[] {
  return active;
}

/** Those that write the computation down, whatever becomes of derivatives. */
export function activeWriters(): readonly Recorder[] {
  return active.length === 0 ? active : active.filter((recorder) => recorder.whole !== undefined);
}

/** Runs `body` with exactly these recorders listening. */
export function withRecorders<T>(recorders: readonly Recorder[], body: () => T): T {
  const before = active;
  active = recorders;
  try {
    return body();
  } finally {
    active = before;
  }
}
