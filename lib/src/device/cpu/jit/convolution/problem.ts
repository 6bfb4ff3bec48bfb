import type { ConvolutionOptions, View } from "../../../device.ts";
import { outputSize, requireFitting } from "../../plain/convolve.ts";
import type { Axis } from "./geometry.ts";

/** A convolution with its sizes spelled out. */
export interface Problem {
  readonly x: View;
  readonly filters: View;
  readonly batch: number;
  readonly groups: number;
  /** Input channels and filters of one group. */
  readonly channels: number;
  readonly filtersPerGroup: number;
  readonly rows: Axis;
  readonly columns: Axis;
}

/** @throws RangeError where images, filters and options do not go together: kernels rely on it. */
export function problem(x: View, filters: View, options: ConvolutionOptions): Problem {
  requireFitting(x, filters, options);
  const axis = (which: 0 | 1): Axis => ({
    inputs: x.shape[2 + which]!,
    taps: filters.shape[2 + which]!,
    outputs: outputSize(x.shape[2 + which]!, filters.shape[2 + which]!, which, options),
    stride: options.stride[which],
    dilation: options.dilation[which],
    inputDilation: options.inputDilation[which],
    before: options.padding[which][0],
  });
  return {
    x,
    filters,
    batch: x.shape[0]!,
    groups: options.groups,
    channels: filters.shape[1]!,
    filtersPerGroup: filters.shape[0]! / options.groups,
    rows: axis(0),
    columns: axis(1),
  };
}

/** The number of outputs. */
export function outputLength({ batch, groups, filtersPerGroup, rows, columns }: Problem): number {
  return batch * groups * filtersPerGroup * rows.outputs * columns.outputs;
}
