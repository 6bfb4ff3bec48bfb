import { type Code, f32x4, i32, type Local, multiplyAdd, type Statement, v128 } from "../assembler/code.ts";
import { advance, count, repeatWhile, sequence, when } from "../assembler/control.ts";
import { type Declare, define, type FunctionCode } from "../assembler/module.ts";

const zero = i32.const(0);
const one = i32.const(1);
const NOTHING = f32x4.const(0);

/** For `accumulate`: sums are added to zero, not to what is there, so that one which is −0 becomes 0. */
export const WITH_ZERO = 2;

/**
 * `out = a × b`, or `out += a × b`, by tiles of `rows` × 4 `vectors`.
 *
 * `a` is packed in panels of `rows` lines. Row `k` of the columns of `b` that a tile has is any run of memory: at
 * `b + offsets[k]`. For a matrix packed in panels that is row after row; for a convolution it is the image itself, read in
 * place, shifted by each filter tap. From the columns of one tile to those of the next is `bStride` bytes; `outStride` is that of the rows of
 * `out`, which has room for whole tiles.
 */
export function product(rows: number, vectors: number, fused: boolean): FunctionCode {
  return define(
    {
      ...{ a: "i32", b: "i32", bStride: "i32", offsets: "i32", out: "i32", outStride: "i32" },
      ...{ aPanels: "i32", bPanels: "i32", depth: "i32", accumulate: "i32" },
    },
    (p, declare) => {
      const [i, j, a, to] = [declare("i32"), declare("i32"), declare("i32"), declare("i32")];
      const [entry, end] = [declare("i32"), declare("i32")];
      const sums = Array.from({ length: rows }, () => Array.from({ length: vectors }, () => declare("v128")));
      const step = sequence(
        addProducts(sums, a, i32.add(p.b, i32.load(entry)), fused, declare),
        advance(a, rows * 4),
        advance(entry, 4),
      );
      const tile = sequence(
        sums.flat().map((sum) => sum.set(NOTHING)),
        entry.set(p.offsets),
        when(p.depth, repeatWhile(i32.below(entry, end), step)),
        finish(sums, to, p.outStride, p.accumulate),
        advance(to, i32.mul(p.outStride, i32.const(rows))),
      );
      return sequence(
        end.set(i32.add(p.offsets, i32.mul(p.depth, i32.const(4)))),
        count(
          j,
          zero,
          p.bPanels,
          one,
          sequence(
            a.set(p.a),
            to.set(p.out),
            count(i, zero, p.aPanels, one, tile),
            advance(p.b, p.bStride),
            advance(p.out, vectors * 16),
          ),
        ),
      );
    },
  );
}

/** The sums of a row of a tile. */
type Row = readonly Local<"v128">[];

/** The address of row `r` of a tile. */
const rowAt = (to: Code<"i32">, stride: Code<"i32">, r: number) => i32.add(to, i32.mul(stride, i32.const(r)));

/** The outer product of a column of `a` and a row of `b`, added to the sums. */
function addProducts(
  sums: readonly Row[],
  a: Code<"i32">,
  b: Code<"i32">,
  fused: boolean,
  declare: Declare,
): Statement {
  const [at, factor] = [declare("i32"), declare("v128")];
  const row = sums[0]!.map(() => declare("v128"));
  const add = multiplyAdd(fused);
  return sequence(
    at.set(b),
    row.map((vector, v) => vector.set(v128.load(at, 16 * v))),
    sums.map((line, r) =>
      sequence(
        factor.set(v128.loadSplat(a, r * 4)),
        line.map((sum, v) => sum.set(add(factor, row[v]!, sum))),
      ),
    ),
  );
}

/** Stores the sums, or adds them as a whole to what is there: sums of blocks lose less than one long sum. */
function finish(sums: readonly Row[], to: Code<"i32">, stride: Code<"i32">, accumulate: Code<"i32">): Statement {
  const each = (what: (sum: Local<"v128">, row: Code<"i32">, at: number) => Statement) =>
    sequence(sums.flatMap((line, r) => line.map((sum, v) => what(sum, rowAt(to, stride, r), 16 * v))));
  const before = each((sum, row, at) => sum.set(f32x4.add(sum, v128.load(row, at))));
  const withZero = each((sum) => sum.set(f32x4.add(sum, NOTHING)));
  return sequence(
    when(accumulate, when(i32.below(accumulate, i32.const(WITH_ZERO)), before, withZero)),
    each((sum, row, at) => v128.store(row, sum, at)),
  );
}
