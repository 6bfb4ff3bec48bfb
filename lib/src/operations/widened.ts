import type { Device } from "../device/device.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { cast } from "./define.ts";

/** @internal The widest floats of a device: GPUs have no float64. */
export function widestOn(device: Device): "float32" | "float64" {
  return device.dtypes === undefined || device.dtypes.includes("float64") ? "float64" : "float32";
}

/** @internal A tensor in the widest floats of its device. */
export function widened(x: Tensor): Tensor {
  return cast(x, widestOn(x.device));
}

/** @internal A tensor in float64, on the CPU where its own device has none. */
export async function inDouble(x: Tensor): Promise<Tensor<"float64">> {
  const there = widestOn(x.device) === "float64" ? x : await x.to("cpu");
  return cast(there, "float64");
}
