import { createHash, createReadStream } from "../../device/node.ts";
import type { PublishedFile } from "./published.ts";

/** Whether the file at a path holds what was published, and if not, the digest that it has. */
export async function checkDigest(
  path: string,
  { digest }: Pick<PublishedFile, "digest">,
): Promise<{ readonly right: boolean; readonly found: string }> {
  if (digest === null) return { right: true, found: "" };
  const [name, expected] = digest.split(":") as [string, string];
  const hash = createHash(name);
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk as Uint8Array);
  const found = hash.digest("hex");
  return { right: found === expected.toLowerCase(), found: `${name}:${found}` };
}

/** The first digits of a digest, enough to tell two apart. */
export function shortDigest(digest: string | null): string {
  return digest === null ? "any" : digest.slice(0, digest.indexOf(":") + 13);
}
