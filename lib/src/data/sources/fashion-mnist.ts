import { bytesOf, type SourceOptions } from "../download/locate.ts";
import type { About, PublishedFile } from "../download/published.ts";
import { gunzip } from "../files/archives.ts";
import { readIdx } from "../files/idx.ts";
import { type ImageOptions, type LabelledImages, labelledImages } from "./labelled.ts";
import type { Divided } from "./mnist.ts";

const about: About = {
  name: "Fashion-MNIST",
  description: "70,000 pictures of clothes, 28 × 28 grey values",
  citation:
    "H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms, 2017",
  licence: "MIT",
  homepage: "https://github.com/zalandoresearch/fashion-mnist",
};

const file = (name: string, digest: PublishedFile["digest"]): PublishedFile => ({
  place: `fashion-mnist/${name}`,
  urls: [
    `https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/${name}`,
    `http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/${name}`,
  ],
  digest,
});

const files = {
  trainImages: file("train-images-idx3-ubyte.gz", "md5:8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
  trainLabels: file("train-labels-idx1-ubyte.gz", "md5:25c81989df183df01b3e8a0aad5dffbe"),
  testImages: file("t10k-images-idx3-ubyte.gz", "md5:bef4ecab320f06d8554ea6380940ec79"),
  testLabels: file("t10k-labels-idx1-ubyte.gz", "md5:bb300cfdad3c16e7a12a480ee83cd310"),
};

const classes = [
  "T-shirt/top",
  "trouser",
  "pullover",
  "dress",
  "coat",
  "sandal",
  "shirt",
  "sneaker",
  "bag",
  "ankle boot",
] as const;

/**
 * 60,000 training and 10,000 test pictures of clothes: `image` float32 `[1, 28, 28]`, `label` int32, an index into
 * `classes`. Downloaded once, 30 MB.
 */
export async function fashionMnist(
  options: ImageOptions & SourceOptions = {},
): Promise<Divided<LabelledImages> & { readonly classes: readonly string[] }> {
  const load = async (which: PublishedFile) =>
    readIdx("fashionMnist", gunzip("fashionMnist", await bytesOf("fashionMnist", about, which, options)));
  const images = async (image: PublishedFile, label: PublishedFile) =>
    labelledImages((await load(image)).values, (await load(label)).values, { ...options, shape: [1, 28, 28] });
  const train = await images(files.trainImages, files.trainLabels);
  return { train, test: await images(files.testImages, files.testLabels), classes, about };
}
