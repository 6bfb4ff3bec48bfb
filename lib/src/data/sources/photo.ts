import { ArgumentError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { bytesOf, type SourceOptions } from "../download/locate.ts";
import type { About, PublishedFile } from "../download/published.ts";
import { decodePng } from "../files/png.ts";

const digests = {
  astronaut: "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
  camera: "b0793d2adda0fa6ae899c03989482bff9a42d3d5690fc7e3648f2795d730c23a",
  chelsea: "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
  coffee: "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
} as const;

export type PhotoName = keyof typeof digests;

/** One of scikit-image's photographs, `[channels, height, width]` from 0 to 1: a portrait, a man with a camera, a cat, a cup. */
export async function photo(
  name: PhotoName,
  options: SourceOptions = {},
): Promise<{ readonly image: Tensor<"float32">; readonly about: About }> {
  if (!Object.hasOwn(digests, name))
    throw new ArgumentError("photo", `there is no photo ${name}, expected one of ${Object.keys(digests).join(", ")}.`);
  const file: PublishedFile = {
    place: `skimage_photos/${name}.png`,
    urls: [`https://raw.githubusercontent.com/scikit-image/scikit-image/v0.19.3/skimage/data/${name}.png`],
    digest: `sha256:${digests[name]}`,
  };
  const about: About = {
    name: `Photo "${name}"`,
    description: "A photograph that comes with scikit-image",
    citation: "S. van der Walt et al., scikit-image: image processing in Python, PeerJ 2:e453, 2014",
    licence: name === "astronaut" ? "public domain (NASA)" : "CC0",
    homepage: "https://scikit-image.org",
  };
  return { image: decodePng(await bytesOf("photo", about, file, options)), about };
}
