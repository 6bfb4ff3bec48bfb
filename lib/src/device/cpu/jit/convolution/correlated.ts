import { arrayToFill } from "../../arrays.ts";
import { roundUp } from "../rounding.ts";
import type { Scratch } from "../scratch.ts";
import { CorrelationPass, tileFor } from "./correlation-pass.ts";
import { outputLength, type Problem } from "./problem.ts";

/** Floats of sums, and of images, held at a time. */
const HELD = 1 << 20;

/**
 * Multiplications, about, with those that tiles waste. Proportional to the batch, as is the shifted product's, so that
 * the choice between them, and with it every bit of an image's result, does not depend on the images beside it.
 */
export function correlatedCost(p: Problem): number {
  const { lines, vectors, cost } = tileFor(p.filtersPerGroup);
  const outputs = p.batch * roundUp(p.rows.outputs * p.columns.outputs, lines);
  const filters = roundUp(p.filtersPerGroup, vectors * 4);
  return cost * p.groups * filters * outputs * p.channels * p.rows.taps * p.columns.taps;
}

/**
 * Convolution with filters as large as the image and few outputs, as the gradient with respect to filters is.
 * The roles change: the taps are what is summed over, in order, and each output is a place where the image, read in
 * place, meets all filters. Inputs must not be dilated.
 */
export function convolveCorrelated(p: Problem, scratch: Scratch): Float32Array {
  const { batch, groups, filtersPerGroup: filters } = p;
  const outputs = p.rows.outputs * p.columns.outputs;
  const perImage = Math.max(outputs * (filters + 4), p.rows.inputs * p.columns.inputs);
  const perPass = Math.min(batch, Math.max(1, Math.floor(HELD / perImage)));
  const pass = new CorrelationPass(p, perPass, scratch);
  const out = arrayToFill("float32", outputLength(p));
  const size = filters * outputs;
  for (let first = 0; first < batch; first += perPass) {
    const images = Math.min(perPass, batch - first);
    for (let group = 0; group < groups; group++) {
      const result = pass.run(group, first, images) / 4;
      const { floats } = scratch;
      for (let i = 0; i < images; i++) {
        out.set(floats.subarray(result + i * size, result + (i + 1) * size), ((first + i) * groups + group) * size);
      }
    }
  }
  return out;
}
