import { ArgumentError, ShapeError } from "../tensor/errors.ts";
import { showShape } from "../tensor/shapes.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** What lies behind the channels: lines, images or volumes. */
export type Places = 1 | 2 | 3;

const axes = { 1: "length", 2: "height, width", 3: "depth, height, width" } as const;
const one = { 1: "One line", 2: "One image", 3: "One volume" } as const;

/**
 * @internal Refuses what is no batch of maps `[batch, channels, …]` with so many channels (`null` for any), in the words of
 * the module's place in the model.
 */
export function checkMaps(where: string, x: Tensor, places: Places, channels: number | null): void {
  if (x.rank !== places + 2) {
    const hint = x.rank === places + 1 ? ` ${one[places]} as a batch: x.expandDims(0).` : "";
    throw new ShapeError(
      where,
      `the input is ${showShape(x.shape)}, expected [batch, channels, ${axes[places]}].${hint}`,
      [x.shape],
    );
  }
  if (channels !== null && x.shape[1] !== channels) {
    const count = `${x.shape[1]} ${x.shape[1] === 1 ? "channel" : "channels"}`;
    throw new ShapeError(where, `the input has ${count}, the filters expect ${channels}.`, [x.shape]);
  }
}

/** @internal The number for each of so many axes. */
export function eachAxis(places: Places, value: number | readonly number[] | undefined, otherwise: number): number[] {
  return typeof value === "object" ? [...value] : new Array<number>(places).fill(value ?? otherwise);
}

/** @internal A whole number of `least` or more for each of so many axes; `or` names what else may be said. */
export function wholeNumbers(
  who: string,
  what: string,
  places: Places,
  value: number | readonly number[] | undefined,
  { least, or = "" }: { readonly least: 0 | 1; readonly or?: string },
): number[] {
  const each = eachAxis(places, value, least);
  if (each.length === places && each.every((n) => Number.isInteger(n) && n >= least)) return each;
  const shown = typeof value === "object" ? `[${value.join(", ")}]` : JSON.stringify(value);
  const list = places === 1 ? "" : `, or ${places} of them (${axes[places]})`;
  throw new ArgumentError(who, `${what} is ${shown}, expected a whole number of ${least} or more${list}${or}.`);
}
