import { describe, expect, test } from "vitest";
import { pca, random, tensor, tsne } from "../../../lib/src/index.ts";
import type { RunState } from "../../src/embedding/state.ts";
import { embeddingExplorer, type TensorLike } from "../../src/index.ts";
import { shown } from "../showing.ts";

/** Three clouds, 25 points each. */
async function clouds() {
  const labels = Array.from({ length: 75 }, (_, i) => ["ash", "birch", "cedar"][i % 3]!);
  const centres = tensor(labels.map((label) => ["ash", "birch", "cedar"].map((name) => (name === label ? 9 : 0))));
  return { x: random.seed(7).normal([75, 3]).add(centres), labels };
}

const matrix = (...shape: number[]): TensorLike => ({
  shape,
  data: async () => Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * i)),
});

/** The middles of the boxes of a path's parts, by the rules of SVG: after `z` the pen is where the part began. */
function middles(path: string): (readonly [x: number, y: number])[] {
  const parts: [number, number][][] = [];
  let [x, y] = [0, 0];
  for (const [, command, numbers] of path.matchAll(/([Mmlhvz])([^Mmlhvz]*)/g)) {
    const [a = 0, b = 0] = (numbers!.match(/-?[\d.]+/g) ?? []).map(Number);
    if (command === "z") [x, y] = parts.at(-1)![0]!;
    else if (command === "M") [x, y] = [a, b];
    else if (command === "h") x += a;
    else if (command === "v") y += a;
    else [x, y] = [x + a, y + b];
    if (command === "M" || command === "m") parts.push([[x, y]]);
    else parts.at(-1)!.push([x, y]);
  }
  // Moving twice without drawing leaves nothing.
  const drawn = parts.filter((corners) => corners.length > 1);
  const middle = (values: number[]) => (Math.min(...values) + Math.max(...values)) / 2;
  return drawn.map((corners) => [middle(corners.map(([x]) => x)), middle(corners.map(([, y]) => y))]);
}

describe("an embedding explorer", () => {
  test("runs gradbook's t-SNE to its end", async () => {
    const { x, labels } = await clouds();
    const explorer = embeddingExplorer(x, { title: "Trees", labels, tsne, pca, perplexity: 10 });
    expect(explorer.positions).toBeUndefined();
    expect(explorer.kl).toBeUndefined();
    expect(await explorer.run({ iterations: 300 })).toBe(explorer);
    expect(explorer.positions!.shape).toEqual([75, 2]);
    // The same as without the explorer, step by step.
    let last: { positions: ArrayLike<number>; kl: number } | undefined;
    for await (const step of tsne(x, { perplexity: 10, iterations: 300, every: 1 }))
      last = { positions: await step.positions.data(), kl: step.klDivergence };
    expect([...((await explorer.positions!.data()) as Float32Array)]).toEqual([...(last!.positions as Float32Array)]);
    expect(explorer.kl).toBe(last!.kl);
    // To the same end it has run already; to another one it goes on.
    await explorer.run({ iterations: 300 });
    expect(explorer.kl).toBe(last!.kl);
    await explorer.run({ iterations: 320 });
    expect(explorer.kl).not.toBe(last!.kl);
    const bundle = await shown(explorer);
    expect(bundle["text/plain"]).toMatch(
      /^Trees: 75 points of 3 features · t-SNE after 320 iterations · KL divergence 0\.\d{3}$/,
    );
  });

  test("runs it in space, from random places of a seed", async () => {
    const { x } = await clouds();
    const run = async (seed: number) => {
      const explorer = embeddingExplorer(x, { tsne, perplexity: 10, seed });
      await explorer.run({ iterations: 20, inSpace: true });
      expect(explorer.positions!.shape).toEqual([75, 3]);
      return [...((await explorer.positions!.data()) as Float32Array)];
    };
    expect(await run(1)).toEqual(await run(1));
    expect(await run(1)).not.toEqual(await run(2));
  });

  test("a cell that is interrupted ends, and t-SNE can go on", async () => {
    const { x } = await clouds();
    const explorer = embeddingExplorer(x, { tsne, pca });
    const control = new AbortController();
    const symbol = Symbol.for("Jupyter.signal");
    Object.defineProperty(globalThis, symbol, { value: control.signal, configurable: true });
    try {
      const cell = explorer.run({ iterations: 100_000 });
      const timer = setInterval(() => {
        if (explorer.kl !== undefined) control.abort(new Error("interrupted"));
      }, 5);
      await expect(cell).rejects.toThrow("interrupted");
      clearInterval(timer);
    } finally {
      delete (globalThis as { [key: symbol]: unknown })[symbol];
    }
    const state = () => (explorer as unknown as { get(name: "run2"): RunState }).get("run2");
    expect(state().status).toBe("paused");
    const { iteration } = state();
    await new Promise((resolve) => setTimeout(resolve, 30));
    // The one that was being made may have come to its end.
    expect(state().iteration).toBeLessThanOrEqual(iteration + 1);
    await explorer.run({ iterations: iteration + 5 });
    expect(state()).toMatchObject({ status: "done", iteration: iteration + 5 });
  });

  test("lets the event loop turn between iterations", async () => {
    const { x } = await clouds();
    const explorer = embeddingExplorer(x, { tsne });
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await explorer.run({ iterations: 200 });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
  });

  test("tells what t-SNE throws, and when its maps have other sizes", async () => {
    const { x } = await clouds();
    const failing = embeddingExplorer(x, {
      tsne: async function* () {
        yield* [];
        throw new RangeError("no neighbours");
      },
    });
    await expect(failing.run()).rejects.toThrow("no neighbours");
    const flat = embeddingExplorer(x, {
      tsne: async function* () {
        yield { iteration: 1, positions: matrix(75, 2), klDivergence: 1 };
      },
    });
    await expect(flat.run({ inSpace: true })).rejects.toThrow("tsne gave positions [75, 2], expected [75, 3]");
  });

  test("draws its points by class, with a legend, and by principal components with their share", async () => {
    const { x, labels } = await clouds();
    const { "image/svg+xml": svg, "text/plain": text } = await shown(embeddingExplorer(x, { labels, pca }));
    expect(text).toBe("75 points of 3 features · principal components");
    for (const name of ["ash", "birch", "cedar"]) expect(svg).toContain(`>${name}<`);
    expect(svg.match(/class="gradbook-stroke-class\d"/g)).toHaveLength(3);
    const shares = [...svg.matchAll(/PC \d \(([\d.]+) % of the variance\)/g)].map(([, share]) => Number(share));
    // An independent sum: the variances of all three components are all there is.
    const { variances } = await pca(x, { components: 3 });
    const all = variances.reduce((a, b) => a + b, 0);
    expect(shares).toEqual(variances.slice(0, 2).map((value) => Number(((100 * value) / all).toFixed(1))));
  });

  test("draws measurements with a key, and points that are a map already as they are", async () => {
    const x = matrix(40, 2);
    const bundle = await shown(embeddingExplorer(x, { labels: Array.from({ length: 40 }, (_, i) => i / 8) }));
    expect(bundle["image/svg+xml"]).toContain(">4.875<");
    expect(bundle["image/svg+xml"]).toContain(">dimension 1<");
    expect(bundle["text/plain"]).toBe("40 points of 2 features");
  });

  test("keeps the picture of ten thousand points small", async () => {
    const labels = Array.from({ length: 10_000 }, (_, i) => i % 24);
    const { "image/svg+xml": svg } = await shown(embeddingExplorer(matrix(10_000, 2), { labels, title: "many" }));
    expect(svg.length).toBeLessThan(300_000);
    expect(svg.includes(">and 3 more<")).toBe(true);
  });

  test("draws each point in its place, whatever its mark", async () => {
    const places = { shape: [600, 2], data: async () => Float32Array.from({ length: 1200 }, (_, i) => at(i)) };
    // A row of twelve points for each of fifty classes, of ten colours and five shapes.
    const at = (i: number) => (i % 2 === 0 ? (i >> 1) % 12 : Math.floor((i >> 1) / 12));
    const labels = Array.from({ length: 600 }, (_, i) => Math.floor(i / 12));
    const { "image/svg+xml": svg } = await shown(embeddingExplorer(places, { labels, colourBy: "class" }));
    const paths = [...svg.matchAll(/<path [^>]*-opacity="0.85" d="([^"]*)"/g)].map(([, path]) => middles(path!));
    expect(paths).toHaveLength(50);
    const [left, bottom] = paths[0]![0]!;
    const [right] = paths[0]!.at(-1)!;
    const [, top] = paths.at(-1)![0]!;
    paths.forEach((row, number) => {
      expect(row).toHaveLength(12);
      row.forEach(([x, y], column) => {
        // A mark's box is not all around its middle, a triangle's less than others'.
        expect(Math.abs(x - left - ((right - left) * column) / 11)).toBeLessThan(0.6);
        expect(Math.abs(y - bottom - ((top - bottom) * number) / 49)).toBeLessThan(0.6);
      });
    });
  });

  test("draws a single point, which t-SNE could not place", async () => {
    expect((await shown(embeddingExplorer(matrix(1, 2))))["text/plain"]).toBe("1 point of 2 features");
    expect(() => embeddingExplorer(matrix(1, 2), { tsne } as never)).toThrow("perplexity is 1, expected");
  });

  test("selects by number, and refuses numbers that no point has", () => {
    const explorer = embeddingExplorer(matrix(10, 2));
    explorer.select([3, 1, 3]);
    expect(explorer.selected).toEqual([3, 1]);
    expect(() => explorer.select([10])).toThrow("there is no point 10, expected 0 … 9");
    expect(explorer.selected).toEqual([3, 1]);
  });

  test("says in the line that makes it what does not fit", async () => {
    const x = matrix(6, 5);
    expect(() => embeddingExplorer(x)).toThrow(
      /expected tsne or pca \(import \{ tsne, pca \} from "gradbook"\), or positions/,
    );
    expect(() => embeddingExplorer(matrix(6), {})).toThrow("the points are [6], expected [n, features]");
    expect(() => embeddingExplorer(x, { positions: matrix(5, 2) })).toThrow(
      "positions are [5, 2], expected [6, 2] or [6, 3]",
    );
    expect(() => embeddingExplorer(x, { tsne, names: ["a"] } as never)).toThrow("1 names for 6 points");
    expect(() => embeddingExplorer(x, { tsne, labels: matrix(4, 1) } as never)).toThrow("4 labels for 6 points");
    expect(() => embeddingExplorer(x, { tsne, perplexity: 6 } as never)).toThrow(
      "perplexity is 6, expected at least 1 and less than 6",
    );
    expect(() => embeddingExplorer({ item: 1 } as never)).toThrow("this is no tensor");
    await expect(embeddingExplorer(x, { positions: matrix(6, 2) }).run()).rejects.toThrow("there is no tsne");
    await expect(embeddingExplorer(x, { tsne } as never).run({ iterations: 0 })).rejects.toThrow("iterations is 0");
  });
});
