import { tensorOf } from "../../tensor/create.ts";
import { ArgumentError, DataError, ShapeError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** Recorded sound. */
export interface Sound {
  /** `[channels, samples]` from −1 to 1. */
  readonly samples: Tensor<"float32">;
  /** Samples in a second. */
  readonly rate: number;
}

const pcm = 1;
const float = 3;
const extensible = 0xfffe;

/** How one sample is read, by format and bits; whole numbers become −1 … 1. */
function readerOf(view: DataView, format: number, bits: number): ((at: number) => number) | undefined {
  switch (`${format} ${bits}`) {
    case `${pcm} 8`:
      return (at) => (view.getUint8(at) - 128) / 128;
    case `${pcm} 16`:
      return (at) => view.getInt16(at, true) / 2 ** 15;
    case `${pcm} 24`:
      return (at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 2 ** 16) / 2 ** 23;
    case `${pcm} 32`:
      return (at) => view.getInt32(at, true) / 2 ** 31;
    case `${float} 32`:
      return (at) => view.getFloat32(at, true);
    case `${float} 64`:
      return (at) => view.getFloat64(at, true);
    default:
      return undefined;
  }
}

/** The sound of a WAV file: 8, 16, 24 or 32 bits of whole numbers, 32 or 64 of floating ones, any number of channels. */
export function decodeWav(file: Uint8Array): Sound {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const text = (at: number) => String.fromCharCode(...file.subarray(at, at + 4));
  if (file.length < 12 || text(0) !== "RIFF" || text(8) !== "WAVE")
    throw new DataError("decodeWav", "the file does not begin as a WAV file, RIFF … WAVE.");
  let layout: { format: number; channels: number; rate: number; bits: number } | undefined;
  for (let at = 12; at + 8 <= file.length; ) {
    const [name, length] = [text(at), view.getUint32(at + 4, true)];
    const body = at + 8;
    if (name === "fmt ") {
      if (length < 16) throw new DataError("decodeWav", `the format takes ${length} bytes, expected 16 or more.`);
      requireWhole("the format ends", body + length, file);
      const format = view.getUint16(body, true);
      layout = {
        // The extensible form names the format at the head of a longer identifier.
        format: format === extensible && length >= 26 ? view.getUint16(body + 24, true) : format,
        channels: view.getUint16(body + 2, true),
        rate: view.getUint32(body + 4, true),
        bits: view.getUint16(body + 14, true),
      };
    }
    if (name === "data") {
      if (layout === undefined) throw new DataError("decodeWav", "the samples come before their format.");
      const { format, channels, rate, bits } = layout;
      const read = readerOf(view, format, bits);
      if (read === undefined || channels < 1)
        throw new DataError(
          "decodeWav",
          `format ${format} with ${bits} bits and ${channels} channels is not read, expected PCM or floating numbers.`,
        );
      // Programs that write as they record leave the length open, as 0 then those of the whole file, too.
      const open = length === 0xffffffff || (length === 0 && view.getUint32(4, true) + 8 !== file.length);
      if (!open) requireWhole("the samples end", body + length, file);
      const step = bits / 8;
      const count = Math.floor((open ? file.length - body : length) / (step * channels));
      const values = new Float32Array(channels * count);
      for (let i = 0; i < count; i++)
        for (let c = 0; c < channels; c++) values[c * count + i] = read(body + (i * channels + c) * step);
      return { samples: tensorOf(values, "float32", [channels, count]), rate };
    }
    at = body + length + (length % 2);
  }
  throw new DataError("decodeWav", "the file holds no samples.");
}

function requireWhole(ends: string, end: number, file: Uint8Array): void {
  if (end > file.length)
    throw new DataError("decodeWav", `${ends} at byte ${end}, the file at ${file.length}: it was cut off.`);
}

/**
 * A WAV file of sound, `[samples]` or `[channels, samples]`: 16 bits, values outside −1 … 1 clipped, or 32 bits floating.
 *
 * @example
 * ```ts
 * import { data, linspace } from "gradbook";
 *
 * const tone = linspace(0, 2 * Math.PI * 440, 8000).sin();
 * const file = await data.encodeWav({ samples: tone, rate: 8000 });
 * console.log(data.decodeWav(file).samples.shape); // [ 1, 8000 ]
 * ```
 */
export async function encodeWav(
  { samples, rate }: { readonly samples: Tensor; readonly rate: number },
  { floating = false }: { readonly floating?: boolean } = {},
): Promise<Uint8Array> {
  if (samples.rank < 1 || samples.rank > 2 || samples.shape.includes(0))
    throw new ShapeError(
      "encodeWav",
      `the samples are [${samples.shape.join(", ")}], expected [samples] or [channels, samples].`,
      [samples.shape],
    );
  if (!Number.isInteger(rate) || rate < 1)
    throw new ArgumentError("encodeWav", `rate is ${rate}, expected samples in a second, a positive integer.`);
  const values = await samples.data();
  const channels = samples.rank === 1 ? 1 : samples.shape[0]!;
  const count = values.length / channels;
  const step = floating ? 4 : 2;
  const bytes = step * values.length;
  // The file keeps the bytes of one moment in 16 bits, those of a second and of the whole in 32.
  const [moment, second] = [step * channels, step * channels * rate];
  if (moment >= 2 ** 16 || second >= 2 ** 32 || bytes + 36 >= 2 ** 32)
    throw new ArgumentError(
      "encodeWav",
      `${channels} channels of ${count} samples at a rate of ${rate} are too many for a WAV file, expected at most ${Math.floor((2 ** 16 - 1) / step)} channels and less than 4 GiB, in a second, too.`,
    );
  const file = new Uint8Array(44 + bytes);
  const view = new DataView(file.buffer);
  const text = (at: number, name: string) => file.set(new TextEncoder().encode(name), at);
  text(0, "RIFF");
  view.setUint32(4, 36 + bytes, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, floating ? float : pcm, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * channels * step, true);
  view.setUint16(32, channels * step, true);
  view.setUint16(34, 8 * step, true);
  text(36, "data");
  view.setUint32(40, bytes, true);
  for (let i = 0; i < count; i++)
    for (let c = 0; c < channels; c++) {
      const at = 44 + (i * channels + c) * step;
      const value = values[c * count + i]!;
      if (floating) view.setFloat32(at, value, true);
      else view.setInt16(at, Math.max(-32768, Math.min(32767, Math.round(value * 2 ** 15))), true);
    }
  return file;
}
