import { inspect } from "node:util";
import { displaySymbol, isDisplayable, type MimeBundle, type View } from "./contract.ts";
import { tableOf } from "./table.ts";

/** How a value is shown: as it says itself, or as text. */
export function bundleOf(value: unknown, view?: View): MimeBundle | Promise<MimeBundle> {
  if (!isDisplayable(value)) return plainBundle(value);
  const answer = value[displaySymbol](view);
  return isPromise(answer) ? answer.then(encoded) : encoded(answer);
}

function plainBundle(value: unknown): MimeBundle {
  const text = { "text/plain": textOf(value) };
  const table = tableOf(value);
  return table === undefined ? text : { ...text, "text/html": table };
}

/** A bundle as the protocol carries it: binary content in base64. */
export function encoded(bundle: MimeBundle): MimeBundle {
  if (typeof bundle !== "object" || bundle === null || Array.isArray(bundle))
    throw new TypeError(
      `display: the value's bundle is ${inspect(bundle)}, expected an object keyed by MIME type, for example { "text/html": … }.`,
    );
  return Object.fromEntries(
    Object.entries(bundle).map(([type, content]) => [
      type,
      content instanceof Uint8Array
        ? Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString("base64")
        : content,
    ]),
  );
}

/** A value as text, as Node prints it. */
export function textOf(value: unknown): string {
  return inspect(value, { depth: 4, maxArrayLength: 100, maxStringLength: 10_000, breakLength: 100 });
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as Partial<Promise<T>> | null)?.then === "function";
}
