import type { Layer } from "../nn/sequential.ts";
import { type Key, seed } from "../random/key.ts";
import { full, zerosLike } from "../tensor/create.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { sameShape, showShape } from "../tensor/shapes.ts";
import { Breather, signalOf } from "../tensor/stop.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { legendre } from "./quadrature.ts";
import { gradientOfScore } from "./saliency.ts";
import { type ClassOptions, classesOf, scoreOf, scoresOf } from "./score.ts";

interface LongOptions extends ClassOptions {
  /** Stops the work; in a notebook the kernel's own signal does so without being named. */
  readonly signal?: AbortSignal;
}

export interface SmoothGradOptions extends LongOptions {
  /** How many noisy copies; 50 if not said. */
  readonly samples?: number;
  /** Standard deviation of the noise as a share of each example's range; 0.15 if not said. */
  readonly noise?: number;
  /** Draws the noise. */
  readonly key?: Key;
}

export interface IntegratedGradientsOptions extends LongOptions {
  /** Where the path begins: a tensor that broadcasts to `x`, or zeros if not said. */
  readonly baseline?: Tensor;
  /** Points on the path; 50 if not said. */
  readonly steps?: number;
}

export interface OcclusionOptions extends LongOptions {
  /** Height and width of the patch. */
  readonly size: number | readonly [number, number];
  /** How far it goes at a time; the patch's size, if not said. */
  readonly stride?: number | readonly [number, number];
  /** What covers the image; 0 if not said. */
  readonly fill?: number;
}

function requireCount(who: string, what: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new ArgumentError(who, `${what} is ${value}, expected a positive integer.`);
}

/**
 * The derivative of the score, averaged over noisy copies of the input (Smilkov et al. 2017), in the shape of `x`.
 * The class is that of the input without noise.
 * @throws ArgumentError for samples or noise that make no sense.
 */
export async function smoothGrad(model: Layer, x: Tensor, options: SmoothGradOptions = {}): Promise<Tensor> {
  const who = "smoothGrad";
  const { samples = 50, noise = 0.15, key = seed(0).child(who) } = options;
  requireCount(who, "samples", samples);
  if (!(noise >= 0)) throw new ArgumentError(who, `noise is ${noise}, expected a share of the range, 0 or more.`);
  const classes = classesOf(who, scoresOf(who, model, x), options);
  const axis = x.shape.map((_, i) => i).slice(1);
  const range = x.max({ axis, keepDims: true }).sub(x.min({ axis, keepDims: true }));
  const deviation = range.mul(noise);
  let total: Tensor = zerosLike(x);
  await eachOf(samples, options, (i) => {
    const drawn = key.child(i).normal(x.shape).cast(x.dtype);
    total = total.add(gradientOfScore(who, model, x.add(drawn.mul(deviation)), { classes }));
    return total.data();
  });
  return total.div(samples);
}

/**
 * What each value of the input contributes to the score's difference from that at a baseline: the derivative averaged
 * along the straight path between the two, times their difference (Sundararajan, Taly and Yan 2017). The contributions
 * add up to that difference (completeness). Shape of `x`. The integral is taken by Gauss and Legendre's rule.
 * @throws ShapeError where the baseline does not broadcast to `x`.
 *
 * @example
 * ```ts
 * import { inspect, tensor, type Tensor } from "gradbook";
 *
 * const model = (x: Tensor) => x.square().sum({ axis: 1, keepDims: true }); // one class
 * const parts = await inspect.integratedGradients(model, tensor([[1, 2, 3]]));
 * (await parts.sum().item()).toFixed(3); // "14.000"
 * ```
 */
export async function integratedGradients(
  model: Layer,
  x: Tensor,
  options: IntegratedGradientsOptions = {},
): Promise<Tensor> {
  const who = "integratedGradients";
  const { steps = 50, baseline = zerosLike(x) } = options;
  requireCount(who, "steps", steps);
  const difference = x.sub(baseline);
  if (!sameShape(difference.shape, x.shape))
    throw new ShapeError(
      who,
      `the baseline is ${showShape(baseline.shape)}, expected one that broadcasts to ${showShape(x.shape)}.`,
      [baseline.shape, x.shape],
    );
  const classes = classesOf(who, scoresOf(who, model, x), options);
  const { nodes, weights } = legendre(steps);
  let mean: Tensor = zerosLike(x);
  await eachOf(steps, options, (i) => {
    const point = difference.mul(nodes[i]!).add(baseline);
    mean = mean.add(gradientOfScore(who, model, point, { classes }).mul(weights[i]!));
    return mean.data();
  });
  return mean.mul(difference);
}

/**
 * By how much the score falls when a patch covers a part of the image (Zeiler and Fergus 2014, section 4.2), for images
 * `[batch, channels, height, width]`: `[batch, height, width]`, at each pixel the mean over the patches that cover it.
 * The last patch of a row or column ends at the image's edge. One forward pass for each place, for all images at once.
 * @throws ShapeError for what is no batch of images, ArgumentError for a patch that does not fit.
 */
export async function occlusion(model: Layer, x: Tensor, options: OcclusionOptions): Promise<Tensor> {
  const who = "occlusion";
  if (x.rank !== 4)
    throw new ShapeError(who, `the input is ${showShape(x.shape)}, expected [batch, channels, height, width].`, [
      x.shape,
    ]);
  const [batch, , height, width] = x.shape as [number, number, number, number];
  const { size, stride = size, fill = 0 } = options;
  const [high, wide] = both(size);
  const [down, right] = both(stride);
  for (const [what, value] of Object.entries({ size: high, stride: down })) requireCount(who, what, value);
  for (const [what, value] of Object.entries({ size: wide, stride: right })) requireCount(who, what, value);
  if (high > height || wide > width)
    throw new ArgumentError(who, `a patch of ${high}×${wide} does not fit into images of ${height}×${width}.`);
  const scores = scoresOf(who, model, x);
  const classes = classesOf(who, scores, options);
  const before = scores.pick(classes);
  const patches = startsOf(height, high, down).flatMap((y) =>
    startsOf(width, wide, right).map((left) => ({ y, left })),
  );
  let falls: Tensor = full([batch, height, width], 0, { dtype: x.dtype, device: x.device });
  let covers: Tensor = full([height, width], 0, { dtype: x.dtype, device: x.device });
  await eachOf(patches.length, options, (i) => {
    const { y, left } = patches[i]!;
    const patch = full([high, wide], 1, { dtype: x.dtype, device: x.device }).pad({
      before: [y, left],
      after: [height - y - high, width - left - wide],
    });
    const covered = patch.cast("bool").where(fill, x);
    const fall = before.sub(scoreOf(who, model, covered, classes));
    falls = falls.add(fall.reshape([batch, 1, 1]).mul(patch));
    covers = covers.add(patch);
    return falls.data();
  });
  return covers.equal(0).where(0, falls.div(covers.maximum(1)));
}

function both(size: number | readonly [number, number]): readonly [number, number] {
  return typeof size === "number" ? [size, size] : size;
}

/** Where patches begin along an axis, the last at the edge. */
function startsOf(length: number, size: number, stride: number): number[] {
  const last = length - size;
  const starts = Array.from({ length: Math.floor(last / stride) + 1 }, (_, i) => i * stride);
  return starts.at(-1) === last ? starts : [...starts, last];
}

/** Takes steps one after another, obeying a signal and letting the event loop turn. */
async function eachOf(count: number, options: LongOptions, step: (i: number) => Promise<unknown>): Promise<void> {
  const signal = signalOf(options.signal);
  const breather = new Breather();
  for (let i = 0; i < count; i++) {
    signal?.throwIfAborted();
    await step(i);
    await breather.breathe();
  }
}
