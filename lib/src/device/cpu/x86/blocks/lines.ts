import { Assembler, at, Label, r8, r9, r10, rax, rcx, rdi, rdx, rsi, sumAt } from "../assembler.ts";
import { instructions } from "../instructions.ts";
import { copyLine } from "./line.ts";

/** What the first argument of {@link sumLines} holds, as 32-bit words; starts and steps in bytes. */
export const sumParameters = ["fromStart", "toStart", "row", "rows", "blocks"] as const;
/** Columns that are summed at a time. */
export const SUM_COLUMNS = 16;

const sumParameter = (name: (typeof sumParameters)[number]) => at(rdi, 4 * sumParameters.indexOf(name));

/**
 * Sums rows of floats, one after another, in double precision: `blocks` of sixteen columns. At least one row and block.
 *
 * The arguments are the addresses of the parameters, of the array of the rows, and of that of the sums, which are floats.
 */
export function sumLines(): Uint8Array<ArrayBuffer> {
  const code = new Assembler(8);
  const [row, from, rows] = [r8, r9, rcx];
  const [nextBlock, nextRow] = [new Label(), new Label()];
  for (const [array, start] of [
    [rsi, "fromStart"],
    [rdx, "toStart"],
  ] as const) {
    code.loadSigned(rax, sumParameter(start));
    code.add(array, rax);
  }
  code.loadSigned(row, sumParameter("row"));
  code.place(nextBlock);
  code.copy(from, rsi);
  code.load(rows, sumParameter("rows"));
  for (let part = 0; part < 4; part++) code.clearVector(part);
  code.place(nextRow);
  for (let part = 0; part < 4; part++) {
    code.vector(instructions.widen, 4 + part, 0, at(from, part * 16));
    code.vector(instructions.addDouble, part, part, 4 + part);
  }
  code.add(from, row);
  code.decrement(rows);
  code.jumpIfNotZero(nextRow);
  for (let part = 0; part < 4; part++) {
    code.vector(instructions.narrowFour, part, 0, part);
    code.vector(instructions.storeHalf, part, 0, at(rdx, part * 16));
  }
  code.addConstant(rsi, SUM_COLUMNS * 4);
  code.addConstant(rdx, SUM_COLUMNS * 4);
  code.decrementAt(sumParameter("blocks"));
  code.jumpIfNotZero(nextBlock);
  code.endVectors();
  code.return();
  return code.finish();
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
