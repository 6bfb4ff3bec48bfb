import { readFile } from "../../device/node.ts";
import { DataError } from "../../tensor/errors.ts";
import { locate, type SourceOptions } from "../download/locate.ts";
import type { About, PublishedFile } from "../download/published.ts";
import { bunzip, gunzip } from "../files/archives.ts";
import { type ImageOptions, type LabelledImages, labelledImages } from "./labelled.ts";
import type { Divided } from "./mnist.ts";

const about: About = {
  name: "USPS",
  description: "9,298 handwritten digits from envelopes, 16 × 16 grey values",
  citation:
    "Y. LeCun et al., Handwritten digit recognition with a back-propagation network, NIPS 1989; J. J. Hull, IEEE PAMI 16(5), 1994",
  licence: "no licence is stated; research",
  homepage: "https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass.html#usps",
};

/** A file of records of 257 bytes, or LIBSVM's text. */
interface UspsFile extends PublishedFile {
  readonly form: "records" | "text";
}

const records = (part: string, sha256: string): UspsFile => ({
  place: `usps/usps_${part}.bin.gz`,
  urls: [],
  digest: `sha256:${sha256}`,
  form: "records",
});
const text = (name: string, md5: string): UspsFile => ({
  place: `usps/${name}`,
  urls: [`https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass/${name}`],
  digest: `md5:${md5}`,
  form: "text",
});

const files = {
  train: [
    records("train", "bbbaa13c67be161b4bf546eedbf495d72e1d3bbac27bc11f86548f47d4adc95d"),
    text("usps.bz2", "ec16c51db3855ca6c91edd34d0e9b197"),
  ],
  test: [
    records("test", "116a278e2311c3e3663f971821b29f25c0e865aa974d8c225a187a7f4decfd88"),
    text("usps.t.bz2", "8ea070ee2aca1ac39742fdd1ef5ed118"),
  ],
};

/**
 * 7,291 training and 2,007 test digits, the set of LeCun's nets of 1989 and 1990: `image` float32 `[1, 16, 16]`, `label`
 * int32.
 */
export async function usps(options: ImageOptions & SourceOptions = {}): Promise<Divided<LabelledImages>> {
  const part = async (name: keyof typeof files): Promise<LabelledImages> => {
    const { file, path } = await locate("usps", about, files[name], options);
    const bytes = await readFile(path);
    const { labels, images } =
      file.form === "records"
        ? fromRecords(gunzip("usps", bytes))
        : fromLibsvm(new TextDecoder().decode(bunzip("usps", bytes)));
    return labelledImages(images, labels, { ...options, shape: [1, 16, 16] });
  };
  return { train: await part("train"), test: await part("test"), about };
}

interface Digits {
  readonly labels: Int32Array;
  readonly images: Uint8Array;
}

function fromRecords(bytes: Uint8Array): Digits {
  const count = bytes.length / 257;
  const labels = Int32Array.from({ length: count }, (_, i) => bytes[257 * i]!);
  const images = new Uint8Array(256 * count);
  for (let i = 0; i < count; i++) images.set(bytes.subarray(257 * i + 1, 257 * (i + 1)), 256 * i);
  return { labels, images };
}

/** @internal LIBSVM's lines: the digit + 1, then `place:value` from place 1, values in −1 … 1, zeros left out. */
export function fromLibsvm(text: string): Digits {
  const lines = text.trimEnd().split("\n");
  const labels = new Int32Array(lines.length);
  const images = new Uint8Array(256 * lines.length).fill(Math.round(127.5));
  lines.forEach((line, i) => {
    const [label, ...fields] = line.trim().split(/\s+/);
    labels[i] = Number(label) - 1;
    for (const field of fields) {
      const colon = field.indexOf(":");
      const place = Number(field.slice(0, colon));
      if (!(place >= 1 && place <= 256))
        throw new DataError("usps", `line ${i + 1} has a value at place ${place}, expected 1 … 256.`);
      images[256 * i + place - 1] = Math.round(((Number(field.slice(colon + 1)) + 1) / 2) * 255);
    }
  });
  return { labels, images };
}
