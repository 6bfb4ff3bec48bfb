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

/** A place in memory: `base + index · scale + displacement`. */
export interface Place {
  readonly base: number;
  readonly index?: number;
  /** 1, if not said. */
  readonly scale?: 1 | 2 | 4 | 8;
  readonly displacement?: number;
}

export const at = (base: number, displacement = 0): Place => ({ base, displacement });
/** `base + index`, and a displacement. */
export const sumAt = (base: number, index: number, displacement = 0): Place => ({ base, index, displacement });

/** A place in the code that is jumped to. */
export class Label {
  position = -1;
  /** Where its distance is to be written, as 32 bits. */
  readonly uses: number[] = [];
}

export type Lanes = 8 | 16;

/** An instruction on vectors, in the parts that its encodings have in common. */
export interface Instruction {
  readonly map: number;
  readonly prefix: number;
  readonly opcode: number;
  /** Whether it works on the first half of a narrow vector. */
  readonly half?: boolean;
}

const isByte = (value: number) => value >= -128 && value <= 127;

/**
 * Writes x86-64 machine code: the few instructions that the kernels consist of, of AVX2 and FMA on vectors of eight
 * floats, or of AVX-512 on sixteen. Encodings: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2.
 */
export class Assembler {
  /** Floats in a vector. */
  readonly lanes: Lanes;
  readonly #bytes: number[] = [];
  readonly #labels = new Set<Label>();

  constructor(lanes: Lanes = 8) {
    this.lanes = lanes;
  }

  /** The code, once every label has its place. */
  finish(): Uint8Array<ArrayBuffer> {
    const code = new Uint8Array(this.#bytes);
    const view = new DataView(code.buffer);
    for (const { position, uses } of this.#labels) {
      if (position < 0) throw new Error("x86: a label that is jumped to has no place.");
      for (const use of uses) view.setInt32(use, position - (use + 4), true);
    }
    return code;
  }

  // Whole numbers: of 32 bits in memory, of 64 in registers.

  /** Loads 32 bits; the upper half of the register becomes zero. */
  load(to: number, from: Place): void {
    this.#plain(0x8b, to, from);
  }

  store(to: Place, from: number): void {
    this.#plain(0x89, from, to);
  }

  /** Loads 32 bits, with their sign. */
  loadSigned(to: number, from: Place): void {
    this.#plain(0x63, to, from, 8);
  }

  /** Loads a whole register. */
  loadLong(to: number, from: Place): void {
    this.#plain(0x8b, to, from, 8);
  }

  storeLong(to: Place, from: number): void {
    this.#plain(0x89, from, to, 8);
  }

  addLongAt(to: Place, value: number): void {
    this.#plain(0x01, value, to, 8);
  }

  /** Where a place is. */
  address(to: number, of: Place): void {
    this.#plain(0x8d, to, of, 8);
  }

  /** Compares a register's lower half with memory. */
  compareAt(left: number, right: Place): void {
    this.#plain(0x3b, left, right);
  }

  /** Loads a byte; the rest of the register becomes zero. */
  loadByte(to: number, from: Place): void {
    this.#plain(0x0f, to, from, 0, 0xb6);
  }

  storeByte(to: Place, from: number): void {
    this.#plain(0x88, from, to);
  }

  add(to: number, value: number): void {
    this.#registers(0x01, value, to);
  }

  addConstant(to: number, value: number): void {
    this.#emit(0x48 | (to >> 3), isByte(value) ? 0x83 : 0x81, 0xc0 | (to & 7));
    this.#constant(value);
  }

  addAt(to: Place, value: number): void {
    this.#plain(0x01, value, to);
  }

  addConstantAt(to: Place, value: number): void {
    this.#plain(isByte(value) ? 0x83 : 0x81, 0, to);
    this.#constant(value);
  }

  /** Takes one away, as the last thing before a jump. */
  decrementAt(to: Place): void {
    this.#plain(0xff, 1, to);
  }

  decrement(register: number): void {
    this.#emit(0x48 | (register >> 3), 0xff, 0xc8 | (register & 7));
  }

  compare(left: number, right: number): void {
    this.#registers(0x39, right, left);
  }

  copy(to: number, from: number): void {
    this.#registers(0x89, from, to);
  }

  set(register: number, value: number): void {
    if (register > 7) throw new Error(`x86: no constant for register ${register}.`);
    this.#emit(0xb8 | register);
    this.#word(value);
  }

  push(register: number): void {
    this.#emit(0x40 | (register >> 3), 0x50 | (register & 7));
  }

  pop(register: number): void {
    this.#emit(0x40 | (register >> 3), 0x58 | (register & 7));
  }

  // Control.

  place(label: Label): void {
    label.position = this.#bytes.length;
  }

  jumpIfZero(to: Label): void {
    this.#jump(0x84, to);
  }

  jumpIfNotZero(to: Label): void {
    this.#jump(0x85, to);
  }

  jumpIfBelow(to: Label): void {
    this.#jump(0x82, to);
  }

  jumpIfNotBelow(to: Label): void {
    this.#jump(0x83, to);
  }

  return(): void {
    this.#emit(0xc3);
  }

  /** Asks the processor for leaf `eax`, `ecx`; the answer is in eax, ebx, ecx and edx. */
  identify(): void {
    this.#emit(0x0f, 0xa2);
  }

  /** Asks which registers the operating system keeps for each thread; the answer is in eax. */
  keptRegisters(): void {
    this.#emit(0x0f, 0x01, 0xd0);
  }

  // Vectors of floats.

  loadVector(to: number, from: Place): void {
    this.#vector({ map: 1, prefix: 0, opcode: 0x10 }, to, 0, from);
  }

  storeVector(to: Place, from: number): void {
    this.#vector({ map: 1, prefix: 0, opcode: 0x11 }, from, 0, to);
  }

  /** One float from memory, in every place. */
  broadcast(to: number, from: Place): void {
    this.#vector({ map: 2, prefix: 1, opcode: 0x18 }, to, 0, from);
  }

  clearVector(register: number): void {
    // The one for whole numbers: that for floats is missing from the first AVX-512.
    this.#vector({ map: 1, prefix: 1, opcode: 0xef }, register, register, register);
  }

  addVector(to: number, left: number, right: number | Place): void {
    this.#vector({ map: 1, prefix: 0, opcode: 0x58 }, to, left, right);
  }

  /** `sum += left · right`, rounded once. */
  multiplyAdd(sum: number, left: number, right: number | Place): void {
    this.#vector({ map: 2, prefix: 1, opcode: 0xb8 }, sum, left, right);
  }

  /**
   * Any instruction on narrow vectors: `register` is the result or, for stores, what is stored; `second` a register or
   * a place. Instructions on two operands take 0 as `first`.
   */
  vector(instruction: Instruction, register: number, first: number, second: number | Place, immediate?: number): void {
    this.#narrow(instruction, register, first, second);
    if (immediate !== undefined) this.#emit(immediate & 255);
  }

  /** Has code of older kinds run at full speed again after vectors. */
  endVectors(): void {
    this.#emit(0xc5, 0xf8, 0x77);
  }

  #emit(...bytes: readonly number[]): void {
    this.#bytes.push(...bytes);
  }

  #word(value: number): void {
    this.#emit(value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255);
  }

  #constant(value: number): void {
    if (isByte(value)) this.#emit(value & 255);
    else this.#word(value);
  }

  #jump(condition: number, to: Label): void {
    this.#emit(0x0f, condition);
    this.#labels.add(to);
    to.uses.push(this.#bytes.length);
    this.#word(0);
  }

  /** An instruction of 64 bits between two registers. */
  #registers(opcode: number, register: number, other: number): void {
    this.#emit(0x48 | ((register >> 3) << 2) | (other >> 3), opcode, 0xc0 | ((register & 7) << 3) | (other & 7));
  }

  /** An instruction of 32 bits with a place; of 64 where `wide` is 8. */
  #plain(opcode: number, register: number, place: Place, wide: 0 | 8 = 0, ...more: readonly number[]): void {
    this.#emit(
      0x40 | wide | ((register >> 3) << 2) | (((place.index ?? 0) >> 3) << 1) | (place.base >> 3),
      opcode,
      ...more,
    );
    this.#operand(register, place);
  }

  #vector(instruction: Instruction, register: number, first: number, second: number | Place): void {
    if (this.lanes === 16) this.#wide(instruction, register, first, second);
    else this.#narrow(instruction, register, first, second);
  }

  /** In the encoding VEX. */
  #narrow({ map, prefix, opcode, half }: Instruction, register: number, first: number, second: number | Place): void {
    const isRegister = typeof second === "number";
    const [index, base] = isRegister ? [0, second] : [second.index ?? 0, second.base];
    const inverted = (register < 8 ? 0x80 : 0) | (index < 8 ? 0x40 : 0) | (base < 8 ? 0x20 : 0);
    this.#emit(0xc4, inverted | map, ((~first & 15) << 3) | (half ? 0 : 4) | prefix, opcode);
    if (isRegister) this.#emit(0xc0 | ((register & 7) << 3) | (second & 7));
    else this.#operand(register, second);
  }

  /** In the encoding EVEX, which has 32 vectors. */
  #wide({ map, prefix, opcode }: Instruction, register: number, first: number, second: number | Place): void {
    const isRegister = typeof second === "number";
    const [index, base] = isRegister ? [second >> 1, second] : [second.index ?? 0, second.base];
    const inverted = ((~register & 8) << 4) | ((~index & 8) << 3) | ((~base & 8) << 2) | (~register & 16);
    this.#emit(0x62, inverted | map, ((~first & 15) << 3) | 4 | prefix, 0x40 | ((~first & 16) >> 1), opcode);
    if (isRegister) this.#emit(0xc0 | ((register & 7) << 3) | (second & 7));
    else this.#operand(register, second, false);
  }

  /** A place; with `mayBeShort`, a small displacement is one byte, which EVEX would take for a number of vectors. */
  #operand(register: number, { base, index, scale = 1, displacement = 0 }: Place, mayBeShort = true): void {
    const short = mayBeShort && isByte(displacement);
    const mode = (short ? 0x40 : 0x80) | ((register & 7) << 3);
    // A base of the number 4 stands for a second byte, which names base and index; index 4 is none.
    if (index !== undefined) this.#emit(mode | 4, (Math.log2(scale) << 6) | ((index & 7) << 3) | (base & 7));
    else if ((base & 7) === 4) this.#emit(mode | 4, 0x20 | (base & 7));
    else this.#emit(mode | (base & 7));
    if (short) this.#emit(displacement & 255);
    else this.#word(displacement);
  }
}
