import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Histograms, histograms } from "../../../src/index.ts";
import { activations, weightsAlong } from "../../spreads.ts";
import { tensor } from "../../tensor.ts";
import { advice, mayBeLeftOut, startBrowser } from "../chromium.ts";
import { LivePage } from "./live-page.ts";

if (mayBeLeftOut) console.warn(advice);

const patient = { timeout: 60_000 };
const pictures = process.env.GRADBOOK_PICTURES;
/** 0 … 3 four times, once, twice and once; each value is a bin of its own. */
const known = [0, 0, 0, 0, 1, 2, 2, 3];

describe.skipIf(mayBeLeftOut)("histograms in Chromium", () => {
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

  const names = (of = live) => of.page.locator(".gb-histogram-name").allTextContents();
  const foot = (of = live) => of.page.locator(".gb-foot").textContent();
  const place = (panel = 0, of = live) => of.page.locator(".gb-histogram-place").nth(panel);
  const numbers = (panel = 0) => live.page.locator(".gb-histogram-numbers").nth(panel).textContent();
  const tooltip = () => live.page.locator(".gb-tooltip:not([hidden]) div").allTextContents();

  /** How much of each column of a panel is painted, in pixels; the axis is below. */
  const painted = (panel = 0, of = live): Promise<number[]> =>
    of.page.evaluate(`(() => {
      const canvas = document.querySelectorAll(".gb-histogram-place canvas")[${panel}];
      const { width, height } = canvas;
      const density = width / canvas.clientWidth;
      const rows = Math.floor(height - 24 * density);
      const { data } = canvas.getContext("2d").getImageData(0, 0, width, rows);
      return Array.from({ length: canvas.clientWidth }, (_, x) => {
        let sum = 0;
        for (let y = 0; y < rows; y++) if (data[4 * (y * width + Math.floor(x * density)) + 3] > 0) sum++;
        return sum / density;
      });
    })()`);

  /** What is drawn in a panel. */
  const picture = (panel = 0, of = live): Promise<string> =>
    of.page.evaluate(`document.querySelectorAll(".gb-histogram-place canvas")[${panel}].toDataURL()`);

  const point = async (across: number, down: number, panel = 0) => {
    const box = (await place(panel).boundingBox())!;
    await live.page.mouse.move(box.x + across * box.width, box.y + down * box.height);
  };

  test("bars are as high as the counts are large", async () => {
    await live.show(histograms({ known }, { bins: 4 }));
    const heights = async () => {
      const columns = await painted();
      return [0.125, 0.375, 0.625, 0.875].map((across) => columns[Math.round(4 + across * (columns.length - 8))]!);
    };
    await expect.poll(async () => (await heights())[0], patient).toBeGreaterThan(80);
    const [four, one, two, last] = await heights();
    expect(one! / four!).toBeCloseTo(1 / 4, 1);
    expect(two! / four!).toBeCloseTo(2 / 4, 1);
    expect(last! / four!).toBeCloseTo(1 / 4, 1);
    expect(await numbers()).toBe("mean 1, deviation 1.118, 50 % zeros");
  });

  test("counts are seen by their logarithm, and the kernel's picture follows", async () => {
    const one = histograms({ known }, { bins: 4 });
    const before = await live.show(one);
    await live.page.getByRole("checkbox", { name: "log counts" }).check();
    const ratio = async () => {
      const columns = await painted();
      const [four, single] = [0.125, 0.375].map((across) => columns[Math.round(4 + across * (columns.length - 8))]!);
      return single! / four!;
    };
    await expect.poll(ratio, patient).toBeCloseTo(Math.log(2) / Math.log(5), 1);
    await expect
      .poll(async () => (await live.bundleOf(one))["image/svg+xml"] === before["image/svg+xml"], patient)
      .toBe(false);
  });

  test("steps appear while training, one behind the other", async () => {
    const weights = histograms(undefined, { title: "Weights" });
    await live.show(weights);
    expect(await foot()).toBe("No values yet.");
    await weights.add(0, { w: [0, 1, 2, 3], b: [1, 1] });
    await expect.poll(names, patient).toEqual(["w", "b"]);
    expect(await foot()).toMatch(/^Point at a bin/);
    await weights.add(10, { w: [0, 2, 4, 6], b: [1, 2] });
    await expect.poll(numbers, patient).toMatch(/^mean 3, /);
    await expect.poll(() => place().getAttribute("aria-label"), patient).toMatch(/^w, 2 steps: mean 3, /);
    // Put down quickly: all of them come, in few messages.
    for (let step = 20; step <= 200; step += 10) await weights.add(step, { w: [0, step], b: [step] });
    await expect.poll(() => place().getAttribute("aria-label"), patient).toMatch(/^w, 21 steps: mean 100, /);
  });

  test("steps are seen on one another, or the last one alone", async () => {
    const { weights, done } = weightsAlong([0, 400, 800]);
    await done;
    await live.show(weights);
    await expect.poll(names, patient).toHaveLength(4);
    const steps = live.page.getByRole("combobox", { name: "steps" });
    const seen = new Set([await picture()]);
    for (const view of ["overlay", "last"] as const) {
      await steps.selectOption(view);
      await expect.poll(async () => seen.has(await picture()), patient).toBe(false);
      seen.add(await picture());
      await expect.poll(() => stateOf(weights, "view"), patient).toBe(view);
    }
    await steps.selectOption("ridges");
    await expect.poll(async () => seen.has(await picture()), patient).toBe(true);
  });

  test("the pointer reads the bin and the step below it", async () => {
    const weights = histograms(undefined, { bins: 4 });
    await Promise.all([weights.add(1, { known }), weights.add(2, { known: [...known, 3, 3] })]);
    await live.show(weights);
    await expect.poll(names, patient).toEqual(["known"]);
    const width = (await place().boundingBox())!.width;
    // Bins fill what is left of the steps' names.
    const middleOf = (bin: number) => (4 + ((bin + 0.5) / 4) * (width - 50)) / width;
    await point(middleOf(0), 0.2);
    await expect.poll(tooltip, patient).toEqual(["step 1", "0 … 0.75: 4 values, 50 %"]);
    await point(middleOf(3), 0.8);
    await expect.poll(tooltip, patient).toEqual(["step 2", "2.25 … 3: 3 values, 30 %"]);
    await live.page.mouse.move(0, 0);
    await expect.poll(tooltip, patient).toEqual([]);
  });

  test("the arrow keys read bins and steps, and are heard", async () => {
    const weights = histograms(undefined, { bins: 4 });
    await Promise.all([weights.add(1, { known }), weights.add(2, { known: [...known, 3, 3] })]);
    await live.show(weights);
    await place().focus();
    const press = async (key: string, words: string) => {
      await live.page.keyboard.press(key);
      await expect.poll(foot, patient).toBe(words);
    };
    await press("ArrowRight", "step 2: 0 … 0.75: 4 values, 40 %");
    await press("ArrowRight", "step 2: 0.75 … 1.5: 1 value, 10 %");
    await press("ArrowUp", "step 1: 0.75 … 1.5: 1 value, 12.5 %");
    await press("ArrowDown", "step 2: 0.75 … 1.5: 1 value, 10 %");
    await press("ArrowLeft", "step 2: 0 … 0.75: 4 values, 40 %");
    await press("ArrowLeft", "step 2: 0 … 0.75: 4 values, 40 %");
  });

  test("panels are found by part of their names, and a click on a name enlarges one", async () => {
    const { weights, done } = weightsAlong([0, 100]);
    await done;
    await live.show(weights);
    await live.page.getByRole("searchbox", { name: "name" }).fill("WEIGHT");
    await expect.poll(names, patient).toEqual(["c1.weight", "fc.weight"]);
    await expect.poll(foot, patient).toBe("2 of 4");
    await expect.poll(() => stateOf(weights, "filter"), patient).toBe("WEIGHT");
    const before = (await place().boundingBox())!;
    await live.page.getByRole("button", { name: "fc.weight" }).click();
    await expect.poll(names, patient).toEqual(["fc.weight"]);
    await expect.poll(async () => (await place().boundingBox())!.height, patient).toBeGreaterThan(2 * before.height);
    await expect.poll(foot, patient).toBe("fc.weight, one of 4");
    await live.page.getByRole("button", { name: "fc.weight" }).press("Enter");
    await expect.poll(names, patient).toEqual(["c1.weight", "fc.weight"]);
    await live.page.getByRole("searchbox", { name: "name" }).fill("");
    await expect.poll(names, patient).toHaveLength(4);
  });

  test("values that are not finite are told, and many panels are told from those that are seen", async () => {
    const values = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`layer ${i}`, [i, Number.NaN, i + 1]]));
    await live.show(histograms(values));
    await expect.poll(names, patient).toHaveLength(48);
    await expect.poll(foot, patient).toBe("The first 48 of 60; the others are found by their names.");
    expect(await numbers()).toBe("mean 0.5, deviation 0.5, 50 % zeros, 1 not finite");
    await live.page.getByRole("searchbox", { name: "name" }).fill("layer 59");
    await expect.poll(names, patient).toEqual(["layer 59"]);
  });

  test("a source is read anew when the kernel says so", async () => {
    let scale = 1;
    const one = histograms(() => ({ w: tensor([3], ([i]) => scale * i!) }));
    await live.show(one);
    await expect.poll(numbers, patient).toMatch(/^mean 1, /);
    scale = 10;
    await one.update();
    await expect.poll(numbers, patient).toMatch(/^mean 10, /);
  });

  test("a view restored from the saved file needs no kernel", async () => {
    const { weights, done } = weightsAlong([0, 100, 200]);
    await done;
    const bundle = await live.show(weights);
    await live.page.getByRole("combobox", { name: "steps" }).selectOption("overlay");
    await live.page.getByRole("button", { name: "c1.weight" }).click();
    await expect.poll(() => stateOf(weights, "large"), patient).toBe("c1.weight");
    await live.idle();
    const again = await LivePage.reopen(browser, bundle);
    await expect.poll(() => names(again), patient).toEqual(["c1.weight"]);
    expect(await again.page.getByRole("combobox", { name: "steps" }).inputValue()).toBe("overlay");
    await expect.poll(async () => Math.max(...(await painted(0, again))), patient).toBeGreaterThan(50);
    await again.page.getByRole("button", { name: "c1.weight" }).click();
    await expect.poll(() => names(again), patient).toHaveLength(4);
    expect(again.complaints).toEqual([]);
    await again.close();
  });

  for (const [width, colorScheme] of [
    [600, "light"],
    [1600, "dark"],
  ] as const) {
    test(`is readable ${width} pixels wide and ${colorScheme}`, async () => {
      const page = await LivePage.open(browser, { width, height: 900, colorScheme });
      const { weights, done } = weightsAlong([0, 100, 200, 300, 400, 500, 600, 700, 800]);
      await done;
      await page.show(weights);
      await page.show(histograms(activations(), { title: "Activations" }));
      await expect.poll(() => names(page), patient).toHaveLength(7);
      const wide = await page.page.evaluate<number>("document.documentElement.scrollWidth");
      expect(wide).toBeLessThanOrEqual(width);
      for (let panel = 0; panel < 7; panel++)
        await expect.poll(async () => Math.max(...(await painted(panel, page))), patient).toBeGreaterThan(50);
      if (pictures !== undefined) {
        mkdirSync(pictures, { recursive: true });
        await place(0, page).hover({ position: { x: 80, y: 90 } });
        const path = (kind: string) => join(pictures, `histograms-${kind}-${width}-${colorScheme}.png`);
        await page.page.screenshot({ path: path("ridges"), fullPage: true });
        await page.page.getByRole("combobox", { name: "steps" }).first().selectOption("overlay");
        await page.page.getByRole("button", { name: "fc.weight" }).click();
        await page.page.mouse.move(1, 1);
        await expect.poll(() => names(page), patient).toHaveLength(4);
        await page.page.screenshot({ path: path("large"), fullPage: true });
      }
      expect(page.complaints).toEqual([]);
      await page.close();
    });
  }

  test("follows the page's theme", async () => {
    await live.show(histograms({ known }));
    // The name stands there before anything is drawn.
    await expect.poll(async () => Math.max(...(await painted())), patient).toBeGreaterThan(80);
    const light = await picture();
    await live.page.evaluate("document.body.dataset.jpThemeLight = 'false'");
    await expect.poll(async () => (await picture()) === light, patient).toBe(false);
    await live.page.evaluate("delete document.body.dataset.jpThemeLight");
    await expect.poll(async () => (await picture()) === light, patient).toBe(true);
  });
});

/** What the kernel has of the shared values. */
function stateOf(widget: Histograms, name: "view" | "filter" | "large"): string {
  return (widget as unknown as { get(name: string): string }).get(name);
}
