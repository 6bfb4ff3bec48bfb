import type { Example, MapChoice } from "./example.ts";

/** The chosen map, or the chosen mean of maps, as [queries, keys] row by row. */
export function combined(example: Example, { layer, head }: MapChoice): Float32Array {
  if (layer === "rollout") return rollout(example, head);
  return meanOf(
    example,
    layer === "mean" ? all(example.layers) : [layer],
    head === "mean" ? all(example.heads) : [head],
  );
}

/**
 * Attention rollout (Abnar and Zuidema 2020): how much of each token is in each place after all layers, where every
 * layer adds what it attends to to what was there. The product of ½ (A + I), last layer first, rows divided by their sums.
 */
export function rollout(example: Example, head: number | "mean"): Float32Array {
  const tokens = example.queries.length;
  let product: Float64Array | undefined;
  for (const layer of all(example.layers)) {
    const mixing = Float64Array.from(meanOf(example, [layer], head === "mean" ? all(example.heads) : [head]));
    for (let row = 0; row < tokens; row++) {
      mixing[row * tokens + row]! += 1;
      const cells = mixing.subarray(row * tokens, (row + 1) * tokens);
      const sum = cells.reduce((total, weight) => total + weight, 0);
      for (let i = 0; i < tokens; i++) cells[i]! /= sum;
    }
    product = product === undefined ? mixing : times(mixing, product, tokens);
  }
  return Float32Array.from(product!);
}

function times(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const product = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    const target = product.subarray(row * size, (row + 1) * size);
    for (let inner = 0; inner < size; inner++) {
      const factor = a[row * size + inner]!;
      if (factor === 0) continue;
      for (let column = 0; column < size; column++) target[column]! += factor * b[inner * size + column]!;
    }
  }
  return product;
}

function meanOf(example: Example, layers: readonly number[], heads: readonly number[]): Float32Array {
  const size = example.queries.length * example.keys.length;
  const start = (layer: number, head: number) => (layer * example.heads + head) * size;
  const count = layers.length * heads.length;
  if (count === 1) return example.weights.slice(start(layers[0]!, heads[0]!), start(layers[0]!, heads[0]!) + size);
  const sum = new Float64Array(size);
  for (const layer of layers) {
    for (const head of heads) {
      const from = start(layer, head);
      for (let i = 0; i < size; i++) sum[i]! += example.weights[from + i]!;
    }
  }
  return Float32Array.from(sum, (total) => total / count);
}

function all(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
