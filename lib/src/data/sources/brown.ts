import { bytesOf, type SourceOptions } from "../download/locate.ts";
import type { About, PublishedFile } from "../download/published.ts";
import { fileIn, unzip } from "../files/archives.ts";

const about: About = {
  name: "Brown corpus",
  description: "500 texts of American English printed in 1961, 1,161,192 words with their parts of speech",
  citation:
    "W. N. Francis and H. Kučera, A standard corpus of present-day edited American English, Brown University, 1964",
  licence: "may be redistributed, not commercially",
  homepage: "https://www.nltk.org/nltk_data/",
};

const file: PublishedFile = {
  place: "brown/brown.zip",
  urls: [
    "https://raw.githubusercontent.com/nltk/nltk_data/5db857e6f7df11eabb5e5665836db9ec8df07e28/packages/corpora/brown.zip",
  ],
  digest: "sha256:9b275f9b3b95d7bd66ccfb7cd259f445a13bbe5d1f4107aba09fd3e8364bafa6",
};

export interface BrownText {
  /** Of the corpus: `ca01`. */
  readonly name: string;
  /** The kind of text: `news`, `science_fiction`, … */
  readonly category: string;
  readonly sentences: readonly BrownSentence[];
}

export interface BrownSentence {
  readonly words: readonly string[];
  /** The part of speech of each word, in the corpus's own tags. */
  readonly tags: readonly string[];
}

/** The 500 texts in the order of the corpus, the one on which Bengio et al. trained their language model. */
export async function brown(
  options: SourceOptions = {},
): Promise<{ readonly texts: readonly BrownText[]; readonly about: About }> {
  const bytes = await bytesOf("brown", about, file, options);
  const archive = await unzip("brown", bytes, (path) => /^brown\/(c[a-r]\d\d|cats\.txt)$/.test(path));
  const text = (path: string) => new TextDecoder().decode(fileIn("brown", archive, path));
  const texts = text("brown/cats.txt")
    .trim()
    .split("\n")
    .map((line) => line.split(" ") as [string, string])
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, category]) => ({ name, category, sentences: sentences(text(`brown/${name}`)) }));
  return { texts, about };
}

/** A line for each sentence: words and tags, with a slash between. */
function sentences(text: string): BrownSentence[] {
  const lines = text.split("\n").map((line) => line.trim());
  return lines
    .filter((line) => line !== "")
    .map((line) => {
      const tokens = line.split(/\s+/);
      return {
        words: tokens.map((token) => token.slice(0, token.lastIndexOf("/"))),
        tags: tokens.map((token) => token.slice(token.lastIndexOf("/") + 1)),
      };
    });
}
