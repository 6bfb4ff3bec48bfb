import type { Module } from "../nn/module.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { Breather, signalOf } from "../tensor/stop.ts";
import { Tensor } from "../tensor/tensor.ts";

/** The mean of a metric over all examples: batches count by their size (the first axis of their first tensor). */
export async function evaluate<M extends Module, B>(
  model: M,
  batches: Iterable<B> | AsyncIterable<B>,
  metric: (model: M, batch: B) => Tensor,
  options: { readonly signal?: AbortSignal } = {},
): Promise<number> {
  const signal = signalOf(options.signal);
  const breather = new Breather();
  let sum = 0;
  let count = 0;
  for await (const batch of batches) {
    signal?.throwIfAborted();
    const size = sizeOfBatch(batch);
    sum += size * (await metric(model, batch).item());
    count += size;
    await breather.breathe();
  }
  if (count === 0) throw new ArgumentError("evaluate", "no batches, expected at least one.");
  return sum / count;
}

function sizeOfBatch(batch: unknown): number {
  if (batch instanceof Tensor) return batch.shape[0] ?? 1;
  if (typeof batch === "object" && batch !== null) {
    for (const value of Object.values(batch)) if (value instanceof Tensor) return value.shape[0] ?? 1;
  }
  return 1;
}
