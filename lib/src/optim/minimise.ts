import { jvp, scalarOf, valueAndGrad, vjp } from "../gradient/grad.ts";
import { hvp } from "../gradient/hessian.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { Breather, signalOf } from "../tensor/stop.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { conjugateGradient, type Descent, type Evaluated, hessianFree, lbfgs, type Problem } from "./descents.ts";
import { flatPoint } from "./flat-point.ts";
import { dot, largest } from "./vectors.ts";

/** A loss in two parts, the second convex in the outputs: what the Gauss–Newton curvature needs. */
export interface Composite<At> {
  readonly output: (at: At) => Tensor;
  readonly loss: (output: Tensor) => Tensor;
}

export interface MinimiseOptions {
  readonly method?: "lbfgs" | "conjugateGradient" | "hessianFree";
  /** Steps at most, 0 for none; 100 if not said. */
  readonly iterations?: number;
  /** Ends where no derivative is larger; 1e-5 if not said. */
  readonly tolerance?: number;
  /** Changes that L-BFGS remembers; 10 if not said. */
  readonly memory?: number;
  /** Hessian-free: how much of the identity is added to the curvature at first; 1 if not said. */
  readonly damping?: number;
  /** Hessian-free: products with the curvature for one step, at most; 100 if not said. */
  readonly products?: number;
  readonly signal?: AbortSignal;
}

/** Where a minimisation is. */
export interface Minimum<At> {
  readonly iteration: number;
  readonly value: number;
  /** Euclidean norm of the gradient. */
  readonly gradNorm: number;
  /** Evaluations of value and gradient so far. */
  readonly evaluations: number;
  /** Whether no derivative is larger than the tolerance. */
  readonly converged: boolean;
  /** The point; a model itself. */
  readonly point: At;
}

/**
 * Minimises a function of a tensor, a tree of tensors or a model with methods for whole data sets: L-BFGS and non-linear
 * conjugate gradients with a line search for the strong Wolfe conditions, and Hessian-free optimisation, which multiplies
 * with the Gauss–Newton matrix if it is given `{ output, loss }`, with the Hessian otherwise. A model is changed step by
 * step; each step has been made when it is given out, the first being the start. `break` stops.
 * Throws an `ArgumentError` where the function is not finite at the start, or an option is outside its range.
 *
 * @example
 * ```ts
 * import { optim, tensor, type Tensor } from "gradbook";
 *
 * const start = { x: tensor(-1.2, { dtype: "float64" }), y: tensor(1, { dtype: "float64" }) };
 * const banana = ({ x, y }: { x: Tensor; y: Tensor }) => x.neg().add(1).square().add(y.sub(x.square()).square().mul(100));
 * let found = { value: Infinity };
 * for await (found of optim.minimise(start, banana, { method: "lbfgs" }));
 * found.value < 1e-9; // true
 * ```
 */
export async function* minimise<At>(
  at: At,
  f: ((at: At) => Tensor) | Composite<At>,
  options: MinimiseOptions = {},
): AsyncGenerator<Minimum<At>, void> {
  const { iterations = 100, tolerance = 1e-5, method = "lbfgs", memory = 10 } = options;
  const descents = { lbfgs, conjugateGradient, hessianFree };
  if (!Object.hasOwn(descents, method))
    throw new ArgumentError("minimise", `method is ${method}, expected lbfgs, conjugateGradient or hessianFree.`);
  if (!(iterations >= 0 && (Number.isInteger(iterations) || iterations === Number.POSITIVE_INFINITY)))
    throw new ArgumentError("minimise", `iterations is ${iterations}, expected a whole number of 0 or more.`);
  if (!(tolerance >= 0))
    throw new ArgumentError("minimise", `tolerance is ${tolerance}, expected a number of 0 or more.`);
  if (!Number.isInteger(memory) || memory < 1)
    throw new ArgumentError("minimise", `memory is ${memory}, expected a positive integer.`);
  const flat = await flatPoint("minimise", at);
  const whole = typeof f === "function" ? f : (point: At) => f.loss(f.output(point));
  const onFlat = (x: Tensor) => flat.run(whole, x);
  let evaluations = 0;
  const problem: Problem = {
    evaluate: async (x) => {
      evaluations++;
      const { value, gradient } = valueAndGrad(flat.tensorOf(x), onFlat);
      return { x, value: await value.item(), gradient: Float64Array.from(await (gradient as Tensor).data()) };
    },
    curvature: async (x, v) => {
      const [point, along] = [flat.tensorOf(x), flat.tensorOf(v)];
      if (typeof f === "function") return Float64Array.from(await (hvp(onFlat, point, along) as Tensor).data());
      return Float64Array.from(await gaussNewton((y) => flat.run(f.output, y), f.loss, point, along).data());
    },
  };
  const start = await problem.evaluate(flat.start);
  if (!Number.isFinite(start.value))
    throw new ArgumentError(
      "minimise",
      `the function is ${start.value} at the start, expected a finite number. Start elsewhere.`,
    );
  const breather = new Breather();
  const given = (iteration: number, { x, value, gradient }: Evaluated): Minimum<At> => ({
    iteration,
    value,
    gradNorm: Math.sqrt(dot(gradient, gradient)),
    evaluations,
    converged: largest(gradient) <= tolerance,
    point: flat.put(x),
  });
  let now = given(0, start);
  yield now;
  if (now.converged || iterations === 0) return;
  const descent: Descent = descents[method](problem, start, { ...options, memory });
  for await (const next of descent) {
    now = given(now.iteration + 1, next);
    yield now;
    if (now.converged || now.iteration >= iterations) return;
    // Read anew each time: a loop may go on in another cell than the one that began it.
    signalOf(options.signal)?.throwIfAborted();
    await breather.breathe();
  }
}

/** Jᵀ H J v: forwards through the outputs, through the loss's own curvature, and back (Schraudolph 2002). */
function gaussNewton(output: (x: Tensor) => Tensor, loss: (output: Tensor) => Tensor, at: Tensor, v: Tensor): Tensor {
  const { value, tangent } = jvp(output, at, v);
  const curved = hvp((y: Tensor) => scalarOf(loss(y), "minimise"), value, tangent) as Tensor;
  return vjp(output, at).pullBack(curved);
}
