import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { featureMaps, filters, layerExplorer } from "../../../src/index.ts";
import { tensor } from "../../tensor.ts";
import { advice, mayBeLeftOut, startBrowser } from "../chromium.ts";
import { colourFilters, firstFilters, mapsOf, network } from "./layers.ts";
import { LivePage } from "./live-page.ts";

if (mayBeLeftOut) console.warn(advice);

const patient = { timeout: 60_000 };
const pictures = process.env.GRADBOOK_PICTURES;

/** The pixels of a tile, one for each value, as [red, green, blue]. */
function pixelsOf(page: Page, tile: number): Promise<number[][]> {
  return page.evaluate(`(() => {
    const canvas = document.querySelectorAll(".gb-tile canvas")[${tile}];
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return Array.from({ length: data.length / 4 }, (_, i) => [...data.slice(4 * i, 4 * i + 3)]);
  })()`);
}

/** What a function of the page says of each element that a selector finds. */
function each<Found>(page: Page, selector: string, say: string): Promise<Found[]> {
  return page.evaluate(`[...document.querySelectorAll(${JSON.stringify(selector)})].map(${say})`);
}

/** The channels of the tiles in the order in which they are seen. */
const channels = (page: Page) => each<number>(page, ".gb-tile", "(tile) => Number(tile.dataset.channel)");

const list = (page: Page, name: string) => page.getByRole("combobox", { name, exact: true });
const choose = (page: Page, name: string, value: string) => list(page, name).selectOption(value);

describe.skipIf(mayBeLeftOut)("filters and feature maps in Chromium", () => {
  let browser: Browser;
  let live: LivePage;
  beforeAll(async () => {
    browser = await startBrowser();
    live = await LivePage.open(browser);
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    await live.clear();
    expect(live.complaints.splice(0)).toEqual([]);
  });

  const foot = () => live.page.locator(".gb-foot").textContent();
  const count = () => live.page.locator(".gb-tile").count();

  test("another layer is chosen, and the kernel knows of it", async () => {
    const explorer = layerExplorer(network());
    const before = await live.show(explorer);
    expect(before["text/plain"]).toContain("c1: filters [6, 1, 5, 5]");
    await expect.poll(foot, patient).toMatch(/^c1: 6 filters of 5 × 5 on 1 input/);
    await choose(live.page, "layer", "c3");
    await expect.poll(foot, patient).toMatch(/^c3: 16 filters of 5 × 5 on 6 inputs/);
    // The static picture is of the layer that the reader chose.
    await expect
      .poll(async () => (await live.bundleOf(explorer))["text/plain"], patient)
      .toContain("c3: filters [16, 6, 5, 5]");
  });

  test("activations are seen in place of filters", async () => {
    await live.show(layerExplorer(network()));
    await live.page.getByRole("button", { name: "feature maps" }).click();
    await expect.poll(foot, patient).toMatch(/^c1: 6 maps of 14 × 14/);
    await live.page.getByRole("button", { name: "filters", exact: true }).click();
    await expect.poll(foot, patient).toMatch(/^c1: 6 filters/);
  });

  test("many channels are gone through in pages, by button and by key", async () => {
    await live.show(filters(tensor([200, 1, 5, 5], ([o]) => o! + 1)));
    const pages = live.page.locator(".gb-pager .gb-words");
    await expect.poll(() => pages.textContent(), patient).toMatch(/^filters 1 – \d+ of 200$/);
    const perPage = await count();
    expect(perPage).toBeGreaterThan(20);
    await live.page.getByRole("button", { name: "next page" }).click();
    await expect.poll(async () => (await channels(live.page))[0], patient).toBe(perPage);
    await live.page.locator(".gb-tile").first().focus();
    await live.page.keyboard.press("PageUp");
    await expect.poll(async () => (await channels(live.page))[0], patient).toBe(0);
    await expect.poll(() => live.page.getByRole("button", { name: "previous page" }).isDisabled(), patient).toBe(true);
  });

  test("values get the colours of each tile, of all tiles, or symmetrically about zero", async () => {
    // Channel c holds −1 and c + 1: what is black and white says which range it was.
    await live.show(
      featureMaps(
        tensor([3, 1, 2], ([c, , x]) => (x === 0 ? -1 : c! + 1)),
        { colours: "grey" },
      ),
    );
    const right = async () =>
      (await Promise.all([0, 1, 2].map((tile) => pixelsOf(live.page, tile)))).map((p) => p[1]![0]);
    const left = async () =>
      (await Promise.all([0, 1, 2].map((tile) => pixelsOf(live.page, tile)))).map((p) => p[0]![0]);
    await expect.poll(right, patient).toEqual([128, 191, 255]);
    expect(await left()).toEqual([0, 0, 0]);
    await choose(live.page, "range", "each");
    await expect.poll(right, patient).toEqual([255, 255, 255]);
    await choose(live.page, "range", "symmetric");
    await expect.poll(right, patient).toEqual([170, 212, 255]);
    await expect.poll(left, patient).toEqual([85, 85, 85]);
  });

  test("the key has the numbers at the ends of the colours", async () => {
    await live.show(featureMaps(tensor([3, 1, 2], ([c, , x]) => (x === 0 ? -1 : c! + 1))));
    const key = () => live.page.locator(".gb-layers-below .gb-key").textContent();
    await expect.poll(key, patient).toMatch(/^−13 ?the same/);
    await choose(live.page, "range", "symmetric");
    await expect.poll(key, patient).toMatch(/^−33 ?the same/);
    await choose(live.page, "range", "each");
    await expect.poll(key, patient).toMatch(/^lowesthighest/);
    await live.page.locator(".gb-tile").nth(1).focus();
    await expect.poll(key, patient).toMatch(/^−12channel 1;/);
  });

  test("colours are grey, viridis, or blue and red", async () => {
    await live.show(featureMaps(tensor([1, 1, 3], ([, , x]) => x! - 1)));
    const row = async () => (await pixelsOf(live.page, 0)).map((pixel) => pixel.join());
    await expect.poll(row, patient).toEqual(["68,1,84", "33,145,140", "253,231,37"]);
    await choose(live.page, "colours", "grey");
    await expect.poll(row, patient).toEqual(["0,0,0", "128,128,128", "255,255,255"]);
    await choose(live.page, "colours", "diverging");
    await expect.poll(row, patient).toEqual(["5,48,97", "247,247,247", "103,0,31"]);
  });

  test("filters on three inputs are seen in their colours", async () => {
    const primary = tensor([3, 3, 1, 1], ([o, c]) => (o === c ? 1 : 0));
    await live.show(filters(primary));
    const all = async () => (await Promise.all([0, 1, 2].map((tile) => pixelsOf(live.page, tile)))).map((p) => p[0]);
    await expect.poll(all, patient).toEqual([
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
    ]);
    await live.page.locator(".gb-tile canvas").nth(1).hover();
    await expect
      .poll(() => live.page.locator(".gb-tooltip").textContent(), patient)
      .toBe("output 1row 0, column 0: red 0, green 1, blue 0");
  });

  test("the inputs of filters are seen side by side, one by one, or put together", async () => {
    await live.show(filters(tensor([4, 5, 1, 2], ([o, i, , x]) => (x === 0 ? 10 * o! + i! : -i!))));
    await expect.poll(count, patient).toBe(20);
    expect(await live.page.locator(".gb-tile-row").allTextContents()).toEqual(["0", "1", "2", "3"]);
    const read = async (tile: number) => {
      await live.page
        .locator(".gb-tile canvas")
        .nth(tile)
        .hover({ position: { x: 3, y: 3 } });
      return live.page.locator(".gb-tooltip").textContent();
    };
    await expect.poll(() => read(7), patient).toBe("output 1, input 2row 0, column 0: 12");
    await choose(live.page, "inputs", "3");
    await expect.poll(count, patient).toBe(4);
    await expect.poll(() => read(2), patient).toBe("output 2row 0, column 0: 23");
    await choose(live.page, "inputs", "mean");
    await expect.poll(() => read(2), patient).toBe("output 2row 0, column 0: 22");
    await choose(live.page, "inputs", "norm");
    // √(20² + 21² + 22² + 23² + 24²)
    await expect.poll(() => read(2), patient).toBe("output 2row 0, column 0: 49.3");
  });

  test("values are enlarged as whole squares", async () => {
    await live.show(
      featureMaps(
        tensor([1, 2, 2], ([, y, x]) => 2 * y! + x!),
        { colours: "grey" },
      ),
    );
    const slider = live.page.getByLabel("zoom");
    await slider.focus();
    await live.page.keyboard.press("End");
    const size = () => live.page.locator(".gb-tile canvas").first().boundingBox();
    await expect.poll(async () => (await size())?.width, patient).toBe(48);
    // What the screen shows, not what the canvas holds: sharp squares of 24 pixels.
    const shot = await live.page.locator(".gb-tile canvas").first().screenshot();
    const colours = await live.page.evaluate(`(async () => {
      const file = await fetch("data:image/png;base64,${shot.toString("base64")}");
      const bitmap = await createImageBitmap(await file.blob());
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
      context.drawImage(bitmap, 0, 0);
      return [2, 22, 26, 45].map((x) => context.getImageData(x, 12, 1, 1).data[0]);
    })()`);
    expect(colours).toEqual([0, 0, 85, 85]);
  });

  test("the pointer reads a value and its place", async () => {
    await live.show(filters(tensor([2, 1, 3, 4], ([o, , y, x]) => 100 * o! + 10 * y! + x!)));
    const box = (await live.page.locator(".gb-tile canvas").nth(1).boundingBox())!;
    await live.page.mouse.move(box.x + (box.width * 3.5) / 4, box.y + (box.height * 2.5) / 3);
    const tooltip = live.page.locator(".gb-tooltip");
    await expect.poll(() => tooltip.textContent(), patient).toBe("output 1row 2, column 3: 123");
    await live.page.mouse.move(box.x, box.y + 400);
    await expect.poll(() => tooltip.isHidden(), patient).toBe(true);
  });

  test("a click enlarges a tile, the arrow keys read its values, and Escape leads back", async () => {
    await live.show(filters(tensor([6, 1, 3, 4], ([o, , y, x]) => 100 * o! + 10 * y! + x!)));
    const tile = live.page.locator(".gb-tile").nth(2);
    const box = (await tile.locator("canvas").boundingBox())!;
    await live.page.mouse.click(box.x + (box.width * 1.5) / 4, box.y + (box.height * 1.5) / 3);
    const dialog = live.page.getByRole("dialog", { name: "output 2, enlarged" });
    await dialog.waitFor();
    const value = live.page.getByRole("dialog").getByRole("status");
    await expect.poll(() => value.textContent(), patient).toBe("row 1, column 1: 211");
    for (const [key, words] of [
      ["ArrowRight", "row 1, column 2: 212"],
      ["ArrowDown", "row 2, column 2: 222"],
      ["Home", "row 2, column 0: 220"],
      ["ArrowLeft", "row 2, column 0: 220"],
      ["PageDown", "row 2, column 0: 320"],
    ] as const) {
      await live.page.keyboard.press(key);
      await expect.poll(() => value.textContent(), patient).toBe(words);
    }
    const large = (await live.page.locator(".gb-enlarged-place").boundingBox())!;
    await live.page.mouse.move(large.x + large.width - 5, large.y + 5);
    await expect.poll(() => value.textContent(), patient).toBe("row 0, column 3: 303");
    await live.page.keyboard.press("Escape");
    await expect.poll(count, patient).toBe(6);
    await expect.poll(() => live.page.locator(".gb-enlarged").isHidden(), patient).toBe(true);
    // The keyboard is where it was; Enter enlarges, too.
    await live.page.keyboard.press("ArrowRight");
    await live.page.keyboard.press("Enter");
    await expect.poll(() => live.page.locator(".gb-enlarged-title").textContent(), patient).toBe("output 4");
    await live.page.getByRole("button", { name: "close" }).click();
    await expect.poll(() => live.page.locator(".gb-enlarged").isHidden(), patient).toBe(true);
  });

  test("tiles are sorted by norm or by mean activation", async () => {
    const strength = [3, 1, 2];
    const weights = [1, -5, 3];
    await live.show(
      layerExplorer({
        layers: {
          c1: {
            filters: tensor([3, 1, 2, 2], ([o]) => weights[o!]!),
            maps: (_, index) => tensor([3, 2, 2], ([c, y]) => strength[c!]! * (1 + index) * (y! - 0.1)),
          },
        },
        inputs: tensor([2, 4, 4], () => 1),
      }),
    );
    await choose(live.page, "sort by", "norm");
    await expect.poll(() => channels(live.page), patient).toEqual([1, 2, 0]);
    expect(await live.page.locator(".gb-tile-name").allTextContents()).toEqual(["1: 10", "2: 6", "0: 2"]);
    await choose(live.page, "sort by", "mean");
    await expect.poll(() => channels(live.page), patient).toEqual([0, 2, 1]);
    // (−0.1 + 0.9) / 2 · 3, over inputs 0 and 1: 1.2 and 2.4.
    expect(await live.page.locator(".gb-tile-name").first().textContent()).toBe("0: 1.8");
  });

  test("channels that say the same whatever they see are marked as dead", async () => {
    const explorer = layerExplorer({
      layers: {
        c1: {
          filters: tensor([4, 1, 2, 2], ([o, , y]) => (o === 0 ? 0.5 : y! + o!)),
          // Channel 2 is dead for one input only.
          maps: (_, index) => tensor([4, 2, 2], ([c, y]) => (c === 1 || (c === 2 && index === 0) ? 0 : y! + 1)),
        },
      },
      inputs: tensor([2, 4, 4], () => 1),
    });
    await live.show(explorer);
    const dead = () =>
      each<string>(live.page, ".gb-tile:has(.gb-badge:not([hidden]))", '(tile) => tile.getAttribute("aria-label")');
    await expect.poll(async () => (await dead()).length, patient).toBe(2);
    expect(await dead()).toEqual(["output 0: 0.5 … 0.5, dead", "output 1: 1 … 2, dead"]);
    await live.page.getByRole("button", { name: "feature maps" }).click();
    await expect.poll(dead, patient).toEqual(["channel 1: 0 … 0, dead"]);
    await expect.poll(foot, patient).toContain("1 dead for all 2 inputs seen");
  });

  test("updates follow what a function gives", async () => {
    let value = 1;
    const weights = filters(() => tensor([1, 1, 1, 2], ([, , , x]) => x! * value));
    await live.show(weights);
    await expect.poll(foot, patient).toContain("0 … 1");
    for (value = 2; value < 6; value++) weights.update();
    value = 7;
    weights.update();
    await expect.poll(foot, patient).toContain("0 … 7");
    weights.update(tensor([2, 1, 1, 2], ([, , , x]) => x! + 8));
    await expect.poll(foot, patient).toContain("2 filters of 1 × 2 on 1 input; 8 … 9");
  });

  test("is readable on narrow and wide, light and dark pages", async () => {
    const explorer = layerExplorer(network(), { title: "Rings" });
    for (const epoch of [0, 1, 2]) await explorer.snapshot(epoch);
    const { page } = live;
    await live.show(explorer);
    await live.show(filters(colourFilters, { title: "In colour" }));
    await live.show(
      featureMaps(
        await mapsOf(40, 10)(
          tensor([1, 10, 10], ([, y, x]) => (y! + x!) / 18),
          1,
        ),
      ),
    );
    const paper = () => page.evaluate("getComputedStyle(document.querySelector('.gradbook-view')).backgroundColor");
    for (const width of [600, 1600]) {
      for (const colorScheme of ["light", "dark"] as const) {
        await page.setViewportSize({ width, height: 1000 });
        await page.emulateMedia({ colorScheme });
        await expect.poll(paper, patient).toBe(colorScheme === "light" ? "rgb(255, 255, 255)" : "rgb(23, 25, 30)");
        await choose(page, "layer", "c1");
        await expect.poll(() => page.locator(".gb-tile-table").count(), patient).toBe(0);
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
        await snapshot(`filters-${width}-${colorScheme}`);
        await choose(page, "layer", "c3");
        await expect.poll(() => page.locator(".gb-tile-table").count(), patient).toBe(1);
        const hidden = async () =>
          Math.max(...(await each<number>(page, ".gb-tiles-place", "(at) => at.scrollWidth - at.clientWidth")));
        await expect.poll(hidden, patient).toBeLessThanOrEqual(0);
        await snapshot(`table-${width}-${colorScheme}`);
        await page.locator(".gb-tile").nth(9).click();
        await page.getByRole("dialog").waitFor();
        await snapshot(`enlarged-${width}-${colorScheme}`);
        await page.keyboard.press("Escape");
      }
    }
    await page.setViewportSize({ width: 900, height: 700 });
    await page.emulateMedia({ colorScheme: "light" });

    async function snapshot(name: string): Promise<void> {
      if (pictures === undefined) return;
      mkdirSync(pictures, { recursive: true });
      await page.screenshot({ path: join(pictures, `layers-${name}.png`) });
    }
  });

  test("a view restored from the saved file needs no kernel", async () => {
    const explorer = layerExplorer(network());
    const bundle = await live.show(explorer);
    await choose(live.page, "layer", "c3");
    await live.page.getByRole("button", { name: "feature maps" }).click();
    await choose(live.page, "colours", "grey");
    await choose(live.page, "sort by", "mean");
    await expect.poll(() => channels(live.page), patient).toContain(15);
    await live.page.locator(".gb-thumb").nth(5).click();
    await expect.poll(foot, patient).toMatch(/^c3: 16 maps/);
    await live.page.locator(".gb-tile").first().click();
    await live.page.getByRole("dialog").waitFor();
    const words = await foot();
    await live.idle();
    const alone = await LivePage.reopen(browser, bundle);
    await expect.poll(() => alone.page.locator(".gb-foot").textContent(), patient).toBe(words);
    expect(await alone.page.getByRole("combobox", { name: "colours" }).inputValue()).toBe("grey");
    expect(await alone.page.locator(".gb-input-name").textContent()).toBe("input 5: ring 5");
    await alone.page.getByRole("button", { name: "close" }).click();
    await expect.poll(() => alone.page.locator(".gb-tile").count(), patient).toBe(16);
    // Of 24 inputs 16 were saved.
    await expect.poll(() => alone.page.locator(".gb-thumb:disabled").count(), patient).toBe(8);
    expect(await alone.page.locator(".gb-thumb").nth(20).getAttribute("title")).toBe(
      "input 20: ring 20: not saved; needs the kernel",
    );
    await alone.page.locator(".gb-thumb").nth(7).click();
    await expect.poll(() => alone.page.locator(".gb-input-name").textContent(), patient).toBe("input 7: ring 7");
    expect(alone.complaints).toEqual([]);
    await alone.close();
  });

  test("options, labels and sizes of the static picture hold for the live one", async () => {
    const labels = Array.from({ length: 6 }, (_, i) => `edge ${i}`);
    await live.show(filters(firstFilters(), { columns: 3, scale: 10, colours: "grey", normalise: "each", labels }));
    await expect.poll(() => live.page.locator(".gb-tile-name").allTextContents(), patient).toEqual(labels);
    const boxes = await each<{ width: number; x: number }>(
      live.page,
      ".gb-tile canvas",
      "(canvas) => canvas.getBoundingClientRect().toJSON()",
    );
    expect(boxes.map(({ width }) => width)).toEqual(Array(6).fill(50));
    expect(new Set(boxes.map(({ x }) => x)).size).toBe(3);
    expect(await live.page.getByRole("combobox", { name: "colours" }).inputValue()).toBe("grey");
    expect(await live.page.getByRole("combobox", { name: "range" }).inputValue()).toBe("each");
  });
});
