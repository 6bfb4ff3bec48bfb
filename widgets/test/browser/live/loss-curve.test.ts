import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lossCurve } from "../../../src/index.ts";
import { advice, mayBeLeftOut, startBrowser } from "../chromium.ts";
import { CurvePage, kernelHas, patient } from "./curve-page.ts";

if (mayBeLeftOut) console.warn(advice);

/** Where the picture of a panel lies in its place, as long as the view is 900 pixels wide. */
const left = 58;

describe.skipIf(mayBeLeftOut)("a loss curve in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  /** A page with a curve of so many steps, whose loss is what a function of the step says. */
  async function opened(
    steps: number,
    loss: (step: number) => number,
    options: Parameters<typeof lossCurve>[0] = { smoothing: 0 },
  ) {
    const page = await CurvePage.open(browser);
    const curve = lossCurve(options);
    await page.live.show(curve);
    for (let step = 1; step <= steps; step++) curve.add({ step, loss: loss(step) });
    await page.drawn();
    const { width } = (await page.plot().boundingBox())!;
    return { page, curve, right: width - 16 };
  }

  test("a stretch that was dragged over stays to be seen while values are added, and a double click shows everything", async () => {
    const { page, curve, right } = await opened(100, (step) => step);
    const at = (step: number) => left + (step / 100) * (right - left);
    await page.drag([at(20), 60], [at(40), 62]);
    await page.holds(
      curve,
      "zoom",
      ({ x }: { x: number[] }) => x && Math.abs(x[0]! - 20) < 1 && Math.abs(x[1]! - 40) < 1,
    );
    for (let step = 101; step <= 200; step++) curve.add({ step, loss: step });
    await page.drawn();
    expect(await page.hover(left + 3)).toMatch(/^step 20/);
    expect(await page.hover(right - 3)).toMatch(/^step 40/);
    await page.plot().dblclick({ position: { x: 400, y: 50 } });
    await page.holds(curve, "zoom", ({ x }: { x: unknown }) => x === null);
    expect(await page.hover(right - 1)).toMatch(/^step 200/);
    await page.close();
  });

  test("the wheel zooms around the pointer once the curve was clicked; before, it is the page's", async () => {
    const { page, curve, right } = await opened(1000, (step) => step);
    const middle = (left + right) / 2;
    await page.plot().hover({ position: { x: middle, y: 60 } });
    await page.page.mouse.wheel(0, -300);
    await page.drawn();
    expect(kernelHas(curve, "zoom")).toEqual({ x: null, y: {} });
    await page.plot().click({ position: { x: middle, y: 60 } });
    await page.page.mouse.wheel(0, -300);
    await page.holds(curve, "zoom", ({ x }: { x: number[] }) => x && x[0]! > 100 && x[1]! < 900);
    expect(await page.hover(middle)).toMatch(/^step 50\d/);
    await page.page.mouse.wheel(0, 3000);
    await page.page.mouse.wheel(0, 3000);
    await page.holds(curve, "zoom", ({ x }: { x: unknown }) => x === null);
    await page.close();
  });

  test("a box zooms in both directions, and home shows everything", async () => {
    const { page, curve, right } = await opened(100, (step) => step);
    const before = await page.ink("line0");
    await page.drag([left + 200, 60], [left + 400, 160]);
    await page.holds(
      curve,
      "zoom",
      ({ x, y }: { x: number[]; y: Record<string, number[]> }) => x && y.loss && y.loss[0]! > 20 && y.loss[1]! < 95,
    );
    // The line rises from 0 to 100: in the box it goes from left to right only where both stretches meet.
    const inside = await page.ink("line0");
    expect(inside.at(-1)![0] - inside[0]![0]).toBeLessThan(right - left);
    await page.page.getByRole("button", { name: "show everything" }).click();
    await page.holds(curve, "zoom", ({ x, y }: { x: unknown; y: object }) => x === null && Object.keys(y).length === 0);
    expect(await page.ink("line0")).toEqual(before);
    await page.close();
  });

  test("Escape during a drag leaves everything as it was, however the pointer goes on", async () => {
    const { page, curve } = await opened(100, (step) => step);
    const { mouse, keyboard } = page.page;
    const { x, y } = (await page.plot().boundingBox())!;
    const panel = await page.ink("line0");
    await mouse.move(x + left + 100, y + 60);
    await mouse.down();
    await mouse.move(x + left + 250, y + 100);
    await keyboard.press("Escape");
    await mouse.move(x + left + 350, y + 140);
    expect(await page.tip()).toMatch(/^step/);
    await mouse.up();
    await page.drawn();
    expect(kernelHas(curve, "zoom")).toEqual({ x: null, y: {} });
    // And the next drag zooms as ever.
    await mouse.move(5, 5);
    await page.drawn();
    expect(await page.ink("line0")).toEqual(panel);
    await page.drag([left + 100, 60], [left + 300, 62]);
    await page.holds(curve, "zoom", ({ x }: { x: unknown }) => x);
    await page.close();
  });

  test("keys zoom, move and show everything, and leave the notebook's cells alone", async () => {
    const { page, curve } = await opened(100, (step) => step);
    await page.plots.focus();
    for (const key of ["+", "+"]) await page.page.keyboard.press(key);
    await page.holds(curve, "zoom", ({ x }: { x: number[] }) => x && x[1]! - x[0]! < 60);
    const [from] = (kernelHas(curve, "zoom") as { x: [number, number] }).x;
    await page.page.keyboard.press("Shift+ArrowRight");
    await page.holds(curve, "zoom", ({ x }: { x: number[] }) => x && x[0]! > from + 1);
    await page.page.keyboard.press("-");
    await page.holds(curve, "zoom", ({ x }: { x: number[] }) => x && x[1]! - x[0]! > 60);
    await page.page.keyboard.press("Home");
    await page.holds(curve, "zoom", ({ x }: { x: unknown }) => x === null);
    await page.close();
  });

  test("dragging with Shift held moves what is to be seen", async () => {
    const { page, curve } = await opened(100, (step) => step);
    await page.drag([300, 60], [500, 62]);
    await page.holds(curve, "zoom", ({ x }: { x: unknown }) => x !== null);
    const [from] = (kernelHas(curve, "zoom") as { x: [number, number] }).x;
    await page.page.keyboard.down("Shift");
    await page.drag([300, 60], [200, 60]);
    await page.page.keyboard.up("Shift");
    await page.holds(curve, "zoom", ({ x }: { x: number[] }) => x && x[0]! > from + 1);
    await page.close();
  });

  test("lines are hidden and shown by their legend, one alone by a double click, Alt or the key i, a run by Shift", async () => {
    const page = await CurvePage.open(browser);
    const curve = lossCurve();
    await page.live.show(curve);
    for (const [name, height] of [
      ["tanh", 1],
      ["ReLU", 2],
    ] as const)
      for (let step = 1; step <= 20; step++) curve.run(name).add({ step, loss: height, "test error": height });
    const seen = async () => {
      const panels = [];
      for (const index of [0, 1])
        panels.push([await page.ink("line0", index), await page.ink("line1", index)].map((ink) => ink.length > 20));
      return panels;
    };
    const all = [
      [true, true],
      [true, true],
    ];
    await expect.poll(seen, patient).toEqual(all);
    const key = page.key("tanh").first();
    const drawnAs = (expected: boolean[][]) => expect.poll(seen, patient).toEqual(expected);
    await key.click();
    await drawnAs([
      [false, true],
      [true, true],
    ]);
    expect(await key.getAttribute("aria-pressed")).toBe("false");
    await key.click();
    await drawnAs(all);
    const alone = [
      [true, false],
      [true, false],
    ];
    await key.dblclick();
    await drawnAs(alone);
    await key.dblclick();
    await drawnAs(all);
    await key.click({ modifiers: ["Alt"] });
    await drawnAs(alone);
    await key.focus();
    await page.page.keyboard.press("i");
    await drawnAs(all);
    await key.click({ modifiers: ["Shift"] });
    await drawnAs([
      [false, true],
      [false, true],
    ]);
    await page.holds(curve, "hidden", (hidden: string[]) => hidden.length === 2);
    await page.close();
  });

  test("the slider smooths without bias, over the faint line of all values", async () => {
    const noise = (step: number) => 1 + Math.sin(step * 12.9898) / 2;
    const { page, curve } = await opened(400, noise, { smoothing: 0.5 });
    const slider = page.page.getByRole("slider");
    await slider.focus();
    await page.page.keyboard.press("End");
    await page.holds(curve, "smoothing", (beta: number) => Math.abs(beta - 0.999) < 1e-9);
    const { width } = (await page.plot().boundingBox())!;
    const read = /step (\d+)[\s\S]*loss\s+([\d.]+) \(([\d.]+)\)/.exec(await page.hover(width - 18))!;
    const last = Number(read[1]);
    let [sum, weights] = [0, 0];
    for (let step = 1; step <= last; step++) {
      sum += 0.999 ** (last - step) * noise(step);
      weights += 0.999 ** (last - step);
    }
    expect(last).toBeGreaterThan(395);
    expect(Number(read[2])).toBeCloseTo(sum / weights, 3);
    expect(Number(read[3])).toBeCloseTo(noise(last), 3);
    // The values go up and down around 1, the average hardly; behind it they are to be seen.
    const [, top, bottom] = (await page.ink("line0")).at(-40)!;
    expect(bottom - top).toBeLessThan(8);
    const faint = await page.page.evaluate<number>(
      `document.querySelector(".gb-curve-plot canvas").getContext("2d").getImageData(300, 0, 100, 250).data.filter((value, at) => at % 4 === 3 && value > 30 && value < 200).length`,
    );
    expect(faint).toBeGreaterThan(500);
    await slider.focus();
    await page.page.keyboard.press("Home");
    await page.holds(curve, "smoothing", (beta: number) => beta === 0);
    expect(await page.page.locator(".gb-value").textContent()).toBe("none");
    expect(await page.hover(width - 18)).toMatch(/loss\s+[\d.]+$/);
    await page.close();
  });

  test("with logarithms on both axes a power of the step is a straight line", async () => {
    const { page, curve } = await opened(1000, (step) => Math.sqrt(step));
    const straightness = async () => {
      const ink = await page.ink("line0");
      const [first, middle, last] = [ink[5]!, ink[Math.floor(ink.length / 2)]!, ink.at(-6)!];
      const share = (middle[0] - first[0]) / (last[0] - first[0]);
      const height = ([, top, bottom]: readonly [number, number, number]) => (top + bottom) / 2;
      return Math.abs(height(middle) - (height(first) + share * (height(last) - height(first))));
    };
    expect(await straightness()).toBeGreaterThan(30);
    await page.page.getByRole("button", { name: "log y" }).click();
    await page.page.getByRole("button", { name: "log x" }).click();
    await page.holds(curve, "logX", (on: boolean) => on);
    await page.holds(curve, "logY", ({ loss }: { loss?: boolean }) => loss === true);
    await expect.poll(straightness, patient).toBeLessThan(6);
    await page.close();
  });
});
