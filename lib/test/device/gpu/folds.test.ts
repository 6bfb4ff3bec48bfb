import { describe, it } from "vitest";
import type { Device, Reduction } from "../../../src/device/device.ts";
import { gpu } from "./adapter.ts";
import { same, view } from "./hard.ts";

describe.skipIf(gpu === null)("folds by teams", () => {
  const kinds: Reduction[] = ["sum", "max", "min", "argmax", "argmin"];
  it.each(kinds)("%s over any axes", async (by) => {
    const to = by.startsWith("arg") ? "int32" : "float32";
    for (const [shape, axes] of [
      [[3000], [0]],
      [[5, 700], [1]],
      [[700, 5], [0]],
      [
        [7, 9, 70, 3],
        [1, 2],
      ],
      [
        [2, 300, 2, 50],
        [1, 3],
      ],
      [[70000], [0]],
      [[2, 131072], [1]],
      [
        [4, 256, 512],
        [0, 2],
      ],
    ] as [number[], number[]][])
      await same((device) => device.reduce(by, view(device, shape, "float32", undefined, [0]), axes, to));
    await same((device) => device.reduce(by, view(device, [3, 900], "int32"), [1], "int32"));
  });

  it("keep NaN, and the first of equals", async () => {
    for (const by of kinds) {
      const values = new Float32Array(1000).fill(2);
      values[700] = Number.NaN;
      values[900] = Number.NaN;
      const to = by.startsWith("arg") ? "int32" : "float32";
      const of = (device: Device) => ({
        buffer: device.write(values, "float32"),
        shape: [1000],
        strides: [1],
        offset: 0,
      });
      await same((device) => device.reduce(by, of(device), [0], to));
      values.fill(2);
      await same((device) => device.reduce(by, of(device), [0], to));
    }
  });

  it("of nothing", async () => {
    for (const by of ["sum", "prod", "max", "min"] as const)
      await same((device) => device.reduce(by, view(device, [3, 0]), [1], "float32"));
    await same((device) => device.reduce("sum", view(device, [0, 3]), [1], "float32"));
  });
});
