import { describe, expect, it } from "vitest";
import { valuesOf, wrap } from "../../src/device/cpu/buffer.ts";
import { cpu } from "../../src/device/cpu/cpu.ts";
import { plain } from "../../src/device/cpu/plain/plain.ts";
import type { View } from "../../src/device/device.ts";
import { random } from "../../src/index.ts";

const special = [0, -0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** -149, -(2 ** -149)];

/** Numbers of which many are equal, special or both. */
function numbers(length: number): Float32Array {
  const words = random.seed(length).bits(length);
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    const word = words[i]! >>> 0;
    values[i] = word % 5 === 0 ? special[word % special.length]! : word % 5 === 1 ? word % 7 : word / 2 ** 20 - 2048;
  }
  // Some have no number in their bits, with a sign and without one.
  const bits = new Int32Array(values.buffer);
  for (let i = 3; i < length; i += 11) bits[i] = i % 2 === 0 ? 0x7fc00001 : -0x3fffff;
  return values;
}

function expectSame(x: View, axis: number): void {
  const [ours, reference] = [cpu.sort(x, axis), plain.sort(x, axis)];
  expect(valuesOf(ours.order)).toEqual(valuesOf(reference.order));
  const [values, expected] = [valuesOf(ours.values), valuesOf(reference.values)];
  expect(values.length).toBe(expected.length);
  expect([...values].findIndex((value, i) => !Object.is(value, expected[i]))).toBe(-1);
}

describe("sorting", () => {
  it.each([0, 1, 2, 3, 39, 40, 41, 255, 256, 1000, 8191, 8192, 20_000])("%i numbers of each dtype", (n) => {
    const floats = numbers(n);
    const whole = random.seed(n).bits(n);
    const arrays = [
      wrap(floats, "float32"),
      wrap(whole, "int32"),
      wrap(
        whole.map((word) => word % 100),
        "int32",
      ),
      wrap(
        Uint8Array.from(whole, (word) => word & 1),
        "bool",
      ),
      wrap(Float64Array.from(floats), "float64"),
    ];
    for (const buffer of arrays) expectSame({ buffer, shape: [n], strides: [1], offset: 0 }, 0);
  });

  it("along any axis of views, however they lie", () => {
    const buffer = wrap(numbers(2 * 50 * 30), "float32");
    for (const axis of [0, 1, 2]) {
      expectSame({ buffer, shape: [2, 50, 30], strides: [1500, 30, 1], offset: 0 }, axis);
      expectSame({ buffer, shape: [30, 50, 2], strides: [1, 30, 1500], offset: 0 }, axis);
      expectSame({ buffer, shape: [2, 50, 15], strides: [1500, -30, 2], offset: 1470 }, axis);
      expectSame({ buffer, shape: [2, 50, 4], strides: [0, 30, 0], offset: 7 }, axis);
    }
  });
});
