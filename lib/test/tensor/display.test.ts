import { decode } from "fast-png";
import { describe, expect, it } from "vitest";
import { arange, full, linspace, nn, random, type Tensor, tensor, vmap } from "../../src/index.ts";

async function shown(value: Tensor): Promise<{ text: string; html: string }> {
  const bundle = await (value as unknown as Record<symbol, () => Promise<Record<string, string>>>)[
    Symbol.for("Jupyter.display")
  ]!();
  return { text: bundle["text/plain"]!, html: bundle["text/html"] ?? "" };
}

/** Heights of the bars, by their places from 0 to 1. */
function barsOf(html: string): { at: number; height: number }[] {
  return [...html.matchAll(/M([\d.]+) 64v-([\d.]+)h/g)].map(([, x, tall]) => ({
    at: Number(x) / 200,
    height: Number(tall) / 64,
  }));
}

function pictureOf(html: string) {
  const found = /<img [^>]*src="data:image\/png;base64,([^"]+)"/.exec(html);
  if (found === null) return undefined;
  const { width, height, data } = decode(Buffer.from(found[1]!, "base64"));
  const at = (row: number, column: number) => [
    ...data.subarray(3 * (row * width + column), 3 * (row * width + column) + 3),
  ];
  return { width, height, at };
}

describe("a tensor in a notebook", () => {
  it("tells type, shape, range, mean and spread, in text and in HTML", async () => {
    const { text, html } = await shown(linspace(0, 1, 101));
    expect(text).toMatch(/^Tensor float32 \[101\] .*\n0 … 1 · mean 0\.5 · std 0\.2915$/s);
    expect(html).toContain("<strong>Tensor</strong> float32 [101]");
    expect(html).toContain("0 … 1 · mean 0.5 · std 0.2915");
    expect(html).toContain("<details><summary>values</summary><pre");
    expect(html).not.toContain("<img");
  });

  it("draws how often values occur, in the colour of the text", async () => {
    const values = random.seed(1).normal([2000]);
    const numbers = [...(await values.data())];
    const { html } = await shown(values);
    expect(html).toContain('fill="currentColor"');
    expect(html).not.toMatch(/fill="(black|#)/);
    expect(html).toMatch(/>−\d\.\d+ … \d\.\d+ · mean/);
    const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
    const counts = new Array(40).fill(0);
    for (const value of numbers) counts[Math.min(39, Math.floor((40 * (value - low)) / (high - low)))]++;
    const bars = barsOf(html);
    expect(bars).toHaveLength(counts.filter((count) => count > 0).length);
    for (const { at, height } of bars) {
      const share = counts[Math.round(40 * at)] / Math.max(...counts);
      expect(Math.abs(height - Math.max(1 / 64, share))).toBeLessThan(0.001);
    }
  });

  it("gives whole numbers of a short range a bar each", async () => {
    const { html } = await shown(arange(100).remainder(10));
    expect(barsOf(html).map(({ height }) => height)).toEqual(Array(10).fill(1));
  });

  it("shows an image in its greys and its colours, matrices of both signs around white", async () => {
    const grey = pictureOf(
      (
        await shown(
          arange(28 * 30)
            .reshape([28, 30])
            .div(839),
        )
      ).html,
    )!;
    expect([grey.width, grey.height]).toEqual([30, 28]);
    expect([grey.at(0, 0), grey.at(27, 29)]).toEqual([
      [0, 0, 0],
      [255, 255, 255],
    ]);
    const red = tensor([1, 0, 0]).reshape([3, 1, 1]).broadcastTo([3, 8, 6]);
    const colour = pictureOf((await shown(red)).html)!;
    expect([colour.width, colour.height, colour.at(3, 3)]).toEqual([6, 8, [255, 0, 0]]);
    const both = pictureOf(
      (
        await shown(
          tensor([
            [-1, 0, 1],
            [0, Number.NaN, 0],
            [0.5, 0, 0],
            [0, 0, 0],
          ]),
        )
      ).html,
    )!;
    expect(both.at(0, 0)[2]).toBeGreaterThan(both.at(0, 0)[0]! + 100);
    expect(both.at(0, 2)[0]).toBeGreaterThan(both.at(0, 2)[2]! + 100);
    expect([both.at(0, 1), both.at(1, 1)]).toEqual([
      [247, 247, 247],
      [217, 119, 6],
    ]);
    expect(pictureOf((await shown(full([4, 8, 8], 0.5))).html)).toBeUndefined();
  });

  it("looks at a few million values of a large one, and shows a small picture of it", async () => {
    const { text, html } = await shown(full([6000, 4000], 2, { dtype: "int32" }).add(arange(4000)));
    expect(text).toContain("2 … 4000 · mean 2001");
    expect(text).toContain("of 3,000,000 values that lie evenly");
    expect(html.length).toBeLessThan(60_000);
    const picture = pictureOf(html)!;
    expect(Math.max(picture.width, picture.height)).toBeLessThanOrEqual(112);
  });

  it("tells of truth values how many are true, and of values that are not finite how many there are", async () => {
    expect((await shown(arange(20).less(5))).text).toMatch(/\n25 % true$/);
    const odd = await shown(tensor([...Array(18).fill(1), Number.NaN, Number.POSITIVE_INFINITY]));
    expect(odd.text).toMatch(/1 … 1 · mean 1 · std 0 · 2 not finite$/);
    expect(odd.html).toContain("2 not finite");
    expect(odd.html).not.toContain("<svg");
    expect((await shown(full([20], Number.NaN))).text).toMatch(/\n20 not finite$/);
  });

  it("is text alone where that says all: a few values, none yet, one example of many", async () => {
    expect(await shown(tensor([1, 2]))).toEqual({ text: "Tensor float32 [2] [1 2]", html: "" });
    expect((await shown(nn.parameter([30, 30], nn.onesInit))).text).toBe("Tensor float32 [30, 30] (no values yet)");
    let example: Promise<{ text: string; html: string }> | undefined;
    vmap((x: Tensor) => {
      example = shown(x);
      return x;
    })(full([3, 20], 1));
    expect(await example).toEqual({ text: "Tensor float32 [20] (of each example)", html: "" });
  });
});
