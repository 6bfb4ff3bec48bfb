import type { Buffer, ConvolutionOptions, View } from "../../device.ts";
import { zeroedArray } from "../arrays.ts";
import { wrap } from "../buffer.ts";
import { listOf } from "./walk.ts";

/** Height and width of a convolution's output. */
export function outputSize(x: number, taps: number, axis: 0 | 1, options: ConvolutionOptions): number {
  const { stride, padding, dilation, inputDilation } = options;
  const wide = x === 0 ? 0 : (x - 1) * inputDilation[axis] + 1;
  const padded = wide + padding[axis][0] + padding[axis][1];
  return Math.max(0, Math.floor((padded - (taps - 1) * dilation[axis] - 1) / stride[axis]) + 1);
}

const isCount = (n: number, least: number) => Number.isInteger(n) && n >= least;

/** @throws RangeError where images, filters and options do not go together: loops and kernels rely on it. */
export function requireFitting(x: View, filters: View, options: ConvolutionOptions): void {
  const { padding, groups } = options;
  const axis = (i: 0 | 1) =>
    isCount(x.shape[2 + i]!, 0) &&
    isCount(filters.shape[2 + i]!, 0) &&
    isCount(options.stride[i], 1) &&
    isCount(options.dilation[i], 1) &&
    isCount(options.inputDilation[i], 1) &&
    Number.isInteger(padding[i][0]) &&
    Number.isInteger(padding[i][1]);
  const fit =
    x.shape.length === 4 &&
    filters.shape.length === 4 &&
    isCount(x.shape[0]!, 0) &&
    isCount(groups, 1) &&
    isCount(filters.shape[0]! / groups, 0) &&
    isCount(filters.shape[1]!, 0) &&
    x.shape[1] === groups * filters.shape[1]! &&
    axis(0) &&
    axis(1);
  if (!fit) throw new RangeError("cpu: the images, filters and options of a convolution do not go together.");
}

/** The definition: for every output, the sum over input channels and filter taps that hit an input element. */
export function convolve(x: View, filters: View, options: ConvolutionOptions): Buffer {
  requireFitting(x, filters, options);
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const [outputs, perGroup, kh, kw] = filters.shape as [number, number, number, number];
  const { stride, padding, dilation, inputDilation, groups } = options;
  const oh = outputSize(height, kh, 0, options);
  const ow = outputSize(width, kw, 1, options);
  const xs = listOf(x);
  const ws = listOf(filters);
  const out = zeroedArray(x.buffer.dtype, batch * outputs * oh * ow);
  let next = 0;
  for (let b = 0; b < batch; b++) {
    for (let o = 0; o < outputs; o++) {
      const group = Math.floor(o / (outputs / groups));
      for (let oy = 0; oy < oh; oy++) {
        for (let ox = 0; ox < ow; ox++) {
          let sum = 0;
          for (let c = 0; c < perGroup; c++) {
            for (let ky = 0; ky < kh; ky++) {
              const y = oy * stride[0] + ky * dilation[0] - padding[0][0];
              if (y < 0 || y % inputDilation[0] !== 0 || y / inputDilation[0] >= height) continue;
              for (let kx = 0; kx < kw; kx++) {
                const at = ox * stride[1] + kx * dilation[1] - padding[1][0];
                if (at < 0 || at % inputDilation[1] !== 0 || at / inputDilation[1] >= width) continue;
                const row = (b * channels + group * perGroup + c) * height + y / inputDilation[0];
                sum += xs[row * width + at / inputDilation[1]]! * ws[((o * perGroup + c) * kh + ky) * kw + kx]!;
              }
            }
          }
          out[next++] = sum;
        }
      }
    }
  }
  return wrap(out, x.buffer.dtype);
}
