import { describe, expect, it } from "vitest";
import { plain } from "../../../src/device/cpu/plain/plain.ts";
import type { Device, Expression, RowProgram, Scalar, Shape, View } from "../../../src/device/device.ts";
import { gpu } from "./adapter.ts";
import { hard, view } from "./hard.ts";

describe.skipIf(gpu === null)("row programs", () => {
  const float = (index: number): Expression => ({ kind: "input", index, dtype: "float32" });
  const apply = (scalar: Scalar, ...to: Expression[]): Expression => ({ kind: "apply", scalar, to, dtype: "float32" });
  const two: Expression = { kind: "constant", value: 2, dtype: "float32" };
  const half: Expression = { kind: "constant", value: 0.5, dtype: "float32" };
  // Softmax of 2x + y, its doubled exponentials, and the logarithm of the sum of these.
  const z = apply("add", apply("mul", float(0), two), float(1));
  const e = apply("exp", apply("sub", z, float(2)));
  const program = (beside: boolean): RowProgram => ({
    folds: [
      { by: "max", of: z },
      { by: "sum", of: e },
    ],
    elements: [apply("div", e, float(3)), apply("mul", e, half)],
    beside,
    rows: [apply("add", apply("log", float(3)), float(2))],
  });
  /** The same by steps on the reference. */
  function stepwise(x: View, y: View, shape: Shape, beside: boolean): number[][] {
    const read = (view: View, row: number, c: number) =>
      (plain.peek!(view.buffer) as Float32Array)[view.offset + row * view.strides[0]! + c * view.strides[1]!]!;
    const [count, columns] = shape as [number, number];
    const [first, second, logs]: [number[], number[], number[]] = [[], [], []];
    const both: number[] = [];
    for (let row = 0; row < count; row++) {
      const values = Array.from({ length: columns }, (_, c) => 2 * read(x, row, c) + read(y, row, c));
      const top = Math.max(...values);
      const powers = values.map((value) => Math.exp(value - top));
      const sum = powers.reduce((a, b) => a + b);
      first.push(...powers.map((value) => value / sum));
      second.push(...powers.map((value) => value / 2));
      both.push(...powers.map((value) => value / sum), ...powers.map((value) => value / 2));
      logs.push(Math.log(sum) + top);
    }
    return beside ? [both, logs] : [first, second, logs];
  }

  it.each([
    [3, 700, false],
    [300, 20, false],
    [300, 20, true],
    [2, 65, true],
    [1, 1, false],
  ])("fold and rewrite %i rows of %i, results beside each other: %s", async (count, columns, beside) => {
    const shape = [count, columns];
    const inputs = (device: Device) => {
      const row = view(device, [columns]);
      return [view(device, shape, "float32", [1, 0]), { ...row, shape, strides: [0, 1] }] as const;
    };
    const expected = stepwise(...inputs(plain), shape, beside);
    for (const device of [hard!, gpu!.device]) {
      const found = device.rows!(program(beside), inputs(device), shape)!;
      const got = await Promise.all([...found.elements, ...found.rows].map((buffer) => device.read(buffer)));
      expect(got).toHaveLength(expected.length);
      expected.forEach((list, i) => {
        list.forEach((want, k) => {
          expect(Math.abs(got[i]![k]! - want)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(want)));
        });
      });
    }
  });

  it("without folds", async () => {
    const only: RowProgram = { folds: [], elements: [z, apply("tanh", z)], beside: true, rows: [] };
    const found = hard!.rows!(only, [view(hard!, [5, 7]), view(hard!, [5, 7])], [5, 7])!;
    const [a, b] = [view(plain, [5, 7]), view(plain, [5, 7])];
    const sums = await plain.read(plain.map(z, [a, b], [5, 7], "float32"));
    const got = await hard!.read(found.elements[0]!);
    sums.forEach((value, i) => {
      const at = Math.floor(i / 7) * 14 + (i % 7);
      expect(got[at]).toBeCloseTo(value, 5);
      expect(got[at + 7]).toBeCloseTo(Math.tanh(value), 5);
    });
  });
});
