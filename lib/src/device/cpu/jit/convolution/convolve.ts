import type { ConvolutionOptions, View } from "../../../device.ts";
import type { Scratch } from "../scratch.ts";
import { convolveCorrelated, correlatedCost } from "./correlated.ts";
import { mend } from "./mend.ts";
import { convolveAbreast, convolveOnArrays, paysOnArrays } from "./on-arrays/index.ts";
import { outputLength, problem } from "./problem.ts";
import { channelsOfRun } from "./runs.ts";
import { convolveShifted, shiftedCost } from "./shifted.ts";

/** Contiguous result of a convolution, any strides and options. */
export function convolve(x: View, filters: View, options: ConvolutionOptions, scratch: Scratch): Float32Array {
  const p = problem(x, filters, options);
  const length = outputLength(p);
  const terms = p.channels * p.rows.taps * p.columns.taps;
  if (length === 0 || terms === 0) return new Float32Array(length);
  const dilated = p.rows.inputDilation !== 1 || p.columns.inputDilation !== 1;
  const correlated = !dilated && correlatedCost(p) < shiftedCost(p);
  const { x86 } = scratch.engine;
  const order = correlated ? "correlated" : "shifted";
  const isOfRuns = channelsOfRun(p.rows.taps * p.columns.taps, order) !== undefined;
  const abreast = x86 !== null && !dilated && isOfRuns ? convolveAbreast(p, order, x86) : undefined;
  if (abreast !== undefined) return abreast;
  const direct = x86 !== null && paysOnArrays(p, correlated) ? convolveOnArrays(p, correlated, x86) : undefined;
  const out = direct ?? (correlated ? convolveCorrelated(p, scratch) : convolveShifted(p, scratch));
  mend(out, p);
  return out;
}
