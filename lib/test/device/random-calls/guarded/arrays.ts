import type { Arrays, DType } from "../../../../src/device/device.ts";
import { guardedArray } from "./guard.ts";

/** As the module of the CPU device that it stands for: memory that holds anything, here what nobody would write. */
export const arrayToFill = <D extends DType>(dtype: D, length: number): Arrays[D] => guardedArray(dtype, length, false);

/** Likewise: memory that holds zeros. */
export const zeroedArray = <D extends DType>(dtype: D, length: number): Arrays[D] => guardedArray(dtype, length, true);

export function giveBack(): void {}
