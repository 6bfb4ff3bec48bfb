import { f32x4, i32, type Local, v128 } from "../assembler/code.ts";
import { advance, repeatWhile, sequence } from "../assembler/control.ts";
import { define, type FunctionCode } from "../assembler/module.ts";
import type { Program, Step } from "./program.ts";
import { logic, numeric, tests } from "./scalars.ts";
import { type Vector, Vectors } from "./vectors.ts";

const ONE = f32x4.const(1);

/** Whether every step is one that kernels can do. */
export function compilable({ steps }: Program): boolean {
  return steps.every((step) => typeOf(step, steps) !== undefined);
}

function typeOf(step: Step, steps: readonly Step[]): "number" | "mask" | undefined {
  const result = step.dtype === "float32" ? "number" : step.dtype === "bool" ? "mask" : undefined;
  if (step.kind !== "apply" || result === undefined) return result;
  return writerOf(step, steps) === undefined ? undefined : result;
}

/** The code for a step, chosen by the dtypes of its operands and result. */
function writerOf(step: Step & { kind: "apply" }, steps: readonly Step[]) {
  const { scalar } = step;
  const [first, ...others] = step.of.map((index) => steps[index]!.dtype);
  const to = step.dtype;
  if (scalar === "where") {
    if (others.some((dtype) => dtype !== to)) return undefined;
    const condition = (a: Vector) => (first === "bool" ? a : f32x4.notEqual(a, f32x4.const(0)));
    return (_: Vectors, a: Vector, b: Vector, c: Vector) => v128.select(condition(a), b, c);
  }
  if (others.some((dtype) => dtype !== first)) return undefined;
  if (scalar === "cast" && to === "float32") {
    return (_: Vectors, a: Vector) => (first === "bool" ? v128.and(a, ONE) : a);
  }
  if (to === "bool") return first === "bool" ? logic[scalar] : tests[scalar];
  return first === "float32" ? numeric[scalar] : undefined;
}

/** `out[i] = program(views[i], numbers)` for `bytes` bytes, a positive multiple of 16; a bool is written as 0 or 1. */
export function compile({ steps, views, numbers }: Program, fused: boolean): FunctionCode {
  const parameters: Record<string, "i32" | "f32"> = { out: "i32", bytes: "i32" };
  for (const slot of views.keys()) parameters[`view${slot}`] = "i32";
  for (const slot of numbers.keys()) parameters[`number${slot}`] = "f32";
  return define(parameters, (given, declare) => {
    const address = (name: string) => given[name] as Local<"i32">;
    const at = declare("i32");
    const once = new Vectors(declare, fused);
    const each = new Vectors(declare, fused);
    const values: Vector[] = [];
    for (const step of steps) {
      const isMask = step.dtype === "bool";
      if (step.kind === "apply") {
        const [a, b, c] = step.of.map((index) => values[index]!);
        // Operands that a function does not take are never looked at.
        values.push(each.keep(writerOf(step, steps)!(each, a!, b!, c!)));
      } else {
        const fixed = step.kind === "number";
        const value = fixed
          ? f32x4.splat(given[`number${step.slot}`] as Local<"f32">)
          : v128.load(i32.add(address(`view${step.slot}`), at));
        const where = fixed ? once : each;
        values.push(where.keep(isMask ? f32x4.notEqual(value, f32x4.const(0)) : value));
      }
    }
    const result = values.at(-1)!;
    const isMask = steps.at(-1)!.dtype === "bool";
    const store = v128.store(i32.add(address("out"), at), isMask ? v128.and(result, ONE) : result);
    return sequence(
      once.statements,
      repeatWhile(i32.below(at, address("bytes")), sequence(each.statements, store, advance(at, 16))),
    );
  });
}
