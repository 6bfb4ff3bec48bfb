import { createReadStream } from "node:fs";
import { access } from "node:fs/promises";
import { createInterface } from "node:readline";
import { DataError } from "../../tensor/errors.ts";
import { jsonLine } from "../files/json-lines.ts";
import { Stream } from "./stream.ts";

async function requireFile(who: string, path: string): Promise<void> {
  await access(path).catch(() => {
    throw new DataError(who, `${path}: there is no such file, or it may not be read.`);
  });
}

/** The lines of a text file, read as they are needed. */
export function streamLines(path: string): Stream<string> {
  return new Stream(async function* () {
    await requireFile("streamLines", path);
    const file = createReadStream(path, { encoding: "utf8" });
    try {
      yield* createInterface({ input: file, crlfDelay: Number.POSITIVE_INFINITY });
    } finally {
      file.destroy();
    }
  });
}

/** The values of a file with one of JSON on each line. */
export function streamJsonLines<T = unknown>(path: string): Stream<T> {
  return new Stream(async function* () {
    let number = 0;
    for await (const line of streamLines(path)) {
      number++;
      if (line.trim() !== "") yield jsonLine<T>(line, number);
    }
  });
}

/** The rows of a file of comma-separated values, as texts by the names of its header. */
export function streamCsv(
  path: string,
  { separator = "," }: { readonly separator?: string } = {},
): Stream<Readonly<Record<string, string>>> {
  return new Stream(async function* () {
    await requireFile("streamCsv", path);
    const { parse } = await import("csv-parse");
    const file = createReadStream(path);
    const rows = file.pipe(parse({ bom: true, columns: true, delimiter: separator, skip_empty_lines: true }));
    try {
      for await (const row of rows) yield row as Readonly<Record<string, string>>;
    } catch (error) {
      throw new DataError("streamCsv", `${path}: ${(error as Error).message.replace(/\.?$/, ".")}`);
    } finally {
      file.destroy();
    }
  });
}
