import { DataError } from "../../tensor/errors.ts";

/**
 * The values of a text with one of JSON on each line; empty lines are passed over.
 * @throws DataError that names the first line that is no JSON.
 *
 * @example
 * ```ts
 * import { data } from "gradbook";
 *
 * console.log(data.readJsonLines('{"a":1}\n{"a":2}\n')); // [ { a: 1 }, { a: 2 } ]
 * ```
 */
export function readJsonLines<T = unknown>(text: string): T[] {
  const values: T[] = [];
  text.split("\n").forEach((line, i) => {
    if (line.trim() !== "") values.push(jsonLine<T>(line, i + 1));
  });
  return values;
}

/** @internal One line. */
export function jsonLine<T>(line: string, number: number): T {
  try {
    return JSON.parse(line) as T;
  } catch {
    throw new DataError("readJsonLines", `line ${number} is no JSON: ${JSON.stringify(line.slice(0, 60))}.`);
  }
}

/** A text with each value on a line of its own. */
export function writeJsonLines(values: Iterable<unknown>): string {
  let text = "";
  for (const value of values) text += `${JSON.stringify(value)}\n`;
  return text;
}
