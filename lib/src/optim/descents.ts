import { strongWolfe } from "./line-search.ts";
import { dot, largest, plus, scaled } from "./vectors.ts";

/** A function of a vector, with its gradient. */
export interface Evaluated {
  readonly x: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
}

export interface Problem {
  evaluate(x: Float64Array): Promise<Evaluated>;
  /** The product of the curvature at `x` with a vector. */
  curvature(x: Float64Array, v: Float64Array): Promise<Float64Array>;
}

/** Steps from a start, one better than the other; ends where there is no better one. */
export type Descent = AsyncGenerator<Evaluated, void>;

async function lineSearch(
  problem: Problem,
  from: Evaluated,
  direction: Float64Array,
  first: number,
  curvature: number,
): Promise<Evaluated | null> {
  const slope = dot(from.gradient, direction);
  const at = async (step: number) => {
    const there = await problem.evaluate(plus(from.x, step, direction));
    return { ...there, step, slope: dot(there.gradient, direction) };
  };
  return strongWolfe({ step: 0, value: from.value, slope }, first, at, { descent: 1e-4, curvature });
}

/** Limited-memory BFGS (Liu and Nocedal 1989): the curvature from the last `memory` changes of point and gradient. */
export async function* lbfgs(problem: Problem, start: Evaluated, { memory }: { readonly memory: number }): Descent {
  let here = start;
  let pairs: { readonly s: Float64Array; readonly y: Float64Array; readonly rho: number }[] = [];
  for (;;) {
    const direction = twoLoops(here.gradient, pairs);
    const first = pairs.length === 0 ? Math.min(1, 1 / here.gradient.reduce((sum, g) => sum + Math.abs(g), 0)) : 1;
    const next = await lineSearch(problem, here, direction, first, 0.9);
    if (next === null) {
      if (pairs.length === 0) return;
      // What was remembered misleads: begin anew along the gradient.
      pairs = [];
      continue;
    }
    const [s, y] = [plus(next.x, -1, here.x), plus(next.gradient, -1, here.gradient)];
    const curvature = dot(s, y);
    if (curvature > 1e-10 * dot(y, y)) pairs = [...pairs, { s, y, rho: 1 / curvature }].slice(-memory);
    here = next;
    yield here;
  }
}

function twoLoops(
  gradient: Float64Array,
  pairs: readonly { readonly s: Float64Array; readonly y: Float64Array; readonly rho: number }[],
): Float64Array {
  let q = gradient;
  const alphas: number[] = [];
  for (const { s, y, rho } of [...pairs].reverse()) {
    const alpha = rho * dot(s, q);
    alphas.unshift(alpha);
    q = plus(q, -alpha, y);
  }
  const newest = pairs.at(-1);
  if (newest !== undefined) q = scaled(1 / (newest.rho * dot(newest.y, newest.y)), q);
  pairs.forEach(({ s, y, rho }, i) => {
    q = plus(q, alphas[i]! - rho * dot(y, q), s);
  });
  return scaled(-1, q);
}

/** Non-linear conjugate gradients with Polak and Ribière's factor, begun anew where it would be negative. */
export async function* conjugateGradient(problem: Problem, start: Evaluated): Descent {
  let here = start;
  let direction = scaled(-1, here.gradient);
  let first = Math.min(1, 1 / Math.sqrt(dot(here.gradient, here.gradient)));
  for (;;) {
    const next = await lineSearch(problem, here, direction, first, 0.1);
    if (next === null) {
      const steepest = scaled(-1, here.gradient);
      if (largest(plus(direction, -1, steepest)) === 0) return;
      direction = steepest;
      first = Math.min(1, 1 / Math.sqrt(dot(here.gradient, here.gradient)));
      continue;
    }
    const change = plus(next.gradient, -1, here.gradient);
    const factor = Math.max(0, dot(next.gradient, change) / dot(here.gradient, here.gradient));
    const before = dot(here.gradient, direction);
    const taken = Math.sqrt(dot(plus(next.x, -1, here.x), plus(next.x, -1, here.x)) / dot(direction, direction));
    direction = plus(scaled(-1, next.gradient), factor, direction);
    if (dot(next.gradient, direction) >= 0) direction = scaled(-1, next.gradient);
    // The same change at first order as in the step before.
    first = Math.min(1e3, (taken * before) / dot(next.gradient, direction));
    here = next;
    yield here;
  }
}

export interface HessianFreeOptions {
  /** λ at first: how much of the identity is added to the curvature; 1 if not said. */
  readonly damping?: number;
  /** Products with the curvature for one step, at most; 100 if not said. */
  readonly products?: number;
}

/**
 * Hessian-free optimisation (Martens, ICML 2010): the damped quadratic model is minimised by linear conjugate gradients,
 * which only need products with the curvature; λ follows how well the model predicted (Levenberg–Marquardt).
 */
export async function* hessianFree(
  problem: Problem,
  start: Evaluated,
  { damping = 1, products = 100 }: HessianFreeOptions,
): Descent {
  let [here, lambda] = [start, damping];
  let direction: Float64Array = new Float64Array(start.x.length);
  let failures = 0;
  for (;;) {
    const apply = async (v: Float64Array) => plus(await problem.curvature(here.x, v), lambda, v);
    const { x: step, model } = await linearConjugateGradient(apply, here.gradient, scaled(0.95, direction), products);
    const next = await shortened(problem, here, step);
    const gained = next === null ? 0 : next.value - here.value;
    const ratio = model < 0 ? gained / model : 0;
    if (ratio < 0.25) lambda *= next === null ? 4 : 1.5;
    else if (ratio > 0.75) lambda /= 1.5;
    if (next === null) {
      direction = new Float64Array(direction.length);
      if (++failures > 30) return;
      continue;
    }
    failures = 0;
    direction = step;
    here = next;
    yield here;
  }
}

/** Backs off from a step until it goes down. */
async function shortened(problem: Problem, from: Evaluated, step: Float64Array): Promise<Evaluated | null> {
  const slope = dot(from.gradient, step);
  if (!(slope < 0)) return null;
  for (let size = 1; size > 1e-3; size *= 0.6) {
    const there = await problem.evaluate(plus(from.x, size, step));
    if (there.value <= from.value + 1e-2 * size * slope) return there;
  }
  return null;
}

/**
 * Minimises ½ xᵀAx + gᵀx, stopping when the last iterations brought little (Martens 2010, section 4.4), or where the
 * curvature is not positive. `model` is the value of the quadratic there.
 */
async function linearConjugateGradient(
  apply: (v: Float64Array) => Promise<Float64Array>,
  g: Float64Array,
  start: Float64Array,
  most: number,
): Promise<{ readonly x: Float64Array; readonly model: number }> {
  let x = start;
  let residual = plus(await apply(x), 1, g);
  let p = scaled(-1, residual);
  const valueAt = () => 0.5 * (dot(x, residual) + dot(x, g));
  const values = [valueAt()];
  for (let i = 1; i <= most; i++) {
    const squared = dot(residual, residual);
    if (squared < 1e-24) break;
    const image = await apply(p);
    const curvature = dot(p, image);
    if (!(curvature > 0)) {
      // Downhill without end: the step so far, or at the very start the direction itself.
      if (i === 1) x = plus(x, 1, p);
      break;
    }
    const alpha = squared / curvature;
    x = plus(x, alpha, p);
    residual = plus(residual, alpha, image);
    p = plus(scaled(-1, residual), dot(residual, residual) / squared, p);
    values.push(valueAt());
    const back = Math.max(10, Math.ceil(0.1 * i));
    if (i > back && values[i]! < 0 && (values[i]! - values[i - back]!) / values[i]! < back * 5e-4) break;
  }
  return { x, model: valueAt() };
}
