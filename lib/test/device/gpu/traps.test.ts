import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { afterEach, describe, expect, it } from "vitest";
import type { Expression } from "../../../src/device/device.ts";
import { helpers } from "../../../src/device/gpu/gpujs/scalars.ts";
import { isSpoken, kernelText } from "../../../src/device/gpu/gpujs/source.ts";
import { translatorBy } from "../../../src/device/gpu/gpujs/translator.ts";
import { arange, device, full, random, type Tensor, tensor, zeros } from "../../../src/index.ts";
import { gpu } from "./adapter.ts";

const on = { device: "gpu" } as const;
const onGpu = (values: readonly number[]) => tensor([...values], on) as Tensor<"float32">;
const list = async (x: Tensor) => [...(await x.data())];

const input = (index: number): Expression => ({ kind: "input", index, dtype: "float32" });
const apply = (scalar: "mul" | "add" | "tanh" | "log1p", ...to: Expression[]): Expression => ({
  kind: "apply",
  scalar,
  to,
  dtype: "float32",
});

/** What gpu.js, called by itself, gets wrong without a word. */
describe.skipIf(gpu === null)("the traps of gpu.js", () => {
  afterEach(() => device("cpu"));

  it("loops of more than 1,000 rounds do not end early", async () => {
    expect(await full([5000], 1, on).sum().item()).toBe(5000);
    expect(
      await full([3, 5000], 1, on)
        .matmul(full([5000, 2], 1, on))
        .max()
        .item(),
    ).toBe(5000);
    expect((await list(full([4000], 1, on).cumsum())).at(-1)).toBe(4000);
  });

  it("integers are divided exactly above 2²⁴", async () => {
    const x = tensor(Int32Array.of(16777217, 2147483647, -2147483647, 16777219), on);
    expect(await list(x.remainder(16777216))).toEqual([1, 16777215, 1, 3]);
    expect(await list(x.floorDiv(2))).toEqual([8388608, 1073741823, -1073741824, 8388609]);
    expect(await list(x.mul(3))).toEqual([50331651, 2147483645, -2147483645, 50331657]);
  });

  it("NaN is told apart, and passes through", async () => {
    const x = onGpu([Number.NaN, 1, 0]);
    expect(await list(x.isNaN())).toEqual([1, 0, 0]);
    expect(await list(x.equal(x))).toEqual([0, 1, 1]);
    expect(await list(x.maximum(0.5))).toEqual([Number.NaN, 1, 0.5]);
    expect(await list(x.minimum(0.5))).toEqual([Number.NaN, 0.5, 0]);
    expect(await list(x.relu())).toEqual([Number.NaN, 1, 0]);
    expect(await x.max().item()).toBeNaN();
    expect(await list(x.exp().add(x.tanh()))).toEqual([Number.NaN, expect.any(Number), 1]);
  });

  it("infinities stay infinite, as constants and as masks", async () => {
    const none = full([2], Number.NEGATIVE_INFINITY, on);
    expect(await list(none)).toEqual([-Infinity, -Infinity]);
    const masked = tensor([1, 0], { ...on, dtype: "bool" }).where(onGpu([3, 4]), Number.NEGATIVE_INFINITY);
    expect(await list(masked)).toEqual([3, -Infinity]);
    expect(await list(masked.softmax(-1))).toEqual([1, 0]);
    expect(await list(onGpu([0, -1]).log())).toEqual([-Infinity, Number.NaN]);
    expect(await list(onGpu([1, -1]).div(0))).toEqual([Infinity, -Infinity]);
  });

  it("log1p and expm1 are exact near 0", async () => {
    const [log, exp] = [await onGpu([1e-6, -1e-7]).log1p().data(), await onGpu([1e-6, -1e-7]).expm1().data()];
    expect(log[0]! / 9.999995e-7).toBeCloseTo(1, 6);
    expect(log[1]! / -1.00000005e-7).toBeCloseTo(1, 6);
    expect(exp[0]! / 1.0000005e-6).toBeCloseTo(1, 6);
  });

  it("nothing has results, too", async () => {
    const nothing = zeros([0, 3], on);
    expect((await nothing.add(1).data()).length).toBe(0);
    expect(await list(nothing.sum({ axis: 0 }))).toEqual([0, 0, 0]);
    expect(await nothing.matmul(zeros([3, 4], on)).toArray()).toEqual([]);
    expect(
      await zeros([2, 0], on)
        .matmul(zeros([0, 2], on))
        .toArray(),
    ).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it("more inputs than the GPU binds are taken in parts", async () => {
    const parts = Array.from({ length: 20 }, (_, i) => full([3], i, on));
    const sum = parts.reduce((all, x) => all.add(x));
    expect(await list(sum)).toEqual([190, 190, 190]);
  });

  it("outputs larger than one row of workgroups are whole", async () => {
    const n = 65536 * 64 + 77;
    const x = zeros([n], on).add(1);
    expect(await x.sum().item()).toBe(n);
    const last = await x.slice({ axis: 0, start: n - 3 }).data();
    expect([...last]).toEqual([1, 1, 1]);
  });

  it("outputs larger than the GPU gives are refused", () => {
    const most = gpu!.context.launcher.gpu.limits.maxStorageBufferBindingSize;
    const row = zeros([1, 1 << 16], on);
    const rows = Math.ceil(most / 4 / (1 << 16)) + 1;
    const large = () =>
      row
        .add(zeros([rows, 1], on))
        .slice({ axis: 0 })
        .sum({ axis: 0 });
    expect(large).toThrow(/takes \d+ MiB, this GPU's driver gives \d+ MiB in one piece.*smaller parts/);
  });

  it("random keys give the same bits as on the CPU, and tensors are made where one is", async () => {
    const before = await list(random.seed(5).normal([7]));
    await device("gpu");
    const x = random.seed(5).normal([7]);
    expect(x.device.name).toBe("gpu");
    expect(await list(x)).toEqual(before);
    expect(arange(3).device.name).toBe("gpu");
  });
});

describe("what is used of gpu.js", () => {
  const require = createRequire(import.meta.url);
  const translate = translatorBy(require("gpu.js"));

  it("is version 2.24.1", () => {
    const manifest = require.resolve("gpu.js").replace(/src[\\/]index\.js$/, "package.json");
    expect(JSON.parse(readFileSync(manifest, "utf8")).version).toBe("2.24.1");
  });

  it("is its compiler, which writes WGSL and says where parameters lie before it looks for a device", () => {
    const text = kernelText(apply("add", apply("tanh", input(0)), apply("mul", input(1), input(1))), 2, 2);
    const { code, arrays, scalars, bytes } = translate(
      text,
      2,
      text.helpers.map((scalar) => helpers[scalar]!),
    );
    expect(arrays).toBe(2);
    expect(code).toContain("@workgroup_size(8, 8, 1)");
    expect(code).toMatch(/fn main\(/);
    expect([...scalars.keys()]).toEqual(["o0", "s0x", "s0y", "o1", "s1x", "s1y"]);
    expect([...scalars.values()]).toEqual([48, 52, 56, 60, 64, 68]);
    expect(bytes).toBe(80);
  });

  it("leaves what it would get wrong to our own WGSL", () => {
    expect(isSpoken(apply("mul", input(0), input(1)))).toBe(true);
    expect(isSpoken(apply("log1p", input(0)))).toBe(false);
    expect(isSpoken({ kind: "apply", scalar: "add", to: [input(0), input(0)], dtype: "int32" })).toBe(false);
  });

  it("does not leave anything behind in the global scope", () => {
    const { navigator } = globalThis as { navigator?: { gpu?: unknown } };
    expect(navigator?.gpu).toBeUndefined();
  });

  it.skipIf(gpu === null)("compiles most of what a training step computes for each element", async () => {
    expect(gpu!.context.compiler).not.toBeNull();
    const compiled = gpu!.context.compiler!.compiled;
    const x = onGpu([1, 2])
      .mul(3)
      .tanh()
      .add(onGpu([0.5, 0.5]))
      .sub(1);
    await x.data();
    expect(gpu!.context.compiler!.compiled).toBe(compiled + 1);
  });
});
