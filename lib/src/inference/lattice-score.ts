import { logSumExp } from "../operations/activation.ts";
import { stack } from "../operations/joining.ts";
import { tensor, zeros } from "../tensor/create.ts";
import { DataError, ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Lattice } from "./lattice.ts";

/**
 * ln Σ exp(score) over all paths of a lattice whose arcs are scored by a tensor `[arcs]`, with derivatives of any order:
 * the first is the probability of each arc. So a recogniser learns from whole strings: the forward score of all readings
 * less that of the right ones (LeCun et al. 1998, section VI.C). The lattice's own scores do not count.
 *
 * Throws a `ShapeError` for another number of scores, a `DataError` for a cycle or where there is no path.
 *
 * @example
 * ```ts
 * import { grad, inference, type Tensor, tensor } from "gradbook";
 *
 * const lattice = new inference.Lattice({ nodes: 2, arcs: [{ from: 0, to: 1 }, { from: 0, to: 1 }] });
 * const f = (scores: Tensor) => inference.latticeScore(lattice, scores);
 * await grad(f)(tensor([1, 1])).toArray(); // [0.5, 0.5]
 * ```
 */
export function latticeScore(lattice: Lattice, scores: Tensor): Tensor {
  if (scores.rank !== 1 || scores.shape[0] !== lattice.arcs.length)
    throw new ShapeError(
      "latticeScore",
      `the scores are ${showShape(scores.shape)}, expected [${lattice.arcs.length}].`,
      [scores.shape],
    );
  const reached = new Map<number, Tensor>();
  for (const node of lattice.topological()) {
    // There is no cycle, so nothing leads back to the start.
    if (node === lattice.start) {
      reached.set(node, zeros([], { dtype: scores.dtype, device: scores.device }));
      continue;
    }
    const arcs = lattice.arcsInto(node).filter((arc) => reached.has(lattice.arcs[arc]!.from));
    if (arcs.length === 0) continue;
    const before = stack(arcs.map((arc) => reached.get(lattice.arcs[arc]!.from)!));
    const own = scores.take(tensor(Int32Array.from(arcs), { device: scores.device }));
    reached.set(node, logSumExp(before.add(own)));
  }
  const ends = lattice.ends.flatMap((end) => reached.get(end) ?? []);
  if (ends.length === 0)
    throw new DataError("latticeScore", "no path leads from the start to an end, expected at least one.");
  return logSumExp(stack(ends));
}
