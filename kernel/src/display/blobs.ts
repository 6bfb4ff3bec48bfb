import { base64, pictureOf } from "./images.ts";
import type { Json } from "./json.ts";

/** Larger blobs are not read. */
const largest = 50_000_000;
const textTypes = new Set(["text/html", "text/markdown", "text/latex", "text/plain", "image/svg+xml"]);

/** What a blob shows by its type or its first bytes; nothing when neither is something to look at. */
export async function blobContentOf(blob: Blob): Promise<Record<string, Json>> {
  if (blob.size > largest) return {};
  const type = blob.type.replace(/;.*/, "").trim().toLowerCase();
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const picture = pictureOf(bytes)?.type ?? type;
  if (textTypes.has(picture)) return { [picture]: new TextDecoder().decode(bytes) };
  if (/^(?:image\/|application\/pdf$)/.test(picture)) return { [picture]: base64(bytes) };
  if (!/^application\/(?:.*\+)?json$/.test(picture)) return {};
  try {
    return { [picture]: JSON.parse(new TextDecoder().decode(bytes)) as Json };
  } catch {
    return {};
  }
}
