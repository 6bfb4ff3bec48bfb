import { expect } from "vitest";
import type { Tensor } from "../../src/tensor/tensor.ts";

/** Says that a tensor has the shape, the dtype and, up to a tolerance, the values of another. */
export async function close(got: Tensor, expected: Tensor, tolerance: number) {
  expect(got.shape).toEqual(expected.shape);
  expect(got.dtype).toBe(expected.dtype);
  const [a, b] = [await got.data(), await expected.data()];
  const whole = expected.dtype === "int32" || expected.dtype === "bool";
  a.forEach((value, i) => {
    if (Number.isNaN(b[i]!)) expect(value).toBeNaN();
    else if (whole) expect(value).toBe(b[i]);
    else if (value !== b[i])
      expect(Math.abs(value - b[i]!)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(b[i]!)));
  });
}
