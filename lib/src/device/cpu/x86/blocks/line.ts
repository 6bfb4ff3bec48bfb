import { type Assembler, at, Label, type Place } from "../assembler.ts";
import { instructions } from "../instructions.ts";

const FLOAT = 4;
const VECTOR = 32;

/**
 * Copies contiguous floats: as many vectors of eight, and then single floats, as two places say. `from` and `to` end
 * behind them, `count` is used up, and so are vectors 0 to 3.
 */
export function copyLine(
  code: Assembler,
  {
    from,
    to,
    count,
    vectors,
    rest,
    ahead,
  }: {
    readonly from: number;
    readonly to: number;
    readonly count: number;
    readonly vectors: Place;
    readonly rest: Place;
    /** Holds how far away the line is that comes next, which is fetched meanwhile. */
    readonly ahead?: number;
  },
): void {
  for (const [times, load, store, bytes] of [
    [vectors, instructions.load, instructions.store, VECTOR],
    [rest, instructions.broadcast, instructions.storeOne, FLOAT],
  ] as const) {
    const [next, ended] = [new Label(), new Label()];
    code.load(count, times);
    if (bytes === VECTOR) copyFours(code, { from, to, count, ahead });
    code.addConstant(count, 0);
    code.jumpIfZero(ended);
    code.place(next);
    code.vector(load, 0, 0, at(from));
    if (ahead !== undefined && bytes === VECTOR) code.prefetch({ base: from, index: ahead });
    code.vector(store, 0, 0, at(to));
    code.addConstant(from, bytes);
    code.addConstant(to, bytes);
    code.decrement(count);
    code.jumpIfNotZero(next);
    code.place(ended);
  }
}

/** Four vectors at a time, whose loads do not wait for stores; `count` says how many there are, and then how many are left. */
function copyFours(
  code: Assembler,
  { from, to, count, ahead }: { from: number; to: number; count: number; ahead: number | undefined },
): void {
  const [next, few] = [new Label(), new Label()];
  // It carries where there were four.
  code.addConstant(count, -4);
  code.jumpIfNotBelow(few);
  code.place(next);
  for (let i = 0; i < 4; i++) {
    code.vector(instructions.load, i, 0, at(from, i * VECTOR));
    if (ahead !== undefined && i % 2 === 0) code.prefetch({ base: from, index: ahead, displacement: i * VECTOR });
  }
  for (let i = 0; i < 4; i++) code.vector(instructions.store, i, 0, at(to, i * VECTOR));
  code.addConstant(from, 4 * VECTOR);
  code.addConstant(to, 4 * VECTOR);
  code.addConstant(count, -4);
  code.jumpIfBelow(next);
  code.place(few);
  code.addConstant(count, 4);
}
