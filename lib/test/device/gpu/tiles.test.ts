import { describe, it } from "vitest";
import type { ConvolutionOptions, Shape } from "../../../src/device/device.ts";
import { gpu } from "./adapter.ts";
import { same, view } from "./hard.ts";

describe.skipIf(gpu === null)("products in tiles", () => {
  const sizes = [
    [24, 16, 24],
    [65, 17, 63],
    [64, 64, 64],
    [100, 70, 130],
    [1, 2000, 3],
    [5, 5000, 30],
    [129, 1100, 70],
  ] as const;
  it.each(sizes)("of %i × %i × %i, however they lie", async (m, k, n) => {
    for (const [left, right] of [
      [undefined, undefined],
      [[1, 0], undefined],
      [undefined, [1, 0]],
      [
        [1, 0],
        [1, 0],
      ],
    ])
      await same((device) =>
        device.matmul(view(device, [m, k], "float32", left), view(device, [k, n], "float32", right)),
      );
  });

  it("of many matrices, of integers, and along broadcast axes", async () => {
    await same((device) =>
      device.matmul(view(device, [3, 2, 30, 40]), view(device, [3, 2, 40, 35], "float32", [1, 0, 2, 3])),
    );
    await same((device) => device.matmul(view(device, [40, 33], "int32"), view(device, [33, 50], "int32")));
    await same((device) => {
      const b = view(device, [30, 31]);
      return device.matmul(view(device, [4, 29, 30]), { ...b, shape: [4, 30, 31], strides: [0, ...b.strides] });
    });
  });

  it("in large squares, where there are enough of them", async () => {
    await same((device) =>
      device.matmul(view(device, [32, 131, 17]), view(device, [32, 17, 140], "float32", [0, 2, 1])),
    );
    await same((device) =>
      device.matmul(view(device, [32, 129, 18], "float32", [0, 2, 1]), view(device, [32, 18, 130])),
    );
  });

  const usual: ConvolutionOptions = {
    stride: [1, 1],
    padding: [
      [0, 0],
      [0, 0],
    ],
    dilation: [1, 1],
    inputDilation: [1, 1],
    groups: 1,
  };
  const cases: [string, Shape, Shape, Partial<ConvolutionOptions>][] = [
    ["plain", [2, 5, 12, 12], [26, 5, 3, 3], {}],
    [
      "padded and strided",
      [2, 6, 13, 11],
      [30, 6, 3, 3],
      {
        stride: [2, 1],
        padding: [
          [1, 2],
          [2, 0],
        ],
      },
    ],
    [
      "cropped",
      [1, 8, 12, 12],
      [30, 8, 3, 3],
      {
        padding: [
          [-1, 0],
          [0, -2],
        ],
      },
    ],
    [
      "dilated",
      [2, 6, 12, 12],
      [24, 6, 3, 3],
      {
        dilation: [2, 1],
        padding: [
          [2, 2],
          [1, 1],
        ],
      },
    ],
    [
      "with zeros between its elements",
      [2, 6, 7, 6],
      [24, 6, 3, 3],
      {
        inputDilation: [2, 3],
        padding: [
          [2, 2],
          [2, 2],
        ],
      },
    ],
    ["in groups", [2, 12, 9, 9], [72, 4, 3, 3], { groups: 3 }],
    ["with many taps", [2, 40, 12, 12], [3, 40, 10, 10], {}],
    ["small", [1, 2, 5, 5], [3, 2, 2, 2], { stride: [2, 2] }],
    [
      "small, with zeros between",
      [1, 2, 5, 5],
      [3, 2, 2, 2],
      {
        inputDilation: [2, 2],
        padding: [
          [1, 0],
          [0, 1],
        ],
      },
    ],
  ];
  it.each(cases)("as convolutions: %s", async (_, x, filters, options) => {
    await same((device) =>
      device.convolve(view(device, x, "float32", [1, 0, 3, 2]), view(device, filters), { ...usual, ...options }),
    );
  });
});
