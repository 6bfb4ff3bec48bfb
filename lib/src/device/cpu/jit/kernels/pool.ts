import { type Code, f32x4, i32, i32x4, type Local, type Statement, v128 } from "../assembler/code.ts";
import { advance, count, sequence } from "../assembler/control.ts";
import { type Declare, define } from "../assembler/module.ts";

const zero = i32.const(0);
const one = i32.const(1);

/** Windows of 2 × 2 side by side in images of one channel. All but the sizes are addresses and steps in bytes. */
const addresses = { pixels: "i32", out: "i32", places: "i32" } as const;
/** From a row of pixels to the next, and from after the last row of windows to the next image. */
const steps = { row: "i32", planeRest: "i32" } as const;
/** Images, rows of windows in each, and windows in a row. */
const sizes = { planes: "i32", lines: "i32", across: "i32" } as const;
const parameters = { ...addresses, ...steps, ...sizes } as const;
type Parameters = { readonly [K in keyof typeof parameters]: Local<"i32"> };

/** Runs `body` for each row of windows: `large` is the address of its first pixel, `small` the bytes before its first window. */
function overLines(
  p: Parameters,
  declare: Declare,
  body: (large: Local<"i32">, small: Local<"i32">) => Statement,
): Statement {
  const [plane, line, large, small] = [declare("i32"), declare("i32"), declare("i32"), declare("i32")];
  const next = sequence(advance(large, i32.mul(p.row, i32.const(2))), advance(small, i32.mul(p.across, i32.const(4))));
  const lines = count(line, zero, p.lines, one, sequence(body(large, small), next));
  return sequence(
    large.set(p.pixels),
    small.set(zero),
    count(plane, zero, p.planes, one, sequence(lines, advance(large, p.planeRest))),
  );
}

/** What is folded of four windows at a time: the last ones of a row write past its end, where the next one begins. */
function folding(
  fold: (corners: readonly Local<"v128">[], declare: () => Local<"v128">) => readonly [Statement, Code<"v128">],
) {
  return define(parameters, (p, declare) => {
    const [at, from] = [declare("i32"), declare("i32")];
    const [left, right] = [declare("v128"), declare("v128")];
    const corners = Array.from({ length: 4 }, () => declare("v128"));
    const [work, result] = fold(corners, () => declare("v128"));
    const rows = [from, i32.add(from, p.row)].map((address, y) =>
      sequence(
        left.set(v128.load(address)),
        right.set(v128.load(address, 16)),
        corners[2 * y]!.set(v128.shuffle(left, right, [0, 2, 4, 6])),
        corners[2 * y + 1]!.set(v128.shuffle(left, right, [1, 3, 5, 7])),
      ),
    );
    return overLines(p, declare, (large, small) =>
      count(
        at,
        zero,
        p.across,
        i32.const(4),
        sequence(
          from.set(i32.add(large, i32.mul(at, i32.const(8)))),
          rows,
          work,
          v128.store(i32.add(i32.add(p.out, small), i32.mul(at, i32.const(4))), result),
        ),
      ),
    );
  });
}

/** The largest of each window: NaN if one is, and 0 above −0. */
export const poolMax = folding(([a, b, c, d]) => [[], f32x4.max(f32x4.max(a!, b!), f32x4.max(c!, d!))]);

/** Where in its window the largest is, from 0 to 3: the first of equals, and a NaN before all. */
export const poolPlace = folding((corners, declare) => {
  const [best, place, larger] = [declare(), declare(), declare()];
  const compare = [1, 2, 3].map((corner) =>
    sequence(
      // A NaN is not less or equal either, but nothing comes after one.
      larger.set(v128.andNot(f32x4.equal(best, best), f32x4.lessEqual(corners[corner]!, best))),
      best.set(v128.select(larger, corners[corner]!, best)),
      place.set(v128.select(larger, i32x4.const(corner), place)),
    ),
  );
  return [sequence(best.set(corners[0]!), place.set(i32x4.const(0)), compare), place];
});

/**
 * Writes all pixels: what belongs to a window, from `out`, at its place, from `places`, and zeros elsewhere. One row of
 * pixels after the other, since the last windows write past its end.
 */
export const poolSpread = define(parameters, (p, declare) => {
  const [at, to, from] = [declare("i32"), declare("i32"), declare("i32")];
  const [value, place, even, odd] = [declare("v128"), declare("v128"), declare("v128"), declare("v128")];
  // −0 becomes 0, as where something is added to nothing.
  const onlyAt = (corner: number) =>
    f32x4.add(v128.and(value, i32x4.equal(place, i32x4.const(corner))), f32x4.const(0));
  const row = (start: Code<"i32">, small: Local<"i32">, y: number) =>
    count(
      at,
      zero,
      p.across,
      i32.const(4),
      sequence(
        from.set(i32.add(small, i32.mul(at, i32.const(4)))),
        to.set(i32.add(start, i32.mul(at, i32.const(8)))),
        value.set(v128.load(i32.add(p.out, from))),
        place.set(v128.load(i32.add(p.places, from))),
        even.set(onlyAt(2 * y)),
        odd.set(onlyAt(2 * y + 1)),
        v128.store(to, v128.shuffle(even, odd, [0, 4, 1, 5])),
        v128.store(to, v128.shuffle(even, odd, [2, 6, 3, 7]), 16),
      ),
    );
  return overLines(p, declare, (large, small) => sequence(row(large, small, 0), row(i32.add(large, p.row), small, 1)));
});
