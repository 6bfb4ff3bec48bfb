import type { Shape } from "../device/device.ts";
import { crossEntropy } from "../losses/index.ts";
import { accuracy } from "../metrics/index.ts";
import { concat } from "../operations/joining.ts";
import { oneHot } from "../operations/one-hot.ts";
import { widened, widestOn } from "../operations/widened.ts";
import { eye, full, ones, zeros } from "../tensor/create.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { sameShape, showShape } from "../tensor/shapes.ts";
import { Breather, signalOf } from "../tensor/stop.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { capture } from "./capture.ts";
import type { Model } from "./watch.ts";

export interface ProbeOptions {
  /**
   * Weight of ½ Σ w² beside the mean loss; 0.001 if not said. The same as scikit-learn's C = 1 / (n · decay) for classes
   * and alpha = n · decay for numbers.
   */
  readonly decay?: number;
  /** Stops the fit; in a notebook the kernel's own signal does so without being named. */
  readonly signal?: AbortSignal;
}

/** What a linear reader gets out of features. */
export interface Probe {
  /** `[outputs, features]` */
  readonly weight: Tensor;
  /** `[outputs]` */
  readonly bias: Tensor;
  /** Scores of classes, or predicted numbers: `[n, …] → [n, outputs]`. */
  predict(features: Tensor): Tensor;
  /** The share of right classes, or for numbers the share of variance explained, R². */
  score(features: Tensor, labels: Tensor): Promise<number>;
}

function flat(who: string, features: Tensor): Tensor {
  if (features.rank < 2)
    throw new ShapeError(who, `the features are ${showShape(features.shape)}, expected [n, …].`, [features.shape]);
  return widened(features.reshape([features.shape[0]!, -1]));
}

/**
 * How well something can be read from features by a linear model alone (Alain and Bengio 2016): softmax regression for
 * int32 labels `[n]`, least squares for numbers `[n]` or `[n, outputs]`. Features `[n, …]`, commonly a layer's output.
 * Fitted to the end, in float64, with nothing random.
 * @throws ShapeError where features and labels are not of as many examples.
 *
 * @example
 * ```ts
 * import { inspect, tensor } from "gradbook";
 *
 * const features = tensor([[-2], [-1], [1], [2]]);
 * const found = await inspect.probe(features, tensor([0, 0, 1, 1]).cast("int32"));
 * await found.score(features, tensor([0, 1, 1, 1]).cast("int32")); // 0.75
 * ```
 */
export async function probe(features: Tensor, labels: Tensor, options: ProbeOptions = {}): Promise<Probe> {
  const { decay = 0.001 } = options;
  if (!(decay > 0)) throw new ArgumentError("probe", `decay is ${decay}, expected a positive number.`);
  const rows = flat("probe", features);
  if (labels.rank === 0 || labels.shape[0] !== rows.shape[0] || labels.rank > (labels.dtype === "int32" ? 1 : 2))
    throw new ShapeError(
      "probe",
      `labels ${showShape(labels.shape)} for ${rows.shape[0]} examples, expected int32 [${rows.shape[0]}] or numbers.`,
      [labels.shape],
    );
  // Centred features make the bias independent of the weights' size.
  const mean = rows.mean({ axis: 0 });
  const whole = labels.dtype === "int32";
  const fit = whole ? classify : regress;
  const { weight, offset } = await fit(rows.sub(mean), labels, { ...options, decay });
  const bias = offset.sub(weight.matmul(mean.expandDims(1)).squeeze(1));
  const predict = (given: Tensor) => flat("Probe.predict", given).matmul(weight.transpose()).add(bias);
  return {
    weight,
    bias,
    predict,
    score: (given, truth) => (whole ? accuracy(predict(given), truth).item() : explained(predict(given), truth)),
  };
}

interface Fit {
  readonly weight: Tensor;
  readonly offset: Tensor;
}

type FitOptions = ProbeOptions & { readonly decay: number };

/** Ridge regression, by its normal equations. */
async function regress(x: Tensor, labels: Tensor, { decay }: FitOptions): Promise<Fit> {
  const [n, d] = x.shape as [number, number];
  const y = widened(labels).reshape([n, -1]);
  const offset = y.mean({ axis: 0 });
  const on = { dtype: widestOn(x.device), device: x.device } as const;
  const wanted = y.sub(offset);
  // With more features than examples the smaller system is that of the examples.
  const weight =
    d <= n
      ? x.transpose().matmul(x).div(n).add(eye(d, on).mul(decay)).solve(x.transpose().matmul(wanted).div(n))
      : x.transpose().matmul(
          x
            .matmul(x.transpose())
            .add(eye(n, on).mul(decay * n))
            .solve(wanted),
        );
  return { weight: weight.transpose(), offset };
}

/** Softmax regression, by Newton's method, each step solved by conjugate gradients (Dembo and Steihaug 1983). */
async function classify(x: Tensor, labels: Tensor, { decay, signal }: FitOptions): Promise<Fit> {
  const [n, d] = x.shape as [number, number];
  if ((await labels.min().item()) < 0)
    throw new ArgumentError("probe", "a label is below 0, expected classes counted from 0.");
  const classes = Math.max(2, 1 + (await labels.max().item()));
  const on = { dtype: widestOn(x.device), device: x.device } as const;
  const input = concat([x, ones([n, 1], on)], 1);
  const across = input.transpose().div(n);
  const truth = widened(oneHot(labels as Tensor<"int32">, classes));
  // The bias is not kept small.
  const penalty = concat([full([d, 1], decay, on), zeros([1, 1], on)], 0);
  const lossAt = (w: Tensor) => {
    const fit = crossEntropy(input.matmul(w), labels);
    return fit.add(w.square().mul(penalty).sum().div(2)).item();
  };
  let w: Tensor = zeros([d + 1, classes], on);
  for (let round = 0; round < 100; round++) {
    const p = input.matmul(w).softmax();
    const gradient = across.matmul(p.sub(truth)).add(w.mul(penalty));
    const slope = Math.sqrt(await dot(gradient, gradient));
    if (slope < 1e-8) break;
    const curvature = (v: Tensor) => {
      const change = p.mul(input.matmul(v));
      return across.matmul(change.sub(p.mul(change.sum({ axis: 1, keepDims: true })))).add(v.mul(penalty));
    };
    const step = await solved(curvature, gradient.neg(), {
      tolerance: Math.min(0.1, Math.sqrt(slope)) * slope,
      signal,
    });
    const [before, descent] = [await lossAt(w), await dot(gradient, step)];
    let length = 1;
    while (length > 1e-8 && !((await lossAt(w.add(step.mul(length)))) <= before + 1e-4 * length * descent)) length /= 2;
    if (length <= 1e-8) break;
    w = w.add(step.mul(length));
  }
  return {
    weight: w.slice({ axis: 0, stop: d }).transpose(),
    offset: w.slice({ axis: 0, start: d }).squeeze(0),
  };
}

const dot = (a: Tensor, b: Tensor): Promise<number> => a.mul(b).sum().item();

interface Solving {
  readonly tolerance: number;
  readonly signal: AbortSignal | undefined;
}

/** The solution of a symmetric positive system by conjugate gradients (Hestenes and Stiefel 1952), to a tolerance. */
async function solved(times: (v: Tensor) => Tensor, right: Tensor, { tolerance, signal }: Solving): Promise<Tensor> {
  const breather = new Breather();
  let solution = right.mul(0);
  let rest = right;
  let direction = rest;
  let square = await dot(rest, rest);
  for (let k = 0; k < 250 && Math.sqrt(square) > tolerance; k++) {
    signalOf(signal)?.throwIfAborted();
    const image = times(direction);
    const curvature = await dot(direction, image);
    if (!(curvature > 0)) break;
    const length = square / curvature;
    solution = solution.add(direction.mul(length));
    rest = rest.sub(image.mul(length));
    const next = await dot(rest, rest);
    direction = rest.add(direction.mul(next / square));
    square = next;
    await breather.breathe();
  }
  return solution;
}

async function explained(predicted: Tensor, labels: Tensor): Promise<number> {
  const y = widened(labels).reshape([labels.shape[0]!, -1]);
  if (!sameShape(y.shape, predicted.shape))
    throw new ShapeError("Probe.score", `${showShape(predicted.shape)} predicted, ${showShape(y.shape)} given.`);
  const left = predicted.sub(y).square().sum({ axis: 0 });
  const all = y
    .sub(y.mean({ axis: 0 }))
    .square()
    .sum({ axis: 0 });
  return left.div(all).neg().add(1).mean().item();
}

/** Examples to fit probes on, or to judge them by. */
export interface Labelled {
  readonly input: Tensor;
  readonly labels: Tensor;
}

/** A layer and what a probe reads from it. */
export interface LayerProbe {
  readonly path: string;
  /** Of one example. */
  readonly shape: Shape;
  /** Score on the examples that it was fitted on, and on the others. */
  readonly train: number;
  readonly test: number;
}

/**
 * How well something can be read linearly from each layer of a model: a probe for every layer that gives `[n, …]`,
 * fitted on `train`, scored on both.
 */
export async function probeLayers(
  model: Model,
  train: Labelled,
  { test, ...options }: ProbeOptions & { readonly test: Labelled },
): Promise<LayerProbe[]> {
  const [inTrain, inTest] = [capture(model, train.input), capture(model, test.input)];
  const rows: LayerProbe[] = [];
  for (const [path, features] of inTrain) {
    if (path === "" || features.rank < 2 || features.shape[0] !== train.input.shape[0]) continue;
    const found = await probe(features, train.labels, options);
    rows.push({
      path,
      shape: features.shape.slice(1),
      train: await found.score(features, train.labels),
      test: await found.score(inTest.get(path)!, test.labels),
    });
  }
  return rows;
}
