import { type Column, Dataset } from "../dataset.ts";
import { bytesOf, type SourceOptions } from "../download/locate.ts";
import type { About, PublishedFile } from "../download/published.ts";
import { readMat } from "../files/mat.ts";

const about: About = {
  name: "Olivetti faces",
  description: "400 faces, ten of each of 40 people, 64 × 64 grey values",
  citation:
    "F. Samaria and A. Harter, Parameterisation of a stochastic model for human face identification, IEEE WACV 1994",
  licence: "AT&T Laboratories Cambridge: free for research with credit",
  homepage: "https://cam-orl.co.uk/facedatabase.html",
};

const file: PublishedFile = {
  place: "olivetti/olivettifaces.mat",
  urls: [
    "https://raw.githubusercontent.com/sjgershm/DBM/a30d9abb523aab874a299b8b1aa21e7df2023f60/olivettifaces.mat",
    "https://cs.nyu.edu/~roweis/data/olivettifaces.mat",
  ],
  digest: "sha256:b1988d02c72fe5b8ee82b5ef3bb7982eafc74f1e1ff0ae0ade35061ad0af534d",
};

export type Faces = Dataset<{ readonly image: Column<"float32">; readonly person: Column<"int32"> }>;

/** 400 faces in the order of their people: `image` float32 `[1, 64, 64]` from 0 to 1, `person` int32 from 0 to 39. */
export async function olivetti(
  options: SourceOptions = {},
): Promise<{ readonly examples: Faces; readonly about: About }> {
  const { values } = readMat("olivetti", await bytesOf("olivetti", about, file, options)).get("faces")!;
  const images = new Uint8Array(values.length);
  // Each column is one face, and each face is stored column by column.
  for (let face = 0; face < 400; face++)
    for (let x = 0; x < 64; x++)
      for (let y = 0; y < 64; y++) images[face * 4096 + y * 64 + x] = values[face * 4096 + x * 64 + y]!;
  const examples: Faces = new Dataset({
    image: { values: images, shape: [1, 64, 64], dtype: "float32", scale: 1 / 255 },
    person: { values: Int32Array.from({ length: 400 }, (_, i) => Math.floor(i / 10)), shape: [], dtype: "int32" },
  });
  return { examples, about };
}
