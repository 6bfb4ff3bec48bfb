import { type Code, f32, f32x4, i32, multiplyAdd, v128 } from "../assembler/code.ts";
import { advance, count, repeatWhile, sequence, when } from "../assembler/control.ts";
import { define, type FunctionCode } from "../assembler/module.ts";

/** Floats per step: runs are padded with zeros to a multiple. */
export const RUN = 8;

const zero = i32.const(0);
const one = i32.const(1);

/**
 * Inner products, added to `out[i, j]`: row `i` of `a` with the memory at `b + offsets[j]`, both of them `images` runs
 * of `bytes` bytes (positive, a multiple of 32) that lie an image stride apart. Tiles of `rows` × `columns`: there are
 * rows, offsets and room in `out` for whole ones.
 */
export function correlate(rows: number, columns: number, fused: boolean): FunctionCode {
  return define(
    {
      ...{ a: "i32", aStride: "i32", aImage: "i32", b: "i32", bImage: "i32", offsets: "i32" },
      ...{ out: "i32", outStride: "i32", aTiles: "i32", bTiles: "i32", images: "i32", bytes: "i32" },
    },
    (p, declare) => {
      const [i, j, image, end] = [declare("i32"), declare("i32"), declare("i32"), declare("i32")];
      const [entry, to, aNext, bNext] = [declare("i32"), declare("i32"), declare("i32"), declare("i32")];
      const left = Array.from({ length: rows }, () => ({ at: declare("i32"), value: declare("v128") }));
      const right = Array.from({ length: columns }, () => ({ at: declare("i32") }));
      const value = declare("v128");
      const sums = left.map(() => right.map(() => declare("v128")));
      const add = multiplyAdd(fused);

      const vector = (offset: number) =>
        sequence(
          left.map((l) => l.value.set(v128.load(l.at, offset))),
          right.map((r, column) =>
            sequence(
              value.set(v128.load(r.at, offset)),
              left.map((l, row) => sums[row]![column]!.set(add(l.value, value, sums[row]![column]!))),
            ),
          ),
        );
      const pointers = [...left, ...right];
      const run = repeatWhile(
        i32.below(left[0]!.at, end),
        sequence(
          vector(0),
          vector(16),
          pointers.map(({ at }) => advance(at, RUN * 4)),
        ),
      );
      const results = sums.map((line, row) =>
        line.map((sum, column) => {
          const at = i32.add(to, i32.mul(p.outStride, i32.const(row)));
          return f32.store(at, f32.add(f32.load(at, column * 4), acrossLanes(sum)), column * 4);
        }),
      );
      const tile = sequence(
        left.map(({ at }, row) => at.set(i32.add(p.a, i32.mul(p.aStride, i32.const(row))))),
        right.map(({ at }, column) => at.set(i32.add(p.b, i32.load(entry, column * 4)))),
        sums.flat().map((sum) => sum.set(f32x4.const(0))),
        count(
          image,
          zero,
          p.images,
          one,
          sequence(
            end.set(i32.add(left[0]!.at, p.bytes)),
            run,
            left.map(({ at }) => advance(at, aNext)),
            right.map(({ at }) => advance(at, bNext)),
          ),
        ),
        results.flat(),
      );
      return when(
        p.bytes,
        sequence(
          aNext.set(i32.sub(p.aImage, p.bytes)),
          bNext.set(i32.sub(p.bImage, p.bytes)),
          count(
            i,
            zero,
            p.aTiles,
            one,
            sequence(
              entry.set(p.offsets),
              to.set(p.out),
              count(j, zero, p.bTiles, one, sequence(tile, advance(entry, columns * 4), advance(to, columns * 4))),
              advance(p.a, i32.mul(p.aStride, i32.const(rows))),
              advance(p.out, i32.mul(p.outStride, i32.const(rows))),
            ),
          ),
        ),
      );
    },
  );
}

function acrossLanes(sum: Code<"v128">): Code<"f32"> {
  const lane = (i: number) => f32x4.lane(sum, i);
  return f32.add(f32.add(lane(0), lane(1)), f32.add(lane(2), lane(3)));
}
