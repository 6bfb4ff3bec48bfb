import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { activity, type Execution } from "./execution.ts";
import type { NotebookModules } from "./modules.ts";

type AnyIterable<T> = AsyncIterable<T> | Iterable<T | PromiseLike<T>>;

/** What converted cell code calls as `__cell`. */
export class CellScope {
  /** The value of the cell's last expression. */
  result: unknown;
  /** `import.meta` of a cell. */
  readonly meta: { readonly url: string; readonly dirname: string; readonly filename: string };
  readonly #execution: Execution;
  readonly #variables: object;
  readonly #modules: NotebookModules;
  readonly #assigned = new Set<string>();

  constructor(execution: Execution, variables: object, modules: NotebookModules) {
    this.#execution = execution;
    this.#variables = variables;
    this.#modules = modules;
    const filename = join(modules.folder, "cell.ts");
    this.meta = { url: pathToFileURL(filename).href, dirname: modules.folder, filename };
  }

  /** The names declared by this cell that have a value by now. */
  get assigned(): readonly string[] {
    return [...this.#assigned];
  }

  /** Shares a variable that keeps its value. */
  define(name: string, value: unknown): void {
    this.#assigned.add(name);
    Object.defineProperty(this.#variables, name, { value, writable: true, enumerable: true, configurable: true });
  }

  /** Shares a variable that may be assigned to, here and in later cells: both see the same one. */
  bind(name: string, get: () => unknown, set: (value: unknown) => void): void {
    this.#assigned.add(name);
    Object.defineProperty(this.#variables, name, { get, set, enumerable: true, configurable: true });
  }

  /** Stands around every value awaited at the top level. */
  until<T>(value: T | PromiseLike<T>): Promise<T> {
    return this.#execution.until(value);
  }

  /** Stands around every `for await` at the top level. */
  each<T>(iterable: AnyIterable<T>): AsyncIterable<T> {
    return stoppable(iterable, (step) => this.#execution.until(step));
  }

  /** Stands around every await inside a function: where a stopped cell's asynchronous work ends. */
  resumed<T>(value: T): T {
    activity.getStore()?.check();
    return value;
  }

  /** Stands around every `for await` inside a function. */
  eachResumed<T>(iterable: AnyIterable<T>): AsyncIterable<T> {
    return stoppable(iterable, async (step) => this.resumed(await step));
  }

  /** `import()` from the notebook's folder. */
  import(specifier: string): Promise<unknown> {
    return this.#modules.import(specifier);
  }
}

function stoppable<T>(
  iterable: AnyIterable<T>,
  wait: (step: Promise<IteratorResult<T>>) => Promise<IteratorResult<T>>,
): AsyncIterable<T> {
  const start = (): AsyncIterator<T> => {
    if (Symbol.asyncIterator in iterable) return iterable[Symbol.asyncIterator]();
    return asynchronous(iterable[Symbol.iterator]());
  };
  return {
    [Symbol.asyncIterator]() {
      const iterator = start();
      return {
        async next() {
          try {
            return await wait(Promise.resolve(iterator.next()));
          } catch (error) {
            // Lets a generator clean up; it may be in the middle of a step, so nobody waits for it.
            iterator.return?.()?.then(undefined, () => undefined);
            throw error;
          }
        },
        async return(value?: unknown) {
          await iterator.return?.(value);
          return { done: true, value: undefined };
        },
      };
    },
  };
}

function asynchronous<T>(iterator: Iterator<T | PromiseLike<T>>): AsyncIterator<T> {
  const settled = async (step: IteratorResult<T | PromiseLike<T>>): Promise<IteratorResult<T>> =>
    step.done ? { done: true, value: step.value as unknown } : { done: false, value: await step.value };
  return {
    next: () => settled(iterator.next()),
    async return() {
      iterator.return?.();
      return { done: true, value: undefined };
    },
  };
}
