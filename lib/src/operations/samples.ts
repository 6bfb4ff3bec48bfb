import { type DeviceName, deviceNamed } from "../device/current.ts";
import type { DType } from "../device/device.ts";
import { tensor } from "../tensor/create.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { AnyOperation } from "./record.ts";

/** @internal One operation on one of its samples. */
export interface Case {
  readonly title: string;
  readonly operation: AnyOperation;
  readonly options: unknown;
  /** For comparing devices only. */
  readonly large: boolean;
  /** For floats only. */
  readonly fractions: boolean;
  /** Inputs drawn anew (the same values) on a device, in a dtype. */
  readonly inputs: (device: DeviceName, dtype: DType) => Tensor[];
}

/** @internal The samples of operations, which say on what values they are to be checked. */
export function casesOf(operations: Iterable<AnyOperation>): Case[] {
  return [...operations].flatMap((operation) =>
    operation.samples.map((sample, s) => ({
      title: `${operation.name} ${JSON.stringify(sample.shapes)} ${sample.options === undefined ? "" : JSON.stringify(sample.options)}`,
      operation,
      options: sample.options,
      large: sample.large ?? false,
      fractions: sample.fractions ?? false,
      inputs: (device: DeviceName, dtype: DType) =>
        sample.shapes.map((shape, i) => {
          const size = shape.reduce((product, n) => product * n, 1);
          const on = { shape, device: deviceNamed(device) };
          const fixed = sample.indices?.[i];
          if (fixed !== undefined) return tensor(Int32Array.from(fixed), on);
          const truth = sample.conditions?.[i];
          if (truth !== undefined) return tensor(Uint8Array.from(truth), on);
          const [low, high] = sample.range ?? [-2, 2];
          const draw = distinct(size, 1 + 31 * s + 7 * i);
          return tensor(
            Float64Array.from(draw, (u) => low + (high - low) * u),
            { ...on, dtype },
          );
        }),
    })),
  );
}

/** Distinct numbers in (0, 1), well apart, in a scrambled order: no ties for maxima, no kinks at a multiple of a half. */
function distinct(size: number, seed: number): number[] {
  const values = Array.from({ length: size }, (_, i) => (i + 0.37) / size);
  let state = seed;
  for (let i = size - 1; i > 0; i--) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    [values[i], values[j]] = [values[j]!, values[i]!];
  }
  return values;
}
