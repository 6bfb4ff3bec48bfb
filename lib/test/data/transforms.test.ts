import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { smoothed } from "../../src/data/transforms/warp.ts";
import { arange, data, random, type Tensor, tensor, zeros } from "../../src/index.ts";
import { python, pythonHasSklearn } from "../golden/python.ts";
import { refused } from "../misuse/refused.ts";

const key = random.seed(4);
const images = key.uniform([6, 3, 8, 10]);
const far = async (a: Tensor, b: Tensor) => a.sub(b).abs().max().item();
type Images = number[][][][];

describe("random crops", () => {
  it("are parts of the images, padded with zeros, at places of their own", async () => {
    const numbered = arange(4 * 64, { dtype: "float32" })
      .add(1)
      .reshape([4, 1, 8, 8]);
    const crops = (await data.randomCrop(numbered, { size: [5, 6], padding: 2, key }).toArray()) as Images;
    const places = new Set<string>();
    crops.forEach(([crop], i) => {
      // Some pixel lies inside and tells where the part was taken.
      const y0 = crop!.findIndex((row) => row.some((value) => value > 0));
      const x0 = crop![y0]!.findIndex((value) => value > 0);
      const at = crop![y0]![x0]! - 1 - 64 * i;
      const [top, left] = [Math.floor(at / 8) - y0, (at % 8) - x0];
      places.add(`${top} ${left}`);
      for (let y = 0; y < 5; y++)
        for (let x = 0; x < 6; x++) {
          const [py, px] = [top + y, left + x];
          const inside = py >= 0 && py < 8 && px >= 0 && px < 8;
          expect(crop![y]![x]).toBe(inside ? 64 * i + 8 * py + px + 1 : 0);
        }
    });
    expect(places.size).toBeGreaterThan(1);
  });

  it("are the same for the same key; the middle is cut out without one", async () => {
    const crop = (seed: number) => data.randomCrop(images, { size: 4, key: random.seed(seed) });
    expect(await far(crop(1), crop(1))).toBe(0);
    expect(await far(crop(1), crop(2))).toBeGreaterThan(0);
    const middle = data.centerCrop(
      tensor([
        [
          [
            [1, 2, 3],
            [4, 5, 6],
            [7, 8, 9],
          ],
        ],
      ]),
      { size: 1 },
    );
    expect(await middle.toArray()).toEqual([[[[5]]]]);
  });
});

describe("random flips", () => {
  it("mirror that share of the images", async () => {
    const many = zeros([2000, 1, 1, 2]).add(tensor([0, 1]));
    const flipped = await data
      .randomFlip(many, { key, probability: 0.3 })
      .slice({ axis: 3, start: 0, stop: 1 })
      .mean()
      .item();
    expect(flipped).toBeCloseTo(0.3, 1);
    expect(await far(data.randomFlip(images, { key, probability: 1 }), images.flip(-1))).toBe(0);
    expect(await far(data.randomFlip(images, { key, probability: 1, axis: -2 }), images.flip(-2))).toBe(0);
    expect(await far(data.randomFlip(images, { key, probability: 0 }), images)).toBe(0);
  });
});

describe("jitter", () => {
  it("multiplies by one factor for each image", async () => {
    const before = (await images.mul(0.4).toArray()) as Images;
    const after = (await data.jitter(images.mul(0.4), { key, brightness: 0.5 }).toArray()) as Images;
    const factors = after.map((image, i) => image.flat(2).map((value, k) => value / before[i]!.flat(2)[k]!));
    for (const list of factors) {
      expect(list[0]).toBeGreaterThan(0.5);
      expect(list[0]).toBeLessThan(1.5);
      for (const factor of list) expect(factor).toBeCloseTo(list[0]!, 4);
    }
    expect(new Set(factors.map(([first]) => first!.toFixed(3))).size).toBe(6);
  });

  it("keeps the mean grey where contrast changes, the greys where saturation does", async () => {
    const dim = images.mul(0.2).add(0.4);
    const grey = (x: Tensor) => x.mul(tensor([0.299, 0.587, 0.114]).reshape([1, 3, 1, 1])).sum({ axis: 1 });
    const contrasted = data.jitter(dim, { key, contrast: 0.5 });
    expect(await far(grey(contrasted).mean({ axis: [1, 2] }), grey(dim).mean({ axis: [1, 2] }))).toBeLessThan(1e-5);
    const saturated = data.jitter(dim, { key, saturation: 0.5 });
    expect(await far(grey(saturated), grey(dim))).toBeLessThan(1e-5);
    expect(await far(saturated, dim)).toBeGreaterThan(0.01);
  });
});

describe("affine changes", () => {
  it("that are none leave the images as they are", async () => {
    expect(await far(data.randomAffine(images, { key }), images)).toBeLessThan(1e-4);
  });

  it("turn a line by the angle that was drawn", async () => {
    const line = zeros([40, 1, 33, 33]).add(
      tensor(Float32Array.from({ length: 33 * 33 }, (_, i) => (Math.floor(i / 33) === 16 ? 1 : 0))).reshape([33, 33]),
    );
    const turned = (await data.randomAffine(line, { key, rotation: 30 }).toArray()) as Images;
    const angles = turned.map(([image]) => {
      // The direction in which the line's weight spreads.
      let [xx, xy, yy] = [0, 0, 0];
      image!.forEach((row, y) => {
        row.forEach((value, x) => {
          xx += value * (x - 16) ** 2;
          xy += value * (x - 16) * (16 - y);
          yy += value * (16 - y) ** 2;
        });
      });
      return (Math.atan2(2 * xy, xx - yy) / 2 / Math.PI) * 180;
    });
    for (const angle of angles) expect(Math.abs(angle)).toBeLessThan(30.5);
    expect(Math.max(...angles)).toBeGreaterThan(15);
    expect(Math.min(...angles)).toBeLessThan(-15);
  });

  it("move by the pixels that were drawn and enlarge by the factor", async () => {
    const dot = zeros([20, 1, 21, 21]).add(
      tensor(Float32Array.from({ length: 441 }, (_, i) => (i === 220 ? 1 : 0))).reshape([21, 21]),
    );
    for (const [image] of (await data.randomAffine(dot, { key, translation: 3 }).toArray()) as Images) {
      let [x, y, sum] = [0, 0, 0];
      for (const [i, row] of image!.entries())
        for (const [j, value] of row.entries()) {
          y += value * (i - 10);
          x += value * (j - 10);
          sum += value;
        }
      expect(sum).toBeCloseTo(1, 3);
      expect(Math.max(Math.abs(x), Math.abs(y))).toBeLessThanOrEqual(3.001);
    }
    const disc = zeros([1, 1, 41, 41]).add(
      tensor(
        Float32Array.from({ length: 1681 }, (_, i) =>
          ((i % 41) - 20) ** 2 + (Math.floor(i / 41) - 20) ** 2 < 49 ? 1 : 0,
        ),
      ).reshape([41, 41]),
    );
    const larger = await data
      .randomAffine(disc, { key, scale: [2, 2] })
      .sum()
      .item();
    expect(larger / (await disc.sum().item())).toBeCloseTo(4, 1);
  });
});

describe("elastic distortions", () => {
  it("by nothing leave the images as they are, else move them, by key", async () => {
    expect(await far(data.elastic(images, { key, alpha: 0 }), images)).toBeLessThan(1e-4);
    const bent = data.elastic(images, { key, alpha: 20, sigma: 2 });
    expect(await far(bent, data.elastic(images, { key, alpha: 20, sigma: 2 }))).toBe(0);
    expect(await far(bent, images)).toBeGreaterThan(0.05);
  });

  it.skipIf(!pythonHasSklearn())("smooth their fields as scipy does", () => {
    const values = Float64Array.from({ length: 2 * 9 * 11 }, (_, i) => Math.sin(i * i));
    const ours = smoothed(values, { batch: 2, height: 9, width: 11, sigma: 1.7 });
    const { stdout } = spawnSync(
      python,
      [
        "-c",
        "import numpy as np,json\nfrom scipy.ndimage import gaussian_filter as g\nx=np.sin(np.arange(198.)**2).reshape(2,9,11)\nprint(json.dumps([g(y,1.7,mode='constant').ravel().tolist() for y in x]))",
      ],
      { encoding: "utf8" },
    );
    (JSON.parse(stdout) as number[][]).flat().forEach((value, i) => {
      expect(ours[i]).toBeCloseTo(value, 12);
    });
  });
});

describe("scalings", () => {
  it("standardise each feature or channel, and back", async () => {
    const x = images.mul(tensor([1, 5, 0]).reshape([1, 3, 1, 1])).add(3);
    const scaling = data.standardise(x);
    const y = scaling.apply(x);
    const mean = await y.mean({ axis: [0, 2, 3] }).data();
    const square = await y
      .square()
      .mean({ axis: [0, 2, 3] })
      .data();
    for (const c of [0, 1, 2]) expect(mean[c]).toBeCloseTo(0, 4);
    expect([...square].map((v) => Math.round(v * 1e3) / 1e3)).toEqual([1, 1, 0]);
    expect(await far(scaling.reverse(y), x)).toBeLessThan(1e-4);
  });

  it("whiten: no correlation is left, by a symmetric map, and back", async () => {
    const mixed = key
      .normal([400, 6])
      .matmul(key.child("mix").normal([6, 6]))
      .reshape([400, 2, 3]);
    const scaling = data.whiten(mixed, { epsilon: 1e-6 });
    const white = scaling.apply(mixed).reshape([400, 6]);
    const covariance = (await white.transpose().matmul(white).div(400).toArray()) as number[][];
    covariance.forEach((row, i) => {
      row.forEach((value, j) => {
        expect(value).toBeCloseTo(i === j ? 1 : 0, 2);
      });
    });
    expect(await far(scaling.reverse(scaling.apply(mixed)), mixed)).toBeLessThan(1e-2);
    // ZCA's map is symmetric: the change of feature i by feature j is that of j by i.
    const at = scaling.apply(zeros([6, 2, 3])).reshape([6, 6]);
    const unit = tensor(Float32Array.from({ length: 36 }, (_, i) => (i % 7 === 0 ? 1 : 0))).reshape([6, 2, 3]);
    const map = scaling.apply(unit).reshape([6, 6]).sub(at);
    expect(await far(map, map.transpose())).toBeLessThan(1e-3);
  });
});

describe("a mistake in changing images", () => {
  refused([
    [
      "one image",
      () => data.randomFlip(zeros([3, 8, 8]), { key }),
      /the images are \[3, 8, 8\], expected \[batch.*x\.expandDims\(0\)/,
    ],
    [
      "a part larger than the image",
      () => data.randomCrop(images, { size: 9, key }),
      /a part of 9×9 does not fit into 8×10/,
    ],
    [
      "half a pixel of padding",
      () => data.randomCrop(images, { size: 3, padding: 0.5, key }),
      /padding is 0\.5, expected a whole number/,
    ],
    ["a part of nothing", () => data.centerCrop(images, { size: 0 }), /a part of 0×0 does not fit/],
    ["a chance above 1", () => data.randomFlip(images, { key, probability: 2 }), /probability is 2, expected 0 … 1/],
    ["negative contrast", () => data.jitter(images, { key, contrast: -1 }), /contrast is -1, expected 0 or more/],
    [
      "no scale",
      () => data.randomAffine(images, { key, scale: [0, 1] }),
      /scale is 0 … 1, expected a range of positive factors/,
    ],
    [
      "a rotation that is none",
      () => data.randomAffine(images, { key, rotation: Number.NaN }),
      /rotation is NaN, expected 0 or more/,
    ],
    [
      "fields that are not smoothed",
      () => data.elastic(images, { key, sigma: 0 }),
      /sigma is 0, expected a positive number/,
    ],
    [
      "standardising one feature alone",
      () => data.standardise(zeros([4])),
      /the examples are \[4\], expected \[batch, features\]/,
    ],
    [
      "whitening one example",
      () => data.whiten(zeros([1, 4])),
      /the examples are \[1, 4\], expected \[batch, …\] with two or more/,
    ],
    [
      "whitening by nothing",
      () => data.whiten(zeros([4, 4]), { epsilon: 0 }),
      /epsilon is 0, expected a positive number/,
    ],
  ]);
});
