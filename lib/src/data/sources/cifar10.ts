import { readFile } from "../../device/node.ts";
import { bytesOf, locate, type SourceOptions } from "../download/locate.ts";
import type { About, PublishedFile } from "../download/published.ts";
import { type Archive, fileIn, gunzip, untar } from "../files/archives.ts";
import { readCifar } from "../files/cifar.ts";
import { type ImageOptions, type LabelledImages, labelledImages } from "./labelled.ts";
import type { Divided } from "./mnist.ts";

const about: About = {
  name: "CIFAR-10",
  description: "60,000 colour photographs, 32 × 32, of ten kinds of things",
  citation: "A. Krizhevsky, Learning multiple layers of features from tiny images, 2009",
  licence: "no licence is stated; free for research with citation",
  homepage: "https://www.cs.toronto.edu/~kriz/cifar.html",
};

const whole: PublishedFile = {
  place: "cifar10/cifar-10-binary.tar.gz",
  urls: ["https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"],
  digest: "sha256:c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9dddda3db29a59bca1dd",
};

/** The first 4,000 images of the first file. */
const sample: PublishedFile = {
  place: "cifar10/cifar10_first4000_lossless.bin.gz",
  urls: [],
  digest: "sha256:d32c18318de59292af92f571821e2570d0ce4d63cf4b3de2570ee51bf268ee72",
};

const classes = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"] as const;

const unpacked = (file: Uint8Array): Archive =>
  untar("cifar10", gunzip("cifar10", file), (path) => path.endsWith(".bin"));

function images(parts: readonly Uint8Array[], options: ImageOptions): LabelledImages {
  const read = parts.map((part) => readCifar("cifar10", part));
  const all = new Uint8Array(read.reduce((sum, { images }) => sum + images.length, 0));
  let at = 0;
  for (const part of read) {
    all.set(part.images, at);
    at += part.images.length;
  }
  return labelledImages(
    all,
    read.flatMap(({ labels }) => [...labels]),
    { ...options, shape: [3, 32, 32] },
  );
}

const batchFile = (archive: Archive, name: string) => fileIn("cifar10", archive, `cifar-10-batches-bin/${name}.bin`);

/**
 * 50,000 training and 10,000 test photographs: `image` float32 `[3, 32, 32]`, red, green, blue; `label` int32, an index
 * into `classes`. Downloaded once, 170 MB; `cifar10Sample` is smaller.
 */
export async function cifar10(
  options: ImageOptions & SourceOptions = {},
): Promise<Divided<LabelledImages> & { readonly classes: readonly string[] }> {
  const archive = unpacked(await bytesOf("cifar10", about, whole, options));
  const train = images(
    [1, 2, 3, 4, 5].map((n) => batchFile(archive, `data_batch_${n}`)),
    options,
  );
  return { train, test: images([batchFile(archive, "test_batch")], options), classes, about };
}

/** The first 4,000 training photographs of CIFAR-10, for trying things out; divide them with `split`. */
export async function cifar10Sample(
  options: ImageOptions & SourceOptions = {},
): Promise<{ readonly examples: LabelledImages; readonly classes: readonly string[]; readonly about: About }> {
  const { file, path } = await locate("cifar10Sample", about, [sample, whole], options);
  const bytes = await readFile(path);
  const first =
    file === sample
      ? gunzip("cifar10Sample", bytes)
      : batchFile(unpacked(bytes), "data_batch_1").subarray(0, 4000 * 3073);
  return { examples: images([first], options), classes, about };
}
