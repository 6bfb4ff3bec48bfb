import { Assembler, at, Label, r8, r9, r10, rax, rcx, rdi, rdx, rsi, sumAt } from "../assembler.ts";
import { instructions } from "../instructions.ts";
import { copyLine } from "./line.ts";

/** What the first argument of {@link sumLines} holds, as 32-bit words; starts and steps in bytes. */
export const sumParameters = ["fromStart", "toStart", "row", "rows", "wide", "blocks"] as const;
/** Columns of a block. */
export const SUM_COLUMNS = 16;
/** Blocks that are summed at a time, where there are as many: of each row the more is read that lies side by side. */
export const WIDE_BLOCKS = 3;
/** Rows that are fetched before they are read: those of a wide array lie in a page each, which the processor foresees not. */
const AHEAD = 8;

const sumParameter = (name: (typeof sumParameters)[number]) => at(rdi, 4 * sumParameters.indexOf(name));

/**
 * Sums rows of floats, one after another, in double precision: `wide` times {@link WIDE_BLOCKS} blocks of sixteen columns,
 * then `blocks` single ones. At least one row.
 *
 * The arguments are the addresses of the parameters, of the array of the rows, and of that of the sums, which are floats.
 */
export function sumLines(): Uint8Array<ArrayBuffer> {
  const code = new Assembler(8);
  const [row, from, rows, ahead] = [r8, r9, rcx, r10];
  for (const [array, start] of [
    [rsi, "fromStart"],
    [rdx, "toStart"],
  ] as const) {
    code.loadSigned(rax, sumParameter(start));
    code.add(array, rax);
  }
  code.loadSigned(row, sumParameter("row"));
  code.set(rax, AHEAD);
  code.multiply(rax, row);
  code.copy(ahead, rax);
  sumColumns("wide", WIDE_BLOCKS);
  sumColumns("blocks", 1);
  code.endVectors();
  code.return();
  return code.finish();

  /** So many blocks at a time, of which each quarter has a register for its sums, and one for what is added. */
  function sumColumns(count: "wide" | "blocks", blocks: number): void {
    const [nextBlock, nextRow, none] = [new Label(), new Label(), new Label()];
    const parts = Array.from({ length: 4 * blocks }, (_, part) => part);
    const added = (part: number) => parts.length + (part % (16 - parts.length));
    code.load(rax, sumParameter(count));
    code.addConstant(rax, 0);
    code.jumpIfZero(none);
    code.place(nextBlock);
    code.copy(from, rsi);
    code.load(rows, sumParameter("rows"));
    for (const part of parts) code.clearVector(part);
    code.place(nextRow);
    for (let block = 0; block < blocks; block++) code.prefetch(sumAt(from, ahead, block * SUM_COLUMNS * 4));
    for (const part of parts) {
      code.vector(instructions.widen, added(part), 0, at(from, part * 16));
      code.vector(instructions.addDouble, part, part, added(part));
    }
    code.add(from, row);
    code.decrement(rows);
    code.jumpIfNotZero(nextRow);
    for (const part of parts) {
      code.vector(instructions.narrowFour, part, 0, part);
      code.vector(instructions.storeHalf, part, 0, at(rdx, part * 16));
    }
    code.addConstant(rsi, blocks * SUM_COLUMNS * 4);
    code.addConstant(rdx, blocks * SUM_COLUMNS * 4);
    code.decrementAt(sumParameter(count));
    code.jumpIfNotZero(nextBlock);
    code.place(none);
  }
}

/** What the first argument of {@link pickLines} holds, as 32-bit words. */
export const pickParameters = ["fromStart", "indexStart", "toStart", "bytes", "count", "vectors", "rest"] as const;

const pickParameter = (name: (typeof pickParameters)[number]) => at(rdi, 4 * pickParameters.indexOf(name));

/**
 * Copies lines of contiguous floats, `vectors` times eight and `rest`, to one after another: those that `count` indices
 * name, of 32 bits and not negative. At least one index.
 *
 * The arguments are the addresses of the parameters, and of the arrays of the lines, the indices and the result.
 */
export function pickLines(): Uint8Array<ArrayBuffer> {
  const code = new Assembler(8);
  const [lines, indices, to, width, from, count] = [rsi, rdx, rcx, r8, r9, r10];
  const nextLine = new Label();
  for (const [array, start] of [
    [lines, "fromStart"],
    [indices, "indexStart"],
    [to, "toStart"],
  ] as const) {
    code.loadSigned(rax, pickParameter(start));
    code.add(array, rax);
  }
  code.load(width, pickParameter("bytes"));
  code.place(nextLine);
  code.load(rax, at(indices));
  code.multiply(rax, width);
  code.address(from, sumAt(lines, rax));
  copyLine(code, { from, to, count, vectors: pickParameter("vectors"), rest: pickParameter("rest") });
  code.addConstant(indices, 4);
  code.decrementAt(pickParameter("count"));
  code.jumpIfNotZero(nextLine);
  code.endVectors();
  code.return();
  return code.finish();
}
