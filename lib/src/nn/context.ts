import type { Key } from "../random/key.ts";
import { ArgumentError } from "../tensor/errors.ts";

/** What the forward pass is for. Outside of training, dropout and its like let everything through. */
interface Context {
  readonly key: Key;
  draws: number;
}

let context: Context | null = null;

/** Whether a training step is under way. */
export function isTraining(): boolean {
  return context !== null;
}

/** Runs `body` as a training step that draws its random numbers from `key`. */
export function training<T>(key: Key, body: () => T): T {
  const before = context;
  context = { key, draws: 0 };
  try {
    return body();
  } finally {
    context = before;
  }
}

/** The key for the next random layer of this training step. */
export function nextKey(who: string): Key {
  if (context === null)
    throw new ArgumentError(
      who,
      "no training step is under way, expected one. Train with train(), or run nn.training(key, () => …).",
    );
  return context.key.child(context.draws++);
}
