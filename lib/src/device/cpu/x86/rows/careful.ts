import { comparisons, instructions } from "../instructions.ts";
import type { Registers } from "./registers.ts";
import type { VectorWriter } from "./wide.ts";

/**
 * The larger of two registers, or the smaller, with the care for NaN and −0 that the processor does not take. `to` may be
 * one of them, `spare` is another.
 */
export function careful(
  code: VectorWriter,
  registers: Registers,
  op: "min" | "max",
  to: number,
  a: number,
  b: number,
  spare: number,
): void {
  const unordered = registers.take();
  code.vector(instructions[op], spare, a, b);
  code.vector(instructions.compare, unordered, a, b, comparisons.unordered);
  code.vector(instructions[op], to, b, a);
  // Zeros of different signs: the processor gives the second one.
  code.vector(op === "max" ? instructions.and : instructions.or, to, to, spare);
  code.vector(instructions.or, to, to, unordered);
  registers.give(unordered);
}
