import type { Key } from "../../random/key.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import { type Column, Dataset } from "../dataset.ts";
import { Draws, requireWhole } from "../draws.ts";
import { Sequences } from "../text/sequences.ts";

export interface TaskOptions {
  /** Draws the examples. */
  readonly key: Key;
  /** How many there are. */
  readonly count: number;
}

/**
 * The adding problem (Hochreiter and Schmidhuber 1997, as Le et al. 2015 put it): `x` float32 `[length, 2]`, numbers from
 * 0 … 1 and marks, of which two are 1, one in each half; `target` float32, the sum of the marked numbers. Always to say 1
 * has a squared error of 1/6.
 */
export function adding({ key, count, length }: TaskOptions & { readonly length: number }): Dataset<{
  readonly x: Column<"float32">;
  readonly target: Column<"float32">;
}> {
  requireWhole("adding", "count", count);
  requireWhole("adding", "length", length, 2);
  const draws = new Draws(key);
  const values = new Float32Array(2 * count * length);
  const targets = new Float32Array(count);
  const half = Math.floor(length / 2);
  for (let i = 0; i < count; i++) {
    const start = 2 * i * length;
    for (let t = 0; t < length; t++) values[start + 2 * t] = draws.uniform();
    for (const t of [draws.below(half), half + draws.below(length - half)]) {
      values[start + 2 * t + 1] = 1;
      targets[i]! += values[start + 2 * t]!;
    }
  }
  return new Dataset({
    x: { values, shape: [length, 2], dtype: "float32" },
    target: { values: targets, shape: [], dtype: "float32" },
  });
}

/** Parity: `x` float32 `[length]` of bits, `label` int32, 1 where an odd number of them is 1. */
export function parity({ key, count, length }: TaskOptions & { readonly length: number }): Dataset<{
  readonly x: Column<"float32">;
  readonly label: Column<"int32">;
}> {
  requireWhole("parity", "count", count);
  requireWhole("parity", "length", length);
  const draws = new Draws(key);
  const values = Uint8Array.from({ length: count * length }, () => draws.below(2));
  const labels = Int32Array.from({ length: count }, (_, i) =>
    values.subarray(i * length, (i + 1) * length).reduce((a, b) => a ^ b, 0),
  );
  return new Dataset({
    x: { values, shape: [length], dtype: "float32" },
    label: { values: labels, shape: [], dtype: "int32" },
  });
}

export interface CopyOptions extends TaskOptions {
  /** Symbols to be remembered; 10 if not said. */
  readonly length?: number;
  /** Kinds of symbols; 8 if not said. */
  readonly symbols?: number;
  /** Steps between the last symbol and the sign to begin. */
  readonly delay: number;
}

/**
 * The copying problem (Hochreiter and Schmidhuber 1997; Arjovsky, Shah and Bengio 2016): `input` and `target` int32
 * `[delay + 2 · length]`. The input is `length` symbols from 1 … `symbols`, blanks (0), and the sign to begin
 * (`symbols` + 1) `length` steps before the end; the target is blank but for the last steps, which repeat the symbols.
 */
export function copying({
  key,
  count,
  length = 10,
  symbols = 8,
  delay,
}: CopyOptions): Dataset<{ readonly input: Column<"int32">; readonly target: Column<"int32"> }> {
  for (const [name, value] of Object.entries({ count, length, symbols, delay })) requireWhole("copying", name, value);
  const draws = new Draws(key);
  const time = delay + 2 * length;
  const [input, target] = [new Int32Array(count * time), new Int32Array(count * time)];
  for (let i = 0; i < count; i++) {
    for (let t = 0; t < length; t++) {
      const symbol = 1 + draws.below(symbols);
      input[i * time + t] = symbol;
      target[i * time + delay + length + t] = symbol;
    }
    input[i * time + delay + length - 1] = symbols + 1;
  }
  return new Dataset({
    input: { values: input, shape: [time], dtype: "int32" },
    target: { values: target, shape: [time], dtype: "int32" },
  });
}

export interface ReverseOptions extends TaskOptions {
  /** Shortest and longest; 3 … 10 if not said. */
  readonly length?: readonly [number, number];
  /** Kinds of symbols; 20 if not said. */
  readonly symbols?: number;
  /** The first symbol's number: those before stay free for padding, beginning and end; 3 if not said. */
  readonly first?: number;
}

/** Sequences of random symbols, `source`, and the same backwards, `target`. */
export function reversing({
  key,
  count,
  length: [shortest, longest] = [3, 10],
  symbols = 20,
  first = 3,
}: ReverseOptions): Sequences<"source" | "target"> {
  requireWhole("reversing", "count", count);
  requireWhole("reversing", "symbols", symbols);
  requireWhole("reversing", "length", shortest);
  if (!(longest >= shortest))
    throw new ArgumentError("reversing", `length is ${shortest} … ${longest}, expected shortest and longest.`);
  const draws = new Draws(key);
  const source = Array.from({ length: count }, () =>
    Int32Array.from({ length: shortest + draws.below(longest - shortest + 1) }, () => first + draws.below(symbols)),
  );
  return new Sequences({ source, target: source.map((sequence) => sequence.slice().reverse()) });
}

/**
 * All 2ⁿ combinations of n features that are there or not, in the order of their numbers: `bits` float32 `[n]`, the
 * first bit highest, and `number` int32.
 */
export function combinations(
  n: number,
): Dataset<{ readonly bits: Column<"float32">; readonly number: Column<"int32"> }> {
  requireWhole("combinations", "n", n);
  if (n > 20)
    throw new ArgumentError("combinations", `${n} features have ${2 ** n} combinations, expected at most 20 features.`);
  const count = 2 ** n;
  const bits = Uint8Array.from({ length: count * n }, (_, i) => (Math.floor(i / n) >> (n - 1 - (i % n))) & 1);
  return new Dataset({
    bits: { values: bits, shape: [n], dtype: "float32" },
    number: { values: Int32Array.from({ length: count }, (_, i) => i), shape: [], dtype: "int32" },
  });
}
