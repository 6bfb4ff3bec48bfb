import type * as Csv from "csv-parse";
import { createInterface, createReadStream, pipeline } from "../../device/node.ts";
import { DataError } from "../../tensor/errors.ts";
import { jsonLine } from "../files/json-lines.ts";
import { required } from "../files/required.ts";
import { Stream } from "./stream.ts";

/** Why a file could not be read, in words. */
function failed(who: string, path: string, error: unknown): DataError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT" || code === "EACCES")
    return new DataError(who, `${path}: there is no such file, or it may not be read.`);
  if (code === "EISDIR") return new DataError(who, `${path} is a folder, expected a file.`);
  return new DataError(who, `${path}: ${message.replace(/\.?$/, ".")}`);
}

/**
 * The lines of a text file, read as they are needed.
 * @throws DataError when the file cannot be read, to its end.
 */
export function streamLines(path: string): Stream<string> {
  return new Stream(async function* () {
    const file = createReadStream(path, { encoding: "utf8" });
    try {
      yield* createInterface({ input: file, crlfDelay: Number.POSITIVE_INFINITY });
    } catch (error) {
      throw failed("streamLines", path, error);
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

/**
 * The rows of a file of comma-separated values, as texts by the names of its header.
 * @throws DataError when the file cannot be read, to its end, and for rows of another length than the header.
 */
export function streamCsv(
  path: string,
  { separator = "," }: { readonly separator?: string } = {},
): Stream<Readonly<Record<string, string>>> {
  return new Stream(async function* () {
    const { parse } = required<typeof Csv>("csv-parse");
    const parser = parse({ bom: true, columns: true, delimiter: separator, skip_empty_lines: true });
    // What goes wrong with the file comes out of the rows; leaving them closes it.
    const rows = pipeline(createReadStream(path), parser, () => {});
    try {
      for await (const row of rows) yield row as Readonly<Record<string, string>>;
    } catch (error) {
      throw failed("streamCsv", path, error);
    }
  });
}
