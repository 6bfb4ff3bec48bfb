import { valueAndGrad } from "../gradient/grad.ts";
import { type Key, seed } from "../random/key.ts";
import { zerosLike } from "../tensor/create.ts";
import { ArgumentError, DTypeError, ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import { Breather, signalOf } from "../tensor/stop.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** How an input is changed until a model responds to it as wanted. */
export interface ImproveOptions {
  /** 256 if not said. */
  readonly steps?: number;
  /** Step width of Adam, in units of the input; 0.05 if not said. */
  readonly rate?: number;
  /** Weight of Σ x² of each example, which keeps values small; 0 if not said. */
  readonly decay?: number;
  /** Weight of the total variation of images `[batch, channels, height, width]`, which keeps them smooth; 0 if not said. */
  readonly totalVariation?: number;
  /** By how many pixels images are shifted at random before each step, around their edges; 0 if not said. */
  readonly jitter?: number;
  /** Draws the shifts. */
  readonly key?: Key;
  /** The smallest and the largest value of an input; unbounded, if not said. */
  readonly range?: readonly [number, number];
  /** After how many steps the input is given; 16 if not said. */
  readonly every?: number;
  /** Stops the search; in a notebook the kernel's own signal does so without being named. */
  readonly signal?: AbortSignal;
}

/** Σ over neighbouring pixels of their squared difference, for each example (Mahendran and Vedaldi 2015, β = 2). */
export function totalVariationOf(x: Tensor): Tensor {
  const [height, width] = x.shape.slice(2) as [number, number];
  const along = (axis: number, n: number) =>
    x
      .slice({ axis, start: 1 })
      .sub(x.slice({ axis, stop: n - 1 }))
      .square()
      .sum({ axis: [1, 2, 3] });
  return along(2, height).add(along(3, width));
}

function check(who: string, start: Tensor, options: ImproveOptions): void {
  const { steps = 1, every = 1, rate = 1, decay = 0, totalVariation = 0, jitter = 0, range = [0, 1] } = options;
  if (start.dtype === "int32" || start.dtype === "bool")
    throw new DTypeError(who, `the start is ${start.dtype}, which has no derivative. Cast it: x.cast("float32").`);
  for (const [name, value] of Object.entries({ steps, every }))
    if (!Number.isInteger(value) || value < 1)
      throw new ArgumentError(who, `${name} is ${value}, expected a positive integer.`);
  for (const [name, value] of Object.entries({ decay, totalVariation }))
    if (!(value >= 0)) throw new ArgumentError(who, `${name} is ${value}, expected 0 or more.`);
  if (!(rate > 0)) throw new ArgumentError(who, `rate is ${rate}, expected a positive number.`);
  if (!Number.isInteger(jitter) || jitter < 0)
    throw new ArgumentError(who, `jitter is ${jitter}, expected a whole number of pixels.`);
  if (!(range[0] < range[1]))
    throw new ArgumentError(who, `the range is ${range[0]} … ${range[1]}, expected the smaller value first.`);
  if ((jitter > 0 || totalVariation > 0) && start.rank !== 4)
    throw new ShapeError(
      who,
      `the start is ${showShape(start.shape)}, expected [batch, channels, height, width] for jitter and total variation.`,
      [start.shape],
    );
}

/** What a step is judged by: the number to lower, and the number to tell. */
interface Judged {
  readonly loss: Tensor;
  readonly told: Tensor;
}

/** Changes an input by Adam (Kingma and Ba 2015) until `judge` finds it good; the beginning is step 0. */
export async function* improve(
  who: string,
  start: Tensor,
  { judge, options }: { readonly judge: (x: Tensor) => Judged; readonly options: ImproveOptions },
): AsyncGenerator<{ readonly step: number; readonly input: Tensor; readonly told: number }, void, void> {
  check(who, start, options);
  const { steps = 256, rate = 0.05, decay = 0, totalVariation = 0, jitter = 0, range, every = 16 } = options;
  const key = options.key ?? seed(0).child(who);
  const breather = new Breather();
  let x = start;
  let [mean, square]: [Tensor, Tensor] = [zerosLike(start), zerosLike(start)];
  for (let step = 0; step <= steps; step++) {
    signalOf(options.signal)?.throwIfAborted();
    const shift = jitter === 0 ? null : shiftsOf(key.child(step), jitter);
    let told: Tensor | null = null;
    const { gradient } = valueAndGrad(x as Tensor<"float32">, (input: Tensor) => {
      const seen = shift === null ? input : input.roll({ shift: shift[0], axis: 2 }).roll({ shift: shift[1], axis: 3 });
      const judged = judge(seen);
      told = judged.told;
      let loss = judged.loss;
      if (decay > 0) loss = loss.add(input.square().sum().mul(decay));
      if (totalVariation > 0) loss = loss.add(totalVariationOf(input).sum().mul(totalVariation));
      return loss;
    });
    if (step % every === 0 || step === steps) yield { step, input: x, told: await told!.item() };
    mean = mean.mul(0.9).add(gradient.mul(0.1));
    square = square.mul(0.999).add(gradient.square().mul(0.001));
    const [m, v] = [1 - 0.9 ** (step + 1), 1 - 0.999 ** (step + 1)];
    x = x.sub(mean.div(m).mul(rate).div(square.div(v).sqrt().add(1e-8)));
    if (range !== undefined) x = x.clamp({ min: range[0], max: range[1] });
    await x.data();
    await breather.breathe();
  }
}

function shiftsOf(key: Key, most: number): readonly [number, number] {
  const bits = key.bits(2);
  const one = (i: number) => ((bits[i]! >>> 0) % (2 * most + 1)) - most;
  return [one(0), one(1)];
}
