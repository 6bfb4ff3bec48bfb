import { take } from "../../operations/indexing.ts";
import { reshape, transpose } from "../../operations/rearrange.ts";
import { tensorOf } from "../../tensor/create.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Initialiser } from "../initialisers.ts";
import { checkCount, Module, parameter } from "../module.ts";

export interface RelativeBiasOptions {
  readonly heads: number;
  /** How many classes of distance there are; 32 if not said. */
  readonly buckets?: number;
  /** From this distance on, all are one class; 128 if not said. */
  readonly farthest?: number;
  /** Whether keys after the query have classes of their own; false for decoders. True if not said. */
  readonly bidirectional?: boolean;
}

const normal: Initialiser = (shape, key) => key.normal(shape);

/**
 * A trained number for each head and class of distance between query and key, to be added to scores of attention (T5,
 * Raffel et al. 2020): half of the classes are single distances, the others grow with the logarithm. `weight [buckets,
 * heads]`.
 *
 * @example
 * ```ts
 * import { nn, random } from "gradbook";
 *
 * const bias = nn.init(new nn.RelativeBias({ heads: 2 }), { seed: 1 });
 * const attention = nn.init(new nn.MultiheadAttention(4, 2), { seed: 1 });
 * const x = random.seed(2).normal([1, 5, 4]);
 * const { output } = attention.forward(x, x, x, { bias: bias.forward(5, 5) });
 * console.log(output.shape); // [ 1, 5, 4 ]
 * ```
 */
export class RelativeBias extends Module {
  readonly weight: Tensor<"float32">;
  readonly #farthest: number;
  readonly #bidirectional: boolean;

  constructor({ heads, buckets = 32, farthest = 128, bidirectional = true }: RelativeBiasOptions) {
    super();
    checkCount("RelativeBias", "heads", heads);
    const least = bidirectional ? 4 : 2;
    if (!Number.isInteger(buckets) || buckets < least || buckets % least !== 0)
      throw new ArgumentError("RelativeBias", `buckets is ${buckets}, expected a multiple of ${least}.`);
    if (!(farthest > buckets / least))
      throw new ArgumentError("RelativeBias", `farthest is ${farthest}, expected more than ${buckets / least}.`);
    this.weight = parameter([buckets, heads], normal);
    this.#farthest = farthest;
    this.#bidirectional = bidirectional;
  }

  /** `[heads, queries, keys]`; the first query is at position `offset` of the keys, 0 if not said. */
  forward(queries: number, keys: number, { offset = 0 }: { readonly offset?: number } = {}): Tensor {
    checkCount("RelativeBias", "queries", queries);
    checkCount("RelativeBias", "keys", keys);
    const classes = Int32Array.from({ length: queries * keys }, (_, i) =>
      this.bucket((i % keys) - Math.floor(i / keys) - offset),
    );
    const rows = take(this.weight, tensorOf(classes, "int32", [classes.length], this.weight.device), 0);
    return transpose(reshape(rows, [queries, keys, this.weight.shape[1]!]), [2, 0, 1]);
  }

  /** The class of a key so far after the query. */
  bucket(distance: number): number {
    const all = this.weight.shape[0]!;
    const buckets = this.#bidirectional ? all / 2 : all;
    const first = this.#bidirectional && distance > 0 ? buckets : 0;
    const apart = this.#bidirectional ? Math.abs(distance) : Math.max(0, -distance);
    const exact = buckets / 2;
    if (apart < exact) return first + apart;
    const grown = (Math.log(apart / exact) / Math.log(this.#farthest / exact)) * (buckets - exact);
    // A little more, so that a distance on the edge of a class falls to the farther one whatever the logarithm rounds to.
    return first + Math.min(buckets - 1, exact + Math.floor(grown + 1e-9));
  }
}
