import { types } from "node:util";
import { blobContentOf } from "./blobs.ts";
import { displaySymbol, isDisplayable, type MimeBundle, type View } from "./contract.ts";
import { figureTypeOf } from "./figures.ts";
import { base64, pictureOf, renderPicture } from "./images.ts";
import { type Json, jsonOf } from "./json.ts";
import { tableOf } from "./table.ts";
import { textOf } from "./text.ts";

/** What is shown of a value, as the protocol carries it. */
export interface Rendering {
  readonly data: Record<string, Json>;
  /** For example a picture's size, by MIME type. */
  readonly metadata: Record<string, Json>;
}

/**
 * How a value is shown: as it says itself, or as we know to show what it is.
 * @throws whatever the value's own method throws, and TypeError when it gives no bundle.
 */
export function renderingOf(value: unknown, view?: View): Rendering | Promise<Rendering> {
  if (isDisplayable(value)) {
    const answer = value[displaySymbol](view);
    return isPromise(answer) ? answer.then(rendered) : rendered(answer);
  }
  if (!types.isProxy(value) && value instanceof Blob)
    return blobContentOf(value).then((data) => ({ data: { ...text(textOf(value)).data, ...data }, metadata: {} }));
  return ownRendering(value);
}

/** How we show a value, whatever it says itself. */
export function ownRendering(value: unknown): Rendering {
  const plain = text(textOf(value));
  try {
    const rich = types.isProxy(value) ? undefined : richRendering(value);
    return rich ? { data: { ...plain.data, ...rich.data }, metadata: rich.metadata } : plain;
  } catch {
    // The value defends itself against being looked at; its text is safe.
    return plain;
  }
}

function text(content: string): Rendering {
  return { data: { "text/plain": content }, metadata: {} };
}

function richRendering(value: unknown): Rendering | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (value instanceof Uint8Array || value instanceof ArrayBuffer) {
    const bytes = value instanceof Uint8Array ? value : new Uint8Array(value);
    const picture = pictureOf(bytes);
    return picture && renderPicture(picture, bytes, textOf(value));
  }
  const figure = figureTypeOf(value);
  if (figure !== undefined) return { data: { [figure]: jsonOf(value) ?? null }, metadata: {} };
  const table = tableOf(value);
  return table === undefined ? undefined : { data: { "text/html": table }, metadata: {} };
}

/** A bundle as the protocol carries it: binary content in base64, all else as JSON, taken now. */
export function rendered(bundle: MimeBundle): Rendering {
  if (typeof bundle !== "object" || bundle === null || Array.isArray(bundle))
    throw new TypeError(
      `display: the value's bundle is ${textOf(bundle)}, expected an object keyed by MIME type, for example { "text/html": … }.`,
    );
  const data = Object.fromEntries(Object.entries(bundle).map(([type, content]) => [type, encoded(type, content)]));
  return { data, metadata: {} };
}

function encoded(type: string, content: unknown): Json {
  if (content instanceof Uint8Array) return base64(content);
  if (content instanceof ArrayBuffer) return base64(new Uint8Array(content));
  const json = jsonOf(content);
  if (json === undefined)
    throw new TypeError(
      `display: the content of ${type} is ${textOf(content)}, expected text, bytes or what JSON can carry.`,
    );
  return json;
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as Partial<Promise<T>> | null)?.then === "function";
}
