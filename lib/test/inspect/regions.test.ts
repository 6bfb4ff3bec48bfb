import { describe, expect, it } from "vitest";
import { inspect, nn, relu, type Tensor, tanh, tensor } from "../../src/index.ts";
import { type Mistake, refused } from "../misuse/refused.ts";

const { deepRegions, linearRegions, mostRegions } = inspect;

/** A net with given weights and biases. */
function netOf(layers: readonly { weight: number[][]; bias: number[] }[]): nn.Sequential {
  const linear = layers.map(({ weight, bias }) => {
    const [outputs, inputs] = [weight.length, weight[0]!.length];
    return new nn.Linear(inputs, outputs, { initialiser: () => tensor(weight), biasInitialiser: () => tensor(bias) });
  });
  return nn.init(new nn.Sequential(linear.flatMap((layer, i) => (i === 0 ? [layer] : [relu, layer]))), { seed: 1 });
}

const random = (widths: readonly number[], seed: number) =>
  nn.init(
    new nn.Sequential(
      widths.slice(1).flatMap((to, i) => [new nn.Linear(widths[i]!, to), ...(i < widths.length - 2 ? [relu] : [])]),
    ),
    { seed },
  );

/** Which rectifiers let a point through, by running the net. */
async function patternAt(net: nn.Sequential, points: readonly (readonly number[])[]): Promise<string[]> {
  let x: Tensor = tensor(points);
  const parts: string[][] = points.map(() => []);
  for (const layer of net.layers) {
    if (layer === relu) {
      const rows = (await x.toArray()) as number[][];
      for (const [i, row] of rows.entries()) parts[i]!.push(row.map((value) => (value > 0 ? "1" : "0")).join(""));
      x = x.relu();
    } else x = (layer as nn.Linear).forward(x);
  }
  return parts.map((list) => list.join(" "));
}

const written = (active: readonly (readonly boolean[])[]) =>
  active.map((layer) => layer.map((on) => (on ? "1" : "0")).join("")).join(" ");
const middle = (corners: readonly (readonly number[])[]) =>
  corners[0]!.map((_, i) => corners.reduce((sum, corner) => sum + corner[i]!, 0) / corners.length);

describe("linear regions", () => {
  it.each([
    { widths: [2, 6, 1], seed: 1 },
    { widths: [2, 5, 5, 1], seed: 2 },
    { widths: [2, 8, 8, 1], seed: 3 },
    { widths: [2, 4, 4, 4, 2], seed: 4 },
    { widths: [1, 6, 6, 1], seed: 5 },
  ])(
    "of a net $widths fill the box, differ in what is active, and hold what running the net gives",
    async ({ widths, seed }) => {
      const net = random(widths, seed);
      const regions = await linearRegions(net, { low: -3, high: 3 });
      const total = regions.reduce((sum, { size }) => sum + size, 0);
      expect(total).toBeCloseTo(widths[0] === 1 ? 6 : 36, 8);
      expect(new Set(regions.map(({ active }) => written(active))).size).toBe(regions.length);
      const large = regions.filter(({ size }) => size > 1e-4);
      const points = large.map(({ corners }) => middle(corners));
      expect(await patternAt(net, points)).toEqual(large.map(({ active }) => written(active)));
      const values = (await net.forward(tensor(points)).toArray()) as number[][];
      for (const [i, { weight, bias }] of large.entries())
        for (const [k, row] of weight.entries())
          expect(row.reduce((sum, w, j) => sum + w * points[i]![j]!, bias[k]!)).toBeCloseTo(values[i]![k]!, 4);
    },
  );

  it("are found by a fine grid, and no others", async () => {
    const net = random([2, 4, 4, 1], 6);
    const regions = await linearRegions(net, { low: -4, high: 4 });
    const steps = 200;
    const grid = Array.from({ length: steps ** 2 }, (_, i) => [
      -4 + (8 * ((i % steps) + 0.5)) / steps,
      -4 + (8 * (Math.floor(i / steps) + 0.5)) / steps,
    ]);
    const seen = new Set(await patternAt(net, grid));
    const named = new Map(regions.map(({ active, size }) => [written(active), size]));
    for (const pattern of seen) expect(named.has(pattern)).toBe(true);
    for (const [pattern, size] of named) if (size > 0.02) expect(seen.has(pattern)).toBe(true);
  });

  it("of one layer are as many as its lines and their crossings make, Euler's way", async () => {
    const net = random([2, 9, 1], 7);
    const [w, b] = [
      (await (net.layers[0] as nn.Linear).weight.toArray()) as number[][],
      await (net.layers[0] as nn.Linear).bias!.data(),
    ];
    const box = 2;
    const inside = (x: number, y: number) => Math.abs(x) < box && Math.abs(y) < box;
    const corners = [
      [-box, -box],
      [box, -box],
      [box, box],
      [-box, box],
    ] as const;
    let expected = 1;
    for (const [i, [p, q]] of (w as [number, number][]).entries()) {
      const values = corners.map(([x, y]) => p * x + q * y + b[i]!);
      if (Math.min(...values) < 0 && Math.max(...values) > 0) expected++;
      for (const [j, [r, s]] of (w as [number, number][]).entries()) {
        if (j <= i) continue;
        const det = p * s - q * r;
        if (inside((q * b[j]! - s * b[i]!) / det, (r * b[i]! - p * b[j]!) / det)) expected++;
      }
    }
    expect(await linearRegions(net, { low: -box, high: box })).toHaveLength(expected);
  });

  it.each([1, 2, 3, 6, 10])("of %d layers that fold the line are two to that power", async (depth) => {
    // Two units a layer make x → 1 − |2x − 1| of the interval from 0 to 1.
    const fold = { weight: [[2], [4]], bias: [0, -2] };
    const again = {
      weight: [
        [2, -2],
        [4, -4],
      ],
      bias: [0, -2],
    };
    // Of 2x and 4x − 2, rectified: the first less the second is the tent.
    const tents = Array.from({ length: depth }, (_, i) =>
      i === 0
        ? fold
        : {
            ...again,
            weight: [
              [2, -2],
              [4, -4],
            ],
          },
    );
    const net = netOf([...tents, { weight: [[1, -1]], bias: [0] }]);
    const regions = await linearRegions(net, { low: 0, high: 1 });
    expect(regions).toHaveLength(2 ** depth);
    for (const { weight, size } of regions) {
      expect(Math.abs(weight[0]![0]!)).toBe(2 ** depth);
      expect(size).toBe(2 ** -depth);
    }
  });

  it("with 8 and 8 units that fold the plane are the 592 of the theorem; 16 in one layer have 137 at most", async () => {
    expect(deepRegions(2, [8, 8])).toBe(592);
    expect(mostRegions(2, 16)).toBe(137);
    expect(deepRegions(2, [16])).toBe(137);
    expect(deepRegions(1, [2, 2, 2])).toBe(12);
    // Four units for each input fold it four times: slopes 4, −4, 4, −4 on the quarters of 0 … 1.
    const weight = [0, 1].flatMap((input) => [4, 8, 8, 8].map((w) => (input === 0 ? [w, 0] : [0, w])));
    const bias = [0, 1].flatMap(() => [0, -2, -4, -6]);
    const signs = [1, -1, 1, -1];
    // Eight lines through the square of the folded plane, every two crossing inside, no three in a point.
    const lines = Array.from({ length: 8 }, (_, i) => {
      const angle = (Math.PI * (i + 0.37)) / 8;
      const [p, q] = [Math.cos(angle), Math.sin(angle)];
      return { p, q, offset: -(p + q) / 2 + 0.03 * Math.sin(5 * i + 1) };
    });
    const second = {
      weight: lines.map(({ p, q }) => [...signs.map((s) => s * p), ...signs.map((s) => s * q)]),
      bias: lines.map(({ offset }) => offset),
    };
    const net = netOf([{ weight, bias }, second, { weight: [[1, 1, 1, 1, 1, 1, 1, 1]], bias: [0] }]);
    expect(await linearRegions(net, { low: 0, high: 1 })).toHaveLength(592);
  });
});

const flat = nn.init(new nn.Sequential([new nn.Linear(2, 3), relu, new nn.Linear(3, 1)]), { seed: 1 });
const mistakes: Mistake[] = [
  ["a box turned inside out", () => linearRegions(flat, { low: 1, high: -1 }), /the box goes from 1 to -1/],
  [
    "a net of another activation",
    () => linearRegions(nn.init(new nn.Sequential([new nn.Linear(2, 3), tanh]), { seed: 1 })),
    /layer 1 is the function.*expected linear layers with relu/,
  ],
  ["a net with other layers", () => linearRegions(new nn.Sequential([new nn.Dropout(0.5)])), /layer 0 is Dropout/],
  [
    "a net of three inputs",
    () => linearRegions(nn.init(new nn.Sequential([new nn.Linear(3, 2)]), { seed: 1 })),
    /3 inputs, expected 1 or 2/,
  ],
  ["a net of nothing", () => linearRegions(new nn.Sequential([])), /no inputs, expected 1 or 2/],
  ["the bound of half a unit", () => mostRegions(2, 0.5), /a size is 0\.5/],
  ["the bound of a thin layer", () => deepRegions(3, [8, 2]), /a layer of 2 units for 3 inputs/],
  ["the bound of no layer", () => deepRegions(2, []), /a layer of no units/],
];
describe("a mistake with regions", () => refused(mistakes));
