import { Mime } from "mime";
import otherTypes from "mime/types/other.js";
import standardTypes from "mime/types/standard.js";

// To the registry .ts is a film.
const types = new Mime(standardTypes, otherTypes).define(
  {
    "text/typescript": ["ts", "mts", "cts", "tsx"],
    "text/x-python": ["py"],
    "application/x-ipynb+json": ["ipynb"],
  },
  true,
);

/** The media type of a file, by its name; undefined when the name does not tell. */
export function mediaTypeOf(name: string): string | undefined {
  return types.getType(name) ?? undefined;
}

/** The same as a `Content-Type`. */
export function contentTypeOf(name: string): string {
  const type = mediaTypeOf(name) ?? "application/octet-stream";
  return /^text\/|^application\/(json|javascript)$|\+json$/.test(type) ? `${type}; charset=utf-8` : type;
}
