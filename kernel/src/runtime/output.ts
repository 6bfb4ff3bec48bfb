import { StringDecoder } from "node:string_decoder";
import { send } from "./channel.ts";

type Done = (error?: Error | null) => void;

/** Sends what is written to `process.stdout` and `process.stderr` to the supervisor, under the cell that wrote it. */
export function captureOutput(currentCell: () => number): void {
  for (const name of ["stdout", "stderr"] as const) {
    const decoder = new StringDecoder("utf8");
    const write = (chunk: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done): boolean => {
      const plain = typeof chunk === "string" && (typeof encoding !== "string" || /^utf-?8$/i.test(encoding));
      const bytes = typeof chunk === "string" && typeof encoding === "string" ? Buffer.from(chunk, encoding) : chunk;
      const text = plain ? (chunk as string) : decoder.write(Buffer.from(bytes as Uint8Array));
      if (text !== "") send({ type: "stream", cell: currentCell(), name, text });
      const finished = typeof encoding === "function" ? encoding : done;
      if (finished) queueMicrotask(() => finished());
      return true;
    };
    process[name].write = write as typeof process.stdout.write;
  }
}
