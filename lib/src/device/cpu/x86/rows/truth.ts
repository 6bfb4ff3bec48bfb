import { type Assembler, Label, type Place, r13, r14, r15, rbp, sumAt } from "../assembler.ts";
import { comparisons, instructions } from "../instructions.ts";
import { type Frame, inFrame } from "./frame.ts";
import type { Registers } from "./registers.ts";

/** Registers for the bytes of truth values. */
export const spares = [r13, r14, r15, rbp] as const;

/** Reads eight truth values, or the rest of a row, as a mask. */
export function readTruth(code: Assembler, frame: Frame, place: Place, register: number, isRest: boolean): void {
  const spare = inFrame(frame.spare());
  if (isRest) moveRest(code, frame, spare, place);
  code.vector(instructions.fromBytes, register, 0, isRest ? spare : place);
  // A mask: whole numbers that are not zero are floats that are not.
  code.vector(instructions.compare, register, register, inFrame(frame.constant(0)), comparisons.notEqual);
}

/** Writes a mask as eight truth values, or as the rest of a row. */
export function storeTruth(
  code: Assembler,
  frame: Frame,
  place: Place,
  register: number,
  registers: Registers,
  isRest: boolean,
): void {
  const [bytes, upper] = [registers.take(), registers.take()];
  code.vector(instructions.upperHalf, register, 0, upper, 1);
  code.vector(instructions.packToWords, bytes, register, upper);
  code.vector(instructions.packToBytes, bytes, bytes, bytes);
  code.vector(instructions.and, bytes, bytes, inFrame(frame.constant(0x01010101)));
  const spare = inFrame(frame.spare());
  code.vector(instructions.storeLow, bytes, 0, isRest ? spare : place);
  if (isRest) moveRest(code, frame, place, spare);
  for (const register of [bytes, upper]) registers.give(register);
}

/** Copies the bytes of a last vector, from the last to the first. */
function moveRest(code: Assembler, frame: Frame, to: Place, from: Place): void {
  const next = new Label();
  const [source, target, count, byte] = spares;
  code.address(source, from);
  code.address(target, to);
  code.load(count, inFrame(frame.rest));
  code.place(next);
  code.decrement(count);
  code.loadByte(byte, sumAt(source, count));
  code.storeByte(sumAt(target, count), byte);
  code.addConstant(count, 0);
  code.jumpIfNotZero(next);
}
