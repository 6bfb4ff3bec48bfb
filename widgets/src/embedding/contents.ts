import { type TensorLike, type Values, valuesOf } from "../data.ts";
import { labellingOf, unlabelled } from "./classes.ts";
import type { EmbeddingExplorerOptions } from "./options.ts";
import type { ExplorerState, Layout } from "./state.ts";
import { thumbnailsOf } from "./thumbnails.ts";

const who = "embeddingExplorer";

/** As many numbers of the original space as go into the notebook's file, so that the page can find neighbours alone. */
const mostVectorValues = 500_000;

/** Reads everything that was given, and lays the points out by their principal components. */
export async function contentsOf<X extends TensorLike>(
  x: X,
  { labels, colourBy, images, positions, pca, tsne }: EmbeddingExplorerOptions<X>,
): Promise<{ readonly values: Values; readonly state: Partial<ExplorerState> }> {
  const values = await valuesOf(who, x, "");
  const [count, features] = x.shape as [number, number];
  const read = labels && ("data" in labels ? await labels.data() : labels);
  // Points of two or three features are a map already.
  const given = positions ?? (tsne || pca ? undefined : x);
  const components = Math.min(3, count, features);
  const found = pca && components >= 2 ? await pca(x, { components }) : undefined;
  const state = {
    vectors: values.values.length <= mostVectorValues ? Float32Array.from(values.values) : null,
    ...(read ? labellingOf(read, colourBy) : unlabelled),
    thumbnails: images ? thumbnailsOf(await valuesOf(`${who}: images`, images, "")) : null,
    given: given ? await layoutOf(given) : null,
    pca: found ? await layoutOf(found.transform(x)) : null,
    shares: found ? sharesOf(found.variances, values) : null,
  };
  return { values, state };
}

async function layoutOf(source: TensorLike): Promise<Layout> {
  const { values, shape } = await valuesOf(who, source, "");
  return { positions: Float32Array.from(values), dimensions: shape[1] as 2 | 3 };
}

/** Which share of all variance each component has. */
function sharesOf(variances: readonly number[], { values, shape }: Values): number[] {
  const [count, features] = shape as [number, number];
  let total = 0;
  for (let feature = 0; feature < features; feature++) {
    let [mean, sum] = [0, 0];
    for (let i = 0; i < count; i++) mean += values[i * features + feature]! / count;
    for (let i = 0; i < count; i++) sum += (values[i * features + feature]! - mean) ** 2;
    total += sum / Math.max(1, count - 1);
  }
  return variances.map((variance) => (total > 0 ? variance / total : 0));
}
