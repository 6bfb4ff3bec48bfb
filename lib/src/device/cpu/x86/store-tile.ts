import { type Assembler, at, Label } from "./assembler.ts";

/** A tile of sums in the lowest vector registers, row after row, and the registers that say where it goes. */
interface SummedTile {
  readonly rows: number;
  readonly vectors: number;
  /** Zero: as they are; one: added to what is there; else: added to zero, so that one which is −0 becomes 0. Used up. */
  readonly how: number;
  readonly to: number;
  /** From a row to the next, in bytes. */
  readonly row: number;
  /** Two that may be used; the second one ends behind the last row. */
  readonly places: readonly [number, number];
}

/** Stores a tile of sums. The vector register after the first that is not the tile's is used up. */
export function storeTile(code: Assembler, { rows, vectors, how, to, row, places: [from, place] }: SummedTile): void {
  const { lanes } = code;
  const each = Array.from({ length: rows }, (_, i) => i);
  const across = Array.from({ length: vectors }, (_, i) => i);
  const sum = (i: number, vector: number) => i * vectors + vector;
  const zero = rows * vectors + vectors;
  const [withZero, store] = [new Label(), new Label()];
  code.copy(from, to);
  code.copy(place, to);
  code.addConstant(how, 0);
  code.jumpIfZero(store);
  code.addConstant(how, -1);
  code.jumpIfNotZero(withZero);
  for (const i of each) {
    for (const vector of across) code.addVector(sum(i, vector), sum(i, vector), at(from, vector * lanes * 4));
    code.add(from, row);
  }
  code.compare(from, from);
  code.jumpIfZero(store);
  code.place(withZero);
  code.clearVector(zero);
  for (const i of each) for (const vector of across) code.addVector(sum(i, vector), sum(i, vector), zero);
  code.place(store);
  for (const i of each) {
    for (const vector of across) code.storeVector(at(place, vector * lanes * 4), sum(i, vector));
    code.add(place, row);
  }
}
