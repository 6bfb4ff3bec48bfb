import type { Pass } from "../../vector/loops.ts";
import type { Assembler } from "../assembler.ts";
import { comparisons, instructions } from "../instructions.ts";
import type { Fold } from "./folds.ts";
import { type Frame, inFrame } from "./frame.ts";
import type { Registers } from "./registers.ts";

const INFINITY = 0x7f800000;
const [best, place, current] = [14, 15, 12];

/** Looks for the position of an extreme: the first of equals, and a NaN before all. Each lane looks by itself at first. */
export class PositionFold implements Fold {
  readonly registers = [best, place, current];
  readonly #code: Assembler;
  readonly #frame: Frame;
  readonly #fold: NonNullable<Pass["fold"]>;
  /** Asks whether the first is better than the second, or one of them is NaN. */
  readonly #better: number;

  constructor(code: Assembler, frame: Frame, fold: NonNullable<Pass["fold"]>) {
    this.#code = code;
    this.#frame = frame;
    this.#fold = fold;
    this.#better = fold.by === "argmax" ? comparisons.notLessEqual : comparisons.notGreaterEqual;
  }

  begin(): void {
    const worst = this.#fold.by === "argmax" ? INFINITY | -0x80000000 : INFINITY;
    this.#code.vector(instructions.load, best, 0, inFrame(this.#frame.constant(worst)));
    this.#code.clearVector(place);
    this.#code.vector(instructions.load, current, 0, inFrame(this.#frame.counting()));
  }

  take(registers: Registers, mask: number | null): void {
    const code = this.#code;
    const value = registers.inRegister(this.#fold.of.index);
    const [takes, other] = [registers.take(), registers.take()];
    code.vector(instructions.compare, takes, value, best, this.#better);
    code.vector(instructions.compare, other, best, best, comparisons.ordered);
    code.vector(instructions.and, takes, takes, other);
    if (mask !== null) code.vector(instructions.and, takes, takes, mask);
    code.vector(instructions.blend, best, best, value, takes << 4);
    code.vector(instructions.blend, place, place, current, takes << 4);
    code.vector(instructions.addInt, current, current, inFrame(this.#frame.constant(8)));
    for (const register of [takes, other]) registers.give(register);
    registers.unpin();
  }

  end(registers: Registers): void {
    const code = this.#code;
    const [value, position] = [registers.take(), registers.take()];
    code.vector(instructions.upperHalf, best, 0, value, 1);
    code.vector(instructions.upperHalf, place, 0, position, 1);
    this.#meet(value, position, registers);
    for (const order of [0b01_00_11_10, 0b10_11_00_01]) {
      code.vector(instructions.permuteHalf, value, 0, best, order);
      code.vector(instructions.permuteHalf, position, 0, place, order);
      this.#meet(value, position, registers);
    }
    code.vector(instructions.broadcast, value, 0, place);
    code.vector(instructions.store, value, 0, inFrame(this.#frame.slot(this.#fold.to)));
    for (const register of [value, position]) registers.give(register);
  }

  /** Takes other lanes' best where they are better, or as good and come before. */
  #meet(value: number, position: number, registers: Registers): void {
    const code = this.#code;
    const [takes, equal, spare] = [registers.take(), registers.take(), registers.take()];
    code.vector(instructions.compare, takes, value, best, this.#better);
    code.vector(instructions.compare, spare, best, best, comparisons.ordered);
    code.vector(instructions.and, takes, takes, spare);
    code.vector(instructions.compare, equal, value, best, comparisons.equal);
    code.vector(instructions.compare, spare, value, value, comparisons.unordered);
    // Both NaN: the one that is best is, if it is not ordered.
    const both = registers.take();
    code.vector(instructions.compare, both, best, best, comparisons.unordered);
    code.vector(instructions.and, spare, spare, both);
    code.vector(instructions.or, equal, equal, spare);
    code.vector(instructions.greaterInt, spare, place, position);
    code.vector(instructions.and, equal, equal, spare);
    code.vector(instructions.or, takes, takes, equal);
    code.vector(instructions.blend, best, best, value, takes << 4);
    code.vector(instructions.blend, place, place, position, takes << 4);
    for (const register of [takes, equal, spare, both]) registers.give(register);
  }
}
