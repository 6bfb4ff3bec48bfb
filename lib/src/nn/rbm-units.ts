import type { Key } from "../random/key.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Binary units, or real ones of variance 1 around their mean. */
export type UnitKind = "bernoulli" | "gaussian";

/** A layer of units of the exponential family (Welling, Rosen-Zvi and Hinton 2004), given what flows into each. */
export interface Units {
  mean(input: Tensor): Tensor;
  sample(input: Tensor, key: Key): Tensor;
  /** ln ∫ exp(input · state − own(state)), for each unit: what summing it out leaves. */
  logPartition(input: Tensor): Tensor;
  /** The part of the energy that no bias or weight enters, for each unit. */
  own(state: Tensor): Tensor;
}

const bernoulli: Units = {
  mean: (input) => input.sigmoid(),
  sample: (input, key) => key.uniform(input.shape).less(input.sigmoid()).cast("float32"),
  logPartition: (input) => input.softplus(),
  own: (state) => state.mul(0),
};

const gaussian: Units = {
  mean: (input) => input,
  sample: (input, key) => input.add(key.normal(input.shape)),
  logPartition: (input) =>
    input
      .square()
      .mul(0.5)
      .add(0.5 * Math.log(2 * Math.PI)),
  own: (state) => state.square().mul(0.5),
};

/** The units of each kind. */
export const unitsOf: Readonly<Record<UnitKind, Units>> = { bernoulli, gaussian };
