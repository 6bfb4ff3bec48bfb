import { sub } from "../operations/arithmetic.ts";
import { ArgumentError, IndexError, ShapeError } from "../tensor/errors.ts";
import { sameShape, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { at, capture } from "./capture.ts";
import { type ImproveOptions, improve } from "./improve.ts";
import type { Model } from "./watch.ts";

export interface MaximiseOptions extends ImproveOptions {
  /** Path of the layer that has the unit; "" for the model's own output. */
  readonly layer: string;
  /** The unit: its channel or number, and behind it a position, if only that one is meant: `[3, 5, 5]`. */
  readonly unit: number | readonly number[];
}

/** An input on its way to what a unit responds to most. */
export interface MaximiseStep {
  /** From 0, the beginning. */
  readonly step: number;
  readonly input: Tensor;
  /** The unit's output, averaged over its positions and over the batch. */
  readonly activation: number;
}

/** The output of a unit for each example, averaged over what the index leaves open. */
function unitOf(y: Tensor, layer: string, unit: number | readonly number[]): Tensor {
  const places = typeof unit === "number" ? [unit] : unit;
  if (places.length === 0 || places.length > y.rank - 1)
    throw new ShapeError(
      "maximise",
      `the unit has ${places.length} indices, but "${layer}" gives ${showShape(y.shape)}; expected 1 … ${y.rank - 1}.`,
      [y.shape],
    );
  const one = places.reduce((rest, place) => {
    const n = rest.shape[1]!;
    if (!Number.isInteger(place) || place < 0 || place >= n)
      throw new IndexError("maximise", `unit ${place} of "${layer}", expected one of 0 … ${n - 1}.`);
    return rest.slice({ axis: 1, start: place, stop: place + 1 }).squeeze(1);
  }, y);
  return one.reshape([one.shape[0]!, -1]).mean({ axis: 1 });
}

/**
 * Changes an input until a unit responds as much as it can (Erhan et al. 2009; regularised by `decay`, Simonyan, Vedaldi
 * and Zisserman 2013, by total variation and by jitter). Every example of `start [batch, …]` is improved for itself; gives
 * the input as it develops, `break` stops.
 * @throws ArgumentError for a layer that there is not, IndexError for a unit that there is not.
 *
 * @example
 * ```ts
 * import { inspect, nn, random, relu } from "gradbook";
 *
 * const model = nn.init(new nn.Sequential([new nn.Conv2d(1, 4, 3), relu]), { seed: 1 });
 * const start = random.seed(2).normal([1, 1, 8, 8], { std: 0.1 });
 * const options = { layer: "0", unit: 2, decay: 0.01, jitter: 1, steps: 20, every: 20 };
 * const seen = [];
 * for await (const { activation } of inspect.maximise(model, start, options)) seen.push(activation);
 * seen[1]! > seen[0]!; // true
 * ```
 */
export async function* maximise(
  model: Model,
  start: Tensor,
  { layer, unit, ...options }: MaximiseOptions,
): AsyncGenerator<MaximiseStep, void, void> {
  const judge = (x: Tensor) => {
    const response = unitOf(at("maximise", capture(model, x), layer), layer, unit);
    return { loss: response.sum().neg(), told: response.mean() };
  };
  for await (const { step, input, told } of improve("maximise", start, { judge, options }))
    yield { step, input, activation: told };
}

export interface InvertOptions extends ImproveOptions {
  /** Path of the layer whose output is inverted; "" for the model's own output. */
  readonly layer: string;
  /** Where the search begins, `[batch, …]`. */
  readonly start: Tensor;
}

/** An input on its way to one that a layer represents as it does another. */
export interface InvertStep {
  /** From 0, the beginning. */
  readonly step: number;
  readonly input: Tensor;
  /** Squared distance of the representations as a share of the square of the one to be reached. */
  readonly loss: number;
}

/**
 * Looks for inputs that a layer represents by `target`, what it gave for others: what is left of an input there
 * (Mahendran and Vedaldi 2015). Gives the input as it develops; `break` stops.
 * @throws ShapeError where the layer gives another shape for `start`, ArgumentError for a layer that there is not.
 */
export async function* invert(
  model: Model,
  target: Tensor,
  { layer, start, ...options }: InvertOptions,
): AsyncGenerator<InvertStep, void, void> {
  const scale = await target.square().sum().item();
  if (!(scale > 0 && Number.isFinite(scale)))
    throw new ArgumentError("invert", `the square of the target is ${scale}, expected a finite number above 0.`);
  const judge = (x: Tensor) => {
    const found = at("invert", capture(model, x), layer);
    if (!sameShape(found.shape, target.shape))
      throw new ShapeError(
        "invert",
        `"${layer}" gives ${showShape(found.shape)} for the start, but the target is ${showShape(target.shape)}.`,
        [found.shape, target.shape],
      );
    const loss = sub(found, target).square().sum().div(scale);
    return { loss, told: loss };
  };
  for await (const { step, input, told } of improve("invert", start, { judge, options }))
    yield { step, input, loss: told };
}
