import { f32, i32, v128 } from "../assembler/code.ts";
import { advance, count, sequence, when } from "../assembler/control.ts";
import { define } from "../assembler/module.ts";

/**
 * Copies floats between two strided arrays of four axes; strides are in bytes.
 * Where the last axis is contiguous on both sides it may move data towards lower addresses within one array.
 */
export const copy = define(
  {
    ...{ to: "i32", to0: "i32", to1: "i32", to2: "i32", to3: "i32" },
    ...{ from: "i32", from0: "i32", from1: "i32", from2: "i32", from3: "i32" },
    ...{ n0: "i32", n1: "i32", n2: "i32", n3: "i32" },
  },
  (p, declare) => {
    const [i, j, k, at] = [declare("i32"), declare("i32"), declare("i32"), declare("i32")];
    const [toPlane, fromPlane, toRow, fromRow] = [declare("i32"), declare("i32"), declare("i32"), declare("i32")];
    const [target, source, whole, end] = [declare("i32"), declare("i32"), declare("i32"), declare("i32")];
    const [zero, one, float] = [i32.const(0), i32.const(1), i32.const(4)];
    const contiguous = sequence(
      count(at, zero, whole, i32.const(16), v128.store(i32.add(toRow, at), v128.load(i32.add(fromRow, at)))),
      count(at, whole, end, float, f32.store(i32.add(toRow, at), f32.load(i32.add(fromRow, at)))),
    );
    const strided = sequence(
      target.set(toRow),
      source.set(fromRow),
      count(
        at,
        zero,
        p.n3,
        one,
        sequence(f32.store(target, f32.load(source)), advance(target, p.to3), advance(source, p.from3)),
      ),
    );
    const row = when(i32.and(i32.equal(p.to3, float), i32.equal(p.from3, float)), contiguous, strided);
    const rows = sequence(
      toRow.set(toPlane),
      fromRow.set(fromPlane),
      count(k, zero, p.n2, one, sequence(row, advance(toRow, p.to2), advance(fromRow, p.from2))),
    );
    const planes = sequence(
      toPlane.set(p.to),
      fromPlane.set(p.from),
      count(j, zero, p.n1, one, sequence(rows, advance(toPlane, p.to1), advance(fromPlane, p.from1))),
    );
    return sequence(
      end.set(i32.mul(p.n3, float)),
      whole.set(i32.and(end, i32.const(-16))),
      count(i, zero, p.n0, one, sequence(planes, advance(p.to, p.to0), advance(p.from, p.from0))),
    );
  },
);
