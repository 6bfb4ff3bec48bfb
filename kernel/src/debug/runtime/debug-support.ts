import { inspect } from "node:util";
import { renderingOf } from "../../display/bundle.ts";
import { debugSupportKey } from "../messages.ts";

/** How many times a breakpoint must have been passed, `==` by default. */
type Comparison = "==" | ">" | ">=" | "<" | "<=" | "%";

/** What the debugger calls on the main thread, in its own expressions. */
export class DebugSupport {
  /** What cells share. */
  readonly variables: Record<string, unknown>;
  readonly #passes = new Map<number, number>();
  #lent = new Map<string, PropertyDescriptor | undefined>();

  constructor(variables: Record<string, unknown>) {
    this.variables = variables;
  }

  /** Makes the notebook's variables visible as globals, or some of them: converted code reaches them in another way. */
  lend(names = Object.keys(this.variables)): void {
    this.takeBack();
    for (const name of names) {
      if (!Object.hasOwn(this.variables, name)) continue;
      const before = Object.getOwnPropertyDescriptor(globalThis, name);
      if (before && !before.configurable) continue;
      this.#lent.set(name, before);
      Object.defineProperty(globalThis, name, {
        get: () => this.variables[name],
        set: (value: unknown) => {
          this.variables[name] = value;
        },
        configurable: true,
      });
    }
  }

  /** Undoes {@link lend}. */
  takeBack(): void {
    for (const [name, before] of this.#lent)
      if (before) Object.defineProperty(globalThis, name, before);
      else Reflect.deleteProperty(globalThis, name);
    this.#lent = new Map();
  }

  /** The value of a breakpoint's condition, given the names that occur in it; one that throws counts as not met. */
  met(condition: () => unknown, names: string[]): boolean {
    this.lend(names);
    try {
      return Boolean(condition());
    } catch {
      return false;
    } finally {
      this.takeBack();
    }
  }

  /** Counts a pass over a breakpoint, and says whether it is one at which to stop. */
  passed(breakpoint: number, comparison: Comparison, count: number): boolean {
    const passes = (this.#passes.get(breakpoint) ?? 0) + 1;
    this.#passes.set(breakpoint, passes);
    switch (comparison) {
      case ">":
        return passes > count;
      case ">=":
        return passes >= count;
      case "<":
        return passes < count;
      case "<=":
        return passes <= count;
      case "%":
        return passes % count === 0;
      default:
        return passes === count;
    }
  }

  /** Prints a log point's message into the cell's output. Never stops. */
  log(parts: readonly (() => unknown)[], names: string[]): false {
    this.lend(names);
    const text = parts.map((part) => {
      try {
        const value = part();
        return typeof value === "string" ? value : inspect(value, { depth: 2 });
      } catch (error) {
        return `{${error instanceof Error ? error.message : String(error)}}`;
      }
    });
    this.takeBack();
    process.stdout.write(`${text.join("")}\n`);
    return false;
  }

  /** Puts a value among the notebook's variables. */
  define(name: string, value: unknown): void {
    Object.defineProperty(this.variables, name, { value, writable: true, enumerable: true, configurable: true });
  }

  /** A value as it is displayed: data and metadata by MIME type, as JSON. */
  async rendering(value: unknown): Promise<string> {
    return JSON.stringify(await renderingOf(value));
  }

  /** The same while the main thread is stopped, where nothing can be awaited: as text, when the value wants that. */
  renderingNow(value: unknown): string {
    const rendering = renderingOf(value);
    if (!(rendering instanceof Promise)) return JSON.stringify(rendering);
    rendering.catch(() => undefined);
    return JSON.stringify({ data: { "text/plain": inspect(value, { depth: 4 }) }, metadata: {} });
  }
}

/** Installs what the debugger calls. */
export function installDebugSupport(variables: Record<string, unknown>): void {
  const value = new DebugSupport(variables);
  Object.defineProperty(globalThis, Symbol.for(debugSupportKey), { value });
}
