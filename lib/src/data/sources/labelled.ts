import { type Column, Dataset } from "../dataset.ts";

/** Images `[channels, height, width]` with a class each. */
export type LabelledImages = Dataset<{ readonly image: Column<"float32">; readonly label: Column<"int32"> }>;

export interface ImageOptions {
  /** Value of the lowest and of the highest stored value; 0 and 1 if not said. LeCun et al. 1998 use −0.1 and 1.175. */
  readonly range?: readonly [number, number];
}

/** Images kept as bytes, of which `top` is the highest. */
export function labelledImages(
  images: Uint8Array,
  labels: ArrayLike<number>,
  { shape, range = [0, 1], top = 255 }: ImageOptions & { readonly shape: readonly number[]; readonly top?: number },
): LabelledImages {
  const [low, high] = range;
  return new Dataset({
    image: { values: images, shape, dtype: "float32", scale: (high - low) / top, shift: low },
    label: { values: Int32Array.from(labels), shape: [], dtype: "int32" },
  });
}
