import type { Tensor } from "./tensor.ts";

/**
 * Gradients listen to operations through this file alone, so that tensors and operations know nothing of tapes.
 * Nothing is recorded while no recorder is active.
 */
export interface Recorder {
  /** Called after every operation; the recorder keeps what depends on what it follows. */
  record(operation: object, inputs: readonly Tensor[], output: Tensor, options: unknown): void;
}

let active: readonly Recorder[] = [];

export function activeRecorders(): readonly Recorder[] {
  return active;
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
