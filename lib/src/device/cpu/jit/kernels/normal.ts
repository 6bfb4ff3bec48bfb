import { COS, LOG, SIN, TURN } from "../../normal.ts";
import { type Code, f64x2, i32, i32x4, i64x2, type Local, v128 } from "../assembler/code.ts";
import { count, sequence } from "../assembler/control.ts";
import { define } from "../assembler/module.ts";

type V128 = Code<"v128">;
type Variable = Local<"v128">;
type Eight = [Variable, Variable, Variable, Variable, Variable, Variable, Variable, Variable];

const SQRT_HALF = 0x3fe6a09e667f3bcdn;

/** c₀ + c₁ x + c₂ x² + … */
function polynomial(coefficients: readonly number[], x: V128): V128 {
  return coefficients.reduceRight<V128 | undefined>(
    (sum, c) => (sum === undefined ? f64x2.const(c) : f64x2.add(f64x2.mul(sum, x), f64x2.const(c))),
    undefined,
  )!;
}

/**
 * Normal numbers in place of the random words from `at` to `end`, four words at a time, by the steps of `fillNormal`. The
 * doubles at `about` are the mean and the standard deviation.
 */
export const normal = define({ from: "i32", end: "i32", about: "i32" }, ({ from, end, about }, declare) => {
  const at = declare("i32");
  const vector = () => declare("v128");
  const [mean, std, words, angle, rest, k, s, radius] = Array.from({ length: 8 }, vector) as Eight;
  const [quarter, x, y, sin, cos, odd, first, second] = Array.from({ length: 8 }, vector) as Eight;
  const lanes = (a: V128, picked: readonly [number, number, number, number]) => v128.shuffle(a, a, picked);
  /** The signs of doubles, from the last bits of two whole numbers. */
  const signs = (odd: V128) => i64x2.shl(lanes(odd, [0, 0, 1, 1]), 63);
  return sequence(
    mean.set(v128.loadSplatDouble(about)),
    std.set(v128.loadSplatDouble(about, 8)),
    count(
      at,
      from,
      end,
      i32.const(16),
      sequence(
        words.set(v128.load(at)),
        // rest = 2ᵏ z with z from √½ to √2.
        rest.set(f64x2.sub(f64x2.const(2 ** 32), f64x2.fromUnsigned(lanes(words, [0, 2, 0, 2])))),
        k.set(i64x2.shr(i64x2.sub(rest, i64x2.const(SQRT_HALF)), 52)),
        rest.set(i64x2.sub(rest, i64x2.shl(k, 52))),
        s.set(f64x2.div(f64x2.sub(rest, f64x2.const(1)), f64x2.add(rest, f64x2.const(1)))),
        y.set(f64x2.mul(s, s)),
        k.set(f64x2.sub(f64x2.fromInt(lanes(k, [0, 2, 0, 2])), f64x2.const(32))),
        rest.set(f64x2.add(f64x2.mul(k, f64x2.const(Math.LN2)), f64x2.mul(s, polynomial(LOG, y)))),
        radius.set(f64x2.mul(std, f64x2.sqrt(f64x2.mul(f64x2.const(-2), rest)))),

        angle.set(lanes(words, [1, 3, 1, 3])),
        quarter.set(i32x4.shrUnsigned(i32x4.add(angle, i32x4.const(2 ** 29)), 30)),
        x.set(f64x2.mul(f64x2.fromInt(i32x4.sub(angle, i32x4.shl(quarter, 30))), f64x2.const(TURN))),
        y.set(f64x2.mul(x, x)),
        sin.set(f64x2.mul(x, polynomial(SIN, y))),
        cos.set(polynomial(COS, y)),
        // In odd quarters they change places; cosines are negative in the second and third, sines in the last two.
        odd.set(lanes(i32x4.shr(i32x4.shl(quarter, 31), 31), [0, 0, 1, 1])),
        first.set(v128.select(odd, sin, cos)),
        second.set(v128.select(odd, cos, sin)),
        first.set(v128.xor(first, signs(i32x4.shrUnsigned(i32x4.add(quarter, i32x4.const(1)), 1)))),
        second.set(v128.xor(second, signs(i32x4.shrUnsigned(quarter, 1)))),
        first.set(f64x2.demote(f64x2.add(mean, f64x2.mul(radius, first)))),
        second.set(f64x2.demote(f64x2.add(mean, f64x2.mul(radius, second)))),
        v128.store(at, v128.shuffle(first, second, [0, 4, 1, 5])),
      ),
    ),
  );
});
