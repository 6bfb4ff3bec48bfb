import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pca, random } from "../../../../lib/src/index.ts";
import { embeddingExplorer } from "../../../src/index.ts";
import { classPaints } from "../../../src/picture/class-marks.ts";
import { tensor } from "../../tensor.ts";
import { advice, mayBeLeftOut, startBrowser } from "../chromium.ts";
import { blue, drag, mapOf, orange, patient, shift, spot, square } from "./embedding-page.ts";
import { LivePage } from "./live-page.ts";

const pictures = process.env.GRADBOOK_PICTURES;

/** The colour of a class, as its parts. */
const partsOf = (index: number, scheme: "light" | "dark") =>
  [1, 3, 5].map((at) => Number.parseInt(classPaints[index]![scheme].slice(at, at + 2), 16));

async function picture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}

if (mayBeLeftOut) console.warn(advice);

describe.skipIf(mayBeLeftOut)("what an embedding explorer draws", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  test("as principal components are the points where pca() of the library has them", async () => {
    const live = await LivePage.open(browser);
    const x = random.seed(3).normal([12, 5]);
    // Five points can be told apart by their colours; the others are of no class.
    const labels = Array.from({ length: 12 }, (_, i) => (i < 5 ? `class ${i}` : ""));
    await live.show(embeddingExplorer(x, { pca, labels }));
    const { page } = live;
    const found = await pca(x, { components: 2 });
    const scores = (await found.transform(x).toArray()) as number[][];
    await expect.poll(async () => (await spot(page, partsOf(4, "light"))).count, patient).toBeGreaterThan(10);
    const spots = await Promise.all([0, 1, 2, 3, 4].map((index) => spot(page, partsOf(index, "light"))));
    // One scale for both axes; y goes up.
    const scale = (spots[1]!.x - spots[0]!.x) / (scores[1]![0]! - scores[0]![0]!);
    expect(scale).toBeGreaterThan(10);
    for (const [i, { x: across, y: down }] of spots.entries()) {
      expect(Math.abs(across - spots[0]!.x - scale * (scores[i]![0]! - scores[0]![0]!)), `point ${i}`).toBeLessThan(
        1.5,
      );
      expect(Math.abs(down - spots[0]!.y + scale * (scores[i]![1]! - scores[0]![1]!)), `point ${i}`).toBeLessThan(1.5);
    }
    expect(live.complaints).toEqual([]);
    await live.close();
  });

  test("names stand beside their points, until the reader wants none", async () => {
    const live = await LivePage.open(browser);
    await live.show(square());
    const { page } = live;
    await expect.poll(async () => (await spot(page, blue)).count, patient).toBeGreaterThan(20);
    /** Dark pixels in a strip to the right and to the left of each point. */
    const written = async () => {
      const spots = await Promise.all([0, 1, 2, 3].map((index) => spot(page, partsOf(index, "light"))));
      return mapOf(page).evaluate((element, places) => {
        const canvas = element as unknown as {
          width: number;
          clientWidth: number;
          getContext(kind: "2d"): {
            getImageData(x: number, y: number, w: number, h: number): { data: Uint8ClampedArray };
          };
        };
        const density = canvas.width / canvas.clientWidth;
        return places.map(({ x, y }) =>
          [x + 7, x - 77].map((left) => {
            const { data } = canvas
              .getContext("2d")
              .getImageData(left * density, (y - 7) * density, 70 * density, 14 * density);
            let dark = 0;
            for (let at = 0; at < data.length; at += 4)
              if (data[at]! + data[at + 1]! + data[at + 2]! < 300 && data[at + 3]! > 200) dark++;
            return dark;
          }),
        );
      }, spots);
    };
    const beside = async () => (await written()).map((sides) => Math.max(...sides) > 60);
    await expect.poll(beside, patient).toEqual([true, true, true, true]);
    await picture(page, "embedding-explorer-names");
    await page.getByRole("checkbox", { name: "names" }).uncheck();
    await expect.poll(async () => (await written()).flat(), patient).toEqual(Array(8).fill(0));
    await page.getByRole("checkbox", { name: "names" }).check();
    await expect.poll(beside, patient).toEqual([true, true, true, true]);
    expect(live.complaints).toEqual([]);
    await live.close();
  });

  test("a map of 10,000 points follows each move of a drag", async () => {
    const live = await LivePage.open(browser);
    const count = 10_000;
    const places = random.seed(4).normal([count, 2]);
    const values = await places.data();
    // Two hundred are together, to the right of all others.
    for (let i = 0; i < 200; i++) values.set([8 + 0.05 * values[2 * i]!, 0.05 * values[2 * i + 1]!], 2 * i);
    const positions = tensor([count, 2], ([i, axis]) => values[2 * i! + axis!]!);
    const labels = Array.from({ length: count }, (_, i) => (i < 200 ? "apart" : "a crowd"));
    await live.show(embeddingExplorer(positions, { positions, labels }));
    const { page } = live;
    await expect.poll(async () => (await spot(page, orange)).count, patient).toBeGreaterThan(20);
    await picture(page, "embedding-explorer-10000");
    const before = await spot(page, orange);
    const { x, y, width, height } = (await mapOf(page).boundingBox())!;
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.down();
    for (let step = 1; step <= 12; step++) {
      await page.mouse.move(x + width / 2 - 9 * step, y + height / 2 + 5 * step);
      // The middle of points that cover each other is known to a pixel.
      const off = async () => {
        const now = await spot(page, orange);
        return Math.max(Math.abs(now.x - before.x + 9 * step), Math.abs(now.y - before.y - 5 * step));
      };
      await expect.poll(off, patient).toBeLessThan(1);
    }
    await page.mouse.up();
    expect(live.complaints).toEqual([]);
    await live.close();
  });

  test("takes the other theme's colours while it is open, and keeps where one was", async () => {
    const live = await LivePage.open(browser);
    await live.show(square());
    const { page } = live;
    await expect.poll(async () => (await spot(page, blue)).count, patient).toBeGreaterThan(20);
    const box = (await mapOf(page).boundingBox())!;
    await drag(page, [box.width / 2, box.height / 2], [box.width / 2 + 30, box.height / 2 + 20]);
    const moved = await spot(page, blue);
    const seen = async (scheme: "light" | "dark") => {
      const paper = scheme === "light" ? [255, 255, 255] : [23, 25, 30];
      await expect.poll(async () => (await spot(page, paper, 2)).count, patient).toBeGreaterThan(10_000);
      for (const index of [0, 1, 2, 3]) expect((await spot(page, partsOf(index, scheme))).count).toBeGreaterThan(20);
      const card = await page.evaluate<string>(
        "getComputedStyle(document.querySelector('.gradbook-view')).backgroundColor",
      );
      expect(card).toBe(`rgb(${paper.join(", ")})`);
    };
    await page.emulateMedia({ colorScheme: "dark" });
    await seen("dark");
    const now = await spot(page, partsOf(0, "dark"));
    expect([shift(now.x, moved.x), shift(now.y, moved.y)]).toEqual([0, 0]);
    await picture(page, "embedding-explorer-turned-dark");
    // JupyterLab's own word counts for more than the system's.
    await page.evaluate("document.body.dataset.jpThemeLight = 'true'");
    await seen("light");
    await page.evaluate("document.body.dataset.jpThemeLight = 'false'");
    await seen("dark");
    expect(live.complaints).toEqual([]);
    await live.close();
  });
});
