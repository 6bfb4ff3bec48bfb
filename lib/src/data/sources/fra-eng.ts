import { bytesOf, type SourceOptions } from "../download/locate.ts";
import type { About, PublishedFile } from "../download/published.ts";
import { fileIn, unzip } from "../files/archives.ts";

const about: About = {
  name: "French–English sentences",
  description: "167,130 short English sentences, each with a French translation, shortest first",
  citation: "Tatoeba, tatoeba.org, collected at manythings.org/anki in 2019",
  licence: "CC BY 2.0 FR",
  homepage: "https://www.manythings.org/anki/",
};

const file: PublishedFile = {
  place: "fra-eng/fra-eng_2023.zip",
  urls: ["https://raw.githubusercontent.com/modelexlab/data/adddaf33ac35572bcfeb421efec29435e7ea9332/fra-eng.zip"],
  digest: "sha256:161c93f18da3a7e6df611ed961426613260de8af06ccf8c79c977afe5135ac44",
};

export interface SentencePair {
  readonly english: string;
  readonly french: string;
}

/** English sentences with translations, as they are: nothing is lowered or taken apart. An English one may come again. */
export async function fraEng(
  options: SourceOptions = {},
): Promise<{ readonly pairs: readonly SentencePair[]; readonly about: About }> {
  const archive = await unzip(
    "fraEng",
    await bytesOf("fraEng", about, file, options),
    (path) => path === "fra-eng/fra.txt",
  );
  const lines = new TextDecoder()
    .decode(fileIn("fraEng", archive, "fra-eng/fra.txt"))
    .trimEnd()
    .split("\n");
  const pairs = lines.map((line) => {
    const [english, french] = line.split("\t") as [string, string];
    return { english, french };
  });
  return { pairs, about };
}
