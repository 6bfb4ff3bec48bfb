import { type Histograms, histograms } from "../src/index.ts";
import { sequence } from "./tensor.ts";

/** Values of a normal distribution, by Box and Muller. */
export function normal(count: number, deviation: number, seed: number, mean = 0): Float32Array {
  const next = sequence(seed);
  // The generator's first numbers hardly differ from seed to seed.
  for (let i = 0; i < 20; i++) next();
  return Float32Array.from(
    { length: count },
    () => mean + deviation * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  );
}

/** Weights that spread out while training; the biases begin at zero, and one layer's gradient is lost at step 300. */
export function weightsAt(step: number): Record<string, Float32Array> {
  const time = step / 800;
  return {
    "c1.weight": normal(1500, 0.05 + 0.1 * time, 1 + step),
    "c1.bias": step === 0 ? new Float32Array(60) : normal(60, 0.06 * time, 2 + step, 0.05 * time),
    "fc.weight": Float32Array.from(normal(4000, 0.04, 3 + step), (w, i) => (i % 3 === 0 ? w + 0.2 * time : w)),
    "fc.gradient": step >= 300 ? new Float32Array(50).fill(Number.NaN) : normal(50, 0.01, 4 + step),
  };
}

/** Histograms of them. @returns `done` when all are put down */
export function weightsAlong(steps: readonly number[]): { weights: Histograms; done: Promise<unknown> } {
  const weights = histograms(undefined, { title: "Weights of LeNet-5" });
  return { weights, done: Promise.all(steps.map((step) => weights.add(step, weightsAt(step)))) };
}

/** After ReLU: half of them are zero. */
export function activations(): Record<string, Float32Array> {
  const relu = (values: Float32Array) => values.map((value) => Math.max(0, value));
  return {
    "1: ReLU": relu(normal(20_000, 0.6, 5)),
    "3: ReLU": relu(normal(8000, 1.1, 6, 0.4)),
    "6: logits": normal(640, 4, 7),
  };
}
