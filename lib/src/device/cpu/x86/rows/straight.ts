import { type Instruction, type UnaryOp, type VectorCode, WHOLE } from "../../vector/code.ts";
import { comparisons, instructions, roundings, shifts } from "../instructions.ts";
import { careful } from "./careful.ts";
import type { Frame } from "./frame.ts";
import type { Registers } from "./registers.ts";
import type { VectorWriter } from "./wide.ts";

const bitsOf = (value: number) => new Int32Array(new Float32Array([value]).buffer)[0]!;

type Of<Op extends Instruction["op"]> = Instruction & { readonly op: Op };

const commutative: ReadonlySet<Instruction["op"]> = new Set<Instruction["op"]>([
  ...(["add", "mul", "and", "or", "xor", "addInt", "equal", "notEqual"] as const),
]);
const binary = {
  add: instructions.add,
  sub: instructions.sub,
  mul: instructions.mul,
  div: instructions.div,
  and: instructions.and,
  or: instructions.or,
  xor: instructions.xor,
  addInt: instructions.addInt,
  subInt: instructions.subInt,
  equal: instructions.compare,
  notEqual: instructions.compare,
  less: instructions.compare,
  lessEqual: instructions.compare,
} as const;
const isBinary = (op: string): op is keyof typeof binary => Object.hasOwn(binary, op);

/** Writes straight-line code value by value. */
export class Straight {
  readonly #code: VectorWriter;
  readonly #frame: Frame;
  readonly #registers: Registers;

  constructor(code: VectorWriter, frame: Frame, registers: Registers) {
    this.#code = code;
    this.#frame = frame;
    this.#registers = registers;
  }

  write({ instructions: list }: VectorCode): void {
    const registers = this.#registers;
    for (const [value, instruction] of list.entries()) {
      registers.now = value;
      if (registers.isUnused(value) || !("of" in instruction)) continue;
      registers.assign(value, this.#make(instruction));
      registers.release(instruction.of);
    }
    registers.now = list.length;
  }

  #make(instruction: Exclude<Instruction, { op: "constant" | "stream" | "common" }>): number {
    const { op } = instruction;
    this.#registers.pin(instruction.of);
    if (isBinary(op)) return this.#binary(instruction as Of<keyof typeof binary>);
    switch (op) {
      case "multiplyAdd":
        return this.#multiplyAdd(instruction as Of<"multiplyAdd">);
      case "select":
        return this.#select(instruction as Of<"select">);
      case "min":
      case "max":
        return this.#extreme(instruction as Of<"min" | "max">);
      case "toBiased":
        return this.#toBiased(instruction as Of<"toBiased">);
      case "fromBiased": {
        const { of, bias } = instruction as Of<"fromBiased">;
        const from = this.#registers.inRegister(of[0]);
        const to = this.#result(of[0]);
        this.#code.vector(instructions.sub, to, from, this.#frame.everywhere(bitsOf(WHOLE + bias)));
        return to;
      }
      case "pmin":
      case "pmax": {
        const [a, b] = (instruction as Of<"pmin" | "pmax">).of;
        return this.#plain(instructions[op === "pmin" ? "min" : "max"], b, a);
      }
      case "andNot": {
        const [a, b] = (instruction as Of<"andNot">).of;
        return this.#plain(instructions.notAnd, b, a);
      }
      case "shl":
      case "shr": {
        const { of, by } = instruction as Of<"shl" | "shr">;
        const from = this.#registers.inRegister(of[0]);
        const to = this.#result(of[0]);
        this.#code.vector(instructions.shift, shifts[op], to, from, by);
        return to;
      }
      default:
        return this.#unary(instruction as Of<UnaryOp>);
    }
  }

  /** A register for a result: that of an operand that is not asked for again, or another. */
  #result(...operands: readonly number[]): number {
    const dying = operands.find((value) => this.#registers.dies(value));
    return dying === undefined ? this.#registers.take() : this.#registers.inherit(dying);
  }

  #binary({ op, of: [a, b] }: Of<keyof typeof binary>): number {
    const swap = commutative.has(op) && this.#registers.isInMemory(a) && !this.#registers.isInMemory(b);
    const [left, right] = swap ? [b, a] : [a, b];
    return this.#plain(binary[op], left, right, comparisons[op as keyof typeof comparisons]);
  }

  #plain(instruction: (typeof instructions)["add"], left: number, right: number, immediate?: number): number {
    const first = this.#registers.inRegister(left);
    const second = this.#registers.operand(right);
    const to = this.#result(left, right);
    this.#code.vector(instruction, to, first, second, immediate);
    return to;
  }

  #unary({ op, of: [a] }: Of<UnaryOp>): number {
    const registers = this.#registers;
    const bits = { abs: 0x7fffffff, neg: -0x80000000, not: -1 } as const;
    if (op === "abs" || op === "neg" || op === "not") {
      const from = registers.inRegister(a);
      const to = this.#result(a);
      const place = this.#frame.everywhere(bits[op]);
      this.#code.vector(op === "abs" ? instructions.and : instructions.xor, to, from, place);
      return to;
    }
    const from = registers.operand(a);
    const to = this.#result(a);
    if (op === "sqrt") this.#code.vector(instructions.sqrt, to, 0, from);
    else if (op === "fromInt") this.#code.vector(instructions.fromInt, to, 0, from);
    else this.#code.vector(instructions.round, to, 0, from, roundings[op]);
    return to;
  }

  #toBiased({ of: [a, b], bias }: Of<"toBiased">): number {
    const registers = this.#registers;
    const [left, right] = registers.isInMemory(a) ? [b, a] : [a, b];
    const first = registers.inRegister(left);
    const second = registers.operand(right);
    const to = registers.take();
    this.#code.vector(instructions.load, to, 0, this.#frame.everywhere(bitsOf(WHOLE + bias)));
    this.#code.vector(instructions.multiplyAdd231, to, first, second);
    return to;
  }

  #extreme({ op, of: [a, b] }: Of<"min" | "max">): number {
    const registers = this.#registers;
    const [left, right] = [registers.inRegister(a), registers.inRegister(b)];
    const spare = registers.take();
    const to = registers.take();
    careful(this.#code, registers, op, to, left, right, spare);
    registers.give(spare);
    return to;
  }

  #select({ of: [mask, yes, no] }: Of<"select">): number {
    const registers = this.#registers;
    const chooser = registers.inRegister(mask);
    const first = registers.inRegister(no);
    const second = registers.operand(yes);
    const to = this.#result(no, yes, mask);
    this.#code.vector(instructions.blend, to, first, second, chooser << 4);
    return to;
  }

  #multiplyAdd({ of: [a, b, c] }: Of<"multiplyAdd">): number {
    const registers = this.#registers;
    // The result takes the place of an operand: of one that is not asked for again, else of a copy of a factor.
    if (registers.dies(c) && c !== a && c !== b && !(registers.dies(a) && a !== b)) {
      const [left, right] = registers.isInMemory(a) ? [b, a] : [a, b];
      const first = registers.inRegister(left);
      const second = registers.operand(right);
      const to = registers.inherit(c);
      this.#code.vector(instructions.multiplyAdd231, to, first, second);
      return to;
    }
    const [factor, other] = registers.dies(b) && !registers.dies(a) ? [b, a] : [a, b];
    const given = registers.inRegister(factor);
    const mayTake = registers.dies(factor) && factor !== other && factor !== c;
    const otherInMemory = registers.isInMemory(other);
    const second = otherInMemory ? registers.inRegister(c) : registers.inRegister(other);
    const third = otherInMemory ? registers.operand(other) : registers.operand(c);
    const to = mayTake ? registers.inherit(factor) : registers.take();
    if (!mayTake) this.#code.vector(instructions.copy, to, 0, given);
    this.#code.vector(otherInMemory ? instructions.multiplyAdd132 : instructions.multiplyAdd213, to, second, third);
    return to;
  }
}
