import { describe, expect, it } from "vitest";
import { fillNormal } from "../../src/device/cpu/normal.ts";
import { normals, words } from "../../src/device/cpu/random.ts";
import { threefry } from "../../src/device/cpu/threefry.ts";
import { random } from "../../src/index.ts";

describe("threefry-2x32", () => {
  // Known answers published with Random123 (Salmon et al. 2011) for counter 0 and key 0.
  it("gives the published words", () => {
    const out = new Int32Array(2);
    threefry([0, 0], out);
    expect([out[0]! >>> 0, out[1]! >>> 0]).toEqual([0x6b200159, 0x99ba4efe]);
  });

  it("gives the same words several counters at a time", () => {
    for (const length of [0, 1, 255, 256, 257, 271, 1000, 16_383, 16_384, 16_385, 50_001])
      for (const key of [
        [0, 0],
        [1, -2],
        [0x7fffffff, -0x80000000],
      ] as const) {
        const [one, several] = [new Int32Array(length), new Int32Array(length)];
        threefry(key, one);
        words(key, several);
        expect(several).toEqual(one);
      }
  });
});

describe("normal numbers", () => {
  /** Words of all kinds: the ends, quarters of a turn and what lies next to them, and random ones. */
  function trying(length: number): Int32Array {
    const own = random.seed(length).bits(length);
    const edges = [
      0,
      1,
      -1,
      2 ** 29,
      2 ** 30,
      -(2 ** 31),
      -(2 ** 30),
      2 ** 29 - 1,
      2 ** 30 + 1,
      0x4afb0ccc,
      0x4afb0ccd,
    ];
    for (let i = 0; i < Math.min(length, 4 * edges.length ** 2); i++)
      own[i] = edges[Math.floor(i / (i % 2 === 0 ? 2 : 2 * edges.length)) % edges.length]!;
    return own;
  }

  it("are those of Box and Muller", () => {
    const own = trying(200_000);
    const values = new Float32Array(own.length);
    fillNormal(values, own, 0.5, 2);
    let worst = 0;
    for (let i = 0; i < own.length; i += 2) {
      const radius = Math.sqrt(-2 * Math.log(1 - (own[i]! >>> 0) / 2 ** 32));
      const angle = (2 * Math.PI * (own[i + 1]! >>> 0)) / 2 ** 32;
      for (const [j, part] of [Math.cos(angle), Math.sin(angle)].entries())
        worst = Math.max(worst, Math.abs(values[i + j]! - (0.5 + 2 * radius * part)));
    }
    expect(worst).toBeLessThan(5e-7);
  });

  it("are the same to the bit several at a time", () => {
    for (const length of [1, 2, 255, 256, 257, 1001, 16_384, 16_387, 300_001])
      for (const key of [[0, 0] as const, [7, -length] as const]) {
        const [one, several] = [new Float32Array(length), new Float32Array(length)];
        const own = new Int32Array(length + (length % 2));
        threefry(key, own);
        fillNormal(one, own, -0.25, 1.7);
        normals(key, several, -0.25, 1.7);
        expect(several).toEqual(one);
      }
  });
});

describe("keys", () => {
  const key = random.seed(1998);

  it("draw the same numbers whatever was drawn before", async () => {
    const first = await key.normal([4]).data();
    await key.uniform([1000]).data();
    expect(await key.normal([4]).data()).toEqual(first);
    expect(await random.seed(1998).normal([4]).data()).toEqual(first);
  });

  it("have children that differ from them and from each other", async () => {
    const draws = await Promise.all(
      [key, key.child("a"), key.child("b"), key.child(0), key.child(1), random.seed(1999)].map(async (k) =>
        [...(await k.uniform([4]).data())].join(),
      ),
    );
    expect(new Set(draws).size).toBe(draws.length);
  });

  it("have the moments of their distributions", async () => {
    const n = 100_000;
    const uniform = await key.uniform([n], { low: -1, high: 3 }).data();
    const normal = await key.normal([n], { mean: 2, std: 0.5 }).data();
    const flags = await key.bernoulli([n], 0.3).data();
    const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / n;
    expect(mean(uniform)).toBeCloseTo(1, 1);
    expect(Math.min(...uniform.subarray(0, 5000))).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...uniform.subarray(0, 5000))).toBeLessThan(3);
    expect(mean(normal)).toBeCloseTo(2, 1);
    expect(mean(normal.map((v) => (v - 2) ** 2))).toBeCloseTo(0.25, 2);
    expect(mean(flags)).toBeCloseTo(0.3, 1);
  });

  it("stay below the upper bound, which rounding to float32 would reach, and are as they were elsewhere", async () => {
    const n = 1000;
    const share = Array.from(await key.uniform([n]).data());
    // Beside 1024 floats lie 2⁻¹³ apart, beside 0.1 (no float32 itself) 2⁻²⁷, and near 0 as close as they get.
    const bounds = [
      [1024 - 2 ** -11, 1024, 1024 - 2 ** -14],
      [0.1 - 2 ** -25, 0.1, Math.fround(0.1) - 2 ** -27],
      [-2 - 2 ** -20, -2, -2 - 2 ** -22],
      [-3 * 2 ** -149, 0, -(2 ** -149)],
    ] as const;
    for (const [low, high, most] of bounds) {
      const values = Array.from(await key.uniform([n], { low, high }).data());
      const rounded = share.map((u) => Math.fround(low + (high - low) * u));
      expect(rounded.some((value) => value >= high)).toBe(true);
      expect(values).toEqual(rounded.map((value) => (value >= high ? most : value)));
    }
  });

  it("count trials and events up to the end of int32", async () => {
    const trials = 2 ** 31 - 1;
    for (const value of await key.binomial([50], { trials, probability: 1 - 1e-9 }).data())
      expect(trials - value).toBeLessThan(30);
    for (const value of await key.poisson([50], { rate: 2e9 }).data())
      expect(Math.abs(value - 2e9)).toBeLessThan(6 * Math.sqrt(2e9));
  });

  it("permute", () => {
    const order = key.permutation(1000);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect([...order.subarray(0, 10)]).not.toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const n of [-1, 1.5, Number.NaN])
      expect(() => key.permutation(n)).toThrow(/permutation: n is .*, expected a whole/);
  });
});
