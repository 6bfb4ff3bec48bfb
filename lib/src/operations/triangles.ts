import type { Shape } from "../device/device.ts";
import { tensorOf } from "../tensor/create.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { define, type OperationFunction } from "./define.ts";
import { type Misfit, shapes } from "./record.ts";

/** How many elements the diagonal `offset` places above (below, if negative) the main one has. */
function lengthOf([rows, columns]: readonly [number, number], offset: number): number {
  return Math.max(0, offset >= 0 ? Math.min(rows, columns - offset) : Math.min(rows + offset, columns));
}

function matrixOf(x: Shape): readonly [number, number] {
  return [x.at(-2)!, x.at(-1)!];
}

function needsMatrix(x: Shape, offset: number): Misfit | undefined {
  if (!Number.isInteger(offset)) return { because: `the offset is ${offset}, expected a whole number.` };
  return x.length >= 2 ? undefined : { because: `${showShape(x)} is no matrix, expected at least two axes.` };
}

/** The diagonal of the matrices in the last two axes, `offset` places above the main one (0, if not said), without copying. */
export const diagonal: OperationFunction<[x: Tensor], [offset?: number], "same"> = define({
  name: "diagonal",
  inputs: ["x"],
  kind: "same",
  shape: ([x], offset = 0) => needsMatrix(x, offset) ?? [...x.slice(0, -2), lengthOf(matrixOf(x), offset)],
  view: (x, shape, offset = 0) => {
    const [down, right] = [x.strides.at(-2)!, x.strides.at(-1)!];
    const start = offset >= 0 ? offset * right : -offset * down;
    return {
      buffer: x.buffer,
      shape,
      strides: [...x.strides.slice(0, -2), down + right],
      offset: shape.at(-1) === 0 ? x.offset : x.offset + start,
    };
  },
  pullback: (g, [x], _, offset = 0) => {
    const [rows, columns] = matrixOf(x.shape);
    const first = offset >= 0 ? offset : -offset * columns;
    const places = Int32Array.from({ length: g.shape.at(-1)! }, (_, i) => first + i * (columns + 1));
    const flat = g.scatterAdd(tensorOf(places, "int32", [places.length], g.device), { axis: -1, size: rows * columns });
    return [flat.reshape(x.shape)];
  },
  batch: ([x], _, offset) => x.diagonal(offset),
  samples: [
    { shapes: shapes([3, 3]) },
    { shapes: shapes([2, 3, 4]), options: 1 },
    { shapes: shapes([4, 3]), options: -2 },
  ],
  refusals: [{ shapes: shapes([3]), message: /\[3\] is no matrix/ }],
});

/** The square matrix with `x` on its diagonal, `offset` places above the main one, and zeros elsewhere. */
export const diag: OperationFunction<[x: Tensor], [offset?: number], "same"> = define({
  name: "diag",
  inputs: ["x"],
  kind: "same",
  shape: ([x], offset = 0) => {
    if (!Number.isInteger(offset)) return { because: `the offset is ${offset}, expected a whole number.` };
    if (x.length === 0) return { because: "a scalar has no axis, expected the elements of a diagonal." };
    const n = x.at(-1)! + Math.abs(offset);
    return [...x.slice(0, -1), n, n];
  },
  compose: ([x], offset = 0) => {
    const n = x.shape.at(-1)! + Math.abs(offset);
    const first = offset >= 0 ? offset : -offset * n;
    const places = Int32Array.from({ length: x.shape.at(-1)! }, (_, i) => first + i * (n + 1));
    return x
      .scatterAdd(tensorOf(places, "int32", [places.length], x.device), { axis: -1, size: n * n })
      .reshape([...x.shape.slice(0, -1), n, n]);
  },
  samples: [{ shapes: shapes([3]) }, { shapes: shapes([2, 2]), options: -1 }],
  refusals: [{ shapes: shapes([]), message: /a scalar has no axis/ }],
});

/** A part of the matrices in the last two axes, zero elsewhere. */
function triangle(name: string, keeps: (row: number, column: number, offset: number) => boolean) {
  return define<OperationFunction<[x: Tensor], [offset?: number], "same">>({
    name,
    inputs: ["x"],
    kind: "same",
    shape: ([x], offset = 0) => needsMatrix(x, offset) ?? x,
    compose: ([x], offset = 0) => {
      const [rows, columns] = matrixOf(x.shape);
      const kept = Uint8Array.from({ length: rows * columns }, (_, i) =>
        keeps(Math.floor(i / columns), i % columns, offset) ? 1 : 0,
      );
      return tensorOf(kept, "bool", [rows, columns], x.device).where(x as Tensor<"float32">, 0);
    },
    samples: [{ shapes: shapes([3, 4]) }, { shapes: shapes([2, 3, 3]), options: 1 }],
    refusals: [{ shapes: shapes([3]), message: /\[3\] is no matrix/ }],
  });
}

/** The lower triangle of the matrices in the last two axes, up to `offset` places above the diagonal; zero elsewhere. */
export const tril: OperationFunction<[x: Tensor], [offset?: number], "same"> = triangle(
  "tril",
  (row, column, offset) => column - row <= offset,
);

/** The upper triangle of the matrices in the last two axes, from `offset` places above the diagonal; zero elsewhere. */
export const triu: OperationFunction<[x: Tensor], [offset?: number], "same"> = triangle(
  "triu",
  (row, column, offset) => column - row >= offset,
);
