import { describe, expect, it } from "vitest";
import type { Device } from "../../../src/device/device.ts";
import { gpu } from "./adapter.ts";
import { numbers, same, view } from "./hard.ts";

describe.skipIf(gpu === null)("moving and ordering", () => {
  it.each([5, 256, 257, 1000, 3000])("sorts lines of %i, stably, NaN last", async (n) => {
    const work = (which: "values" | "order") => (device: Device) => {
      const values = numbers(3 * n * 2, "float32");
      values[4] = Number.NaN;
      values[7] = Number.NEGATIVE_INFINITY;
      values[8] = -0;
      const buffer = device.write(values as Float32Array, "float32");
      return device.sort({ buffer, shape: [3, n, 2], strides: [2 * n, 2, 1], offset: 0 }, 1)[which];
    };
    await same(work("values"));
    await same(work("order"));
    await same((device) => device.sort(view(device, [n], "int32"), 0).order);
  });

  it.each([20, 100, 700])("adds %i slices at indices, in their order", async (n) => {
    await same((device) => {
      const indices = Int32Array.from({ length: n }, (_, i) => (i * i) % 11);
      const at = { buffer: device.write(indices, "int32"), shape: [n], strides: [1], offset: 0 };
      return device.scatterAdd(at, view(device, [2, n, 3]), 1, [2, 13, 3]);
    });
  });

  it("adds at windows that share elements, and at those that do not", async () => {
    for (const step of [1, 2])
      await same((device) => {
        const windows = { shape: [2, 5, 5, 2, 2], strides: [144, 12 * step, step, 12, 1] };
        const at = Int32Array.from({ length: 50 }, (_, i) => (i * 7) % 4);
        const places = { buffer: device.write(at, "int32"), shape: [2, 5, 5], strides: [25, 5, 1], offset: 0 };
        return device.spread(view(device, [2, 5, 5]), places, windows, [2, 12, 12]);
      });
  });

  it("runs along an axis", async () => {
    for (const by of ["sum", "prod", "max", "min"] as const)
      await same((device) => device.scan(by, view(device, [3, by === "prod" ? 8 : 40, 2], "int32"), 1));
    await same((device) => device.scan("sum", view(device, [2, 5000]), 1));
    await same((device) => device.scan("max", view(device, [2, 50, 3], "float32", [2, 0, 1]), 1));
  });

  it("gives the same random words as the CPU, for odd lengths too", async () => {
    for (const length of [0, 1, 2, 7, 1000]) await same((device) => device.bits([123456789, -987654321], length), 0);
  });

  it("reads nothing where an index is out of range, and adds nothing there", async () => {
    const { device } = gpu!;
    const x = { buffer: device.write(Float32Array.of(1, 2, 3), "float32"), shape: [3], strides: [1], offset: 0 };
    const at = { buffer: device.write(Int32Array.of(2, 3, -1, 1e9), "int32"), shape: [4], strides: [1], offset: 0 };
    expect([...(await device.read(device.gather(x, at, 0)))]).toEqual([3, Number.NaN, Number.NaN, Number.NaN]);
    const ones = { buffer: device.write(Float32Array.of(1, 1, 1, 1), "float32"), shape: [4], strides: [1], offset: 0 };
    expect([...(await device.read(device.scatterAdd(at, ones, 0, [3])))]).toEqual([0, 0, 1]);
  });
});
