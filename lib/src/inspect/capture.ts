import { scalarOf, seedOf } from "../gradient/grad.ts";
import { alias, Tape } from "../gradient/tape.ts";
import type { Module } from "../nn/module.ts";
import { ArgumentError } from "../tensor/errors.ts";
import { outlives } from "../tensor/ownership.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Model, mapOutput, type Run, watching } from "./watch.ts";

/** An intermediate value and the derivative with respect to it. */
export interface Captured {
  readonly value: Tensor;
  readonly gradient: Tensor;
}

export interface GradientsOf<Output = Tensor> {
  /** The number whose derivatives are wanted, from the model's output. */
  readonly gradientOf: (output: Output) => Tensor;
}

/**
 * The output of every layer of a model, by path and in order of completion; functions in a Sequential by their
 * position, the model's own output under "". What a layer gives in a record has the record's names behind its path
 * (`lstm.hidden`), and what comes out of a layer for the second time `#2` behind it. With `gradientOf`, each value comes
 * with the derivative of a number with respect to it.
 *
 * Runs the model on a tensor, or as a function says: `capture(model, (m) => m.forward(source, target))`.
 * Throws an `ArgumentError` when no tensor comes out of a layer, or where a path is missing.
 *
 * @example
 * ```ts
 * import { capture, nn, relu, zeros, type Tensor } from "gradbook";
 *
 * const model = nn.init(new nn.Sequential([new nn.Linear(4, 3), relu, new nn.Linear(3, 2)]), { seed: 1 });
 * [...capture(model, zeros([5, 4])).keys()]; // ["0", "1", "2", ""]
 * const inside = capture(model, zeros([5, 4]), { gradientOf: (scores: Tensor) => scores.sum() });
 * inside.get("1")!.gradient.shape; // [5, 3]
 * ```
 */
export function capture<M extends Model>(model: M, on: Run<M>): Map<string, Tensor>;
export function capture<M extends Model, Output = Tensor>(
  model: M,
  on: Run<M>,
  options: GradientsOf<Output>,
): Map<string, Captured>;
export function capture<M extends Model, Output = Tensor>(
  model: M,
  on: Run<M>,
  options?: GradientsOf<Output>,
): Map<string, Tensor> | Map<string, Captured> {
  if (options !== undefined) return captureWithGradients(model, on, options);
  const found = new Map<string, Tensor>();
  const noted = noteIn(found);
  watching(model, on, ({ path, args, forward }) => mapOutput(forward(...args), path, noted));
  requireSome(model, found);
  return found;
}

function captureWithGradients<M extends Model, Output>(
  model: M,
  on: Run<M>,
  { gradientOf }: GradientsOf<Output>,
): Map<string, Captured> {
  const tape = new Tape();
  const found = new Map<string, Tensor>();
  const noted = noteIn(found);
  try {
    const number = tape.watch(() => {
      const output = watching(model, on, ({ path, args, forward }) =>
        mapOutput(forward(...args), path, (x, name) => noted(followed(tape, x), name)),
      );
      return scalarOf(gradientOf(output as Output), "capture");
    });
    requireSome(model, found);
    const paths = [...found.keys()].filter((path) => tape.follows(found.get(path)!));
    const sources = paths.map((path) => found.get(path)!);
    const gradients = tape.pullBack(number, seedOf(number), sources);
    return new Map(paths.map((path, i) => [path, { value: sources[i]!, gradient: gradients[i]! }]));
  } finally {
    tape.clear();
  }
}

/** A value as a variable of its own: what comes after it depends on it, whatever it depends on itself. */
function followed(tape: Tape, x: Tensor): Tensor {
  if (x.dtype === "int32" || x.dtype === "bool") return x;
  const variable = alias(x);
  tape.follow(variable);
  return variable;
}

/** Puts tensors down under their path, or where that is taken under `path#2`, `path#3` … */
function noteIn(found: Map<string, Tensor>): (x: Tensor, path: string) => Tensor {
  const times = new Map<string, number>();
  return (x, path) => {
    const time = (times.get(path) ?? 0) + 1;
    times.set(path, time);
    // A layer may have a scope of its own.
    outlives(found);
    found.set(time === 1 ? path : `${path}#${time}`, x);
    return x;
  };
}

function requireSome(model: Module, found: ReadonlyMap<string, Tensor>): void {
  if (found.size === 0)
    throw new ArgumentError(
      "capture",
      `${model.constructor.name} passed no tensor through a layer with a forward method.`,
    );
}

/** @internal What is under a path of all that was captured, or a refusal that names the paths there are. */
export function at<T>(who: string, found: ReadonlyMap<string, T>, path: string): T {
  const value = found.get(path);
  if (value !== undefined) return value;
  const paths = [...found.keys()].filter((other) => other !== "");
  const shown = paths.length > 12 ? [...paths.slice(0, 12), "…"] : paths;
  throw new ArgumentError(who, `no layer gives a tensor at "${path}", expected one of ${shown.join(", ")}.`);
}
