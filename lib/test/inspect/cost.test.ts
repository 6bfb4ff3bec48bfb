import { describe, expect, it } from "vitest";
import { inspect, nn, random, relu, type Tensor, tensor, valueAndGrad, zeros } from "../../src/index.ts";
import { listen } from "../../src/inspect/kernels.ts";
import { refused } from "../misuse/refused.ts";

const model = nn.init(
  new nn.Sequential([new nn.Linear(8, 64), relu, new nn.Linear(64, 64), (x) => x.tanh(), new nn.Linear(64, 2)]),
  { seed: 1 },
);
const x = random.seed(2).normal([16, 8]);

describe("a profile", () => {
  it("counts the kernels of a forward pass by operation and by layer", () => {
    const found = inspect.profile(model, x, { runs: 2, warmUp: 0 });
    const of = (name: string) => found.operations.find((operation) => operation.name === name);
    expect(of("matmul")!.calls).toBe(3);
    expect(of("matmul")!.bytes).toBe(4 * 16 * (64 + 64 + 2));
    expect(of("tanh")!.bytes).toBe(4 * 16 * 64);
    expect(found.layers.map(({ path, layer }) => [path, layer])).toEqual([
      ["0", "Linear(8 → 64)"],
      ["1", "function"],
      ["2", "Linear(64 → 64)"],
      ["3", "function"],
      ["4", "Linear(64 → 2)"],
    ]);
    expect(found.layers.every(({ backward }) => backward === 0)).toBe(true);
    // Product and sum of a layer, and nothing else.
    expect(found.layers[0]!.bytes).toBe(2 * 4 * 16 * 64);
  });

  it("finds the way back in the layers that it goes through", () => {
    const back = inspect.profile(model, (m) => valueAndGrad(m, (same) => same.forward(x).square().mean()));
    const layer = (path: string) => back.layers.find((row) => row.path === path)!;
    for (const path of ["0", "1", "2", "3", "4"]) {
      expect(layer(path).forward, path).toBeGreaterThan(0);
      expect(layer(path).backward, path).toBeGreaterThan(0);
    }
    const matmul = back.operations.find(({ name }) => name === "matmul")!;
    // Forwards 3, backwards 3 for the weights and 2 for what is between.
    expect(matmul.calls).toBe(8);
    const kernels = back.operations.reduce((sum, { seconds }) => sum + seconds, 0);
    const layers = back.layers.reduce((sum, { forward, backward }) => sum + forward + backward, 0);
    expect(layers).toBeCloseTo(kernels, 9);
    expect(back.seconds).toBeGreaterThan(kernels);
  });

  it("changes neither values nor gradients nor the model, and leaves devices as they were", async () => {
    const run = (m: typeof model) => valueAndGrad(m, (same) => same.forward(x).square().mean());
    const before = run(model);
    const { matmul } = x.device;
    let inside: ReturnType<typeof run> | undefined;
    inspect.profile(model, (m) => {
      inside = run(m);
      return inside;
    });
    expect(x.device.matmul).toBe(matmul);
    expect(await inside!.value.item()).toBe(await before.value.item());
    for (const [path, gradient] of before.gradient)
      expect(await inside!.gradient.get(path)!.toArray()).toEqual(await gradient.toArray());
    expect(Object.keys(model)).toEqual(["layers"]);
    expect(() =>
      inspect.profile(model, () => {
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(x.device.matmul).toBe(matmul);
  });

  it("prints as two tables, and as such in a notebook", () => {
    const found = inspect.profile(model, x, { runs: 1 });
    const text = String(found);
    expect(text).toMatch(/^operation +calls +ms +MB\n─+\n/);
    expect(text).toMatch(/\n0 +Linear\(8 → 64\) +\d+\.\d\d +0\.00 +0\.01\n/);
    const shown = (found as unknown as Record<symbol, () => Record<string, string>>)[Symbol.for("Jupyter.display")]!();
    expect(shown["text/plain"]).toBe(text);
    expect(shown["text/html"]!.match(/<table>/g)).toHaveLength(2);
  });
});

describe("kernels", () => {
  it("are told of by every listener until it stops", () => {
    const heard: string[][] = [[], []];
    const [first, second] = heard.map((list) => listen(({ name }) => list.push(name)));
    x.matmul(x.transpose());
    first!();
    tensor([1, 2]).sum();
    second!();
    tensor([1, 2]).sum();
    expect(heard).toEqual([["matmul"], ["matmul", "write", "sum"]]);
  });
});

describe("watching memory", () => {
  it("knows what is alive, what made it, and where", async () => {
    const watch = inspect.memory();
    const kept: Tensor[] = [zeros([1000])];
    (() => zeros([5000]).add(1).exp().data())();
    kept.push(kept[0]!.expandDims(0).matmul(zeros([1000, 3])));
    await kept[1]!.data();
    const report = await watch.live();
    watch.stop();
    zeros([7000]);
    const of = (rows: readonly inspect.MemoryRow[], name: RegExp) => rows.filter(({ origin }) => name.test(origin));
    expect(of(report.operations, /^matmul$/)).toEqual([{ origin: "matmul", buffers: 1, bytes: 12 }]);
    const lines = of(report.lines, /cost\.test\.ts:\d+$/);
    expect(lines.some(({ bytes }) => bytes === 4000)).toBe(true);
    // The product, and the zeros it was made of as long as they last.
    expect(report.lines.every(({ origin }) => !/lib\/src\//.test(origin))).toBe(true);
    expect(of(report.operations, /exp/)).toEqual([]);
    expect(report.bytes).toBeLessThan(4 * 4100 + 12);
    expect(String(report)).toMatch(/^operation +buffers +MB\n/);
    expect(kept).toHaveLength(2);
  });

  it("lets go of what is no longer held", async () => {
    const watch = inspect.memory();
    let held: Tensor | null = random.seed(1).normal([10_000]);
    expect((await watch.live()).bytes).toBeGreaterThanOrEqual(40_000);
    expect(held.size).toBe(10_000);
    held = null;
    expect((await watch.live()).bytes).toBeLessThan(40_000);
    watch.stop();
  });
});

refused([
  [
    "a profile of no run",
    () => inspect.profile(model, x, { runs: 0 }),
    /runs is 0, expected a whole number of 1 or more/,
  ],
  ["half a warm-up", () => inspect.profile(model, x, { warmUp: 0.5 }), /warmUp is 0\.5/],
]);
