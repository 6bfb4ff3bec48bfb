import type { Arrays, DType } from "../../../../src/device/device.ts";
import { guardedArray } from "./guard.ts";

/** As the module that it stands for: zeroed memory. */
export const hostArray = <D extends DType>(dtype: D, length: number): Arrays[D] => guardedArray(dtype, length, true);
