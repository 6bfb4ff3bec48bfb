import type { Fractional } from "../gradient/tree.ts";
import { ArgumentError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Loss, type LossOptions, reduced, requireFloats } from "./reduced.ts";

/**
 * What a discriminator of real and generated examples minimises, given its logits for both: binary cross-entropy
 * (`"minimax"`, if not said; Goodfellow et al., NIPS 2014), or with `"leastSquares"` half the squared distance of its
 * scores from 1 and 0 (Mao et al., ICCV 2017). The sum of the two means (or sums); `"none"` needs batches of one size.
 */
export function discriminator<X extends Tensor>(
  real: Fractional<X>,
  fake: Tensor,
  { kind = "minimax", ...options }: LossOptions & { readonly kind?: "minimax" | "leastSquares" } = {},
): Loss<X> {
  const x = real as Tensor;
  requireFloats("discriminator", "the logits of real examples", x);
  requireFloats("discriminator", "the logits of generated examples", fake);
  if (kind !== "minimax" && kind !== "leastSquares")
    throw new ArgumentError("discriminator", `kind is ${String(kind)}, expected "minimax" or "leastSquares".`);
  const least = kind === "leastSquares";
  const ofReal = least ? x.sub(1).square().mul(0.5) : x.neg().softplus();
  const ofFake = least ? fake.square().mul(0.5) : fake.softplus();
  const part = (each: Tensor) => reduced<X>("discriminator", each, options) as Tensor;
  return part(ofReal).add(part(ofFake)) as Loss<X>;
}

/**
 * What a generator minimises, given the discriminator's logits for what it made: −ln p (`"nonSaturating"`, if not said),
 * which has a gradient where the discriminator is sure; ln(1 − p), the discriminator's loss turned round (`"minimax"`;
 * both Goodfellow et al., NIPS 2014); or half the squared distance of the scores from 1 (`"leastSquares"`; Mao et al.,
 * ICCV 2017). The mean over the batch.
 */
export function generator<X extends Tensor>(
  fake: Fractional<X>,
  {
    kind = "nonSaturating",
    ...options
  }: LossOptions & { readonly kind?: "nonSaturating" | "minimax" | "leastSquares" } = {},
): Loss<X> {
  const x = fake as Tensor;
  requireFloats("generator", "the logits of generated examples", x);
  const kinds = {
    nonSaturating: () => x.neg().softplus(),
    minimax: () => x.softplus().neg(),
    leastSquares: () => x.sub(1).square().mul(0.5),
  };
  if (!Object.hasOwn(kinds, kind))
    throw new ArgumentError(
      "generator",
      `kind is ${String(kind)}, expected "nonSaturating", "minimax" or "leastSquares".`,
    );
  return reduced("generator", kinds[kind](), options);
}
