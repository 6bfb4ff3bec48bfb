import { Encoder, type Instruction, isByte, type Label, type Place, type WideOptions } from "./encoder.ts";

export { type Instruction, Label, type Lanes, type Place } from "./encoder.ts";

/** General registers, by their numbers in instructions. A function has to keep rbx, rbp and r12 to r15. */
export const rax = 0;
export const rcx = 1;
export const rdx = 2;
export const rbx = 3;
export const rbp = 5;
export const rsi = 6;
export const rdi = 7;
export const r8 = 8;
export const r9 = 9;
export const r10 = 10;
export const r11 = 11;
export const r12 = 12;
export const r13 = 13;
export const r14 = 14;
export const r15 = 15;

export const at = (base: number, displacement = 0): Place => ({ base, displacement });
/** `base + index`, and a displacement. */
export const sumAt = (base: number, index: number, displacement = 0): Place => ({ base, index, displacement });

/**
 * Writes x86-64 machine code: the few instructions that the kernels consist of, of AVX2 and FMA on vectors of eight
 * floats, or of AVX-512 on sixteen.
 */
export class Assembler extends Encoder {
  // Whole numbers: of 32 bits in memory, of 64 in registers.

  /** Loads 32 bits; the upper half of the register becomes zero. */
  load(to: number, from: Place): void {
    this.plain(0x8b, to, from);
  }

  store(to: Place, from: number): void {
    this.plain(0x89, from, to);
  }

  /** Loads 32 bits, with their sign. */
  loadSigned(to: number, from: Place): void {
    this.plain(0x63, to, from, 8);
  }

  /** Loads a whole register. */
  loadLong(to: number, from: Place): void {
    this.plain(0x8b, to, from, 8);
  }

  storeLong(to: Place, from: number): void {
    this.plain(0x89, from, to, 8);
  }

  /** Has a line of the cache fetched that is needed later. */
  prefetch(place: Place): void {
    this.plain(0x0f, 1, place, 0, 0x18);
  }

  addLongAt(to: Place, value: number): void {
    this.plain(0x01, value, to, 8);
  }

  /** Where a place is. */
  address(to: number, of: Place): void {
    this.plain(0x8d, to, of, 8);
  }

  /** Compares a register's lower half with memory. */
  compareAt(left: number, right: Place): void {
    this.plain(0x3b, left, right);
  }

  /** Loads a byte; the rest of the register becomes zero. */
  loadByte(to: number, from: Place): void {
    this.plain(0x0f, to, from, 0, 0xb6);
  }

  storeByte(to: Place, from: number): void {
    this.plain(0x88, from, to);
  }

  add(to: number, value: number): void {
    this.registers(0x01, value, to);
  }

  multiply(to: number, by: number): void {
    this.emit(0x48 | ((to >> 3) << 2) | (by >> 3), 0x0f, 0xaf, 0xc0 | ((to & 7) << 3) | (by & 7));
  }

  addConstant(to: number, value: number): void {
    this.emit(0x48 | (to >> 3), isByte(value) ? 0x83 : 0x81, 0xc0 | (to & 7));
    this.constant(value);
  }

  addAt(to: Place, value: number): void {
    this.plain(0x01, value, to);
  }

  addConstantAt(to: Place, value: number): void {
    this.plain(isByte(value) ? 0x83 : 0x81, 0, to);
    this.constant(value);
  }

  /** Takes one away, as the last thing before a jump. */
  decrementAt(to: Place): void {
    this.plain(0xff, 1, to);
  }

  decrement(register: number): void {
    this.emit(0x48 | (register >> 3), 0xff, 0xc8 | (register & 7));
  }

  compare(left: number, right: number): void {
    this.registers(0x39, right, left);
  }

  copy(to: number, from: number): void {
    this.registers(0x89, from, to);
  }

  set(register: number, value: number): void {
    if (register > 7) throw new Error(`x86: no constant for register ${register}.`);
    this.emit(0xb8 | register);
    this.word(value);
  }

  push(register: number): void {
    this.emit(0x40 | (register >> 3), 0x50 | (register & 7));
  }

  pop(register: number): void {
    this.emit(0x40 | (register >> 3), 0x58 | (register & 7));
  }

  // Control.

  jumpIfZero(to: Label): void {
    this.jump(0x84, to);
  }

  jumpIfNotZero(to: Label): void {
    this.jump(0x85, to);
  }

  jumpIfBelow(to: Label): void {
    this.jump(0x82, to);
  }

  jumpIfNotBelow(to: Label): void {
    this.jump(0x83, to);
  }

  return(): void {
    this.emit(0xc3);
  }

  /** Asks the processor for leaf `eax`, `ecx`; the answer is in eax, ebx, ecx and edx. */
  identify(): void {
    this.emit(0x0f, 0xa2);
  }

  /** Asks which registers the operating system keeps for each thread; the answer is in eax. */
  keptRegisters(): void {
    this.emit(0x0f, 0x01, 0xd0);
  }

  // Vectors of floats.

  loadVector(to: number, from: Place): void {
    this.onVectors({ map: 1, prefix: 0, opcode: 0x10 }, to, 0, from);
  }

  storeVector(to: Place, from: number): void {
    this.onVectors({ map: 1, prefix: 0, opcode: 0x11 }, from, 0, to);
  }

  /** One float from memory, in every place. */
  broadcast(to: number, from: Place): void {
    this.onVectors({ map: 2, prefix: 1, opcode: 0x18 }, to, 0, from);
  }

  clearVector(register: number): void {
    // The one for whole numbers: that for floats is missing from the first AVX-512.
    this.onVectors({ map: 1, prefix: 1, opcode: 0xef }, register, register, register);
  }

  addVector(to: number, left: number, right: number | Place): void {
    this.onVectors({ map: 1, prefix: 0, opcode: 0x58 }, to, left, right);
  }

  /** `sum += left · right`, rounded once. */
  multiplyAdd(sum: number, left: number, right: number | Place): void {
    this.onVectors({ map: 2, prefix: 1, opcode: 0xb8 }, sum, left, right);
  }

  /**
   * Any instruction on narrow vectors: `register` is the result or, for stores, what is stored; `second` a register or
   * a place. Instructions on two operands take 0 as `first`.
   */
  vector(instruction: Instruction, register: number, first: number, second: number | Place, immediate?: number): void {
    this.narrow(instruction, register, first, second);
    if (immediate !== undefined) this.emit(immediate & 255);
  }

  /** The same on wide ones. */
  wideVector(
    instruction: Instruction,
    register: number,
    first: number,
    second: number | Place,
    options: WideOptions = {},
  ): void {
    this.wide(instruction, register, first, second, options);
    if (options.immediate !== undefined) this.emit(options.immediate & 255);
  }

  /** Has code of older kinds run at full speed again after vectors. */
  endVectors(): void {
    this.emit(0xc5, 0xf8, 0x77);
  }
}
