import { describe, expect, expectTypeOf, it } from "vitest";
import { einsum, grad, jvp, rearrange, sum, type Tensor, tensor, valueAndGrad, vjp, zeros } from "../../src/index.ts";

const [a, b] = [zeros([2, 3, 4]), zeros([2, 5, 4])];

/** What must not compile; `tsc` refuses this file when one of them does. */
export function mustNotCompile(): void {
  // @ts-expect-error two operands are expected
  einsum("bqd,bkd->bqk", a);
  // @ts-expect-error one operand is expected
  einsum("ij->ji", a, b);
  // @ts-expect-error no operand has z
  einsum("ij,jk->iz", a, b);
  // @ts-expect-error i stands twice in the result
  einsum("ij,jk->ii", a, b);
  // @ts-expect-error the arrow stands twice
  einsum("ij->ji->ij", a);
  // @ts-expect-error d is missing on the right
  rearrange(a, "b t d -> b t");
  // @ts-expect-error h is missing on the left
  rearrange(a, "b t d -> b t d h");
  // @ts-expect-error t stands twice
  rearrange(a, "b t t -> t b t");
  // @ts-expect-error there are no two sides
  rearrange(a, "b t d");
  // @ts-expect-error there is no k
  rearrange(a, "b t (h d) -> b h t d", { k: 2 });
  // @ts-expect-error indices are int32
  a.take(tensor([0, 1]));
  const whole = tensor([1, 2], { dtype: "int32" });
  // @ts-expect-error integers have no derivative
  grad((x: Tensor) => x.sum())(whole);
  // @ts-expect-error integers have no derivative
  valueAndGrad(whole, (x: Tensor) => x.sum());
  // @ts-expect-error integers have no derivative
  vjp((x: Tensor) => x, whole);
  // @ts-expect-error integers have no derivative
  jvp((x: Tensor) => x, whole, whole);
  // @ts-expect-error places are numbers, text, null or tensors of int32
  a.at(true);
}

describe("patterns", () => {
  it("compile where they are right", () => {
    expect(einsum("bqd,bkd->bqk", a, b).shape).toEqual([2, 3, 5]);
    expect(einsum("...d, ...d", a, a).shape).toEqual([2, 3]);
    expect(rearrange(a, "b t (h d) -> b h t d", { h: 2 }).shape).toEqual([2, 2, 3, 2]);
    expect(rearrange(a, "... d -> d (...)").shape).toEqual([4, 6]);
    const pattern: string = "b t d -> t (b d)";
    expect(rearrange(a, pattern).shape).toEqual([3, 8]);
    expectTypeOf(rearrange(tensor([1], { dtype: "int32" }), "a -> a 1")).toEqualTypeOf<Tensor<"int32">>();
    expectTypeOf(sum(tensor([1], { dtype: "bool" }))).toEqualTypeOf<Tensor<"int32">>();
  });
});
