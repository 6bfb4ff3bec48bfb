import { node } from "../../device/node.ts";
import { ArgumentError, DataError } from "../../tensor/errors.ts";
import { Stream } from "./stream.ts";

export interface WorkersOptions {
  /** Threads; 2 if not said. */
  readonly workers?: number;
}

/** What a thread runs: it loads the module and calls its default export for each value. */
const program = `
const { parentPort, workerData } = require("node:worker_threads");
const loaded = import(workerData);
parentPort.on("message", async ({ id, value }) => {
  try {
    const { default: change } = await loaded;
    parentPort.postMessage({ id, value: await change(value) });
  } catch (error) {
    parentPort.postMessage({ id, error: String(error?.message ?? error) });
  }
});
`;

interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/**
 * A stream whose examples are changed in threads of their own, as decoding of pictures may be; they come in the same
 * order. The change is the default export of a JavaScript module, and values go back and forth as `structuredClone` copies
 * them. The threads live for a pass.
 * @throws DataError when the module throws, with its message, and when a thread ends before its work.
 */
export function inWorkers<T, U>(source: Stream<T>, module: URL, { workers = 2 }: WorkersOptions = {}): Stream<U> {
  if (!Number.isInteger(workers) || workers < 1)
    throw new ArgumentError("inWorkers", `workers is ${workers}, expected a positive integer.`);
  return new Stream(async function* (epoch) {
    const waiting = new Map<number, { resolve(value: U): void; reject(error: Error): void }>();
    const error = (why: string) => new DataError("inWorkers", `${module.pathname}: ${why.replace(/\.?$/, ".")}`);
    // One thread that is gone ends the pass: its examples would never come.
    let broken: DataError | null = null;
    const fail = (why: string) => {
      broken ??= error(why);
      for (const { reject } of waiting.values()) reject(broken);
      waiting.clear();
    };
    const { Worker } = node("worker_threads");
    const threads = Array.from({ length: workers }, () => {
      const thread = new Worker(program, { eval: true, workerData: module.href });
      thread.on("message", ({ id, value, error: why }: Reply) => {
        const asked = waiting.get(id);
        waiting.delete(id);
        if (why === undefined) asked?.resolve(value as U);
        else asked?.reject(error(why));
      });
      thread.on("error", (thrown) => fail(String((thrown as Error | undefined)?.message ?? thrown)));
      thread.on("messageerror", (thrown) => fail(thrown.message));
      thread.on("exit", (code) => fail(`a thread ended with ${code} before its work, expected it to go on`));
      return thread;
    });
    try {
      let next = 0;
      const changed = new Stream(() => source.epoch(epoch)).map((value) => {
        const id = next++;
        const answer = new Promise<U>((resolve, reject) => {
          if (broken !== null) return reject(broken);
          waiting.set(id, { resolve, reject });
        });
        answer.catch(() => {});
        threads[id % workers]!.postMessage({ id, value });
        // In an object, so that it is not awaited before others have been asked, too.
        return { answer };
      });
      for await (const { answer } of changed.prefetch(2 * workers)) yield await answer;
    } finally {
      await Promise.all(threads.map((thread) => thread.terminate()));
    }
  });
}
