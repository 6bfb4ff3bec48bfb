import { parity, rotations } from "../../threefry.ts";
import { type Code, i32, i32x4, type Local, type Statement, v128 } from "../assembler/code.ts";
import { count, sequence } from "../assembler/control.ts";
import { define } from "../assembler/module.ts";

type V128 = Code<"v128">;

/** Counters in a vector, and words that a turn of the loop writes: those of two vectors, none of which waits for itself. */
const LANES = 4;
export const WORDS = 16;

/**
 * The words of Threefry-2x32 for counters `first`, `first` + 1 …, to the addresses from `to` up to `end`, a whole number
 * of {@link WORDS} further on.
 */
export const threefry = define(
  { to: "i32", end: "i32", first: "i32", key0: "i32", key1: "i32" },
  ({ to, end, first, key0, key1 }, declare) => {
    const [at, counters] = [declare("i32"), declare("v128")];
    const keys = [declare("v128"), declare("v128"), declare("v128")] as const;
    const pairs = [0, 1].map(() => [declare("v128"), declare("v128")] as const);
    const of = (group: number): V128 => keys[((group + 3) % 3) as 0 | 1 | 2];

    const round = ([x, y]: readonly [Local<"v128">, Local<"v128">], by: number): Statement[] => [
      x.set(i32x4.add(x, y)),
      y.set(v128.xor(v128.or(i32x4.shl(y, by), i32x4.shrUnsigned(y, 32 - by)), x)),
    ];
    const body: (Statement | readonly Statement[])[] = [];
    for (const [i, [x, y]] of pairs.entries())
      body.push(x.set(i32x4.add(i32x4.add(counters, i32x4.const(LANES * i)), of(0))), y.set(of(1)));
    for (let group = 0; group < 5; group++) {
      for (const by of rotations.slice((group & 1) * 4, (group & 1) * 4 + 4))
        for (const pair of pairs) body.push(round(pair, by));
      for (const [x, y] of pairs)
        body.push(
          x.set(i32x4.add(x, of(group + 1))),
          y.set(i32x4.add(i32x4.add(y, of(group + 2)), i32x4.const(group + 1))),
        );
    }
    for (const [i, [x, y]] of pairs.entries())
      body.push(
        v128.store(at, v128.shuffle(x, y, [0, 4, 1, 5]), 32 * i),
        v128.store(at, v128.shuffle(x, y, [2, 6, 3, 7]), 32 * i + 16),
      );
    return sequence(
      counters.set(i32x4.add(i32x4.splat(first), i32x4.counting)),
      keys[0].set(i32x4.splat(key0)),
      keys[1].set(i32x4.splat(key1)),
      keys[2].set(v128.xor(i32x4.const(parity), v128.xor(keys[0], keys[1]))),
      count(
        at,
        to,
        end,
        i32.const(4 * WORDS),
        sequence(...body, counters.set(i32x4.add(counters, i32x4.const(2 * LANES)))),
      ),
    );
  },
);
