import { type Assembler, at, Label, type Place } from "../assembler.ts";
import { instructions } from "../instructions.ts";

const FLOAT = 4;
const VECTOR = 32;

/**
 * Copies contiguous floats: as many vectors of eight, and then single floats, as two places say. `from` and `to` end
 * behind them, `count` is used up, and so is vector 0.
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
