import { bytesOf, type SourceOptions } from "../download/locate.ts";
import type { About, PublishedFile } from "../download/published.ts";

const about: About = {
  name: "Tiny Shakespeare",
  description: "40,000 lines of Shakespeare, 1,115,394 characters of 65 kinds",
  citation: "A. Karpathy, char-rnn, 2015",
  licence: "public domain",
  homepage: "https://github.com/karpathy/char-rnn",
};

const file: PublishedFile = {
  place: "tinyshakespeare/input.txt",
  urls: ["https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"],
  digest: "sha256:86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
};

/** Plays of Shakespeare as one text, on which small language models are tried. */
export async function tinyShakespeare(
  options: SourceOptions = {},
): Promise<{ readonly text: string; readonly about: About }> {
  return { text: new TextDecoder().decode(await bytesOf("tinyShakespeare", about, file, options)), about };
}
