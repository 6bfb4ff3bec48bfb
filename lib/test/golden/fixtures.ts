import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { type DeviceName, deviceNamed } from "../../src/device/current.ts";
import { tensor } from "../../src/tensor/create.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";

export interface Stored {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** What PyTorch 1.13 computed in float64 for one function: inputs, outputs, and gradients for given cotangents. */
export interface Golden {
  readonly meta: Readonly<Record<string, never>>;
  readonly inputs: Readonly<Record<string, Stored>>;
  readonly outputs: readonly Stored[];
  readonly outGrads: readonly Stored[];
  readonly grads: Readonly<Record<string, Stored>>;
}

/** Eight steps of an optimiser on Σ c·(w − t)². */
export interface GoldenRun {
  readonly c: readonly number[];
  readonly t: readonly number[];
  readonly w0: readonly number[];
  readonly traj: readonly (readonly number[])[];
}

const file = JSON.parse(readFileSync(new URL("./torch_golden.json", import.meta.url), "utf8")) as Record<
  string,
  unknown
>;

export function golden(name: string): Golden {
  return file[name] as Golden;
}

export function goldenRun(name: string): GoldenRun {
  return file[name] as GoldenRun;
}

export const goldenNames = Object.keys(file);

export function load({ shape, data }: Stored, device: DeviceName, dtype: "float32" | "float64"): Tensor {
  return tensor(Float64Array.from(data), { shape, dtype, device: deviceNamed(device) } as never);
}

/** Compares shape and values, each with a tolerance relative to its size, absolute below 1. */
export async function expectClose(
  got: Tensor,
  { shape, data }: Stored,
  tolerance: number,
  what: string,
): Promise<void> {
  expect(got.shape, what).toEqual(shape);
  const values = await got.data();
  for (const [i, expected] of data.entries()) {
    const error = Math.abs(values[i]! - Number(expected));
    const allowed = tolerance * Math.max(1, Math.abs(Number(expected)));
    expect(error, `${what}[${i}]: ${values[i]}, PyTorch has ${expected}`).toBeLessThanOrEqual(allowed);
  }
}
