import type { Shape } from "../../device.ts";

/** Loop bounds and, per operand, strides: neighbouring axes that every operand steps through evenly are merged. */
export interface Layout {
  readonly shape: readonly number[];
  readonly strides: readonly (readonly number[])[];
}

/** The fewest nested loops that visit `shape` in row-major order for all operands. */
export function collapse(shape: Shape, operands: readonly (readonly number[])[]): Layout {
  if (shape.length === 1 && shape[0] !== 1) return { shape, strides: operands };
  const merged: number[] = [];
  const strides: number[][] = operands.map(() => []);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const n = shape[axis]!;
    if (n === 1) continue;
    const size = merged[0];
    if (size !== undefined && operands.every((s, k) => s[axis] === size * strides[k]![0]!)) {
      merged[0] = size * n;
    } else {
      merged.unshift(n);
      for (let k = 0; k < operands.length; k++) strides[k]!.unshift(operands[k]![axis]!);
    }
  }
  if (merged.length === 0) {
    merged.push(1);
    for (const list of strides) list.push(0);
  }
  return { shape: merged, strides };
}
