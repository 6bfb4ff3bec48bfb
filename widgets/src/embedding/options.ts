import { sizes, type TensorLike, tensorOf } from "../data.ts";
import type { MapMoment } from "./map-run.ts";
import type { Measure } from "./state.ts";
import { imageShape } from "./thumbnails.ts";

/** What gradbook's `tsne` is told. */
export interface TsneCall {
  readonly perplexity: number;
  readonly exaggeration: number;
  readonly iterations: number;
  readonly every: number;
  readonly components: 2 | 3;
  readonly rate?: number;
  readonly early?: number;
  /** Places to start from; without them, those of the principal components. */
  readonly start?: TensorLike;
}

/** What gradbook's `pca` finds. */
export interface FoundComponents<X extends TensorLike> {
  readonly variances: readonly number[];
  transform(x: X): TensorLike;
}

/** What an embedding explorer shows, and how it begins. */
export interface EmbeddingExplorerOptions<X extends TensorLike = TensorLike> {
  readonly title?: string;
  /** What each point is coloured by: the name of its class, an empty text where it has none, or a number. */
  readonly labels?: ArrayLike<string | number> | TensorLike;
  /** Whether labels name classes or are measurements. Default: numbers are measurements unless they are few and whole. */
  readonly colourBy?: "class" | "value";
  /** A text for each point, such as a word. Beside images it is shown where one points, until one asks for all. */
  readonly names?: readonly string[];
  /** A small image for each point: `[points, height, width]`, or with 1 or 3 channels as second axis. */
  readonly images?: TensorLike;
  /** gradbook's `tsne`, or a function like it: the view can then run it. */
  readonly tsne?: (x: X, options: TsneCall) => AsyncIterable<MapMoment>;
  /** gradbook's `pca`, or a function like it. */
  readonly pca?: (x: X, options: { readonly components: number }) => Promise<FoundComponents<X>>;
  /** A layout that was computed already: `[points, 2]` or `[points, 3]`. */
  readonly positions?: TensorLike;
  /** What t-SNE begins with: roughly, how many neighbours count. Default 30, or a third of few points. */
  readonly perplexity?: number;
  /** Step width. Left to t-SNE if not said. */
  readonly rate?: number;
  /** By how much neighbours attract each other more in the first iterations. Default 12. */
  readonly exaggeration?: number;
  /** Start from random places of this seed instead of the principal components. */
  readonly seed?: number;
  /** How many iterations t-SNE makes. Default 1000. */
  readonly iterations?: number;
  /** Whether t-SNE starts by itself when the view is first shown. */
  readonly autoplay?: boolean;
  /** Whether the map is in space. Default false. */
  readonly inSpace?: boolean;
  /** How many neighbours a clicked point shows. Default 10. */
  readonly k?: number;
  /** How far apart points are said to be. Default `"euclidean"`. */
  readonly measure?: Measure;
}

const who = "embeddingExplorer";

/** How many points, and how many numbers each, once everything that can be is checked. */
export function checkedSizes<X extends TensorLike>(x: X, options: EmbeddingExplorerOptions<X>) {
  const { shape } = tensorOf(who, x, "It expected the points: [n, features].");
  const [count, features] = shape;
  if (shape.length !== 2 || !count || !features)
    throw new RangeError(`${who}: the points are ${sizes(shape)}, expected [n, features].`);
  const { names, labels, images, positions } = options;
  if (names && names.length !== count) throw unequal("names", names.length, count);
  const labelCount = labels && ("data" in labels ? labels.shape.reduce((a, b) => a * b, 1) : labels.length);
  if (labelCount !== undefined && labelCount !== count) throw unequal("labels", labelCount, count);
  if (images) imageShape(tensorOf(who, images, "images is expected to be one.").shape, count);
  if (positions) {
    const [rows, dimensions, ...more] = tensorOf(who, positions, "positions is expected to be one.").shape;
    if (rows !== count || (dimensions !== 2 && dimensions !== 3) || more.length > 0)
      throw new RangeError(
        `${who}: positions are ${sizes(positions.shape)}, expected [${count}, 2] or [${count}, 3]: a place for each point.`,
      );
  }
  if (!options.tsne && !options.pca && !positions && features > 3)
    throw new TypeError(
      `${who}: nothing says where the points go, expected tsne or pca (import { tsne, pca } from "gradbook"), or positions that were computed already.`,
    );
  return { count, features };
}

function unequal(what: string, found: number, count: number): RangeError {
  return new RangeError(`${who}: ${found} ${what} for ${count} points, expected one for each.`);
}
