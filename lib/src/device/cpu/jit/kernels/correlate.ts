import { f32x4, i32, multiplyAdd, v128 } from "../assembler/code.ts";
import { advance, count, repeatWhile, sequence } from "../assembler/control.ts";
import { define, type FunctionCode } from "../assembler/module.ts";

const zero = i32.const(0);
const one = i32.const(1);

/**
 * Adds to `out[j, o]` the sums over images, rows and columns of `x[offsets[j] + position] · g[position, o]`,
 * by tiles of `lines` × 4 `vectors`.
 *
 * `x` is read in place: `columns` floats, then `rowSkip` bytes further to the next row, and `imageSkip` more to the
 * next image. `g` is packed in panels as wide as a tile, by position, `gImageSkip` bytes from after the last position
 * of an image to the next and `gPanel` bytes from one panel to the next. There are offsets, and there is room in
 * `out`, for whole tiles. Columns must not be zero.
 */
export function correlate(lines: number, vectors: number, fused: boolean): FunctionCode {
  return define(
    {
      ...{ x: "i32", offsets: "i32", rowSkip: "i32", imageSkip: "i32" },
      ...{ g: "i32", gPanel: "i32", gImageSkip: "i32" },
      ...{ out: "i32", outStride: "i32" },
      ...{ tiles: "i32", panels: "i32", images: "i32", rows: "i32", columns: "i32" },
    },
    (p, declare) => {
      const [j, panel, image, row] = [declare("i32"), declare("i32"), declare("i32"), declare("i32")];
      const [entry, to, gAt, end] = [declare("i32"), declare("i32"), declare("i32"), declare("i32")];
      const sources = Array.from({ length: lines }, () => declare("i32"));
      const sums = sources.map(() => Array.from({ length: vectors }, () => declare("v128")));
      const right = Array.from({ length: vectors }, () => declare("v128"));
      const factor = declare("v128");
      const add = multiplyAdd(fused);

      const position = sequence(
        right.map((vector, v) => vector.set(v128.load(gAt, v * 16))),
        sources.map((source, line) =>
          sequence(
            factor.set(v128.loadSplat(source)),
            sums[line]!.map((sum, v) => sum.set(add(factor, right[v]!, sum))),
            advance(source, 4),
          ),
        ),
        advance(gAt, vectors * 16),
      );
      const wholeRow = sequence(
        end.set(i32.add(sources[0]!, i32.mul(p.columns, i32.const(4)))),
        repeatWhile(i32.below(sources[0]!, end), position),
        sources.map((source) => advance(source, p.rowSkip)),
      );
      const wholeImage = sequence(
        count(row, zero, p.rows, one, wholeRow),
        sources.map((source) => advance(source, p.imageSkip)),
        advance(gAt, p.gImageSkip),
      );
      const tile = sequence(
        sources.map((source, line) => source.set(i32.add(p.x, i32.load(entry, line * 4)))),
        sums.flat().map((sum) => sum.set(f32x4.const(0))),
        gAt.set(p.g),
        count(image, zero, p.images, one, wholeImage),
        sums.map((line) =>
          sequence(
            line.map((sum, v) => v128.store(to, f32x4.add(sum, v128.load(to, v * 16)), v * 16)),
            advance(to, p.outStride),
          ),
        ),
        advance(entry, lines * 4),
      );
      return count(
        panel,
        zero,
        p.panels,
        one,
        sequence(
          entry.set(p.offsets),
          to.set(p.out),
          count(j, zero, p.tiles, one, tile),
          advance(p.g, p.gPanel),
          advance(p.out, vectors * 16),
        ),
      );
    },
  );
}
