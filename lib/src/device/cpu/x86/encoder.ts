/** A place in memory: `base + index · scale + displacement`. */
export interface Place {
  readonly base: number;
  readonly index?: number;
  /** 1, if not said. */
  readonly scale?: 1 | 2 | 4 | 8;
  readonly displacement?: number;
  /** Whether what lies there stands for every lane: in wide vectors it is one float, in narrow ones it fills a vector. */
  readonly everywhere?: boolean;
}

/** Of an instruction in the encoding EVEX: its last byte, and the mask register that says which lanes it is about. */
export interface WideOptions {
  readonly immediate?: number | undefined;
  readonly lanes?: number;
  /** Whether the other lanes stay as the instruction says; else they become zero. */
  readonly keep?: boolean;
}

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
  /** Whether it is about 64 bits at a time, by a flag of the encoding. */
  readonly wide?: boolean;
}

/** Whether a number fits eight bits, with its sign. */
export const isByte = (value: number) => value >= -128 && value <= 127;

/**
 * Writes bytes of x86-64 machine code: the encodings that its instructions have in common, VEX for AVX2 and FMA and EVEX
 * for AVX-512. Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2.
 */
export class Encoder {
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

  /** Gives a label its place: here. */
  place(label: Label): void {
    label.position = this.#bytes.length;
  }

  protected emit(...bytes: readonly number[]): void {
    this.#bytes.push(...bytes);
  }

  protected word(value: number): void {
    this.emit(value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255);
  }

  protected constant(value: number): void {
    if (isByte(value)) this.emit(value & 255);
    else this.word(value);
  }

  protected jump(condition: number, to: Label): void {
    this.emit(0x0f, condition);
    this.distance(to);
  }

  /** From the end of this instruction to a label. */
  protected distance(to: Label): void {
    this.#labels.add(to);
    to.uses.push(this.#bytes.length);
    this.word(0);
  }

  /** An instruction of 64 bits between two registers. */
  protected registers(opcode: number, register: number, other: number): void {
    this.emit(0x48 | ((register >> 3) << 2) | (other >> 3), opcode, 0xc0 | ((register & 7) << 3) | (other & 7));
  }

  /** An instruction of 32 bits with a place; of 64 where `wide` is 8. */
  protected plain(opcode: number, register: number, place: Place, wide: 0 | 8 = 0, ...more: readonly number[]): void {
    this.emit(
      0x40 | wide | ((register >> 3) << 2) | (((place.index ?? 0) >> 3) << 1) | (place.base >> 3),
      opcode,
      ...more,
    );
    this.operand(register, place);
  }

  protected onVectors(instruction: Instruction, register: number, first: number, second: number | Place): void {
    if (this.lanes === 16) this.wide(instruction, register, first, second);
    else this.narrow(instruction, register, first, second);
  }

  /** In the encoding VEX. */
  protected narrow(
    { map, prefix, opcode, half, wide }: Instruction,
    register: number,
    first: number,
    second: number | Place,
  ): void {
    const isRegister = typeof second === "number";
    const [index, base] = isRegister ? [0, second] : [second.index ?? 0, second.base];
    const inverted = (register < 8 ? 0x80 : 0) | (index < 8 ? 0x40 : 0) | (base < 8 ? 0x20 : 0);
    this.emit(0xc4, inverted | map, (wide ? 0x80 : 0) | ((~first & 15) << 3) | (half ? 0 : 4) | prefix, opcode);
    if (isRegister) this.emit(0xc0 | ((register & 7) << 3) | (second & 7));
    else this.operand(register, second);
  }

  /** In the encoding EVEX, which has 32 vectors. */
  protected wide(
    { map, prefix, opcode, wide }: Instruction,
    register: number,
    first: number,
    second: number | Place,
    { lanes = 0, keep = false }: WideOptions = {},
  ): void {
    const isRegister = typeof second === "number";
    const [index, base] = isRegister ? [second >> 1, second] : [second.index ?? 0, second.base];
    const inverted = ((~register & 8) << 4) | ((~index & 8) << 3) | ((~base & 8) << 2) | (~register & 16);
    const flags = (lanes > 0 && !keep ? 0x80 : 0) | (!isRegister && second.everywhere ? 0x10 : 0) | lanes;
    this.emit(
      ...[0x62, inverted | map, (wide ? 0x80 : 0) | ((~first & 15) << 3) | 4 | prefix],
      ...[0x40 | ((~first & 16) >> 1) | flags, opcode],
    );
    if (isRegister) this.emit(0xc0 | ((register & 7) << 3) | (second & 7));
    else this.operand(register, second, false);
  }

  /** A place; with `mayBeShort`, a small displacement is one byte, which EVEX would take for a number of vectors. */
  protected operand(register: number, { base, index, scale = 1, displacement = 0 }: Place, mayBeShort = true): void {
    const short = mayBeShort && isByte(displacement);
    const mode = (short ? 0x40 : 0x80) | ((register & 7) << 3);
    // A base of the number 4 stands for a second byte, which names base and index; index 4 is none.
    if (index !== undefined) this.emit(mode | 4, (Math.log2(scale) << 6) | ((index & 7) << 3) | (base & 7));
    else if ((base & 7) === 4) this.emit(mode | 4, 0x20 | (base & 7));
    else this.emit(mode | (base & 7));
    if (short) this.emit(displacement & 255);
    else this.word(displacement);
  }
}
