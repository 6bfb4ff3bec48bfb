import { ArgumentError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Distribution } from "./distribution.ts";

/**
 * The Kullback–Leibler divergence E[ln p(x) − ln q(x)] over draws of `p`, in closed form, of two distributions of one
 * kind.
 *
 * @example
 * ```ts
 * import { random } from "gradbook";
 * const [p, q] = [new random.Normal({ mean: 1 }), new random.Normal()];
 * await random.klDivergence(p, q).item(); // 0.5
 * ```
 */
export function klDivergence<D extends Distribution>(p: D, q: D): Tensor {
  if (p.constructor !== q.constructor) {
    const text = `the distributions are ${p.constructor.name} and ${q.constructor.name}, expected two of one kind.`;
    throw new ArgumentError("klDivergence", text);
  }
  return p.divergence(q);
}
