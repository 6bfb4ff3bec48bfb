import type { Shape } from "../device/device.ts";
import { ShapeError } from "../tensor/errors.ts";
import { MOST_ELEMENTS, sameShape, showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { AnyOperation, Misfit } from "./record.ts";

/** Whether all inputs have one shape, which an elementwise operation's result has then, too. */
function areAlike(inputs: readonly Tensor[]): boolean {
  for (let i = 1; i < inputs.length; i++) if (!sameShape(inputs[i]!.shape, inputs[0]!.shape)) return false;
  return true;
}

/** The shape of an operation's result, or a `ShapeError` that says what does not fit. */
export function resultShape(operation: AnyOperation, inputs: readonly Tensor[], options: never): Shape {
  if (operation.map !== undefined && areAlike(inputs)) return inputs[0]!.shape;
  const shapes = new Array<Shape>(inputs.length);
  for (let i = 0; i < inputs.length; i++) shapes[i] = inputs[i]!.shape;
  const shape = operation.shape(shapes, options);
  if (!isShape(shape)) throw misfit(operation, inputs, shape);
  if (shape !== inputs[0]?.shape) {
    let size = 1;
    for (const n of shape) {
      if (!Number.isInteger(n) || n < 0) throw noShape(operation, shape);
      // Nothing along one axis makes no other one short.
      size *= Math.max(1, n);
    }
    if (size > MOST_ELEMENTS) throw noShape(operation, shape);
  }
  return shape;
}

function isShape(shape: Shape | Misfit): shape is Shape {
  return Array.isArray(shape);
}

function noShape(operation: AnyOperation, shape: Shape): ShapeError {
  const few = shape.every((n) => Number.isInteger(n) && n >= 0);
  const expected = few ? `at most ${MOST_ELEMENTS} elements` : "whole sizes of 0 or more";
  return new ShapeError(operation.name, `the result would be ${showShape(shape)}, expected ${expected}.`, [shape]);
}

function misfit(operation: AnyOperation, inputs: readonly Tensor[], { because, hint }: Misfit): ShapeError {
  return new ShapeError(
    operation.name,
    hint === undefined ? because : `${because}\n  ${hint}`,
    inputs.map((input) => input.shape),
  );
}
