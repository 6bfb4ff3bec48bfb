import { Assembler, at, Label, r8, r9, r10, r11, rax, rbp, rbx, rcx, rdi, rdx, rsi } from "../assembler.ts";
import { instructions } from "../instructions.ts";
import { copyLine } from "./line.ts";

/**
 * What the first argument of {@link copyBlocks} and {@link turnBlocks} holds, as 32-bit words; starts and steps in bytes.
 */
export const copyParameters = [
  ...(["fromStart", "toStart", "fromRow", "toRow", "fromBlock", "toBlock"] as const),
  ...(["blocks", "rows", "vectors", "rest", "ahead"] as const),
] as const;

/** Bytes that are fetched before they are read: rows may lie far from each other, which the processor foresees not. */
const AHEAD = 2048;

/** Writes the parameters of a call: where it reads and writes from, its steps, and how many floats are in a row. */
export function writeMove(
  words: Int32Array,
  at: number,
  [fromStart, toStart]: readonly [from: number, to: number],
  from: { readonly row: number; readonly block: number },
  to: { readonly row: number; readonly block: number },
  { blocks, rows, width }: { readonly blocks: number; readonly rows: number; readonly width: number },
): void {
  words[at] = fromStart * 4;
  words[at + 1] = toStart * 4;
  words[at + 2] = from.row * 4;
  words[at + 3] = to.row * 4;
  words[at + 4] = from.block * 4;
  words[at + 5] = to.block * 4;
  words[at + 6] = blocks;
  words[at + 7] = rows;
  words[at + 8] = width >> 3;
  words[at + 9] = width & 7;
  words[at + 10] = Math.max(1, Math.ceil(AHEAD / 4 / width)) * from.row * 4;
}

const parameter = (name: (typeof copyParameters)[number]) => at(rdi, 4 * copyParameters.indexOf(name));
const VECTOR = 32;

/** Adds the starts to the addresses of the arrays, which are the second and third argument. */
function begin(code: Assembler): void {
  for (const [array, start] of [
    [rsi, "fromStart"],
    [rdx, "toStart"],
  ] as const) {
    code.loadSigned(rax, parameter(start));
    code.add(array, rax);
  }
}

/**
 * Copies `blocks` of `rows` of contiguous floats: `vectors` times eight, and `rest`. At least one block and one row.
 *
 * The arguments are the addresses of the parameters and of the arrays.
 */
export function copyBlocks(): Uint8Array<ArrayBuffer> {
  const code = new Assembler(8);
  const [fromRow, toRow, rows, from, to, count, ahead] = [r8, r9, rcx, r10, r11, rax, rbx];

  const [nextBlock, nextRow] = [new Label(), new Label()];
  code.push(ahead);
  begin(code);
  code.loadSigned(ahead, parameter("ahead"));
  code.place(nextBlock);
  code.load(rows, parameter("rows"));
  code.copy(fromRow, rsi);
  code.copy(toRow, rdx);

  code.place(nextRow);
  code.copy(from, fromRow);
  code.copy(to, toRow);
  copyLine(code, { from, to, count, vectors: parameter("vectors"), rest: parameter("rest"), ahead });
  code.loadSigned(count, parameter("fromRow"));
  code.add(fromRow, count);
  code.loadSigned(count, parameter("toRow"));
  code.add(toRow, count);
  code.decrement(rows);
  code.jumpIfNotZero(nextRow);

  nextBlockOf(code, nextBlock);
  code.endVectors();
  code.pop(ahead);
  code.return();
  return code.finish();
}

function nextBlockOf(code: Assembler, nextBlock: Label): void {
  code.loadSigned(rax, parameter("fromBlock"));
  code.add(rsi, rax);
  code.loadSigned(rax, parameter("toBlock"));
  code.add(rdx, rax);
  code.decrementAt(parameter("blocks"));
  code.jumpIfNotZero(nextBlock);
}

/**
 * Copies matrices of eight rows, transposed: `blocks` of them, each `vectors` times eight columns wide, which become rows
 * of eight. `fromRow` is from a row to the next, `toRow` from a row of the result to the next.
 */
export function turnBlocks(): Uint8Array<ArrayBuffer> {
  const code = new Assembler(8);
  const [row, row3, half, from, to, toRow, toRow3, toHalf, count] = [r8, r9, rbx, r10, r11, rcx, rbp, rbx, rax];
  const [nextBlock, nextVector] = [new Label(), new Label()];
  code.push(rbx);
  code.push(rbp);
  begin(code);
  code.loadSigned(row, parameter("fromRow"));
  code.address(row3, { base: row, index: row, scale: 2 });
  code.loadSigned(toRow, parameter("toRow"));
  code.address(toRow3, { base: toRow, index: toRow, scale: 2 });

  code.place(nextBlock);
  code.copy(from, rsi);
  code.copy(to, rdx);
  code.load(count, parameter("vectors"));
  code.place(nextVector);
  // Four rows from one pointer, four from another.
  code.address(half, { base: from, index: row, scale: 4 });
  for (const [i, base] of [from, half].entries()) {
    code.vector(instructions.load, 4 * i, 0, at(base));
    code.vector(instructions.load, 4 * i + 1, 0, { base, index: row });
    code.vector(instructions.load, 4 * i + 2, 0, { base, index: row, scale: 2 });
    code.vector(instructions.load, 4 * i + 3, 0, { base, index: row3 });
  }
  for (let i = 0; i < 8; i += 2) {
    code.vector(instructions.interleaveLow, 8 + i, i, i + 1);
    code.vector(instructions.interleaveHigh, 9 + i, i, i + 1);
  }
  for (const i of [0, 4])
    for (const high of [0, 1])
      for (const pick of [0, 1])
        code.vector(instructions.shuffle, i + 2 * high + pick, 8 + i + high, 10 + i + high, pick === 0 ? 0x44 : 0xee);
  for (let i = 0; i < 4; i++) {
    code.vector(instructions.joinHalves, 8 + i, i, i + 4, 0x20);
    code.vector(instructions.joinHalves, 12 + i, i, i + 4, 0x31);
  }
  code.address(toHalf, { base: to, index: toRow, scale: 4 });
  for (const [i, base] of [to, toHalf].entries()) {
    code.vector(instructions.store, 8 + 4 * i, 0, at(base));
    code.vector(instructions.store, 9 + 4 * i, 0, { base, index: toRow });
    code.vector(instructions.store, 10 + 4 * i, 0, { base, index: toRow, scale: 2 });
    code.vector(instructions.store, 11 + 4 * i, 0, { base, index: toRow3 });
  }
  code.addConstant(from, VECTOR);
  code.address(to, { base: toHalf, index: toRow, scale: 4 });
  code.decrement(count);
  code.jumpIfNotZero(nextVector);

  nextBlockOf(code, nextBlock);
  code.endVectors();
  code.pop(rbp);
  code.pop(rbx);
  code.return();
  return code.finish();
}
