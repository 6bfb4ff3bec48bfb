import { type Code, f32, i32, type Local, type Statement, v128 } from "../assembler/code.ts";
import { advance, clear, count, sequence, when } from "../assembler/control.ts";
import { type Declare, define, type FunctionCode } from "../assembler/module.ts";

const zero = i32.const(0);
const one = i32.const(1);
const float = i32.const(4);

/**
 * Packs a strided matrix into panels of `width` lines, as the tiles read them: by panel, depth, line in the panel.
 * Lines missing from the last panel are zero. Strides are in bytes.
 */
export function pack(width: number): FunctionCode {
  return define(
    { to: "i32", from: "i32", lineStride: "i32", depthStride: "i32", lines: "i32", depth: "i32" },
    (p, declare) => {
      const [line, inPanel, each] = [declare("i32"), declare("i32"), declare("i32")];
      const [target, source, k] = [declare("i32"), declare("i32"), declare("i32")];
      const step = sequence(advance(target, width * 4), advance(source, p.depthStride));

      const along = sequence(
        target.set(p.to),
        source.set(p.from),
        count(k, zero, p.depth, one, sequence(copyVectors(target, source, width), step)),
      );
      const oneByOne = sequence(
        clear(p.to, i32.mul(p.depth, i32.const(width * 4))),
        count(
          each,
          zero,
          inPanel,
          one,
          sequence(
            target.set(i32.add(p.to, i32.mul(each, float))),
            source.set(i32.add(p.from, i32.mul(each, p.lineStride))),
            count(k, zero, p.depth, one, sequence(f32.store(target, f32.load(source)), step)),
          ),
        ),
      );
      const across = sequence(
        target.set(p.to),
        source.set(p.from),
        count(
          k,
          i32.const(3),
          p.depth,
          float,
          sequence(
            transposeBlocks(target, source, p.lineStride, width, declare),
            advance(target, width * 16),
            advance(source, 16),
          ),
        ),
        count(
          k,
          i32.sub(k, i32.const(3)),
          p.depth,
          one,
          sequence(copyLines(target, source, p.lineStride, width, declare), step),
        ),
      );
      const wholePanel =
        width >= 4
          ? when(i32.equal(p.lineStride, float), along, when(i32.equal(p.depthStride, float), across, oneByOne))
          : oneByOne;
      return count(
        line,
        zero,
        p.lines,
        i32.const(width),
        sequence(
          inPanel.set(i32.sub(p.lines, line)),
          when(i32.less(inPanel, i32.const(width)), oneByOne, sequence(inPanel.set(i32.const(width)), wholePanel)),
          advance(p.to, i32.mul(p.depth, i32.const(width * 4))),
          advance(p.from, i32.mul(p.lineStride, i32.const(width))),
        ),
      );
    },
  );
}

/** As many vectors as there are whole ones, then what is left one by one. */
function copyVectors(target: Code<"i32">, source: Code<"i32">, width: number): Statement {
  const groups = Array.from({ length: Math.floor(width / 4) }, (_, group) => group * 16);
  const singles = Array.from({ length: width % 4 }, (_, i) => (width - (width % 4) + i) * 4);
  return sequence(
    groups.map((offset) => v128.store(target, v128.load(source, offset), offset)),
    singles.map((offset) => f32.store(target, f32.load(source, offset), offset)),
  );
}

function copyLines(
  target: Code<"i32">,
  source: Code<"i32">,
  stride: Code<"i32">,
  width: number,
  declare: Declare,
): Statement {
  const from = declare("i32");
  const lines = Array.from({ length: width }, (_, line) =>
    sequence(f32.store(target, f32.load(from), line * 4), advance(from, stride)),
  );
  return sequence(from.set(source), lines);
}

/** Four consecutive depths of `width` lines, each line contiguous, turned into four rows of `width` floats. */
function transposeBlocks(
  target: Code<"i32">,
  source: Code<"i32">,
  stride: Code<"i32">,
  width: number,
  declare: Declare,
): Statement {
  const from = declare("i32");
  const rows: Local<"v128">[] = Array.from({ length: 4 }, () => declare("v128"));
  const pairs: Local<"v128">[] = Array.from({ length: 4 }, () => declare("v128"));
  const [a, b, c, d] = rows as [Local<"v128">, Local<"v128">, Local<"v128">, Local<"v128">];
  const [abLow, abHigh, cdLow, cdHigh] = pairs as typeof rows & [typeof a, typeof a, typeof a, typeof a];
  const group = (offset: number) =>
    sequence(
      rows.map((row) => sequence(row.set(v128.load(from)), advance(from, stride))),
      abLow.set(v128.shuffle(a, b, [0, 4, 1, 5])),
      abHigh.set(v128.shuffle(a, b, [2, 6, 3, 7])),
      cdLow.set(v128.shuffle(c, d, [0, 4, 1, 5])),
      cdHigh.set(v128.shuffle(c, d, [2, 6, 3, 7])),
      v128.store(target, v128.shuffle(abLow, cdLow, [0, 1, 4, 5]), offset),
      v128.store(target, v128.shuffle(abLow, cdLow, [2, 3, 6, 7]), offset + width * 4),
      v128.store(target, v128.shuffle(abHigh, cdHigh, [0, 1, 4, 5]), offset + width * 8),
      v128.store(target, v128.shuffle(abHigh, cdHigh, [2, 3, 6, 7]), offset + width * 12),
    );
  const single = (line: number) =>
    sequence(
      Array.from({ length: 4 }, (_, k) => f32.store(target, f32.load(from, k * 4), (line + k * width) * 4)),
      advance(from, stride),
    );
  const whole = Math.floor(width / 4);
  return sequence(
    from.set(source),
    Array.from({ length: whole }, (_, i) => group(i * 16)),
    Array.from({ length: width % 4 }, (_, i) => single(whole * 4 + i)),
  );
}
