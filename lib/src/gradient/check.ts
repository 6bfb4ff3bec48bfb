import { deviceNamed } from "../device/current.ts";
import { tensor } from "../tensor/create.ts";
import { GradbookError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { vjp } from "./grad.ts";

/** A derivative that differs from finite differences. */
export class GradientError extends GradbookError {
  readonly tag = "gradient";
}

/**
 * Compares the derivative of `f` at `x` with central differences along every coordinate, in float64 on the reference
 * device, to which `f` must keep: tensors that it uses besides `x` are made inside it, or under
 * `withDevice("plain", …)`. Throws a `GradientError` that names the worst coordinate if they differ by more than `tolerance`.
 */
export async function checkGradient(
  f: (x: Tensor) => Tensor,
  x: Tensor,
  { step = 1e-5, tolerance = 1e-6 } = {},
): Promise<void> {
  const device = deviceNamed("plain");
  const at = Float64Array.from(await x.data());
  const point = (values: Float64Array) => tensor(values, { shape: x.shape, device });
  const { value, pullBack } = vjp(f, point(at));
  // A fixed cotangent that treats every output differently.
  const weights = Float64Array.from({ length: value.size }, (_, i) => Math.sin(i + 1) + 0.1);
  const gradient = await pullBack(tensor(weights, { shape: value.shape, device })).data();
  const dot = async (values: Float64Array) => {
    const y = await f(point(values)).data();
    return weights.reduce((sum, weight, i) => sum + weight * y[i]!, 0);
  };
  for (let i = 0; i < at.length; i++) {
    const up = at.slice();
    up[i]! += step;
    const down = at.slice();
    down[i]! -= step;
    const expected = ((await dot(up)) - (await dot(down))) / (2 * step);
    const error = Math.abs(gradient[i]! - expected) / Math.max(1, Math.abs(expected));
    if (!(error <= tolerance)) {
      throw new GradientError(
        "checkGradient",
        `at element ${i} of ${showShape(x.shape)} the derivative is ${gradient[i]}, finite differences give ${expected}.`,
      );
    }
  }
}

/** The same for the derivative's own derivative. */
export async function checkSecond(
  f: (x: Tensor) => Tensor,
  x: Tensor,
  options?: { step?: number; tolerance?: number },
): Promise<void> {
  await checkGradient(
    (point) => {
      const { value, pullBack } = vjp(f, point);
      const weights = Float64Array.from({ length: value.size }, (_, i) => Math.cos(i + 1));
      return pullBack(tensor(weights, { shape: value.shape, device: point.device }));
    },
    x,
    options,
  );
}
