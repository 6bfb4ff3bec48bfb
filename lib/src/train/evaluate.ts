import { variables } from "../gradient/tree.ts";
import type { Module } from "../nn/module.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { OpenScope } from "../tensor/scope.ts";
import { Breather, signalOf } from "../tensor/stop.ts";
import { Tensor } from "../tensor/tensor.ts";

/** One number for a batch, or several by name: tensors of one number, or numbers. */
export type Metrics = Tensor | number | { readonly [name: string]: Tensor | number };

/** The means of metrics over all examples. */
export type Means<R extends Metrics> = R extends Tensor | number ? number : { readonly [K in keyof R]: number };

/**
 * The mean of a metric over all examples, batch by batch; batches count by their size (the first axis of their first
 * tensor). A metric that returns several numbers by name gives a mean for each, from one pass through the model.
 * Throws an `ArgumentError` where there are no batches, or a metric gives no number.
 *
 * @example
 * ```ts
 * import { evaluate, nn, ones } from "gradbook";
 *
 * const net = nn.init(new nn.Linear(2, 1), { seed: 1, initialisers: { "*": nn.zerosInit } });
 * const batches = [ones([3, 2]), ones([1, 2])];
 * await evaluate(net, batches, (m, x) => m.forward(x).add(x.shape[0]!).mean()); // 2.5
 * await evaluate(net, batches, (m, x) => ({ mean: m.forward(x).mean(), most: m.forward(x).max() })); // { mean: 0, most: 0 }
 * ```
 */
export async function evaluate<M extends Module, B, R extends Metrics>(
  model: M,
  batches: Iterable<B> | AsyncIterable<B>,
  metric: (model: M, batch: B) => R | Promise<R>,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Means<R>> {
  const breather = new Breather();
  const sums = new Map<string, number>();
  let single = false;
  let count = 0;
  const take = async (metrics: Metrics, size: number) => {
    if (!isOne(metrics) && (typeof metrics !== "object" || metrics === null))
      throw new ArgumentError("evaluate", `the metric gave ${metrics}, expected a number, or several by name.`);
    single = isOne(metrics);
    for (const [name, value] of isOne(metrics) ? [["", metrics] as const] : Object.entries(metrics)) {
      if (!isOne(value)) throw new ArgumentError("evaluate", `the metric's ${name} is ${value}, expected a number.`);
      sums.set(name, (sums.get(name) ?? 0) + size * (typeof value === "number" ? value : await value.item()));
    }
  };
  for await (const batch of batches) {
    signalOf(options.signal)?.throwIfAborted();
    const size = sizeOfBatch(batch);
    const scope = isSeen(model) ? null : new OpenScope();
    try {
      await take(await (scope === null ? metric(model, batch) : scope.run(() => metric(model, batch))), size);
    } finally {
      scope?.end(model);
    }
    count += size;
    await breather.breathe();
  }
  if (count === 0) throw new ArgumentError("evaluate", "no batches, expected at least one.");
  const means = Object.fromEntries([...sums].map(([name, sum]) => [name, sum / count]));
  return (single ? means[""] : means) as Means<R>;
}

/** Whether the garbage collector sees the memory of the model's device: then what a metric makes may be kept anywhere. */
function isSeen(model: Module): boolean {
  return model[variables]().every((place) => place.get().device.peek !== undefined);
}

function isOne(metric: unknown): metric is Tensor | number {
  return metric instanceof Tensor || typeof metric === "number";
}

function sizeOfBatch(batch: unknown): number {
  if (batch instanceof Tensor) return batch.shape[0] ?? 1;
  if (typeof batch === "object" && batch !== null) {
    for (const value of Object.values(batch)) if (value instanceof Tensor) return value.shape[0] ?? 1;
  }
  return 1;
}
