import type { Instruction, VectorCode } from "../../vector/code.ts";
import type { Place } from "../assembler.ts";
import { instructions } from "../instructions.ts";
import { type Frame, inFrame } from "./frame.ts";
import { type VectorWriter, WideWriter } from "./wide.ts";

/** Where the values of straight-line code are: in registers while these suffice, else in the frame. */
export class Registers {
  readonly #code: VectorWriter;
  readonly #frame: Frame;
  readonly #instructions: readonly Instruction[];
  readonly #readStream: (stream: number, register: number) => void;
  readonly #free: number[];
  /** For every value where it is asked for, last place first. */
  readonly #uses: number[][];
  readonly #registerOf = new Map<number, number>();
  readonly #spilled = new Map<number, Place>();
  readonly #pinned = new Set<number>();
  /** The instruction that is being written. */
  now = 0;

  /**
   * @param available the registers that may be used.
   * @param alsoUsed values that are asked for after the last instruction.
   */
  constructor(
    code: VectorWriter,
    frame: Frame,
    { instructions }: VectorCode,
    available: readonly number[],
    alsoUsed: readonly number[],
    readStream: (stream: number, register: number) => void,
  ) {
    this.#code = code;
    this.#frame = frame;
    this.#instructions = instructions;
    this.#free = available.toReversed();
    this.#readStream = readStream;
    this.#uses = usesOf(instructions, alsoUsed);
  }

  /** Whether nobody asks for a value. */
  isUnused(value: number): boolean {
    return this.#uses[value]!.length === 0;
  }

  /** A value in a register, which stays until {@link release}. */
  inRegister(value: number): number {
    let register = this.#registerOf.get(value);
    if (register === undefined) {
      register = this.take();
      this.#load(value, register);
      this.#registerOf.set(value, register);
    }
    this.#pinned.add(register);
    return register;
  }

  /** A value as an operand: its register, or where it lies in memory. */
  operand(value: number): number | Place {
    if (!this.#registerOf.has(value)) {
      const place = this.#placeOf(value);
      if (place !== undefined) return place;
    }
    return this.inRegister(value);
  }

  /** Keeps the registers of values that are in one until {@link release}. */
  pin(values: readonly number[]): void {
    for (const value of values) {
      const register = this.#registerOf.get(value);
      if (register !== undefined) this.#pinned.add(register);
    }
  }

  /** Lets values move out of their registers again. */
  unpin(): void {
    this.#pinned.clear();
  }

  /** Whether a value has to be loaded before it is in a register. */
  isInMemory(value: number): boolean {
    return !this.#registerOf.has(value) && this.#placeOf(value) !== undefined;
  }

  /** A register for whatever comes; it belongs to the caller until it is {@link assign}ed or {@link give}n back. */
  take(): number {
    const register = this.#free.pop() ?? this.#evict();
    this.#pinned.add(register);
    return register;
  }

  give(register: number): void {
    this.#pinned.delete(register);
    this.#free.push(register);
  }

  assign(value: number, register: number): void {
    this.#registerOf.set(value, register);
  }

  /** Whether a value in a register is not asked for again after the current instruction. */
  dies(value: number): boolean {
    return this.#registerOf.has(value) && this.#nextUse(value) === Number.POSITIVE_INFINITY;
  }

  /** The register of a value that {@link dies}, for something else. */
  inherit(value: number): number {
    const register = this.#registerOf.get(value)!;
    this.#registerOf.delete(value);
    return register;
  }

  /** Ends an instruction: nothing is pinned, and registers of operands that are not asked for again are free. */
  release(operands: readonly number[]): void {
    this.#pinned.clear();
    for (const value of operands) {
      const register = this.#registerOf.get(value);
      if (register === undefined || this.#nextUse(value) !== Number.POSITIVE_INFINITY) continue;
      this.#registerOf.delete(value);
      this.#free.push(register);
    }
  }

  #nextUse(value: number): number {
    const uses = this.#uses[value]!;
    while (uses.length > 0 && uses.at(-1)! <= this.now) uses.pop();
    return uses.at(-1) ?? Number.POSITIVE_INFINITY;
  }

  #placeOf(value: number): Place | undefined {
    const instruction = this.#instructions[value]!;
    if (instruction.op === "constant") return this.#frame.everywhere(instruction.bits);
    if (instruction.op === "common") return { ...inFrame(this.#frame.slot(instruction.slot)), everywhere: true };
    return this.#spilled.get(value);
  }

  #load(value: number, register: number): void {
    const instruction = this.#instructions[value]!;
    const place = this.#placeOf(value);
    if (place !== undefined) this.#code.vector(instructions.load, register, 0, place);
    else if (instruction.op === "stream") this.#readStream(instruction.stream, register);
    else throw new Error(`x86: value ${value} is asked for before it is made.`);
  }

  /** Frees the register whose value is asked for last. */
  #evict(): number {
    let [last, latest] = [-1, -1];
    for (const [value, register] of this.#registerOf) {
      const next = this.#nextUse(value);
      if (!this.#pinned.has(register) && next > latest) [last, latest] = [value, next];
    }
    if (last < 0) throw new Error("x86: no register is left.");
    const register = this.#registerOf.get(last)!;
    this.#registerOf.delete(last);
    if (this.#placeOf(last) === undefined) {
      const place = inFrame(this.#frame.spare(this.#code instanceof WideWriter ? 2 : 1));
      this.#spilled.set(last, place);
      this.#code.vector(instructions.store, register, 0, place);
    }
    return register;
  }
}

function usesOf(instructions: readonly Instruction[], alsoUsed: readonly number[]): number[][] {
  const uses: number[][] = instructions.map(() => []);
  for (const value of alsoUsed) uses[value]!.push(instructions.length);
  for (let i = instructions.length - 1; i >= 0; i--) {
    const instruction = instructions[i]!;
    if ("of" in instruction && uses[i]!.length > 0) for (const value of instruction.of) uses[value]!.push(i);
  }
  return uses;
}
