// The Brown corpus as a stream of word numbers: lower case, words seen fewer than 20 times as one, 5,012 in all.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";

/** The files of a zip archive, by name. */
export function* unzip(bytes) {
  let at = bytes.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  const count = bytes.readUInt16LE(at + 10);
  at = bytes.readUInt32LE(at + 16);
  for (let i = 0; i < count; i++) {
    const [method, size] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20)];
    const lengths = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset));
    const name = bytes.toString("latin1", at + 46, at + 46 + lengths[0]);
    const local = bytes.readUInt32LE(at + 42);
    const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const raw = bytes.subarray(from, from + size);
    yield [name, method === 0 ? raw : inflateRawSync(raw)];
    at += 46 + lengths[0] + lengths[1] + lengths[2];
  }
}

export async function brown(folder = process.env.GRADBOOK_DATA) {
  if (folder === undefined) throw new Error("Set GRADBOOK_DATA to the folder that holds brown/brown.zip.");
  const texts = [...unzip(await readFile(join(folder, "brown", "brown.zip")))]
    .filter(([name]) => /^brown\/c[a-r]\d\d$/.test(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const tagged = texts.flatMap(([, text]) => text.toString("latin1").split(/\s+/).filter(Boolean));
  const words = tagged.map((item) => item.slice(0, item.lastIndexOf("/")).toLowerCase());
  const counts = new Map();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const frequent = [...counts].filter(([, n]) => n >= 20).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const vocabulary = ["<rare>", ...frequent.map(([word]) => word)];
  const number = new Map(vocabulary.map((word, i) => [word, i]));
  const tokens = Int32Array.from(words, (word) => number.get(word) ?? 0);
  // Bengio et al. (JMLR 2003): 800,000 words to learn from, 200,000 to choose by, the rest to test.
  return {
    vocabulary,
    train: tokens.subarray(0, 800_000),
    valid: tokens.subarray(800_000, 1_000_000),
    test: tokens.subarray(1_000_000),
  };
}
