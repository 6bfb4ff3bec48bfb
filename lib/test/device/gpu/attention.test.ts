import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nameGpu } from "../../../src/device/current.ts";
import type { AttentionViews } from "../../../src/device/device.ts";
import type { Context } from "../../../src/device/gpu/context.ts";
import { attend, attendBack } from "../../../src/device/gpu/kernels/attention/attention.ts";
import {
  device,
  grad,
  nn,
  random,
  scope,
  type Tensor,
  tensor,
  vmap,
  withDevice,
  withPullbacks,
} from "../../../src/index.ts";
import { attention } from "../../../src/operations/attention.ts";
import { close } from "../../derived/close.ts";
import { gpu } from "./adapter.ts";
import { hard } from "./hard.ts";

interface Given {
  readonly shapes: readonly [queries: number[], keys: number[], values: number[]];
  readonly causal?: boolean;
  /** What is added to the scores, by the numbers of a query and a key. */
  readonly bias?: (query: number, key: number) => number;
  readonly allowed?: (query: number, key: number) => boolean;
  /** Puts other numbers among those of the values. */
  readonly values?: (numbers: Float32Array) => void;
}

/** The operands of an attention, on a device. */
function operands(name: "gpu" | "plain", { shapes, bias, allowed }: Given) {
  return withDevice(name, () => {
    const draw = (i: number, shape: number[]) => random.seed(i).normal(shape);
    const [n, m] = [shapes[0].at(-2)!, shapes[1].at(-2)!];
    const pairs = <T>(of: (query: number, key: number) => T) =>
      Array.from({ length: n * m }, (_, i) => of(Math.floor(i / m), i % m));
    const [q, k] = [draw(1, shapes[0]), draw(2, shapes[1])];
    const among = { shape: [n, m] };
    const given: [Tensor | number, Tensor | number] = [
      bias === undefined ? 0 : tensor(Float32Array.from(pairs(bias)), among),
      allowed === undefined ? 1 : tensor(Uint8Array.from(pairs((i, j) => Number(allowed(i, j)))), among),
    ];
    return { q, k, v: draw(3, shapes[2]), given };
  });
}

/** Attention, and what comes back to queries, keys and values. */
async function results(name: "gpu" | "plain", all: Given): Promise<Tensor[]> {
  const { causal = false, values } = all;
  const { q, k, v: drawn, given } = operands(name, all);
  const numbers = (await drawn.data()) as Float32Array;
  values?.(numbers);
  const v = tensor(numbers, { shape: drawn.shape, device: drawn.device }) as Tensor;
  const output = attention(q, k, v, ...given, { causal });
  const g = withDevice(name, () => random.seed(4).normal(output.shape));
  const back = grad((p: { q: Tensor; k: Tensor; v: Tensor }) =>
    attention(p.q, p.k, p.v, ...given, { causal })
      .mul(g)
      .sum(),
  )({ q, k, v });
  return [output, back.q, back.k, back.v];
}

const square = (lead: number[], n: number, width: number): Given["shapes"] => [
  [...lead, n, width],
  [...lead, n, width],
  [...lead, n, width],
];

describe.skipIf(gpu === null)("attention in one program", { timeout: 600_000 }, () => {
  beforeAll(() => device("gpu"));
  afterAll(() => device("cpu"));

  const cases: [string, Given][] = [
    ["one query and one key", { shapes: square([], 1, 1) }],
    ["three of each, of one number", { shapes: square([2], 3, 1), causal: true }],
    ["65 of each, with a bias", { shapes: square([2, 2], 65, 20), bias: (i, j) => Math.sin(i - j), causal: true }],
    [
      "more keys than queries, and narrow values",
      {
        shapes: [
          [2, 5, 33],
          [2, 131, 33],
          [2, 131, 3],
        ],
      },
    ],
    [
      "many matrices",
      {
        shapes: [
          [129, 7, 8],
          [129, 9, 8],
          [129, 9, 66],
        ],
        causal: true,
      },
    ],
    ["heads of 256", { shapes: square([2], 40, 256) }],
    ["heads of 300", { shapes: square([1], 9, 300) }],
    [
      "shared keys and values",
      {
        shapes: [
          [3, 2, 9, 4],
          [2, 10, 4],
          [10, 5],
        ],
      },
    ],
    [
      "queries that may attend to nothing",
      { shapes: square([2], 33, 8), causal: true, allowed: (i, j) => i % 3 !== 0 && (i + j) % 2 === 0 },
    ],
    [
      "biases of −∞, for all keys of some queries",
      { shapes: square([1], 40, 8), bias: (i, j) => (i === 5 || j > 34 ? Number.NEGATIVE_INFINITY : j / 10) },
    ],
    [
      "biases of ∞, which share all",
      { shapes: square([1], 40, 8), bias: (i, j) => (i === 7 && j % 20 === 3 ? Number.POSITIVE_INFINITY : 0) },
    ],
    ["NaN in one score", { shapes: square([1], 40, 8), bias: (i, j) => (i === 3 && j === 37 ? Number.NaN : 0) }],
    [
      "NaN where nothing may be attended to",
      {
        shapes: square([1], 40, 8),
        bias: (i, j) => (i === 3 && j === 37 ? Number.NaN : 0),
        allowed: (_, j) => j !== 37,
      },
    ],
    [
      "NaN in a value that comes later, whose weight is 0",
      { shapes: square([1], 40, 8), causal: true, values: (numbers) => numbers.fill(Number.NaN, 35 * 8, 35 * 8 + 3) },
    ],
    ["scores that are far apart", { shapes: square([1], 40, 8), bias: (i, j) => 300 * Math.cos(i * j) }],
  ];
  it.each(cases)("is that of the reference: %s", async (_, given) => {
    const [fast, slow] = [await results("gpu", given), await results("plain", given)];
    for (const [i, x] of fast.entries()) await close(x, slow[i]!, 1e-4);
  });

  it("is that of the reference in large blocks, where GPUs are not emulated", async () => {
    const given: Given = {
      shapes: [
        [65, 67, 8],
        [65, 70, 8],
        [65, 70, 66],
      ],
      causal: true,
    };
    nameGpu(hard!);
    try {
      const [fast, slow] = [await results("gpu", given), await results("plain", given)];
      for (const [i, x] of fast.entries()) await close(x, slow[i]!, 1e-4);
    } finally {
      nameGpu(gpu!.device);
    }
  });

  it("is one program forwards, two backwards, and keeps no weights", async () => {
    const { launcher } = gpu!.context;
    const [q, k, v] = [1, 2, 3].map((seed) => random.seed(seed).normal([500, 4])) as [Tensor, Tensor, Tensor];
    for (const x of [q, k, v]) await x.data();
    const g = await random.seed(4).normal([500, 4]).ready();
    const views = (x: Tensor) => (x.state.kind === "stored" ? x.state.view : undefined)!;
    const given: AttentionViews = { queries: views(q), keys: views(k), values: views(v), causal: true };
    const [launches, live] = [launcher.launches, launcher.pool.live];
    const output = attend(gpu!.context, given)!;
    expect(launcher.launches).toBe(launches + 1);
    const back = attendBack(gpu!.context, given, { ...views(q), buffer: output, offset: 0 }, views(g))!;
    expect(launcher.launches).toBe(launches + 3);
    // Weights would be 1,000,000 bytes.
    expect(launcher.pool.live - live).toBeLessThan(100_000);
    for (const buffer of [output, ...Object.values(back)]) gpu!.device.free(buffer);
  });

  it("is left to others where the GPU binds few arrays", async () => {
    const few = Object.create(gpu!.context, { mostReads: { value: 3 } }) as Context;
    const x = await random.seed(1).normal([4, 4]).ready();
    const view = x.state.kind === "stored" ? x.state.view : undefined;
    const given: AttentionViews = { queries: view!, keys: view!, values: view!, causal: false };
    expect(attend(few, given)).toBeDefined();
    expect(attend(few, { ...given, bias: view! })).toBeUndefined();
    expect(attendBack(few, given, view!, view!)).toBeUndefined();
  });

  it("has the weights where one asks for them", async () => {
    const x = await random.seed(1).normal([2, 5, 4]).ready();
    const layer = nn.init(new nn.MultiheadAttention(4, 2), { seed: 1 });
    const { launcher } = gpu!.context;
    const before = launcher.launches;
    const options = { causal: true, lengths: [5, 3] };
    const seen = layer.forward(x, x, x, options);
    await seen.output.data();
    const [without, weights] = [launcher.launches - before, seen.weights];
    await weights.data();
    expect(launcher.launches).toBeGreaterThan(before + without);
    const there = withDevice("cpu", () => nn.init(new nn.MultiheadAttention(4, 2), { seed: 1 }));
    const y = await x.to("cpu");
    const expected = there.forward(y, y, y, options);
    await close(await seen.output.to("cpu"), expected.output, 1e-4);
    await close(await weights.to("cpu"), expected.weights, 1e-4);
    // They outlive the scope that they are returned from.
    const kept = scope(() => layer.forward(x, x, x, options));
    await close(kept.weights, weights, 0);
    // And asking in a scope, or where a gradient is recorded, spoils them for nobody.
    scope(() => seen.weights.sum());
    await close(seen.weights, weights, 0);
    const slopes = grad((z) => layer.forward(z, z, z, options).weights.square().sum())(x);
    const expectedSlopes = grad((z) => there.forward(z, z, z, options).weights.square().sum())(y);
    await close(await slopes.to("cpu"), expectedSlopes, 1e-4);
  });

  it("goes by other pullbacks for what it is composed of", async () => {
    const x = await random.seed(1).normal([1, 3, 4]).ready();
    const f = (z: Tensor) => nn.scaledDotProductAttention(z, z, z).output.square().sum();
    const slopes = withPullbacks({ softmax: (g) => [g.mul(0)] }, () => grad(f)(x));
    const y = await x.to("cpu");
    const expected = withPullbacks({ softmax: (g) => [g.mul(0)] }, () => grad(f)(y));
    await close(await slopes.to("cpu"), expected, 1e-4);
  });

  it("has derivatives of biases, of the second order, and of each example", async () => {
    const work = (name: "gpu" | "plain") =>
      withDevice(name, () => {
        const draw = (seed: number, ...shape: number[]) => random.seed(seed).normal(shape);
        const [q, k, v, bias] = [draw(1, 2, 6, 4), draw(2, 2, 7, 4), draw(3, 2, 7, 3), draw(4, 6, 7)] as const;
        const attend = (a: Tensor, b: Tensor) => attention(a, k, v, b, 1, { causal: true }).square().sum();
        const first = grad((b: Tensor) => attend(q, b))(bias);
        const second = grad((a: Tensor) =>
          grad((x: Tensor) => attend(x, bias))(a)
            .square()
            .sum(),
        )(q);
        const loss = (a: Tensor, b: Tensor, c: Tensor) => attention(a, b, c, 0, 1, { causal: true }).square().sum();
        const each = vmap((a: Tensor, b: Tensor, c: Tensor) => grad((x: Tensor) => loss(x, b, c))(a))(q, k, v);
        return [first, second, each];
      });
    const slow = work("plain");
    for (const [i, x] of work("gpu").entries()) await close(x, slow[i]!, 1e-3);
  });
});
