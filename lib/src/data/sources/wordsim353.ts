import { bytesOf, type SourceOptions } from "../download/locate.ts";
import type { About, PublishedFile } from "../download/published.ts";
import { readCsv } from "../files/csv.ts";

const about: About = {
  name: "WordSim-353",
  description: "353 pairs of English words with the mean of how similar people found them, 0 to 10",
  citation: "L. Finkelstein et al., Placing search in context: the concept revisited, ACM TOIS 20(1), 2002",
  licence: "CC BY 4.0",
  homepage: "https://gabrilovich.com/resources/data/wordsim353/wordsim353.html",
};

const file: PublishedFile = {
  place: "wordsim/wordsim353_combined.csv",
  urls: [
    "https://raw.githubusercontent.com/fanglanting/skip-gram-pytorch/92df893a3a3058b1da5d0f4de1eabc448c498e33/wordsim353/combined.csv",
  ],
  digest: "sha256:49ff6433ae68abe716fb66433fd870483e289a7a8c74531f59eca847d103fff3",
};

export interface WordPair {
  readonly first: string;
  readonly second: string;
  readonly similarity: number;
}

/** Pairs of words and how similar people found them. */
export async function wordsim353(
  options: SourceOptions = {},
): Promise<{ readonly pairs: readonly WordPair[]; readonly about: About }> {
  const text = new TextDecoder().decode(await bytesOf("wordsim353", about, file, options));
  const table = readCsv(text, { columns: { "Word 1": "text", "Word 2": "text", "Human (mean)": "number" } });
  const pairs = table["Word 1"].map((first, i) => ({
    first,
    second: table["Word 2"][i]!,
    similarity: table["Human (mean)"][i]!,
  }));
  return { pairs, about };
}
