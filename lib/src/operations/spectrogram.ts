import { tensorOf } from "../tensor/create.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { constantMatrix } from "./constant-matrix.ts";
import { define, type OperationFunction } from "./define.ts";
import { asFloat } from "./folding.ts";
import { type Misfit, shapes } from "./record.ts";

/** Windows of a signal. */
export interface StftOptions {
  /** Samples of a window. */
  readonly size: number;
  /** Samples from one window to the next; a quarter of the size, if not said. */
  readonly hop?: number;
  /** "hann" (von Hann's raised cosine, if not said), "hamming", or "ones" for none. */
  readonly window?: "hann" | "hamming" | "ones";
  /** Frame t is centred at sample t · hop, the signal's ends mirrored (the default); otherwise it starts there. */
  readonly centre?: boolean;
}

const windows = {
  hann: (turn: number) => 0.5 - 0.5 * Math.cos(turn),
  hamming: (turn: number) => 0.54 - 0.46 * Math.cos(turn),
  ones: () => 1,
} as const;

function refused(name: string, x: readonly number[], options: StftOptions): Misfit | undefined {
  const { size, hop = Math.floor(options.size / 4), window = "hann", centre = true } = options;
  for (const [what, value] of [
    ["size", size],
    ["hop", hop],
  ] as const)
    if (!Number.isInteger(value) || value < 1)
      return { because: `${what} is ${value}, expected a whole number of 1 or more.` };
  if (!(window in windows))
    return { because: `the window is ${String(window)}, expected one of ${Object.keys(windows).join(", ")}.` };
  if (x.length === 0) return { because: `a scalar has no axis, so there is no ${name}.` };
  const n = x.at(-1)!;
  if (centre && n <= Math.floor(size / 2))
    return {
      because: `${showShape(x)}: ${n} samples are too few to mirror half a window of ${size}.`,
      hint: "Or { centre: false }.",
    };
  if (!centre && n < size) return { because: `${showShape(x)}: ${n} samples are fewer than a window of ${size}.` };
  return undefined;
}

/**
 * The short-time Fourier transform of signals: `[…, samples]` → `[…, frames, ⌊size/2⌋ + 1, 2]`, pairs of real and
 * imaginary part (see `rfft`).
 */
export const stft: OperationFunction<[x: Tensor], [options: StftOptions]> = define({
  name: "stft",
  inputs: ["x"],
  shape: ([x], options) => {
    const odd = refused("stft", x, options);
    if (odd !== undefined) return odd;
    const { size, hop = Math.floor(size / 4), centre = true } = options;
    const length = x.at(-1)! + (centre ? 2 * Math.floor(size / 2) : 0);
    return [...x.slice(0, -1), Math.floor((length - size) / hop) + 1, Math.floor(size / 2) + 1, 2];
  },
  compose: ([given], { size, hop = Math.floor(size / 4), window = "hann", centre = true }) => {
    const x = asFloat(given);
    const sides = x.shape.map((_, axis) => (centre && axis === x.rank - 1 ? Math.floor(size / 2) : 0));
    const framed = x.pad({ before: sides, after: sides, mode: "reflect" }).unfold({ axis: -1, size, stride: hop });
    const shape = constantMatrix(x, 1, size, (_, i) => windows[window]((2 * Math.PI * i) / size)).reshape([size]);
    return framed.mul(shape).rfft();
  },
  samples: [
    { shapes: shapes([2, 12]), options: { size: 4, hop: 2 } },
    { shapes: shapes([9]), options: { size: 5, hop: 2, centre: false, window: "hamming" } },
  ],
  refusals: [
    { shapes: shapes([3]), options: { size: 8 }, message: /3 samples are too few to mirror half a window of 8/ },
    { shapes: shapes([9]), options: { size: 8, hop: 0 }, message: /hop is 0, expected a whole number of 1 or more/ },
    { shapes: shapes([3]), options: { size: 8, centre: false }, message: /3 samples are fewer than a window of 8/ },
  ],
});

/** The squared size |X|² of complex numbers: `[…, 2]` → `[…]`. */
export const squaredMagnitude: OperationFunction<[x: Tensor]> = define({
  name: "squaredMagnitude",
  inputs: ["x"],
  shape: ([x]) =>
    x.at(-1) === 2
      ? x.slice(0, -1)
      : { because: `${showShape(x)}: expected complex numbers as pairs in a last axis of 2.` },
  compose: ([x]) => asFloat(x).square().sum({ axis: -1 }),
  samples: [{ shapes: shapes([3, 2]) }],
  refusals: [{ shapes: shapes([3]), message: /expected complex numbers as pairs/ }],
});

/** A bank of triangular filters. */
export interface MelOptions {
  /** Samples a second. */
  readonly sampleRate: number;
  /** Samples of the Fourier transform's window. */
  readonly size: number;
  /** Filters; 40, if not said. */
  readonly bands?: number;
  /** Lowest and highest frequency in Hz; 0 and half the sample rate, if not said. */
  readonly low?: number;
  readonly high?: number;
}

/** Mels of a frequency in Hz (O'Shaughnessy 1987). */
const mel = (hertz: number) => 2595 * Math.log10(1 + hertz / 700);
const hertz = (mels: number) => 700 * (10 ** (mels / 2595) - 1);

/**
 * Triangular filters, as far apart as hearing tells pitches apart (Davis and Mermelstein 1980), each with a peak of 1:
 * float32 `[⌊size/2⌋ + 1, bands]`. A log-mel spectrogram is `x.stft({ size }).squaredMagnitude().matmul(bank).add(1e-6).log()`.
 */
export function melFilterBank({
  sampleRate,
  size,
  bands = 40,
  low = 0,
  high = sampleRate / 2,
}: MelOptions): Tensor<"float32"> {
  const who = "melFilterBank";
  if (!(sampleRate > 0))
    throw new ArgumentError(who, `sampleRate is ${sampleRate}, expected samples a second, above 0.`);
  for (const [what, value] of [
    ["size", size],
    ["bands", bands],
  ] as const)
    if (!Number.isInteger(value) || value < 1)
      throw new ArgumentError(who, `${what} is ${value}, expected a whole number of 1 or more.`);
  if (!(low >= 0 && low < high && high <= sampleRate / 2))
    throw new ArgumentError(
      who,
      `from ${low} to ${high} Hz, expected 0 ≤ low < high ≤ ${sampleRate / 2}, half the sample rate.`,
    );
  const frequencies = Math.floor(size / 2) + 1;
  const edge = (i: number) => hertz(mel(low) + ((mel(high) - mel(low)) * i) / (bands + 1));
  const edges = Array.from({ length: bands + 2 }, (_, i) => edge(i));
  const values = Float32Array.from({ length: frequencies * bands }, (_, i) => {
    const at = (Math.floor(i / bands) * sampleRate) / size;
    const [left, top, right] = edges.slice(i % bands) as [number, number, number];
    return Math.max(0, Math.min((at - left) / (top - left), (right - at) / (right - top)));
  });
  return tensorOf(values, "float32", [frequencies, bands]);
}
