import { threefry } from "../device/cpu/threefry.ts";
import type { Shape } from "../device/device.ts";
import { hostArray } from "../device/host.ts";
import { tensorOf } from "../tensor/create.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { requireShape, sizeOf } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";

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
    const out = new Int32Array(length);
    threefry(this.words, out);
    return out;
  }

  /** Uniform in [low, high), 24 bits of precision. */
  uniform(
    shape: Shape,
    { low = 0, high = 1 }: { readonly low?: number; readonly high?: number } = {},
  ): Tensor<"float32"> {
    const values = this.#floats(shape, (u) => low + (high - low) * u);
    return tensorOf(values, "float32", shape);
  }

  /** Normal with that mean and standard deviation (Box and Muller 1958). */
  normal(
    shape: Shape,
    { mean = 0, std = 1 }: { readonly mean?: number; readonly std?: number } = {},
  ): Tensor<"float32"> {
    requireShape("random", shape);
    const values = hostArray("float32", sizeOf(shape));
    const bits = this.bits(2 * Math.ceil(values.length / 2));
    for (let i = 0; i < values.length; i += 2) {
      // 1 − u lies in (0, 1], where the logarithm is finite.
      const radius = Math.sqrt(-2 * Math.log(1 - unit(bits[i]!)));
      const angle = 2 * Math.PI * unit(bits[i + 1]!);
      values[i] = mean + std * radius * Math.cos(angle);
      if (i + 1 < values.length) values[i + 1] = mean + std * radius * Math.sin(angle);
    }
    return tensorOf(values, "float32", shape);
  }

  /** True with that probability. */
  bernoulli(shape: Shape, probability: number): Tensor<"bool"> {
    if (!(probability >= 0 && probability <= 1))
      throw new ArgumentError("bernoulli", `probability ${probability}, expected 0 … 1.`);
    const bits = this.bits(sizeOf(shape));
    return tensorOf(
      Uint8Array.from(bits, (word) => (unit(word) < probability ? 1 : 0)),
      "bool",
      shape,
    );
  }

  /** 0 … n − 1 in random order (Fisher and Yates, as Durstenfeld 1964). */
  permutation(n: number): Int32Array {
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

  #floats(shape: Shape, of: (u: number) => number): Float32Array {
    requireShape("random", shape);
    const bits = this.bits(sizeOf(shape));
    const values = hostArray("float32", bits.length);
    for (let i = 0; i < bits.length; i++) values[i] = of((bits[i]! >>> 8) / 2 ** 24);
    return values;
  }
}

/** The key of a seed: any integer. */
export function seed(value: number): Key {
  if (!Number.isSafeInteger(value)) throw new ArgumentError("random.seed", `${value}, expected an integer.`);
  return new Key([value | 0, Math.floor(value / 2 ** 32) | 0]);
}

/** A word as a number in [0, 1). */
function unit(word: number): number {
  return (word >>> 0) / 2 ** 32;
}

/** FNV-1a over the UTF-16 code units. */
function hash(text: string, start: number): number {
  let h = start;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h | 0;
}
