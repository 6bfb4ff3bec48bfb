import { resolveAxes, sizeOf } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import { shapes } from "./record.ts";
import { centredRow, inRows, meanOf, type RowFunction, rowProgram } from "./rows.ts";

export interface StandardiseOptions {
  /** Along which axes; the last, if not said. */
  readonly axis?: number | readonly number[];
  /** Added to the variance; 1e-5, if not said. */
  readonly epsilon?: number;
}

/**
 * Mean 0 and variance 1 along axes (the last, if not said): (x − mean) / √(variance + epsilon), of the variance of these
 * values, not corrected for their count. What layer normalisation does (Ba, Kiros and Hinton 2016).
 */
export const standardise: OperationFunction<[x: Tensor], [options?: StandardiseOptions]> = define({
  name: "standardise",
  inputs: ["x"],
  shape: ([x], { axis = -1, epsilon = 1e-5 } = {}) => {
    resolveAxes("standardise", axis, x.length);
    return epsilon >= 0 ? x : { because: `epsilon is ${epsilon}, expected a number that is not negative.` };
  },
  compose: ([x], options) => {
    const { rows, axes, count, epsilon } = resolved(x, options);
    if (rows) return inRows(programs(count, epsilon).forward, [x], -1, () => composed(x, axes, epsilon));
    return composed(x, axes, epsilon);
  },
  pullback: (g, [x], y, options) => {
    const { rows, axes, count, epsilon } = resolved(x, options);
    const compose = () => {
      const along = { axis: axes, keepDims: true };
      const rest = g.sub(g.mean(along)).sub(y.mul(g.mul(y).mean(along)));
      return rest.div(x.sub(x.mean(along)).square().mean(along).add(epsilon).sqrt());
    };
    return [rows ? inRows(programs(count, epsilon).backward, [x, g, y], -1, compose) : compose()];
  },
  samples: [
    { shapes: shapes([3, 4]) },
    { shapes: shapes([2, 3, 4]), options: { axis: [0, -1], epsilon: 0.1 } },
    { shapes: shapes([2, 3, 2]), options: { axis: 1 } },
    { shapes: shapes([5]) },
  ],
  refusals: [
    { shapes: shapes([2, 3]), options: { axis: 2 }, message: /axis 2 of a tensor with 2 axes/ },
    { shapes: shapes([2, 3]), options: { epsilon: -1 }, message: /epsilon is -1, expected a number/ },
  ],
});

function composed(x: Tensor, axis: readonly number[], epsilon: number): Tensor {
  const along = { axis, keepDims: true };
  const centred = x.sub(x.mean(along));
  return centred.div(centred.square().mean(along).add(epsilon).sqrt());
}

function resolved(x: Tensor, { axis = -1, epsilon = 1e-5 }: StandardiseOptions = {}) {
  const axes = resolveAxes("standardise", axis, x.rank);
  const rows = axes.length === 1 && axes[0] === x.rank - 1;
  return { rows, axes, count: sizeOf(axes.map((a) => x.shape[a]!)), epsilon };
}

/** The same, step by step, in rows of `count`. */
function programs(count: number, epsilon: number): { readonly forward: RowFunction; readonly backward: RowFunction } {
  return {
    forward: rowProgram(1, ([x], fold) => {
      const { centred, deviation } = centredRow(x!, fold, count, epsilon);
      return centred.div(deviation);
    }),
    backward: rowProgram(3, ([x, g, y], fold) => {
      const { deviation } = centredRow(x!, fold, count, epsilon);
      return g!
        .sub(meanOf(g!, fold, count))
        .sub(y!.mul(meanOf(g!.mul(y!), fold, count)))
        .div(deviation);
    }),
  };
}
