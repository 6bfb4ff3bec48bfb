import type { Buffer } from "../device/device.ts";
import { inNode, node } from "../device/node.ts";
import { isOwnFrame } from "../device/own-frames.ts";
import { bytesOf, type Kernel, listen } from "./kernels.ts";
import { Table } from "./text-table.ts";

/** Live memory of one origin. */
export interface MemoryRow {
  /** The kernel or elementwise run that made it (`write`: from numbers), or the line of code. */
  readonly origin: string;
  readonly buffers: number;
  readonly bytes: number;
}

/** What is alive at a moment of what was made since `memory()`; prints as two tables, and as such in a notebook. */
export class MemoryReport {
  readonly bytes: number;
  /** The largest first. */
  readonly operations: readonly MemoryRow[];
  /** The largest first. */
  readonly lines: readonly MemoryRow[];

  /** @internal Use `memory`. */
  constructor(operations: readonly MemoryRow[], lines: readonly MemoryRow[]) {
    this.operations = operations;
    this.lines = lines;
    this.bytes = operations.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #tables(): readonly Table[] {
    const mb = (bytes: number) => (bytes / 1e6).toFixed(3);
    const table = (what: string, rows: readonly MemoryRow[]) =>
      new Table(
        [what, "buffers", "MB"],
        rows.map(({ origin, buffers, bytes }) => [origin, String(buffers), mb(bytes)]),
        ["total", String(rows.reduce((sum, { buffers }) => sum + buffers, 0)), mb(this.bytes)],
        1,
      );
    return [table("operation", this.operations), table("line", this.lines)];
  }

  toString(): string {
    return this.#tables().join("\n\n");
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  [Symbol.for("Jupyter.display")](): Record<string, string> {
    const html = this.#tables().map((table) => table.toHtml());
    return { "text/plain": this.toString(), "text/html": html.join("") };
  }
}

interface Made {
  readonly buffer: WeakRef<Buffer>;
  readonly bytes: number;
  readonly operation: string;
  readonly line: string;
}

/** Watches over the memory of tensors from `memory()` to `stop()`. */
export class MemoryWatch {
  #made: Made[] = [];
  #limit = 10_000;
  readonly #stop: () => void;

  /** @internal Use `memory`. */
  constructor() {
    this.#stop = listen((kernel) => this.#note(kernel));
  }

  /** What is alive now, after the garbage collector has been asked to clear away. */
  async live(): Promise<MemoryReport> {
    await collectGarbage();
    this.#forgetDead();
    return new MemoryReport(
      grouped(this.#made, ({ operation }) => operation),
      grouped(this.#made, ({ line }) => line),
    );
  }

  /** Ends the watch; `live()` then tells of what was made until here. */
  stop(): void {
    this.#stop();
  }

  #note({ name, buffers }: Kernel): void {
    const line = callersLine();
    for (const buffer of buffers)
      this.#made.push({ buffer: new WeakRef(buffer), bytes: bytesOf(buffer), operation: name, line });
    if (this.#made.length <= this.#limit) return;
    this.#forgetDead();
    this.#limit = Math.max(10_000, 2 * this.#made.length);
  }

  #forgetDead(): void {
    this.#made = this.#made.filter(({ buffer }) => buffer.deref() !== undefined);
  }
}

/**
 * Watches the memory of tensors from now on: which operations and which lines of your code (in a notebook: which cells)
 * made what is still alive. A deferred elementwise result is made by the line that needs its values. Slows every
 * operation down while it watches.
 *
 * @example
 * ```ts
 * import { inspect, zeros } from "gradbook";
 *
 * const watch = inspect.memory();
 * const kept = zeros([1000]);
 * const report = await watch.live();
 * watch.stop();
 * report.bytes >= 4 * kept.size; // true
 * ```
 */
export function memory(): MemoryWatch {
  return new MemoryWatch();
}

function grouped(made: readonly Made[], by: (one: Made) => string): MemoryRow[] {
  const rows = new Map<string, { origin: string; buffers: number; bytes: number }>();
  for (const one of made) {
    const origin = by(one);
    const row = rows.get(origin) ?? { origin, buffers: 0, bytes: 0 };
    rows.set(origin, row);
    row.buffers++;
    row.bytes += one.bytes;
  }
  return [...rows.values()].sort((a, b) => b.bytes - a.bytes);
}

/** File and line of the first caller outside this library. */
function callersLine(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 100;
  const { stack = "" } = new Error();
  Error.stackTraceLimit = limit;
  const frame = stack
    .split("\n")
    .slice(1)
    .find((line) => !isOwnFrame(line) && !line.includes("node:"));
  return frame?.match(/\(?([^()\s]+:\d+):\d+\)?$/)?.[1]?.replace(/^file:\/\//, "") ?? "unknown";
}

/** Lets the event loop turn, which ends the hold of weak references, and asks for a collection where one can be had. */
async function collectGarbage(): Promise<void> {
  let collect = () => {};
  if (inNode) {
    node("v8").setFlagsFromString("--expose-gc");
    collect = node("vm").runInNewContext("gc") as () => void;
  }
  for (let round = 0; round < 2; round++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    collect();
  }
}
