import { bytesOf, type SourceOptions } from "../download/locate.ts";
import type { About, PublishedFile } from "../download/published.ts";
import { gunzip } from "../files/archives.ts";
import { type ImageOptions, type LabelledImages, labelledImages } from "./labelled.ts";

const about: About = {
  name: "Optical digits",
  description: "1,797 handwritten digits, 8 × 8 grey values from 0 to 16: the test part of UCI's set",
  citation:
    "E. Alpaydin and C. Kaynak, Optical recognition of handwritten digits, UCI Machine Learning Repository, 1998",
  licence: "CC BY 4.0",
  homepage: "https://archive.ics.uci.edu/dataset/80",
};

const file: PublishedFile = {
  place: "digits8x8/digits.csv.gz",
  urls: ["https://raw.githubusercontent.com/scikit-learn/scikit-learn/1.2.1/sklearn/datasets/data/digits.csv.gz"],
  digest: "sha256:46abec6b12486ad9e51943373abcf22bbea1b5a51a1619b361570d8893f1464a",
};

/** 1,797 small digits, those of scikit-learn's `load_digits`: `image` float32 `[1, 8, 8]`, `label` int32. */
export async function digits(
  options: ImageOptions & SourceOptions = {},
): Promise<{ readonly examples: LabelledImages; readonly about: About }> {
  const text = new TextDecoder().decode(gunzip("digits", await bytesOf("digits", about, file, options)));
  const rows = text.trimEnd().split("\n");
  const images = new Uint8Array(64 * rows.length);
  const labels = rows.map((row, i) => {
    const numbers = row.split(",").map(Number);
    images.set(numbers.slice(0, 64), 64 * i);
    return numbers[64]!;
  });
  return { examples: labelledImages(images, labels, { ...options, shape: [1, 8, 8], top: 16 }), about };
}
