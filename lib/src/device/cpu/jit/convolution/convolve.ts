import type { ConvolutionOptions, View } from "../../../device.ts";
import type { Scratch } from "../scratch.ts";
import { convolveCorrelated, correlatedCost } from "./correlated.ts";
import { outputLength, problem } from "./problem.ts";
import { convolveShifted, shiftedCost } from "./shifted.ts";

/** Contiguous result of a convolution, any strides and options. */
export function convolve(x: View, filters: View, options: ConvolutionOptions, scratch: Scratch): Float32Array {
  const p = problem(x, filters, options);
  const length = outputLength(p);
  if (length === 0 || p.channels === 0) return new Float32Array(length);
  const dilated = p.rows.inputDilation !== 1 || p.columns.inputDilation !== 1;
  return !dilated && correlatedCost(p) < shiftedCost(p) ? convolveCorrelated(p, scratch) : convolveShifted(p, scratch);
}
