import { valuesOf } from "../../../src/device/cpu/buffer.ts";
import type { Device, TypedArray, View } from "../../../src/device/device.ts";
import { convolve } from "./calls/convolve.ts";
import { factor, solve } from "./calls/factor.ts";
import { map } from "./calls/map.ts";
import { matmul } from "./calls/matmul.ts";
import { gather, pad, scatterAdd, spread } from "./calls/move.ts";
import { bits, scan, sort, write } from "./calls/others.ts";
import { pool, reduce } from "./calls/reduce.ts";
import { rows } from "./calls/rows.ts";
import type { Random } from "./random.ts";
import { spoil } from "./spoil.ts";

/** Arguments of a method: views, shapes, numbers, options. */
export type Given = { readonly [name: string]: unknown };

/** A call of a method of the device, before it is made. */
export interface Planned<G extends Given = Given> {
  readonly given: G;
  /** Makes it; undefined where the device has no such results. */
  run(device: Device, given: G): readonly TypedArray[] | undefined;
  /**
   * How far from the reference's the results of a call may be: not at all; so much for each element of each; or not
   * known, as where roundings are carried on.
   */
  readonly bounds: "exact" | "unknown" | ((reference: Device) => readonly ArrayLike<number>[]);
  /** Whether the reference takes too long for it. */
  readonly large?: boolean;
}

export interface Call extends Planned {
  readonly name: string;
  /** Whether it must give results: it was not spoilt afterwards. */
  readonly legal: boolean;
}

type Plan = (random: Random) => Planned;

const plans: Readonly<Record<string, readonly [weight: number, plan: Plan]>> = {
  map: [22, map],
  rows: [14, rows],
  reduce: [13, reduce],
  pool: [5, pool],
  matmul: [12, matmul],
  convolve: [9, convolve],
  pad: [6, pad],
  gather: [5, gather],
  scatterAdd: [4, scatterAdd],
  spread: [4, spread],
  sort: [2, sort],
  scan: [2, scan],
  factor: [1, factor],
  solve: [1, solve],
  bits: [1, bits],
  write: [1, write],
};
const lottery = Object.entries(plans).flatMap(([name, [weight]]) => Array<string>(weight).fill(name));

/** One call in so many is spoilt. */
const SPOILT = 0.2;

/** The call of a number, with arguments drawn for it. */
export function callOf(random: Random): Call {
  const name = random.pick(lottery);
  const planned = plans[name]![1](random);
  if (!random.chance(SPOILT)) return { ...planned, name, legal: true };
  return { ...planned, given: spoil(random, planned.given), name, legal: false };
}

/** The arguments of a call, as they are told in a report: of a buffer its dtype and length. */
export function tell(given: Given): string {
  return JSON.stringify(given, (_, value: unknown) => {
    if (ArrayBuffer.isView(value)) return `${(value as Float32Array).length} values`;
    if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0)))
      return Object.is(value, -0) ? "-0" : String(value);
    return value;
  });
}

/** All views among the arguments. */
export function viewsOf(given: unknown): View[] {
  if (typeof given !== "object" || given === null || ArrayBuffer.isView(given)) return [];
  if ("buffer" in given && "strides" in given) return [given as View];
  return Object.values(given).flatMap(viewsOf);
}

/** The arrays of all buffers among the arguments. */
export const arraysOf = (given: unknown): TypedArray[] => viewsOf(given).map(({ buffer }) => valuesOf(buffer));
