import {
  type BinaryOp,
  type Instruction,
  type Shift,
  type UnaryOp,
  type VectorCode,
  WHOLE,
} from "../../vector/code.ts";
import { type Code, f32x4, i32x4, type Local, multiplyAdd, type Statement, v128 } from "../assembler/code.ts";
import type { Declare } from "../assembler/module.ts";

type V128 = Code<"v128">;

const unary: Readonly<Record<UnaryOp, (a: V128) => V128>> = {
  ...{ sqrt: f32x4.sqrt, ceil: f32x4.ceil, floor: f32x4.floor, trunc: f32x4.trunc, nearest: f32x4.nearest },
  ...{ abs: f32x4.abs, neg: f32x4.neg, not: v128.not, fromInt: f32x4.fromInt },
};
const binary: Readonly<Record<BinaryOp, (a: V128, b: V128) => V128>> = {
  ...{ add: f32x4.add, sub: f32x4.sub, mul: f32x4.mul, div: f32x4.div },
  ...{ min: f32x4.min, max: f32x4.max, pmin: f32x4.pmin, pmax: f32x4.pmax },
  ...{ equal: f32x4.equal, notEqual: f32x4.notEqual, less: f32x4.less, lessEqual: f32x4.lessEqual },
  ...{ and: v128.and, andNot: v128.andNot, or: v128.or, xor: v128.xor, addInt: i32x4.add, subInt: i32x4.sub },
};
const shift: Readonly<Record<Shift, (a: V128, by: number) => V128>> = { shl: i32x4.shl, shr: i32x4.shr };

/** Straight-line code on vectors of four lanes; it may be written more than once. */
export class Straight {
  readonly #instructions: readonly Instruction[];
  readonly #variables = new Map<number, Local<"v128">>();
  readonly #declare: Declare;
  readonly #fused: boolean;

  constructor({ instructions }: VectorCode, declare: Declare, fused: boolean) {
    this.#instructions = instructions;
    this.#declare = declare;
    this.#fused = fused;
  }

  /** The statements; streams are read by `read`, common values are in `slots`. */
  write(read: (stream: number) => V128, slots: readonly Local<"v128">[]): Statement {
    const statements: number[] = [];
    for (const [value, instruction] of this.#instructions.entries()) {
      if (instruction.op === "constant") continue;
      const code = this.#code(instruction, read, slots);
      for (const byte of this.#variable(value).set(code)) statements.push(byte);
    }
    return statements;
  }

  /** A value, once the statements have run. */
  value(index: number): V128 {
    const instruction = this.#instructions[index]!;
    return instruction.op === "constant" ? i32x4.const(instruction.bits) : this.#variable(index);
  }

  #code(
    instruction: Exclude<Instruction, { op: "constant" }>,
    read: (stream: number) => V128,
    slots: readonly Local<"v128">[],
  ): V128 {
    if (instruction.op === "stream") return read(instruction.stream);
    if (instruction.op === "common") return slots[instruction.slot]!;
    const [a, b, c] = instruction.of.map((index) => this.value(index)) as [V128, V128, V128];
    switch (instruction.op) {
      case "multiplyAdd":
        return multiplyAdd(this.#fused)(a, b, c);
      case "toBiased":
        return multiplyAdd(this.#fused)(a, b, f32x4.const(WHOLE + instruction.bias));
      case "fromBiased":
        return f32x4.sub(a, f32x4.const(WHOLE + instruction.bias));
      case "select":
        return v128.select(a, b, c);
      case "shl":
      case "shr":
        return shift[instruction.op](a, instruction.by);
      default:
        return instruction.of.length === 1
          ? unary[instruction.op as UnaryOp](a)
          : binary[instruction.op as keyof typeof binary](a, b);
    }
  }

  #variable(value: number): Local<"v128"> {
    const variable = this.#variables.get(value) ?? this.#declare("v128");
    this.#variables.set(value, variable);
    return variable;
  }
}
