import { type Key, seed } from "../random/key.ts";
import { tensorOf } from "../tensor/create.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Affinities, affinitiesOf } from "./affinities.ts";
import { pca } from "./pca.ts";
import { barnesHutRepulsion, exactRepulsion } from "./repulsion.ts";

export interface TsneOptions {
  /** How many neighbours count, roughly; 30 if not said. */
  readonly perplexity?: number;
  readonly iterations?: number;
  /** Step width; n / exaggeration / 4, but at least 50, if not said (Belkina et al. 2019). */
  readonly rate?: number;
  /** By how much neighbours attract each other more in the first iterations; 12 if not said. */
  readonly exaggeration?: number;
  /** For how many iterations; 250 if not said. */
  readonly early?: number;
  /** Accuracy of Barnes and Hut's approximation; 0 computes all pairs. 0 below 500 examples, else 0.5, if not said. */
  readonly theta?: number;
  /** `pca` (if not said), or a key to start from random places. */
  readonly start?: "pca" | Key;
  /** After how many iterations the positions are given; 10 if not said. */
  readonly every?: number;
}

/** A moment of t-SNE at work. */
export interface TsneStep {
  readonly iteration: number;
  /** `[n, 2]`, centred. */
  readonly positions: Tensor<"float32">;
  /** Kullback–Leibler divergence of the map from the data, in nats, without exaggeration. */
  readonly klDivergence: number;
}

/**
 * t-SNE (van der Maaten and Hinton 2008; with Barnes–Hut, van der Maaten 2014): examples `[n, features]` as points in
 * the plane, neighbours near each other. Gives positions as they develop; `break` stops it.
 *
 * @throws ShapeError where `x` is no matrix, ArgumentError where the perplexity does not fit the number of examples.
 */
export async function* tsne(x: Tensor, options: TsneOptions = {}): AsyncGenerator<TsneStep, void, void> {
  if (x.rank !== 2) throw new ShapeError("tsne", `the examples are ${showShape(x.shape)}, expected [n, features].`);
  const [n, features] = x.shape as [number, number];
  const { perplexity = 30, iterations = 1000, exaggeration = 12, early = 250, every = 10 } = options;
  const { theta = n < 500 ? 0 : 0.5, rate = Math.max(50, n / exaggeration / 4), start = "pca" } = options;
  for (const [name, value] of Object.entries({ iterations, every }))
    if (!Number.isInteger(value) || value < 1)
      throw new ArgumentError("tsne", `${name} is ${value}, expected a positive integer.`);
  for (const [name, value] of Object.entries({ rate, exaggeration }))
    if (!(value > 0)) throw new ArgumentError("tsne", `${name} is ${value}, expected a positive number.`);
  const values = (await x.cast("float64").data()) as Float64Array;
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new ArgumentError(
      "tsne",
      `example ${Math.floor(bad / features)} has ${values[bad]}, expected finite numbers.`,
    );
  const p = affinitiesOf(values, features, perplexity, theta === 0 ? undefined : Math.ceil(3 * perplexity));
  const descent = new Descent(p, await placed(x, start), theta, rate);
  for (let iteration = 1; iteration <= iterations; iteration++) {
    const isEarly = iteration <= early;
    descent.step(isEarly ? exaggeration : 1, isEarly ? 0.5 : 0.8);
    if (iteration % every !== 0 && iteration !== iterations) continue;
    const positions = tensorOf(Float32Array.from(descent.y), "float32", [n, 2], x.device);
    yield { iteration, positions, klDivergence: descent.divergence() };
  }
}

/** Small, so that no point is far from the others at first. */
const spread = 1e-4;

async function placed(x: Tensor, start: "pca" | Key): Promise<Float64Array> {
  const n = x.shape[0]!;
  if (start === "pca" && Math.min(...x.shape) >= 2) {
    const found = await pca(x, { components: 2 });
    const y = (await found.transform(x).data()) as Float64Array;
    const scale = spread / Math.sqrt(found.variances[0]! || 1);
    return y.map((value) => value * scale);
  }
  const key = start === "pca" ? seed(0) : start;
  return Float64Array.from(await key.normal([n, 2], { std: spread }).data());
}

/** Kullback–Leibler divergence of positions `y [n · 2]` from affinities, in nats. */
export function divergenceOf(p: Affinities, y: Float64Array, total: number): number {
  let sum = 0;
  for (let i = 0; i < p.count; i++)
    for (let at = p.starts[i]!; at < p.starts[i + 1]!; at++) {
      const j = p.columns[at]!;
      const value = p.values[at]!;
      const apart = (y[2 * i]! - y[2 * j]!) ** 2 + (y[2 * i + 1]! - y[2 * j + 1]!) ** 2;
      if (value > 0) sum += value * Math.log(value * total * (1 + apart));
    }
  return sum;
}

/** Gradient descent with momentum and a gain for each coordinate (Jacobs 1988). */
class Descent {
  readonly y: Float64Array;
  readonly #p: Affinities;
  readonly #rate: number;
  readonly #repel: (y: Float64Array, forces: Float64Array) => number;
  readonly #forces: Float64Array;
  readonly #velocity: Float64Array;
  readonly #gains: Float64Array;

  constructor(p: Affinities, y: Float64Array, theta: number, rate: number) {
    this.#p = p;
    this.y = y;
    this.#rate = rate;
    this.#repel = theta === 0 ? exactRepulsion : barnesHutRepulsion(theta);
    this.#forces = new Float64Array(y.length);
    this.#velocity = new Float64Array(y.length);
    this.#gains = new Float64Array(y.length).fill(1);
  }

  divergence(): number {
    return divergenceOf(this.#p, this.y, this.#repel(this.y, this.#forces));
  }

  step(exaggeration: number, momentum: number): void {
    const y = this.y;
    const { starts, columns, values, count } = this.#p;
    const total = this.#repel(y, this.#forces);
    let [meanX, meanY] = [0, 0];
    for (let i = 0; i < count; i++) {
      const [px, py] = [y[2 * i]!, y[2 * i + 1]!];
      let [ax, ay] = [0, 0];
      for (let at = starts[i]!; at < starts[i + 1]!; at++) {
        const j = columns[at]!;
        const dx = px - y[2 * j]!;
        const dy = py - y[2 * j + 1]!;
        const pull = values[at]! / (1 + dx * dx + dy * dy);
        ax += pull * dx;
        ay += pull * dy;
      }
      // ∂KL/∂y = 4 Σ (p − q) (y − y') / (1 + |y − y'|²), equation 5. The sums need all positions of before.
      this.#forces[2 * i] = 4 * (exaggeration * ax - this.#forces[2 * i]! / total);
      this.#forces[2 * i + 1] = 4 * (exaggeration * ay - this.#forces[2 * i + 1]! / total);
    }
    for (let k = 0; k < y.length; k++) {
      const g = this.#forces[k]!;
      const gain = this.#gains[k]!;
      this.#gains[k] = Math.max(0.01, g > 0 !== this.#velocity[k]! > 0 ? gain + 0.2 : gain * 0.8);
      this.#velocity[k] = momentum * this.#velocity[k]! - this.#rate * this.#gains[k]! * g;
      y[k]! += this.#velocity[k]!;
      if (k % 2 === 0) meanX += y[k]!;
      else meanY += y[k]!;
    }
    for (let i = 0; i < count; i++) {
      y[2 * i]! -= meanX / count;
      y[2 * i + 1]! -= meanY / count;
    }
  }
}
