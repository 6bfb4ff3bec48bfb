import { inDouble } from "../operations/widened.ts";
import { type Key, seed } from "../random/key.ts";
import { tensorOf } from "../tensor/create.ts";
import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Affinities, affinitiesOf } from "./affinities.ts";
import { pca } from "./pca.ts";
import { barnesHutRepulsion, exactRepulsion, type Repulsion } from "./repulsion.ts";

/** Places to start from: a tensor, or anything with sizes and a promise of values, row by row. */
export interface Places {
  readonly shape: readonly number[];
  data(): Promise<ArrayLike<number>>;
}

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
  /** `pca` (if not said), a key to start from random places, or places `[n, components]`, used as they are. */
  readonly start?: "pca" | Key | Places;
  /** In how many dimensions the map is; 2 if not said. */
  readonly components?: 2 | 3;
  /** After how many iterations the positions are given; 10 if not said. */
  readonly every?: number;
}

/** A moment of t-SNE at work. */
export interface TsneStep {
  readonly iteration: number;
  /** `[n, components]`, centred. */
  readonly positions: Tensor<"float32">;
  /** Kullback–Leibler divergence of the map from the data, in nats, without exaggeration. */
  readonly klDivergence: number;
}

/**
 * t-SNE (van der Maaten and Hinton 2008; with Barnes–Hut, van der Maaten 2014): examples `[n, features]` as points in
 * the plane or in space, neighbours near each other. Gives positions as they develop; `break` stops it.
 *
 * @throws ShapeError where `x` is no matrix, ArgumentError where the perplexity does not fit the number of examples.
 */
export async function* tsne(x: Tensor, options: TsneOptions = {}): AsyncGenerator<TsneStep, void, void> {
  if (x.rank !== 2) throw new ShapeError("tsne", `the examples are ${showShape(x.shape)}, expected [n, features].`);
  const [n, features] = x.shape as [number, number];
  const { perplexity = 30, iterations = 1000, exaggeration = 12, early = 250, every = 10 } = options;
  const {
    theta = n < 500 ? 0 : 0.5,
    rate = Math.max(50, n / exaggeration / 4),
    start = "pca",
    components = 2,
  } = options;
  if (components !== 2 && components !== 3)
    throw new ArgumentError("tsne", `components is ${components}, expected 2 or 3.`);
  for (const [name, value] of Object.entries({ iterations, every }))
    if (!Number.isInteger(value) || value < 1)
      throw new ArgumentError("tsne", `${name} is ${value}, expected a positive integer.`);
  for (const [name, value] of Object.entries({ rate, exaggeration }))
    if (!(value > 0)) throw new ArgumentError("tsne", `${name} is ${value}, expected a positive number.`);
  const values = await (await inDouble(x)).data();
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new ArgumentError(
      "tsne",
      `example ${Math.floor(bad / features)} has ${values[bad]}, expected finite numbers.`,
    );
  const p = await affinitiesOf(values, features, perplexity, theta === 0 ? undefined : Math.ceil(3 * perplexity));
  const repel = theta === 0 ? exactRepulsion(components) : barnesHutRepulsion(theta, components);
  const descent = new Descent(p, await placed(x, start, components), components, repel, rate);
  for (let iteration = 1; iteration <= iterations; iteration++) {
    const isEarly = iteration <= early;
    descent.step(isEarly ? exaggeration : 1, isEarly ? 0.5 : 0.8);
    if (iteration % every !== 0 && iteration !== iterations) continue;
    const positions = tensorOf(Float32Array.from(descent.y), "float32", [n, components], x.device);
    yield { iteration, positions, klDivergence: descent.divergence() };
  }
}

/** Small, so that no point is far from the others at first. */
const spread = 1e-4;

async function placed(x: Tensor, start: "pca" | Key | Places, components: 2 | 3): Promise<Float64Array> {
  const n = x.shape[0]!;
  if (typeof start === "object" && "shape" in start) {
    const [rows, columns, ...more] = start.shape;
    if (rows !== n || columns !== components || more.length > 0)
      throw new ShapeError("tsne", `start is ${showShape(start.shape)}, expected ${showShape([n, components])}.`);
    return Float64Array.from(await start.data());
  }
  if (start === "pca" && Math.min(...x.shape) >= components) {
    const found = await pca(x, { components });
    const y = (await found.transform(x).data()) as Float64Array;
    const scale = spread / Math.sqrt(found.variances[0]! || 1);
    return y.map((value) => value * scale);
  }
  const key = start === "pca" ? seed(0) : start;
  return Float64Array.from(await key.normal([n, components], { std: spread }).data());
}

/** Kullback–Leibler divergence of positions `y [n · dimensions]` from affinities, in nats. */
export function divergenceOf(p: Affinities, y: Float64Array, total: number): number {
  const dimensions = y.length / p.count;
  let sum = 0;
  for (let i = 0; i < p.count; i++)
    for (let at = p.starts[i]!; at < p.starts[i + 1]!; at++) {
      const value = p.values[at]!;
      if (value > 0) sum += value * Math.log(value * total * (1 + squareOf(y, i, p.columns[at]!, dimensions)));
    }
  return sum;
}

/** The squared distance between two points. */
function squareOf(y: Float64Array, i: number, j: number, dimensions: number): number {
  const [a, b] = [dimensions * i, dimensions * j];
  const [dx, dy] = [y[a]! - y[b]!, y[a + 1]! - y[b + 1]!];
  const dz = dimensions === 3 ? y[a + 2]! - y[b + 2]! : 0;
  return dx * dx + dy * dy + dz * dz;
}

/** Gradient descent with momentum and a gain for each coordinate (Jacobs 1988). */
class Descent {
  readonly y: Float64Array;
  readonly #p: Affinities;
  readonly #dimensions: 2 | 3;
  readonly #rate: number;
  readonly #repel: Repulsion;
  readonly #forces: Float64Array;
  readonly #velocity: Float64Array;
  readonly #gains: Float64Array;
  /** What repulsion says of the positions as they are now, once it has been asked. */
  #total: number | undefined;

  constructor(p: Affinities, y: Float64Array, dimensions: 2 | 3, repel: Repulsion, rate: number) {
    this.#p = p;
    this.y = y;
    this.#dimensions = dimensions;
    this.#rate = rate;
    this.#repel = repel;
    this.#forces = new Float64Array(y.length);
    this.#velocity = new Float64Array(y.length);
    this.#gains = new Float64Array(y.length).fill(1);
  }

  divergence(): number {
    this.#total ??= this.#repel(this.y, this.#forces);
    return divergenceOf(this.#p, this.y, this.#total);
  }

  step(exaggeration: number, momentum: number): void {
    const y = this.y;
    const total = this.#total ?? this.#repel(y, this.#forces);
    this.#total = undefined;
    if (this.#dimensions === 3) this.#attractInSpace(exaggeration, total);
    else this.#attract(exaggeration, total);
    const mean = [0, 0, 0];
    const dimensions = this.#dimensions;
    for (let k = 0; k < y.length; k++) {
      const g = this.#forces[k]!;
      const gain = this.#gains[k]!;
      this.#gains[k] = Math.max(0.01, g > 0 !== this.#velocity[k]! > 0 ? gain + 0.2 : gain * 0.8);
      this.#velocity[k] = momentum * this.#velocity[k]! - this.#rate * this.#gains[k]! * g;
      y[k]! += this.#velocity[k]!;
      mean[k % dimensions]! += y[k]!;
    }
    for (let k = 0; k < y.length; k++) y[k]! -= mean[k % dimensions]! / this.#p.count;
  }

  /** Turns the forces that push into the gradient: ∂KL/∂y = 4 Σ (p − q) (y − y') / (1 + |y − y'|²), equation 5. */
  #attract(exaggeration: number, total: number): void {
    const y = this.y;
    const forces = this.#forces;
    const { starts, columns, values, count } = this.#p;
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
      forces[2 * i] = 4 * (exaggeration * ax - forces[2 * i]! / total);
      forces[2 * i + 1] = 4 * (exaggeration * ay - forces[2 * i + 1]! / total);
    }
  }

  #attractInSpace(exaggeration: number, total: number): void {
    const y = this.y;
    const forces = this.#forces;
    const { starts, columns, values, count } = this.#p;
    for (let i = 0; i < count; i++) {
      const a = 3 * i;
      let [ax, ay, az] = [0, 0, 0];
      for (let at = starts[i]!; at < starts[i + 1]!; at++) {
        const b = 3 * columns[at]!;
        const [dx, dy, dz] = [y[a]! - y[b]!, y[a + 1]! - y[b + 1]!, y[a + 2]! - y[b + 2]!];
        const pull = values[at]! / (1 + dx * dx + dy * dy + dz * dz);
        ax += pull * dx;
        ay += pull * dy;
        az += pull * dz;
      }
      forces[a] = 4 * (exaggeration * ax - forces[a]! / total);
      forces[a + 1] = 4 * (exaggeration * ay - forces[a + 1]! / total);
      forces[a + 2] = 4 * (exaggeration * az - forces[a + 2]! / total);
    }
  }
}
