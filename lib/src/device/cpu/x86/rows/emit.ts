import type { VectorCode } from "../../vector/code.ts";
import type { Loops, Pass, Result, Section } from "../../vector/loops.ts";
import { several } from "../../vector/several.ts";
import {
  Assembler,
  at,
  Label,
  type Lanes,
  type Place,
  r8,
  r9,
  r10,
  r11,
  r12,
  r13,
  r14,
  r15,
  rax,
  rbp,
  rbx,
  rcx,
  rdx,
  rsi,
} from "../assembler.ts";
import { instructions } from "../instructions.ts";
import { type Fold, ValueFold } from "./folds.ts";
import { Frame, inFrame } from "./frame.ts";
import { PositionFold } from "./positions.ts";
import { Registers } from "./registers.ts";
import { Straight } from "./straight.ts";
import { readTruth, spares, storeTruth } from "./truth.ts";
import { WideWriter } from "./wide.ts";

/** Registers that hold where the streams of a pass begin; the last ones only where there are no truth values. */
const pointers = [rsi, rdx, rcx, r8, r9, r10, r11, rbx, r12, ...spares] as const;
const saved = [rbx, rbp, r12, r13, r14, r15] as const;
const argumentRegisters = [rsi, rdx, rcx, r8, r9] as const;

/** Whether a kernel has registers for its streams. */
export const fitsRegisters = ({ streams }: Loops): boolean =>
  streams.length <= pointers.length - (streams.some(({ dtype }) => dtype === "bool") ? spares.length : 0);

/** Instructions with which a vector is long enough under way that another should be, too. */
const MUCH = 8;
/** How many vectors are under way at a time then, as far as they go. */
export const VECTORS = 4;
/** Bytes of a vector. */
const VECTOR = 32;
const MASK = 13;
const all = Array.from({ length: 16 }, (_, register) => register);

/** The mask of a pass over elements that fill no vector. */
type Mask = typeof MASK | null;

/**
 * Machine code for loops over rows. Its arguments are the address of a {@link Frame}, which says the rest, and those of
 * the arrays of the streams.
 */
export function emit(loops: Loops, lanes: Lanes): { code: Uint8Array<ArrayBuffer>; frame: Frame } {
  const frame = new Frame(loops);
  return { code: new Emitter(loops, frame, lanes).write(), frame };
}

class Emitter {
  readonly #loops: Loops;
  readonly #frame: Frame;
  readonly #lanes: Lanes;
  readonly #code = new Assembler(8);

  constructor(loops: Loops, frame: Frame, lanes: Lanes) {
    this.#loops = loops;
    this.#frame = frame;
    this.#lanes = lanes;
  }

  write(): Uint8Array<ArrayBuffer> {
    const code = this.#code;
    const frame = this.#frame;
    const nextRow = new Label();
    for (const register of saved) code.push(register);
    const streams = this.#loops.streams.map((_, stream) => stream);
    for (const stream of streams) {
      let register: number | undefined = argumentRegisters[stream];
      if (register === undefined) {
        // Further arguments lie above what was pushed and the address to return to.
        register = rbx;
        code.loadLong(register, at(4, 8 * (saved.length + 1 + stream - argumentRegisters.length)));
      }
      code.loadSigned(rax, inFrame(frame.offset(stream)));
      code.add(register, rax);
      code.storeLong(inFrame(frame.pointer(stream)), register);
    }
    code.place(nextRow);
    for (const pass of this.#loops.passes) this.#pass(pass);
    for (const stream of streams) {
      code.loadSigned(rax, inFrame(frame.stride(stream)));
      code.addLongAt(inFrame(frame.pointer(stream)), rax);
    }
    code.decrementAt(inFrame(frame.rows));
    code.jumpIfNotZero(nextRow);
    code.endVectors();
    for (const register of saved.toReversed()) code.pop(register);
    code.return();
    return code.finish();
  }

  #pass(pass: Pass): void {
    const code = this.#code;
    const frame = this.#frame;
    this.#section(pass.before);
    const pointerOf = this.#point(pass.code, pass.stores);
    if (pass.stores.length === 0 && pass.fold === null) return;
    const isPosition = pass.fold?.by.startsWith("arg");
    const fold = pass.fold === null ? null : new (isPosition ? PositionFold : ValueFold)(code, frame, pass.fold);
    fold?.begin();
    const [again, rest, done] = [new Label(), new Label(), new Label()];
    code.set(rax, 0);
    if (this.#lanes === 16) this.#wideLoop(pass, fold, pointerOf);
    else if (fold === null || fold instanceof ValueFold) this.#groupLoop(pass, fold, pointerOf);
    code.compareAt(rax, inFrame(frame.whole));
    code.jumpIfNotBelow(rest);
    code.place(again);
    this.#body(pass, fold, pointerOf, null);
    code.addConstant(rax, 8);
    code.compareAt(rax, inFrame(frame.whole));
    code.jumpIfBelow(again);
    code.place(rest);
    code.addConstantAt(inFrame(frame.rest), 0);
    code.jumpIfZero(done);
    code.vector(instructions.load, MASK, 0, inFrame(frame.mask));
    this.#body(pass, fold, pointerOf, MASK);
    code.place(done);
    fold?.end(this.#spares(fold, pass.code));
  }

  /** The registers beside those of a fold, for its end. */
  #spares(fold: Fold, piece: VectorCode): Registers {
    const available = all.filter((register) => !fold.registers.includes(register));
    return new Registers(this.#code, this.#frame, piece, available, [], () => {});
  }

  /** Takes sixteen elements at a time, as far as they go, where all are floats. */
  #wideLoop({ code: piece, stores, fold: folded }: Pass, fold: Fold | null, pointerOf: Map<number, number>): void {
    const code = this.#code;
    const isFloat = [...pointerOf.keys()].every((stream) => this.#loops.streams[stream]!.dtype === "float32");
    const inWide = fold?.wide;
    if (!isFloat || (fold !== null && inWide === undefined)) return;
    const [again, done] = [new Label(), new Label()];
    const { wide } = this.#frame;
    const writer = new WideWriter(code, this.#frame);
    inWide?.begin();
    code.compareAt(rax, inFrame(wide));
    code.jumpIfNotBelow(done);
    code.place(again);
    const available = Array.from({ length: 32 }, (_, i) => i).filter((register) => !fold?.registers.includes(register));
    const used = stores.map(({ value }) => value.index);
    if (folded !== null) used.push(folded.of.index);
    const registers = new Registers(writer, this.#frame, piece, available, used, (stream, register) =>
      writer.vector(instructions.load, register, 0, this.#element(pointerOf.get(stream)!, stream)),
    );
    new Straight(writer, this.#frame, registers).write(piece);
    for (const { to, value } of stores) {
      const place = this.#element(pointerOf.get(to)!, to);
      writer.vector(instructions.store, registers.inRegister(value.index), 0, place);
      registers.unpin();
    }
    inWide?.take(registers);
    code.addConstant(rax, 16);
    code.compareAt(rax, inFrame(wide));
    code.jumpIfBelow(again);
    code.place(done);
    inWide?.end(this.#spares(fold!, piece));
  }

  /** Takes several vectors at a time, as far as they go, where there is much to do with each. */
  #groupLoop(
    { code: piece, stores, fold: folded }: Pass,
    fold: ValueFold | null,
    pointerOf: Map<number, number>,
  ): void {
    const code = this.#code;
    const isFloat = [...pointerOf.keys()].every((stream) => this.#loops.streams[stream]!.dtype === "float32");
    const work = piece.instructions.filter((one) => "of" in one);
    if (!isFloat || work.length < MUCH || work.some(({ op }) => op === "min" || op === "max")) return;
    const [again, done] = [new Label(), new Label()];
    const { wide } = this.#frame;
    code.compareAt(rax, inFrame(wide));
    code.jumpIfNotBelow(done);
    code.place(again);
    const { length } = this.#loops.streams;
    const { code: together, at: valueOf } = several(piece, VECTORS, length);
    const vectors = Array.from({ length: VECTORS }, (_, which) => which);
    const available = all.filter((register) => !fold?.registers.includes(register));
    const used = vectors.flatMap((which) => {
      const results = stores.map(({ value }) => value);
      if (folded !== null) results.push(folded.of);
      return results.map((value) => valueOf(value, which).index);
    });
    const place = (stream: number, which: number) => ({
      ...this.#element(pointerOf.get(stream)!, stream),
      displacement: VECTOR * which,
    });
    const { registers, straight } = this.#straight(together, used, available, (stream, register) =>
      code.vector(instructions.load, register, 0, place(stream % length, Math.floor(stream / length))),
    );
    straight.write(together);
    for (const which of vectors) {
      for (const { to, value } of stores) {
        code.vector(instructions.store, registers.inRegister(valueOf(value, which).index), 0, place(to, which));
        registers.unpin();
      }
      if (folded !== null) fold!.take(registers, null, valueOf(folded.of, which));
    }
    code.addConstant(rax, 8 * VECTORS);
    code.compareAt(rax, inFrame(wide));
    code.jumpIfBelow(again);
    code.place(done);
  }

  /** Loads where the streams of a piece of code begin. */
  #point(piece: VectorCode, stores: readonly Result[]): Map<number, number> {
    const pointerOf = new Map<number, number>();
    const point = (stream: number) => {
      if (pointerOf.has(stream)) return;
      const register = pointers[pointerOf.size]!;
      pointerOf.set(stream, register);
      this.#code.loadLong(register, inFrame(this.#frame.pointer(stream)));
    };
    for (const instruction of piece.instructions) if (instruction.op === "stream") point(instruction.stream);
    for (const { to } of stores) point(to);
    return pointerOf;
  }

  #straight(
    piece: VectorCode,
    used: readonly number[],
    available: readonly number[],
    readStream: (stream: number, register: number) => void,
  ): { registers: Registers; straight: Straight } {
    const registers = new Registers(this.#code, this.#frame, piece, available, used, readStream);
    return { registers, straight: new Straight(this.#code, this.#frame, registers) };
  }

  /** What is done once for a row. */
  #section({ code: piece, keeps, stores }: Section): void {
    const pointerOf = this.#point(piece, stores);
    const read = (stream: number, register: number) => this.#code.broadcast(register, at(pointerOf.get(stream)!));
    const used = [...keeps, ...stores].map(({ value }) => value.index);
    const { registers, straight } = this.#straight(piece, used, all, read);
    straight.write(piece);
    for (const { to, value } of keeps) {
      this.#code.vector(instructions.store, registers.inRegister(value.index), 0, inFrame(this.#frame.slot(to)));
      registers.unpin();
    }
    for (const { to, value } of stores) {
      this.#code.vector(instructions.storeOne, registers.inRegister(value.index), 0, at(pointerOf.get(to)!));
      registers.unpin();
    }
  }

  #body(
    { code: piece, stores, fold: folded }: Pass,
    fold: Fold | null,
    pointerOf: Map<number, number>,
    mask: Mask,
  ): void {
    const available = all.filter((register) => !fold?.registers.includes(register) && register !== mask);
    const used = stores.map(({ value }) => value.index);
    if (folded !== null) used.push(folded.of.index);
    const { registers, straight } = this.#straight(piece, used, available, (stream, register) =>
      this.#read(stream, pointerOf.get(stream)!, register, mask),
    );
    straight.write(piece);
    for (const { to, value } of stores) {
      this.#store(to, pointerOf.get(to)!, value.index, registers, mask);
      registers.unpin();
    }
    if (folded !== null) fold!.take(registers, mask, folded.of);
  }

  /** Element `rax` of a row, and those after it. */
  #element(pointer: number, stream: number): Place {
    return { base: pointer, index: rax, scale: this.#loops.streams[stream]!.dtype === "bool" ? 1 : 4 };
  }

  #read(stream: number, pointer: number, register: number, mask: Mask): void {
    const code = this.#code;
    const place = this.#element(pointer, stream);
    if (this.#loops.streams[stream]!.dtype !== "float32") readTruth(code, this.#frame, place, register, mask !== null);
    else if (mask === null) code.vector(instructions.load, register, 0, place);
    else code.vector(instructions.loadMasked, register, mask, place);
  }

  #store(stream: number, pointer: number, value: number, registers: Registers, mask: Mask): void {
    const code = this.#code;
    const place = this.#element(pointer, stream);
    const register = registers.inRegister(value);
    if (this.#loops.streams[stream]!.dtype !== "float32")
      storeTruth(code, this.#frame, place, register, registers, mask !== null);
    else if (mask === null) code.vector(instructions.store, register, 0, place);
    else code.vector(instructions.storeMasked, register, mask, place);
  }
}
