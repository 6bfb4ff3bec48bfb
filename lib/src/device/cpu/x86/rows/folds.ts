import type { Value } from "../../vector/code.ts";
import type { Pass } from "../../vector/loops.ts";
import type { Assembler } from "../assembler.ts";
import { comparisons, instructions } from "../instructions.ts";
import { careful } from "./careful.ts";
import { type Frame, inFrame } from "./frame.ts";
import type { Registers } from "./registers.ts";
import { WideWriter } from "./wide.ts";

const NEGATIVE_INFINITY = -0x800000;

/** What is done with a value of every element of a row. */
export interface Fold {
  /** The registers that it needs throughout a row. */
  readonly registers: readonly number[];
  begin(): void;
  /** Goes over to wide vectors after the beginning, and back from them; nothing for folds that are not done so. */
  readonly wide?: WideFold;
  /** Takes a vector in; only the lanes that `mask` has, where one is given. */
  take(registers: Registers, mask: number | null, of: Value): void;
  /** Brings the lanes together, and the result in every lane to its slot. */
  end(registers: Registers): void;
}

/** A fold on vectors of sixteen floats. */
export interface WideFold {
  begin(): void;
  take(registers: Registers): void;
  end(registers: Registers): void;
}

/** Adds up, or looks for the largest, in the highest registers; always in eight lanes, which meet in one order. */
export class ValueFold implements Fold {
  readonly registers = [14, 15];
  readonly #code: Assembler;
  readonly #frame: Frame;
  readonly #fold: NonNullable<Pass["fold"]>;

  readonly wide: WideFold;

  constructor(code: Assembler, frame: Frame, fold: NonNullable<Pass["fold"]>) {
    this.#code = code;
    this.#frame = frame;
    this.#fold = fold;
    this.wide = this.#wide(new WideWriter(code, frame));
  }

  begin(): void {
    const code = this.#code;
    if (this.#fold.by === "sum") for (const register of this.registers) code.clearVector(register);
    else {
      code.vector(instructions.load, this.registers[0]!, 0, inFrame(this.#frame.constant(NEGATIVE_INFINITY)));
      code.clearVector(this.registers[1]!);
    }
  }

  take(registers: Registers, mask: number | null, of: Value): void {
    const code = this.#code;
    const [low, high] = this.registers as [number, number];
    const value = registers.inRegister(of.index);
    const [part, other] = [registers.take(), registers.take()];
    if (this.#fold.by === "max") {
      if (mask !== null) code.vector(instructions.blend, other, low, value, mask << 4);
      takeLarger(code, this.registers, mask === null ? value : other, part);
    } else {
      if (mask !== null) code.vector(instructions.and, other, value, mask);
      const given = mask === null ? value : other;
      code.vector(instructions.widen, part, 0, given);
      code.vector(instructions.addDouble, low, low, part);
      code.vector(instructions.upperHalf, given, 0, part, 1);
      code.vector(instructions.widen, part, 0, part);
      code.vector(instructions.addDouble, high, high, part);
    }
    registers.give(part);
    registers.give(other);
    registers.unpin();
  }

  /** Where there are sums, eight of them are in one register: the bits are those of two with four each. */
  #wide(writer: WideWriter): WideFold {
    const [low, high] = this.registers as [number, number];
    const { by, of } = this.#fold;
    return {
      begin: () => {
        if (by === "max") writer.vector(instructions.load, low, 0, this.#frame.everywhere(NEGATIVE_INFINITY));
      },
      take: (registers) => {
        const value = registers.inRegister(of.index);
        if (by === "max") writer.takeLarger(low, high, value);
        else {
          const part = registers.take();
          writer.addWidened(low, value, part);
          registers.give(part);
        }
        registers.unpin();
      },
      end: (registers) => {
        if (by === "sum") {
          writer.upperHalf(high, low);
          return;
        }
        const [upper, spare] = [registers.take(), registers.take()];
        writer.upperHalf(upper, low);
        careful(this.#code, registers, "max", low, low, upper, spare);
        writer.upperHalf(upper, high);
        this.#code.vector(instructions.or, high, high, upper);
        for (const register of [upper, spare]) registers.give(register);
      },
    };
  }

  end(registers: Registers): void {
    const code = this.#code;
    const [low, high] = this.registers as [number, number];
    const [a, b, c] = [registers.take(), registers.take(), registers.take()];
    if (this.#fold.by === "sum") {
      code.vector(instructions.addDouble, low, low, high);
      code.vector(instructions.upperHalf, low, 0, a, 1);
      code.vector(instructions.addHalfDouble, low, low, a);
      code.vector(instructions.addAcross, low, low, low);
      code.vector(instructions.narrow, low, low, low);
    } else {
      code.vector(instructions.or, low, low, high);
      code.vector(instructions.upperHalf, low, 0, a, 1);
      careful(code, registers, "max", low, low, a, b);
      for (const order of [0b01_00_11_10, 0b10_11_00_01]) {
        code.vector(instructions.permuteHalf, a, 0, low, order);
        careful(code, registers, "max", low, low, a, b);
      }
    }
    code.vector(instructions.broadcast, c, 0, low);
    code.vector(instructions.store, c, 0, inFrame(this.#frame.slot(this.#fold.to)));
    for (const register of [a, b, c]) registers.give(register);
  }
}

/**
 * The larger of each lane, with 0 above −0: the next vector waits for two instructions alone. Lanes of which one was NaN
 * get all bits set in the second register, and it matters no more what they have in the first.
 */
function takeLarger(code: Assembler, [largest, nan]: readonly number[], value: number, spare: number): void {
  code.vector(instructions.max, spare, largest!, value);
  code.vector(instructions.max, largest!, value, largest!);
  code.vector(instructions.and, largest!, largest!, spare);
  code.vector(instructions.compare, spare, value, value, comparisons.unordered);
  code.vector(instructions.or, nan!, nan!, spare);
}
