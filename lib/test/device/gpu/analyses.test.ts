import { afterEach, describe, expect, it } from "vitest";
import { device, inspect, nn, pca, random, tsne } from "../../../src/index.ts";
import { gpu } from "./adapter.ts";

describe.skipIf(gpu === null)("analyses of tensors on the GPU", () => {
  afterEach(() => device("cpu"));

  it("find principal components and neighbours in double precision, on the CPU", async () => {
    await device("gpu");
    const x = random.seed(1).normal([20, 6]);
    const here = await pca(x, { components: 2 });
    const there = await pca(await x.to("cpu"), { components: 2 });
    for (const [i, variance] of here.variances.entries()) expect(variance).toBeCloseTo(there.variances[i]!, 6);
    const [a, b] = [await here.transform(x).data(), await there.transform(await x.to("cpu")).data()];
    for (const [i, value] of a.entries()) expect(value).toBeCloseTo(b[i]!, 4);
    for await (const step of tsne(x, { perplexity: 4, iterations: 2 })) expect(step.positions.shape).toEqual([20, 2]);
    expect(await inspect.cka(x, x.mul(2))).toBeCloseTo(1, 4);
  });

  it("draw orthogonal weights with the bits of the CPU", async () => {
    const weights = async () => {
      const layer = nn.init(new nn.Linear(5, 4), { seed: 1, initialisers: { weight: nn.orthogonalInit() } });
      return [...(await layer.weight.data())];
    };
    const expected = await weights();
    await device("gpu");
    expect(await weights()).toEqual(expected);
  });

  it("say how far the devices are apart", async () => {
    await device("gpu");
    const found = await inspect.agreement({ only: /^(tanh|matmul|softmax|sort)$/ });
    expect(found.rows.map(({ operation }) => operation).sort()).toEqual(["matmul", "softmax", "sort", "tanh"]);
    expect(found.worst).toBeLessThan(1e-4);
    expect(String(found)).toMatch(/gpu against plain: at most .* apart\noperation\s+samples\s+values\s+gradients/);
  });
});
