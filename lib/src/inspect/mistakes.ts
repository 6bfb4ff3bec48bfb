import { Confusion } from "../metrics/index.ts";
import { logSoftmax } from "../operations/activation.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import { Breather, signalOf } from "../tensor/stop.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** What a model made of one example. */
export interface Judgement {
  /** Its place among all examples, in the order of the batches. */
  readonly index: number;
  readonly label: number;
  readonly predicted: number;
  /** −ln of the label's probability. */
  readonly loss: number;
  /** Probability of the predicted class. */
  readonly confidence: number;
}

export interface ExamineOptions<M, B> {
  /** Scores (logits) of a batch, `[batch, classes]`. */
  readonly scores: (model: M, batch: B) => Tensor;
  /** The labels of a batch, int32 `[batch]`. */
  readonly labels: (batch: B) => Tensor;
  /** Stops the examination; in a notebook the kernel's own signal does so without being named. */
  readonly signal?: AbortSignal;
}

/** Everything that a model made of a set: to be browsed by confusion, and from the worst example on. */
export class Examination {
  readonly judgements: readonly Judgement[];
  readonly confusion: Confusion;

  /** @internal Use `examine`. */
  constructor(judgements: readonly Judgement[], confusion: Confusion) {
    this.judgements = judgements;
    this.confusion = confusion;
  }

  /** Share of wrong predictions. */
  get error(): number {
    return this.confusion.error;
  }

  /** Examples of one class that were taken for another, the surest first. */
  confused(label: number, predicted: number): Judgement[] {
    return this.judgements
      .filter((one) => one.label === label && one.predicted === predicted)
      .sort((a, b) => b.confidence - a.confidence);
  }

  /** The examples with the largest loss. */
  worst(count = 20): Judgement[] {
    return this.judgements.toSorted((a, b) => b.loss - a.loss).slice(0, count);
  }

  /** The pairs of classes that are confused, the most frequent first. */
  pairs(): { readonly label: number; readonly predicted: number; readonly count: number }[] {
    return this.confusion.counts
      .flatMap((row, label) => row.map((count, predicted) => ({ label, predicted, count })))
      .filter(({ label, predicted, count }) => label !== predicted && count > 0)
      .sort((a, b) => b.count - a.count);
  }
}

/**
 * Goes through batches, unshuffled so that `index` is the example's place in the set, and keeps what the model made of
 * each example: confusions, losses, confidence.
 * @throws ShapeError for scores that are not `[batch, classes]`, ArgumentError where there are no batches.
 *
 * @example
 * ```ts
 * import { inspect, nn, tensor } from "gradbook";
 *
 * const model = nn.init(new nn.Linear(2, 2), { seed: 1 });
 * nn.loadState(model, new Map([["weight", tensor([[1, 0], [0, 1]])], ["bias", tensor([0, 0])]]));
 * const batches = [{ x: tensor([[3, 0], [0, 1], [0, 2]]), y: tensor(Int32Array.of(0, 1, 0)) }];
 * const found = await inspect.examine(model, batches, { scores: (m, { x }) => m.forward(x), labels: ({ y }) => y });
 * found.worst(1)[0]!.index; // 2
 * found.pairs(); // [{ label: 0, predicted: 1, count: 1 }]
 * ```
 */
export async function examine<M, B>(
  model: M,
  batches: Iterable<B>,
  { scores: scoresOf, labels: labelsOf, ...options }: ExamineOptions<M, B>,
): Promise<Examination> {
  const judgements: Judgement[] = [];
  const breather = new Breather();
  let confusion: Confusion | null = null;
  for (const batch of batches) {
    signalOf(options.signal)?.throwIfAborted();
    const [scores, labels] = [scoresOf(model, batch), labelsOf(batch)];
    if (scores.rank !== 2 || labels.rank !== 1 || labels.dtype !== "int32" || labels.shape[0] !== scores.shape[0])
      throw new ShapeError(
        "examine",
        `scores ${showShape(scores.shape)} and ${labels.dtype} labels ${showShape(labels.shape)}, expected [batch, classes] and int32 [batch].`,
        [scores.shape, labels.shape],
      );
    confusion ??= new Confusion(scores.shape[1]!);
    await confusion.add(scores, labels);
    const logs = logSoftmax(scores);
    const [label, predicted, loss, confidence] = await Promise.all([
      labels.data(),
      scores.argmax().data(),
      logs
        .pick(labels as Tensor<"int32">)
        .neg()
        .data(),
      logs.max({ axis: 1 }).exp().data(),
    ]);
    label.forEach((one, i) => {
      judgements.push({
        index: judgements.length,
        label: one,
        predicted: predicted[i]!,
        loss: loss[i]!,
        confidence: confidence[i]!,
      });
    });
    await breather.breathe();
  }
  if (confusion === null) throw new ArgumentError("examine", "no batches, expected at least one.");
  return new Examination(judgements, confusion);
}
