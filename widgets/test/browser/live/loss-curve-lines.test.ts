import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lossCurve } from "../../../src/index.ts";
import { advice, mayBeLeftOut, startBrowser } from "../chromium.ts";
import { CurvePage, kernelHas, patient } from "./curve-page.ts";

if (mayBeLeftOut) console.warn(advice);

describe.skipIf(mayBeLeftOut)("the lines of a loss curve in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  const choose = (page: CurvePage, label: string, value: string) => page.page.getByLabel(label).selectOption(value);

  test("in epochs runs of different lengths end at the same place; in time each begins at 0, and on the clock later", async () => {
    const page = await CurvePage.open(browser);
    const curve = lossCurve({ smoothing: 0 });
    await page.live.show(curve);
    for (let step = 1; step <= 40; step++)
      curve.run("small batches").add({ step, epoch: Math.floor((step - 1) / 20), seconds: step / 10, loss: 2 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (let step = 1; step <= 20; step++)
      curve.run("large batches").add({ step, epoch: Math.floor((step - 1) / 10), seconds: step / 10, loss: 1 });
    const ends = async () => {
      const inks = [await page.ink("line0"), await page.ink("line1")];
      return inks.map((ink) => [ink[0]![0], ink.at(-1)![0]]) as [[number, number], [number, number]];
    };
    const [small, large] = await ends();
    expect(large[1] - 58).toBeLessThan(0.6 * (small[1] - 58));
    await choose(page, "horizontal axis", "epoch");
    await expect.poll(async () => Math.abs((await ends())[0][1] - (await ends())[1][1]), patient).toBeLessThan(3);
    expect(await page.hover(800)).toMatch(/epoch 1\.[89]|epoch 2/);
    await choose(page, "horizontal axis", "time");
    await expect.poll(async () => Math.abs((await ends())[0][0] - (await ends())[1][0]), patient).toBeLessThan(3);
    await choose(page, "horizontal axis", "wall");
    await expect.poll(async () => (await ends())[1][0] - (await ends())[0][0], patient).toBeGreaterThan(300);
    await page.close();
  });

  test("the first and the last of few points are whole dots at the edges", async () => {
    const page = await CurvePage.open(browser);
    const curve = lossCurve({ smoothing: 0 });
    await page.live.show(curve);
    for (const step of [1, 2, 3]) curve.add({ step, loss: 4 - Math.abs(2 - step) });
    const { width } = (await page.plot().boundingBox())!;
    const columns = async () => (await page.ink("line0")).map(([x]) => x);
    await expect.poll(async () => (await columns()).at(-1), patient).toBeGreaterThan(width - 16 + 1);
    expect((await columns())[0]).toBeLessThan(58 - 1);
    await page.close();
  });

  test("one crosshair reads every run and metric in all panels, by pointer and by keys", async () => {
    const page = await CurvePage.open(browser);
    const curve = lossCurve({ smoothing: 0 });
    await page.live.show(curve);
    for (const [name, height] of [
      ["tanh", 1],
      ["ReLU", 2],
    ] as const)
      for (let step = 1; step <= 10; step++)
        curve.run(name).add({ step, loss: height + step / 100, "test error": 10 * height + step / 100 });
    await page.drawn();
    const words =
      /^step 6 .*\s+tanh, loss\s+1\.06\s+ReLU, loss\s+2\.06\s+tanh, test error\s+10\.06\s+ReLU, test error\s+20\.06$/;
    const { width } = (await page.plot().boundingBox())!;
    const six = 58 + (5 / 9) * (width - 16 - 58);
    expect(await page.hover(six + 4)).toMatch(words);
    for (const index of [0, 1]) {
      const ink = await page.ink("quiet", index, 60);
      const isCrosshair = ([x, top, bottom]: readonly [number, number, number]) =>
        Math.abs(x - six) < 2 && top < 30 && bottom > 100;
      expect(ink.some(isCrosshair)).toBe(true);
    }
    await page.page.mouse.move(5, 5);
    await expect.poll(() => page.page.locator(".gb-tooltip").isHidden(), patient).toBe(true);
    await page.plots.focus();
    for (let press = 0; press < 5; press++) await page.page.keyboard.press("ArrowLeft");
    await page.drawn();
    expect(await page.tip()).toMatch(words);
    // What is read out is what is to be seen.
    const said = page.page.locator("[aria-live=polite].gb-curve-unseen");
    expect(await said.textContent()).toMatch(/^step 6 .*tanh, loss 1\.06, ReLU, loss 2\.06, tanh, test error 10\.06/);
    await page.page.keyboard.press("ArrowRight");
    await page.drawn();
    expect(await page.tip()).toMatch(/^step 7 /);
    await page.page.keyboard.press("Escape");
    await expect.poll(() => page.page.locator(".gb-tooltip").isHidden(), patient).toBe(true);
    await page.close();
  });

  test("without its outliers a line fills the height", async () => {
    const page = await CurvePage.open(browser);
    const curve = lossCurve({ smoothing: 0 });
    await page.live.show(curve);
    for (let step = 1; step <= 300; step++) curve.add({ step, loss: step === 150 ? 1000 : 1 + Math.sin(step / 20) });
    const height = async () => {
      const ink = (await page.ink("line0")).filter(([x]) => x < 400 || x > 560);
      return Math.max(...ink.map(([, , bottom]) => bottom)) - Math.min(...ink.map(([, top]) => top));
    };
    await expect.poll(height, patient).toBeLessThan(12);
    await page.page.getByLabel("clip outliers").check();
    await page.holds(curve, "clip", (on: boolean) => on);
    await expect.poll(height, patient).toBeGreaterThan(200);
    await page.close();
  });

  test("the right axis shows the rate or the norm of the gradient, with a key that hides it", async () => {
    const page = await CurvePage.open(browser);
    const curve = lossCurve({ smoothing: 0, metrics: ["loss"] });
    await page.live.show(curve);
    for (let step = 1; step <= 30; step++)
      curve.add({ step, loss: 1 / step, rate: step <= 15 ? 0.1 : 0.01, gradNorm: 100 / step ** 2 });
    await page.drawn();
    const grey = async () =>
      (await page.ink("quiet", 0, 40)).filter(([x, top]) => x > 70 && x < 780 && top < 120).length;
    const without = await grey();
    await choose(page, "right axis", "rate");
    await page.holds(curve, "aside", (name: string) => name === "rate");
    await expect.poll(grey, patient).toBeGreaterThan(without + 60);
    expect(await page.hover(600)).toMatch(/rate\s+0\.01$/);
    await page.page.mouse.move(5, 5);
    await page.key("rate").click();
    await expect.poll(grey, patient).toBe(without);
    await choose(page, "right axis", "gradNorm");
    await page.drawn();
    expect(await page.hover(600)).toMatch(/gradient norm\s+0\.\d+$/);
    await page.close();
  });

  test("values that are not finite are marked where they were, and told of in words", async () => {
    const page = await CurvePage.open(browser);
    const curve = lossCurve({ smoothing: 0 });
    await page.live.show(curve);
    for (let step = 1; step <= 100; step++) curve.add({ step, loss: step >= 60 && step < 70 ? Number.NaN : 1 });
    const { width } = (await page.plot().boundingBox())!;
    const at = (step: number) => 58 + (step / 100) * (width - 16 - 58);
    const marks = await page.ink("warning");
    expect(marks.length).toBeGreaterThan(4);
    expect(Math.abs((marks[0]![0] + marks.at(-1)![0]) / 2 - at(60))).toBeLessThan(2);
    expect(marks.every(([, , bottom]) => bottom < 30)).toBe(true);
    const line = (await page.ink("line0")).map(([x]) => x);
    expect(line.filter((x) => x > at(60) && x < at(69))).toEqual([]);
    expect(await page.page.locator(".gb-curve-key").textContent()).toContain("10 × not finite, first at step 60");
    expect(await page.hover(at(64))).toMatch(/loss\s+NaN$/);
    await page.close();
  });

  test("a ring marks the best value: the lowest loss, the highest accuracy", async () => {
    const page = await CurvePage.open(browser);
    const curve = lossCurve({ smoothing: 0 });
    await page.live.show(curve);
    for (let step = 1; step <= 100; step++)
      curve.add({ step, loss: 1 + Math.abs(step - 70) / 100, accuracy: 0.9 - Math.abs(step - 30) / 100 });
    await page.drawn();
    const { width } = (await page.plot().boundingBox())!;
    const at = (step: number) => 58 + (step / 100) * (width - 16 - 58);
    for (const [index, best, words] of [
      [0, 70, "best 1"],
      [1, 30, "best 0.9"],
    ] as const) {
      // The ring is the widest thing that is drawn, with paper inside.
      const ink = await page.ink("line0", index);
      const column = ink.find(([x]) => Math.abs(x - at(best)) < 1)!;
      expect(column[2] - column[1]).toBeGreaterThanOrEqual(9);
      const middle = Math.round((column[1] + column[2]) / 2);
      const pixel = await page.page.evaluate<number[]>(
        `[...document.querySelectorAll(".gb-curve-plot canvas")[${index}].getContext("2d").getImageData(${Math.round(at(best))}, ${middle}, 1, 1).data]`,
      );
      expect(pixel.slice(0, 3)).toEqual([255, 255, 255]);
      expect(await page.page.locator(".gb-curve-keys").nth(index).textContent()).toContain(words);
    }
    await page.close();
  });

  test("of 100,000 values the page draws a few thousand, every peak among them, and zoomed in the values themselves", async () => {
    const page = await CurvePage.open(browser);
    const curve = lossCurve({ smoothing: 0 });
    await page.live.show(curve);
    await page.page.evaluate(`(() => {
      globalThis.drawn = 0;
      const { lineTo } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.lineTo = function (...at) { globalThis.drawn++; lineTo.apply(this, at); };
    })()`);
    for (let step = 1; step <= 100_000; step++) curve.add({ step, loss: step === 77_777 ? 9 : 1 + (step % 2) });
    await page.drawn();
    await page.page.evaluate("drawn = 0");
    await page.plots.focus();
    await page.page.keyboard.press("Home");
    await page.drawn();
    const { width } = (await page.plot().boundingBox())!;
    expect(await page.page.evaluate("drawn")).toBeLessThan(4 * width);
    const placeOf = (step: number, [from, to]: readonly [number, number]) =>
      58 + ((step - from) / (to - from)) * (width - 16 - 58);
    const highest = (await page.ink("line0")).reduce((a, b) => (b[1] < a[1] ? b : a));
    let peak = placeOf(77_777, [0, 100_000]);
    expect(Math.abs(highest[0] - peak)).toBeLessThan(3);
    for (const most of [2000, 50]) {
      await page.drag([peak - 5, 60], [peak + 5, 60]);
      await page.holds(curve, "zoom", ({ x }: { x: [number, number] | null }) => x && x[1] - x[0] < most);
      peak = placeOf(77_777, (kernelHas(curve, "zoom") as { x: [number, number] }).x);
    }
    expect(await page.hover(peak)).toMatch(/^step 77,777 .*\s+loss\s+9$/);
    await page.close();
  });

  test.each(["light", "dark"] as const)(
    "of ten runs the last two, for which no colour is left, are broken lines, %s",
    async (colorScheme) => {
      const page = await CurvePage.open(browser, { colorScheme });
      const curve = lossCurve({ title: "Ten runs" });
      await page.live.show(curve);
      for (let run = 0; run < 10; run++)
        for (let step = 0; step <= 60; step++)
          curve.run(`run ${run}`).add({ step, loss: 10 - run + 2 * Math.exp(-step / 20) });
      await page.drawn();
      await page.picture(`live-loss-curve-ten-runs-${colorScheme}`);
      const columns = async () => new Set((await page.ink("line0", 0, 60)).map(([x]) => x)).size;
      const patterns = page.page
        .locator(".gb-curve-swatch")
        .evaluateAll((all) =>
          all.map((swatch) =>
            (swatch as unknown as { style: { background: string } }).style.background.includes("repeating"),
          ),
        );
      expect(await patterns).toEqual([...Array(8).fill(false), true, true]);
      for (const hidden of Array.from({ length: 10 }, (_, run) => run).filter((run) => run !== 0))
        await page.key(`run ${hidden}`).click();
      const whole = await columns();
      await page.key("run 8").click();
      await page.key("run 0").click();
      const broken = await columns();
      expect(broken / whole).toBeGreaterThan(0.4);
      expect(broken / whole).toBeLessThan(0.85);
      await page.close();
    },
  );
});
