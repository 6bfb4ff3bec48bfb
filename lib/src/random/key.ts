import { normals, words } from "../device/cpu/random.ts";
import { threefry } from "../device/cpu/threefry.ts";
import type { Arrays, Shape } from "../device/device.ts";
import { hostArray } from "../device/host.ts";
import { tensorOf } from "../tensor/create.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { requireShape, sizeOf } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  requireCountable,
  requirePositive,
  requireTrials,
  requireWeights,
  truncatedNormal,
  withoutReplacement,
  withReplacement,
} from "./draws.ts";
import { fillTossed, fillUniform, unit } from "./fill.ts";
import { Stream } from "./stream.ts";

export interface ChoiceOptions {
  /** How many are chosen; 1 if not said. */
  readonly count?: number;
  /** Whether one may be chosen again; false if not said. */
  readonly replace?: boolean;
  /** How likely each is, in proportion; all alike if not said. */
  readonly weights?: ArrayLike<number>;
}

/**
 * A source of random numbers that is a value: the same key always draws the same numbers, on every device, whatever was
 * drawn before. Independent numbers come from children: `key.child("shuffle").child(epoch)`.
 */
export class Key {
  readonly words: readonly [number, number];

  /** @internal Use `random.seed(n)`. */
  constructor(words: readonly [number, number]) {
    this.words = words;
  }

  /** An independent key for a name or a number. */
  child(name: string | number): Key {
    const out = new Int32Array(2);
    threefry([this.words[0] ^ hash(String(name), 0x811c9dc5), this.words[1] ^ hash(String(name), 0x9e3779b9)], out);
    return new Key([out[0]!, out[1]!]);
  }

  /** `length` random words of 32 bits. */
  bits(length: number): Int32Array {
    if (!Number.isInteger(length) || length < 0)
      throw new ArgumentError("bits", `length is ${length}, expected a whole number of 0 or more.`);
    const out = new Int32Array(length);
    words(this.words, out);
    return out;
  }

  /** Uniform in [low, high), 24 bits of precision. */
  uniform(
    shape: Shape,
    { low = 0, high = 1 }: { readonly low?: number; readonly high?: number } = {},
  ): Tensor<"float32"> {
    requireShape("random", shape);
    const values = hostArray("float32", sizeOf(shape));
    // In the same memory.
    const own = new Int32Array(values.buffer, values.byteOffset, values.length);
    words(this.words, own);
    fillUniform(values, own, low, high);
    return tensorOf(values, "float32", shape);
  }

  /** Normal with that mean and standard deviation (Box and Muller 1958). */
  normal(
    shape: Shape,
    { mean = 0, std = 1 }: { readonly mean?: number; readonly std?: number } = {},
  ): Tensor<"float32"> {
    requireShape("random", shape);
    const values = hostArray("float32", sizeOf(shape));
    normals(this.words, values, mean, std);
    return tensorOf(values, "float32", shape);
  }

  /** True with that probability. */
  bernoulli(shape: Shape, probability: number): Tensor<"bool"> {
    if (!(probability >= 0 && probability <= 1))
      throw new ArgumentError("bernoulli", `probability ${probability}, expected 0 … 1.`);
    requireShape("random", shape);
    const values = hostArray("bool", sizeOf(shape));
    fillTossed(values, this.bits(values.length), probability);
    return tensorOf(values, "bool", shape);
  }

  /** 0 … n − 1 in random order (Fisher and Yates, as Durstenfeld 1964). @throws ArgumentError unless n is 0, 1, 2 … */
  permutation(n: number): Int32Array {
    if (!Number.isInteger(n) || n < 0)
      throw new ArgumentError("permutation", `n is ${n}, expected a whole number of 0 or more.`);
    const order = Int32Array.from({ length: n }, (_, i) => i);
    const bits = this.bits(Math.max(0, n - 1));
    for (let i = n - 1; i > 0; i--) {
      const j = Math.floor(unit(bits[i - 1]!) * (i + 1));
      const swapped = order[i]!;
      order[i] = order[j]!;
      order[j] = swapped;
    }
    return order;
  }

  /** Whole numbers from `low` (0 if not said) up to, but not including, `high`: int32, all equally likely. */
  integers(shape: Shape, { low = 0, high }: { readonly low?: number; readonly high: number }): Tensor<"int32"> {
    const whole = (n: number) => Number.isInteger(n) && Math.abs(n) <= 2 ** 31;
    if (!(whole(low) && whole(high) && low < high))
      throw new ArgumentError("integers", `low is ${low} and high ${high}, expected whole numbers, low < high.`);
    const values = this.#drawn("int32", shape, (stream) => low + Math.floor(stream.uniform() * (high - low)));
    return tensorOf(values, "int32", shape);
  }

  /** Normal draws that lie between `low` and `high`, two deviations from the mean if not said (Robert 1995). */
  truncatedNormal(
    shape: Shape,
    {
      mean = 0,
      std = 1,
      low = mean - 2 * std,
      high = mean + 2 * std,
    }: { readonly mean?: number; readonly std?: number; readonly low?: number; readonly high?: number } = {},
  ): Tensor<"float32"> {
    requirePositive("truncatedNormal", "std", std);
    if (!(low < high))
      throw new ArgumentError("truncatedNormal", `low is ${low} and high ${high}, expected low < high.`);
    const [from, to] = [(low - mean) / std, (high - mean) / std];
    // Rounding to float32 may not step over a bound.
    const held = (z: number) => Math.min(Math.max(mean + std * z, low), high);
    return this.#of(shape, (stream) => held(truncatedNormal(stream, from, to)));
  }

  /** Times to the next event, of which there are `rate` on average in a stretch of 1 (1 if not said). */
  exponential(shape: Shape, { rate = 1 }: { readonly rate?: number } = {}): Tensor<"float32"> {
    requirePositive("exponential", "rate", rate);
    return this.#of(shape, (stream) => stream.exponential() / rate);
  }

  /** Gumbel's law of the largest: what to add to logits so that the largest is a draw of their softmax. */
  gumbel(shape: Shape, { location = 0, scale = 1 }: Placed = {}): Tensor<"float32"> {
    requirePositive("gumbel", "scale", scale);
    return this.#of(shape, (stream) => location - scale * Math.log(stream.exponential()));
  }

  /** Laplace's law: exponential to both sides. */
  laplace(shape: Shape, { location = 0, scale = 1 }: Placed = {}): Tensor<"float32"> {
    requirePositive("laplace", "scale", scale);
    return this.#of(shape, (stream) => {
      const side = stream.uniform() < 0.5 ? -scale : scale;
      return location + side * stream.exponential();
    });
  }

  /** Cauchy's law, which has no mean. */
  cauchy(shape: Shape, { location = 0, scale = 1 }: Placed = {}): Tensor<"float32"> {
    requirePositive("cauchy", "scale", scale);
    return this.#of(shape, (stream) => location + scale * Math.tan(Math.PI * (stream.uniform() - 0.5)));
  }

  /** Student's t with that many degrees of freedom. */
  studentT(shape: Shape, { freedom }: { readonly freedom: number }): Tensor<"float32"> {
    requirePositive("studentT", "freedom", freedom);
    const half = freedom / 2;
    return this.#of(shape, (stream) => stream.normal() * Math.sqrt(half / Math.exp(stream.logGamma(half))));
  }

  /** Gamma draws (Marsaglia and Tsang 2000) with that concentration, and that rate (1 if not said). */
  gamma(
    shape: Shape,
    { concentration, rate = 1 }: { readonly concentration: number; readonly rate?: number },
  ): Tensor<"float32"> {
    requirePositive("gamma", "concentration", concentration);
    requirePositive("gamma", "rate", rate);
    return this.#of(shape, (stream) => Math.exp(stream.logGamma(concentration)) / rate);
  }

  /** Beta draws, between 0 and 1. */
  beta(shape: Shape, { alpha, beta }: { readonly alpha: number; readonly beta: number }): Tensor<"float32"> {
    requirePositive("beta", "alpha", alpha);
    requirePositive("beta", "beta", beta);
    return this.#of(shape, (stream) => 1 / (1 + Math.exp(stream.logGamma(beta) - stream.logGamma(alpha))));
  }

  /** Shares that sum to 1 along a last axis, one for each concentration: `[...shape, k]`. */
  dirichlet(shape: Shape, { concentration }: { readonly concentration: ArrayLike<number> }): Tensor<"float32"> {
    const parts = Array.from(concentration);
    for (const [i, a] of parts.entries()) requirePositive("dirichlet", `concentration ${i}`, a);
    requireShape("dirichlet", shape);
    const stream = this.stream();
    const values = hostArray("float32", sizeOf(shape) * parts.length);
    for (let row = 0; row < sizeOf(shape); row++) {
      const logs = parts.map((a) => stream.logGamma(a));
      const top = Math.max(...logs);
      const total = logs.reduce((sum, log) => sum + Math.exp(log - top), 0);
      values.set(
        logs.map((log) => Math.exp(log - top) / total),
        row * parts.length,
      );
    }
    return tensorOf(values, "float32", [...shape, parts.length]);
  }

  /** Counts by Poisson's law (Hörmann 1993): int32, hence a rate of 2e9 at most. */
  poisson(shape: Shape, { rate }: { readonly rate: number }): Tensor<"int32"> {
    requirePositive("poisson", "rate", rate);
    requireCountable("poisson", rate);
    return tensorOf(
      this.#drawn("int32", shape, (stream) => stream.poisson(rate)),
      "int32",
      shape,
    );
  }

  /** How many of so many trials succeed, each with that probability (Hörmann 1993): int32. */
  binomial(
    shape: Shape,
    { trials, probability }: { readonly trials: number; readonly probability: number },
  ): Tensor<"int32"> {
    requireTrials("binomial", trials);
    if (!(probability >= 0 && probability <= 1))
      throw new ArgumentError("binomial", `probability ${probability}, expected 0 … 1.`);
    return tensorOf(
      this.#drawn("int32", shape, (stream) => stream.binomial(trials, probability)),
      "int32",
      shape,
    );
  }

  /** Places 0, 1, 2 … with probabilities in proportion to the weights: int32. Of logits use `random.Categorical`. */
  categorical(shape: Shape, weights: ArrayLike<number>): Tensor<"int32"> {
    requireShape("categorical", shape);
    const list = requireWeights("categorical", weights);
    return tensorOf(withReplacement(this.stream(), list, sizeOf(shape)), "int32", shape);
  }

  /**
   * Some of the places 0 … n − 1, in the order in which they were chosen: different ones, unless `replace`; all alike,
   * unless there are `weights`.
   *
   * @example
   * ```ts
   * import { random } from "gradbook";
   * const three = random.seed(1).choice(10, { count: 3 }); // an Int32Array of 3 different places
   * ```
   */
  choice(n: number, { count = 1, replace = false, weights }: ChoiceOptions = {}): Int32Array {
    if (!Number.isInteger(n) || n < 1) throw new ArgumentError("choice", `${n} places, expected a positive integer.`);
    if (!Number.isInteger(count) || count < 0)
      throw new ArgumentError("choice", `count is ${count}, expected a whole number of 0 or more.`);
    if (weights !== undefined && weights.length !== n)
      throw new ArgumentError("choice", `${weights.length} weights for ${n} places, expected as many.`);
    if (weights === undefined && !replace && count <= n) return this.permutation(n).slice(0, count);
    const list = weights === undefined ? new Array<number>(n).fill(1) : requireWeights("choice", weights);
    if (replace) return withReplacement(this.stream(), list, count);
    const possible = list.filter((weight) => weight > 0).length;
    if (count > possible)
      throw new ArgumentError(
        "choice",
        `count is ${count}, but only ${possible} can be chosen. Let them be chosen again: { replace: true }.`,
      );
    return withoutReplacement(this.stream(), list, count);
  }

  /** @internal Numbers one after another, for draws that reject some. */
  stream(): Stream {
    return new Stream((index, length) => this.child(index).bits(length));
  }

  #of(shape: Shape, draw: (stream: Stream) => number): Tensor<"float32"> {
    return tensorOf(this.#drawn("float32", shape, draw), "float32", shape);
  }

  #drawn<D extends "float32" | "int32">(dtype: D, shape: Shape, draw: (stream: Stream) => number): Arrays[D] {
    requireShape("random", shape);
    const values = hostArray(dtype, sizeOf(shape));
    const stream = this.stream();
    for (let i = 0; i < values.length; i++) values[i] = draw(stream);
    return values;
  }
}

/** The key of a seed: any integer. */
export function seed(value: number): Key {
  if (!Number.isSafeInteger(value)) throw new ArgumentError("random.seed", `${value}, expected an integer.`);
  return new Key([value | 0, Math.floor(value / 2 ** 32) | 0]);
}

interface Placed {
  readonly location?: number;
  readonly scale?: number;
}

/** FNV-1a over the UTF-16 code units. */
function hash(text: string, start: number): number {
  let h = start;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h | 0;
}
