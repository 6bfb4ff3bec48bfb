import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { eigh, eye, pca, random, tensor, tsne, zeros } from "../../src/index.ts";
import { affinitiesOf, conditional } from "../../src/inspect/affinities.ts";
import { barnesHutRepulsion, exactRepulsion } from "../../src/inspect/repulsion.ts";
import { divergenceOf } from "../../src/inspect/tsne.ts";
import { python, pythonHasSklearn } from "../golden/python.ts";

/** Three clouds of points in five dimensions. */
async function clouds(each: number) {
  const labels = Array.from({ length: 3 * each }, (_, i) => i % 3);
  const noise = random.seed(7).normal([3 * each, 5]);
  const centres = tensor(labels.map((label) => Array.from({ length: 5 }, (_, k) => (k === label ? 12 : 0))));
  return { x: noise.add(centres), labels };
}

/** Share of the ten nearest neighbours that have the same label. */
function purity(positions: readonly (readonly number[])[], labels: readonly number[]): number {
  let same = 0;
  for (const [i, a] of positions.entries()) {
    const others = positions.map((b, j) => ({ j, apart: Math.hypot(...b.map((value, k) => value - a[k]!)) }));
    const near = others.filter(({ j }) => j !== i).sort((p, q) => p.apart - q.apart);
    same += near.slice(0, 10).filter(({ j }) => labels[j] === labels[i]).length;
  }
  return same / (10 * positions.length);
}

describe("t-SNE", () => {
  it.skipIf(!pythonHasSklearn())("has scikit-learn's affinities and divergence for 300 digits", async () => {
    const fixture = JSON.parse(readFileSync(new URL("../golden/tsne300.json", import.meta.url), "utf8")) as {
      readonly perplexity: number;
      readonly kl: number;
      readonly Y: readonly (readonly number[])[];
      readonly P_first300: readonly number[];
    };
    const script =
      "import json; from sklearn.datasets import load_digits; print(json.dumps(load_digits().data.tolist()))";
    const { stdout } = spawnSync(python, ["-c", script], { encoding: "utf8", maxBuffer: 2 ** 24 });
    const rows = (JSON.parse(stdout) as number[][]).slice(0, 300);
    const x = Float64Array.from(rows.flat());
    const p = await affinitiesOf(x, 64, fixture.perplexity);
    const of = (i: number, j: number) => {
      for (let at = p.starts[i]!; at < p.starts[i + 1]!; at++) if (p.columns[at] === j) return p.values[at]!;
      return 0;
    };
    fixture.P_first300.forEach((expected, k) => {
      const [i, j] = k < 299 ? [0, k + 1] : [1, k - 299 + 2];
      expect(Math.abs(of(i, j) - expected)).toBeLessThanOrEqual(1e-5);
    });
    const y = Float64Array.from(fixture.Y.flat());
    const total = exactRepulsion()(y, new Float64Array(y.length));
    expect(Math.abs(divergenceOf(p, y, total) - fixture.kl)).toBeLessThanOrEqual(1e-4);
  });

  it.each([2, 8, 30])("gives each example the perplexity %d that is asked for", (perplexity) => {
    for (let example = 0; example < 20; example++) {
      const distances = Float64Array.from({ length: 60 }, (_, i) => 1000 * Math.sin(example + i * i) ** 2);
      const p = conditional(distances, perplexity);
      const entropy = -p.reduce((sum, value) => sum + (value > 0 ? value * Math.log(value) : 0), 0);
      expect(Math.exp(entropy)).toBeCloseTo(perplexity, 5);
    }
  });

  it("makes probabilities of neighbours symmetric, and their sum 1", async () => {
    const { x } = await clouds(20);
    const values = Float64Array.from(await x.data());
    const p = await affinitiesOf(values, 5, 8);
    expect(p.values.reduce((a, b) => a + b)).toBeCloseTo(1, 10);
    for (let i = 0; i < p.count; i++)
      for (let at = p.starts[i]!; at < p.starts[i + 1]!; at++) {
        const j = p.columns[at]!;
        const back = [...p.columns.subarray(p.starts[j]!, p.starts[j + 1]!)].indexOf(i) + p.starts[j]!;
        expect(p.values[back]).toBe(p.values[at]);
      }
  });

  it("pushes apart by the tree as by all pairs", () => {
    const y = Float64Array.from({ length: 600 }, (_, i) => 10 * Math.sin(i * i));
    const [exact, near] = [new Float64Array(600), new Float64Array(600)];
    const total = exactRepulsion()(y, exact);
    expect(barnesHutRepulsion(0)(y, near)).toBeCloseTo(total, 6);
    for (const [i, force] of near.entries()) expect(force).toBeCloseTo(exact[i]!, 8);
    expect(Math.abs(barnesHutRepulsion(0.5)(y, near) / total - 1)).toBeLessThan(0.01);
    const error = Math.hypot(...near.map((force, i) => force - exact[i]!)) / Math.hypot(...exact);
    expect(error).toBeLessThan(0.05);
  });

  it("pushes apart in space as in the definition, by the tree and by all pairs", () => {
    const n = 100;
    const y = Float64Array.from({ length: 3 * n }, (_, i) => 4 * Math.sin(i * i));
    const expected = new Float64Array(3 * n);
    let sum = 0;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        if (i === j) continue;
        const apart = [0, 1, 2].map((k) => y[3 * i + k]! - y[3 * j + k]!);
        const q = 1 / (1 + apart.reduce((square, value) => square + value * value, 0));
        sum += q;
        for (const [k, value] of apart.entries()) expected[3 * i + k]! += q * q * value;
      }
    for (const repel of [exactRepulsion(3), barnesHutRepulsion(0, 3)]) {
      const forces = new Float64Array(3 * n);
      expect(repel(y, forces)).toBeCloseTo(sum, 6);
      for (const [k, force] of forces.entries()) expect(force).toBeCloseTo(expected[k]!, 8);
    }
    const near = new Float64Array(3 * n);
    expect(Math.abs(barnesHutRepulsion(0.5, 3)(y, near) / sum - 1)).toBeLessThan(0.01);
    const error = Math.hypot(...near.map((force, k) => force - expected[k]!)) / Math.hypot(...expected);
    expect(error).toBeLessThan(0.05);
  });

  it.each([2, 3] as const)("puts up with points in one place, in %d dimensions", (dimensions) => {
    const y = new Float64Array(20 * dimensions);
    const forces = new Float64Array(20 * dimensions);
    expect(barnesHutRepulsion(0.5, dimensions)(y, forces)).toBeCloseTo(20 * 19, 6);
    expect(Math.max(...forces.map(Math.abs))).toBeLessThan(1e-9);
  });

  it("takes the same way whether or not it is looked at on the way", async () => {
    const { x } = await clouds(20);
    const run = async (every: number) => {
      for await (const step of tsne(x, { perplexity: 10, iterations: 60, every }))
        if (step.iteration === 60) return [await step.positions.toArray(), step.klDivergence];
    };
    expect(await run(1)).toEqual(await run(60));
  });

  it.each([0, 0.5])("separates three clouds in space, with theta %d", async (theta) => {
    const { x, labels } = await clouds(40);
    let last: number[][] = [];
    for await (const step of tsne(x, { components: 3, perplexity: 15, iterations: 400, early: 100, theta }))
      last = (await step.positions.toArray()) as number[][];
    expect(last[0]).toHaveLength(3);
    expect(purity(last, labels)).toBe(1);
  });

  it("starts from places that are given, also from those where another one ended", async () => {
    const { x } = await clouds(20);
    const places = random.seed(3).normal([60, 2], { std: 1e-4 });
    const first = async (start: Parameters<typeof tsne>[1]) => {
      const { value } = await tsne(x, { perplexity: 10, every: 1, ...start }).next();
      return value!.positions.toArray();
    };
    expect(await first({ start: places })).toEqual(await first({ start: random.seed(3) }));
    const plain = { shape: [60, 2], data: async () => new Float32Array(await places.data()) };
    expect(await first({ start: plain })).toEqual(await first({ start: random.seed(3) }));
    const wrong = tsne(x, { perplexity: 10, components: 3, start: places }).next();
    await expect(wrong).rejects.toThrow("start is [60, 2], expected [60, 3]");
  });

  it.each([0, 0.5])("separates three clouds, the same way every time, with theta %d", async (theta) => {
    const { x, labels } = await clouds(40);
    const run = async () => {
      const divergences: number[] = [];
      let last: number[][] = [];
      for await (const step of tsne(x, { perplexity: 15, iterations: 400, early: 100, theta, every: 50 })) {
        divergences.push(step.klDivergence);
        last = (await step.positions.toArray()) as number[][];
      }
      return { divergences, last };
    };
    const first = await run();
    expect(first.divergences).toHaveLength(8);
    expect(first.divergences.at(-1)).toBeLessThan(first.divergences[0]!);
    expect(purity(first.last, labels)).toBe(1);
    expect(await run()).toEqual(first);
  });

  it("says what does not fit", async () => {
    const next = (...given: Parameters<typeof tsne>) => tsne(...given).next();
    await expect(next(zeros([4]))).rejects.toThrow(/\[4\], expected \[n, features\]/);
    await expect(next(zeros([4, 2]), { perplexity: 4 })).rejects.toThrow(
      /perplexity is 4, expected at least 1 and less than 4/,
    );
    await expect(next(tensor([[1], [Number.NaN]]))).rejects.toThrow(/example 1 has NaN/);
    await expect(next(zeros([4, 2]), { iterations: 0 })).rejects.toThrow(/iterations is 0/);
    await expect(next(zeros([4, 2]), { components: 4 as 3 })).rejects.toThrow(/components is 4, expected 2 or 3/);
  });
});

describe("principal components", () => {
  it("are orthonormal, take the most variance, and give back what they span", async () => {
    const flat = random
      .seed(2)
      .normal([50, 3])
      .matmul(random.seed(3).normal([3, 12]))
      .add(5);
    const found = await pca(flat, { components: 3 });
    const c = (await found.components.matmul(found.components.transpose()).toArray()) as number[][];
    for (const [i, row] of c.entries())
      for (const [j, value] of row.entries()) expect(value).toBeCloseTo(i === j ? 1 : 0, 9);
    const back = await found.inverse(found.transform(flat)).data();
    for (const [i, value] of (await flat.data()).entries()) expect(back[i]).toBeCloseTo(value, 4);
    const along = (await found.transform(flat).data()) as Float64Array;
    for (let k = 0; k < 3; k++) {
      const values = Array.from({ length: 50 }, (_, i) => along[3 * i + k]!);
      expect(values.reduce((sum, value) => sum + value * value, 0) / 49).toBeCloseTo(found.variances[k]!, 6);
    }
    expect(found.variances).toEqual([...found.variances].sort((a, b) => b - a));
  });

  it("find equal variances, and none", async () => {
    const square = tensor([
      [1, 1],
      [-1, 1],
      [1, -1],
      [-1, -1],
    ]);
    expect((await pca(square, { components: 2 })).variances.map((v) => v.toFixed(9))).toEqual([
      "1.333333333",
      "1.333333333",
    ]);
    // More features than are worked out at once: the same variances as of the examples' products with each other.
    const wide = random.seed(4).normal([8, 1100]);
    const exact = wide.cast("float64");
    const centred = exact.sub(exact.mean({ axis: 0 }));
    const { values } = eigh(centred.matmul(centred.transpose()).div(7));
    const expected = Array.from(await values.slice({ axis: 0, start: -1, stop: -4, step: -1 }).data());
    const { variances, components } = await pca(wide, { components: 3 });
    for (const [k, value] of expected.entries()) expect(variances[k]! / value).toBeCloseTo(1, 10);
    const apart = components.matmul(components.transpose()).sub(eye(3, { dtype: "float64" }));
    expect(await apart.abs().max().item()).toBeLessThan(1e-12);
    expect((await pca(zeros([5, 3]), { components: 2 })).variances).toEqual([0, 0]);
    await expect(pca(square, { components: 3 })).rejects.toThrow(/3 components of \[4, 2\], expected 1 … 2/);
  });
});
