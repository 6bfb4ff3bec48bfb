import { isDeepStrictEqual } from "node:util";

/** Who changed a widget: code in the kernel, or somebody in the page. */
export type Origin = "kernel" | "page";

/** Is told of a change; what was there before comes second. */
export type ChangeListener<Value> = (value: Value, old: Value, origin: Origin) => unknown;

/** Named values that tell of their changes. */
export class Traits<State extends object> {
  readonly #values: State;
  readonly #listeners = new Map<keyof State, Set<ChangeListener<never>>>();

  constructor(initial: State) {
    this.#values = { ...initial };
  }

  /** All values, as an object of its own. */
  all(): State {
    return { ...this.#values };
  }

  has(name: PropertyKey): name is keyof State {
    return Object.hasOwn(this.#values, name);
  }

  names(): string[] {
    return Object.keys(this.#values);
  }

  get<Name extends keyof State>(name: Name): State[Name] {
    return this.#values[name];
  }

  on<Name extends keyof State>(name: Name, listener: ChangeListener<State[Name]>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /**
   * Takes new values: all are there before the first listener is called.
   * @returns which of them are changes, and calls the listeners of these when asked to.
   */
  assign(values: Partial<State>, origin: Origin): { changed: (keyof State)[]; tell(): Promise<unknown> | undefined } {
    const changed = (Object.keys(values) as (keyof State)[])
      .map((name) => ({ name, value: values[name] as State[keyof State], old: this.#values[name] }))
      .filter(({ value, old }) => isChange(value, old));
    for (const { name, value } of changed) this.#values[name] = value;
    return {
      changed: changed.map(({ name }) => name),
      tell: () =>
        callAll(
          changed.flatMap(({ name, value, old }) =>
            [...(this.#listeners.get(name) ?? [])].map(
              (listener) => () => (listener as ChangeListener<unknown>)(value, old, origin),
            ),
          ),
        ),
    };
  }
}

// The same object given again has probably been changed inside: why else would it be given?
function isChange(value: unknown, old: unknown): boolean {
  if (Object.is(value, old)) return typeof value === "object" && value !== null;
  return !isDeepStrictEqual(value, old);
}

/** Calls all of them, whatever some of them throw, and throws that afterwards; promises are put together. */
export function callAll(functions: readonly (() => unknown)[]): Promise<unknown> | undefined {
  const errors: unknown[] = [];
  const promises: Promise<unknown>[] = [];
  for (const call of functions) {
    try {
      const answer = call();
      if (answer instanceof Promise) promises.push(answer);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} listeners failed`);
  return promises.length > 0 ? Promise.all(promises) : undefined;
}
