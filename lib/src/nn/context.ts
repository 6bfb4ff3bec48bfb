import { stopGradient } from "../gradient/custom.ts";
import { keepForRepeats } from "../gradient/repeat.ts";
import type { Key } from "../random/key.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { held, outlives } from "../tensor/ownership.ts";
import { withRecorders } from "../tensor/recording.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** A tensor of a model that training passes over data change by themselves. */
export interface BufferPlace {
  get(): Tensor;
  set(value: Tensor): void;
}

/**
 * One step of training: what random layers draw from, and what layers such as batch normalisation want to remember. The
 * latter reaches the model when the step is accepted, so that a step that fails leaves no trace.
 */
export class TrainingStep {
  readonly #key: Key;
  #draws = 0;
  /** New values of buffers, by the module and name they belong to. */
  #pending = new Map<object, Map<string, { readonly place: BufferPlace; readonly value: Tensor }>>();

  constructor(key: Key) {
    this.#key = key;
  }

  /** Runs `body` as part of this step. */
  run<T>(body: () => T): T {
    return within(this, body);
  }

  /** Puts what layers have remembered into the model. */
  accept(): void {
    for (const buffers of this.#pending.values()) for (const { place, value } of buffers.values()) place.set(value);
    this.#pending.clear();
  }

  /** The key for the next random layer. */
  nextKey(): Key {
    return this.#key.child(this.#draws++);
  }

  /** Changes a buffer from what it is after all forward passes of this step so far. */
  remember(owner: object, name: string, place: BufferPlace, change: (before: Tensor) => Tensor): void {
    const buffers = this.#pending.get(owner) ?? new Map();
    this.#pending.set(owner, buffers);
    const before: Tensor = buffers.get(name)?.value ?? place.get();
    const value = withRecorders([], () => stopGradient(change(before)));
    if (value.state.kind === "batched")
      throw new ArgumentError(
        name,
        "inside vmap each example would have a value of its own, expected one for all. Leave out running statistics: { trackRunningStats: false }.",
      );
    buffers.set(name, { place, value });
    outlives(this);
  }

  [held](): unknown {
    return this.#pending;
  }

  /** This step as it is now, to do a part of it again: what that remembers does not count. */
  copy(): TrainingStep {
    const step = new TrainingStep(this.#key);
    step.#draws = this.#draws;
    step.#pending = new Map([...this.#pending].map(([owner, buffers]) => [owner, new Map(buffers)]));
    return step;
  }
}

/** The step under way. Outside of training, dropout and its like let everything through. */
let current: TrainingStep | null = null;

function within<T>(step: TrainingStep | null, body: () => T): T {
  const before = current;
  current = step;
  try {
    return body();
  } finally {
    current = before;
  }
}

keepForRepeats(() => {
  const step = current?.copy() ?? null;
  return (body) => within(step?.copy() ?? null, body);
});

/** Whether a training step is under way. */
export function isTraining(): boolean {
  return current !== null;
}

/**
 * Runs `body` as a training step that draws its random numbers from `key`; at its end, layers such as batch normalisation
 * have their new running statistics. `train` does this by itself. Throws an `ArgumentError` where `body` returns a promise:
 * after its first `await` it would run outside of the step.
 *
 * @example
 * ```ts
 * import { nn, ones, random } from "gradbook";
 *
 * const half = new nn.Dropout(0.5);
 * half.forward(ones([8])); // as it is
 * nn.training(random.seed(1), () => half.forward(ones([8]))); // some zeros, the others 2
 * ```
 */
export function training<T>(key: Key, body: () => T): T {
  const step = new TrainingStep(key);
  const result = requireNow("training", step.run(body));
  step.accept();
  return result;
}

/**
 * Runs `body` as outside of training, also inside of a step: for a teacher, say, or a target that is not to be trained.
 * Throws an `ArgumentError` where `body` returns a promise.
 *
 * @example
 * ```ts
 * import { nn, ones, random } from "gradbook";
 *
 * const half = new nn.Dropout(0.5);
 * const same = nn.training(random.seed(1), () => nn.evaluating(() => half.forward(ones([4]))));
 * await same.toArray(); // [1, 1, 1, 1]
 * ```
 */
export function evaluating<T>(body: () => T): T {
  return requireNow("evaluating", within(null, body));
}

/** Refuses the promise of a body that would go on when its mode has ended. */
function requireNow<T>(who: string, result: T): T {
  if (typeof (result as PromiseLike<unknown> | null)?.then !== "function") return result;
  // Nobody waits for it any more; that it fails, too, would only hide why.
  Promise.resolve(result).catch(() => {});
  throw new ArgumentError(
    who,
    `the body returned a promise, expected one that does not wait: its rest would not run as ${who}. Return tensors from it and read them outside: await nn.${who}(…).data().`,
  );
}

/** The key for the next random layer of this training step. */
export function nextKey(who: string): Key {
  if (current === null)
    throw new ArgumentError(
      who,
      "no training step is under way, expected one. Train with train(), or run nn.training(key, () => …).",
    );
  return current.nextKey();
}

/** @internal Changes a buffer when the step under way is accepted; outside of training nothing changes. */
export function rememberIn(owner: object, name: string, place: BufferPlace, change: (before: Tensor) => Tensor): void {
  current?.remember(owner, name, place, change);
}
