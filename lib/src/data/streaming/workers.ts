import { Worker } from "node:worker_threads";
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
 * @throws DataError when the module throws, with its message.
 */
export function inWorkers<T, U>(source: Stream<T>, module: URL, { workers = 2 }: WorkersOptions = {}): Stream<U> {
  if (!Number.isInteger(workers) || workers < 1)
    throw new ArgumentError("inWorkers", `workers is ${workers}, expected a positive integer.`);
  return new Stream(async function* (epoch) {
    const waiting = new Map<number, { resolve(value: U): void; reject(error: Error): void }>();
    const fail = (why: string) => {
      for (const { reject } of waiting.values())
        reject(new DataError("inWorkers", `${module.pathname}: ${why.replace(/\.?$/, ".")}`));
      waiting.clear();
    };
    const threads = Array.from({ length: workers }, () => {
      const thread = new Worker(program, { eval: true, workerData: module.href });
      thread.on("message", ({ id, value, error }: Reply) => {
        const asked = waiting.get(id);
        waiting.delete(id);
        if (error === undefined) asked?.resolve(value as U);
        else asked?.reject(new DataError("inWorkers", `${module.pathname}: ${error.replace(/\.?$/, ".")}`));
      });
      thread.on("error", (error) => fail(error.message));
      return thread;
    });
    try {
      let next = 0;
      const changed = new Stream(() => source.epoch(epoch)).map((value) => {
        const id = next++;
        const answer = new Promise<U>((resolve, reject) => {
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
