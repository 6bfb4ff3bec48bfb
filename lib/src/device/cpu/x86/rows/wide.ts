import type { Assembler, Instruction, Place } from "../assembler.ts";
import { comparisons, instructions } from "../instructions.ts";
import type { Frame } from "./frame.ts";

/** What writes instructions on vectors, of whatever width. */
export interface VectorWriter {
  vector(instruction: Instruction, register: number, first: number, second: number | Place, immediate?: number): void;
}

/** The mask register that is used. */
const LANES = 1;
/** Asks {@link wide}`.range` for the larger, with its own sign. */
const LARGER = 0b0101;
const whole = (opcode: number): Instruction => ({ map: 1, prefix: 1, opcode });
const wide = {
  /** Lanes in which both have a bit set, to a mask register. */
  test: { map: 2, prefix: 1, opcode: 0x27 },
  blend: { map: 2, prefix: 1, opcode: 0x65 },
  /** The larger or the smaller, with 0 above −0; of a NaN and a number the number. */
  range: { map: 3, prefix: 1, opcode: 0x50 },
  addDouble: { ...whole(0x58), wide: true },
  upperHalf: { map: 3, prefix: 1, opcode: 0x1b, wide: true },
} as const satisfies Record<string, Instruction>;
/** Those on floats' bits are missing from the first AVX-512. */
const onBits = new Map<Instruction, Instruction>([
  [instructions.and, whole(0xdb)],
  [instructions.notAnd, whole(0xdf)],
  [instructions.or, whole(0xeb)],
  [instructions.xor, whole(0xef)],
]);

/**
 * Writes the instructions of loops for AVX-512, on sixteen floats: truth values stay vectors of bits, so that the code of
 * eight floats serves for sixteen. A place that stands for every lane is one float there.
 */
export class WideWriter implements VectorWriter {
  readonly #code: Assembler;
  readonly #frame: Frame;

  constructor(code: Assembler, frame: Frame) {
    this.#code = code;
    this.#frame = frame;
  }

  vector(instruction: Instruction, register: number, first: number, second: number | Place, immediate?: number): void {
    const code = this.#code;
    if (instruction === instructions.compare) {
      code.wideVector(instruction, LANES, first, second, { immediate });
      // From memory: what the register held before is not waited for.
      const ones = { ...this.#frame.everywhere(-1), everywhere: false };
      code.wideVector(instructions.broadcast, register, 0, ones, { lanes: LANES });
    } else if (instruction === instructions.blend) {
      const mask = immediate! >> 4;
      code.wideVector(wide.test, LANES, mask, mask);
      code.wideVector(wide.blend, register, first, second, { lanes: LANES, keep: true });
    } else if (instruction === instructions.load && typeof second !== "number" && second.everywhere)
      code.wideVector(instructions.broadcast, register, 0, { ...second, everywhere: false });
    else code.wideVector(onBits.get(instruction) ?? instruction, register, first, second, { immediate });
  }

  /** Takes larger values; a lane in which one was NaN gets all bits set in `nan`. */
  takeLarger(largest: number, nan: number, value: number): void {
    const code = this.#code;
    code.wideVector(wide.range, largest, largest, value, { immediate: LARGER });
    code.wideVector(instructions.compare, LANES, value, value, { immediate: comparisons.unordered });
    const ones = { ...this.#frame.everywhere(-1), everywhere: false };
    code.wideVector(instructions.broadcast, nan, 0, ones, { lanes: LANES, keep: true });
  }

  /** Adds sixteen floats to eight doubles, the lower eight first. */
  addWidened(sum: number, value: number, spare: number): void {
    const code = this.#code;
    code.wideVector(instructions.widen, spare, 0, value);
    code.wideVector(wide.addDouble, sum, sum, spare);
    this.upperHalf(spare, value);
    code.wideVector(instructions.widen, spare, 0, spare);
    code.wideVector(wide.addDouble, sum, sum, spare);
  }

  upperHalf(to: number, of: number): void {
    this.#code.wideVector(wide.upperHalf, of, 0, to, { immediate: 1 });
  }
}
