import { showShape, sizeOf } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import { concat } from "./joining.ts";
import { shapes } from "./record.ts";
import { centredRow, inRows, meanOf, type RowFunction, rowProgram } from "./rows.ts";

export interface LayerNormOptions {
  /** Added to the variance. */
  readonly epsilon: number;
}

/** The forward pass and the way back of rows of `count`, in one go each. */
function programs(count: number, epsilon: number): { readonly forward: RowFunction; readonly backward: RowFunction } {
  return {
    forward: rowProgram(3, ([x, weight, bias], fold) => {
      const { centred, deviation } = centredRow(x!, fold, count, epsilon);
      return centred.div(deviation).mul(weight!).add(bias!);
    }),
    backward: rowProgram(3, ([x, weight, g], fold) => {
      const { centred, deviation } = centredRow(x!, fold, count, epsilon);
      const [normal, scaled] = [centred.div(deviation), g!.mul(weight!)];
      const rest = scaled.sub(meanOf(scaled, fold, count)).sub(normal.mul(meanOf(scaled.mul(normal), fold, count)));
      return [rest.div(deviation), g!.mul(normal)];
    }),
  };
}

/**
 * Layer normalisation over the last axis (Ba, Kiros and Hinton 2016): (x − mean) / √(variance + epsilon), times a weight
 * and with a bias, both `[features]`.
 */
export const layerNorm: OperationFunction<[x: Tensor, weight: Tensor, bias: Tensor], [options: LayerNormOptions]> =
  define({
    name: "layerNorm",
    inputs: ["x", "weight", "bias"],
    shape: ([x, weight, bias]) => {
      const features = x.slice(-1);
      if (x.length > 0 && [weight, bias].every((given) => `${given}` === `${features}`)) return x;
      return {
        because: `${showShape(x)} with a weight ${showShape(weight)} and a bias ${showShape(bias)}: expected both ${showShape(features)}.`,
      };
    },
    compose: ([x, weight, bias], { epsilon }) =>
      inRows(programs(x.shape.at(-1)!, epsilon).forward, [x, weight, bias], -1, () =>
        x.standardise({ epsilon }).mul(weight).add(bias),
      ),
    pullback: (g, [x, weight], _, { epsilon }) => {
      const features = x.shape.at(-1)!;
      const both = inRows(programs(features, epsilon).backward, [x, weight, g], -1, () => {
        const along = { axis: -1, keepDims: true };
        const centred = x.sub(x.mean(along));
        const deviation = centred.square().mean(along).add(epsilon).sqrt();
        const normal = centred.div(deviation);
        const scaled = g.mul(weight);
        const rest = scaled.sub(scaled.mean(along)).sub(normal.mul(scaled.mul(normal).mean(along)));
        return concat([rest.div(deviation), g.mul(normal)], -1);
      });
      const rows = sizeOf(x.shape.slice(0, -1));
      const flat = both.reshape([rows, 2 * features]);
      return [
        both.slice({ axis: -1, start: 0, stop: features }),
        flat.slice({ axis: 1, start: features, stop: 2 * features }).sum({ axis: 0 }),
        g.reshape([rows, features]).sum({ axis: 0 }),
      ];
    },
    samples: [
      { shapes: shapes([3, 4], [4], [4]), options: { epsilon: 1e-5 } },
      { shapes: shapes([2, 3, 5], [5], [5]), options: { epsilon: 0.1 } },
      { shapes: shapes([4], [4], [4]), options: { epsilon: 1e-5 } },
    ],
    refusals: [
      {
        shapes: shapes([2, 3], [2], [3]),
        options: { epsilon: 1e-5 },
        message: /\[2, 3\] with a weight \[2\] and a bias \[3\]: expected both \[3\]/,
      },
    ],
  });
