import { readFile } from "node:fs/promises";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { displaySymbol, lossCurve } from "../../../src/index.ts";
import { paper } from "../../../src/picture/card.ts";
import { advice, mayBeLeftOut, startBrowser } from "../chromium.ts";
import { sequence } from "../gallery.ts";
import { CurvePage, patient } from "./curve-page.ts";

if (mayBeLeftOut) console.warn(advice);

const cellSymbol = Symbol.for("Jupyter.cell");
const globals = globalThis as unknown as Record<symbol, unknown>;

describe.skipIf(mayBeLeftOut)("a loss curve and its surroundings, in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  /** Two runs as they often are: noise, two panels, epochs, a rate. */
  function comparison(title = "LeNet-5 on MNIST") {
    const curve = lossCurve({ title });
    const next = sequence(3);
    const feed = () => {
      for (const [name, pace] of [
        ["tanh", 300],
        ["ReLU", 150],
      ] as const) {
        for (let step = 1; step <= 900; step++) {
          const loss = (0.05 + 2.25 * Math.exp(-step / pace)) * (0.6 + 0.8 * next());
          const epoch = 1 + Math.floor((step - 1) / 300);
          curve.run(name).add({ step, epoch, seconds: step / 50, loss, rate: 0.1, gradNorm: 1 + 9 * next() });
          if (step % 300 === 0) curve.run(name).add({ step, epoch, seconds: step / 50, "test error, %": 900 / step });
        }
      }
    };
    return { curve, feed };
  }

  test("all values are downloaded as CSV and JSON, the picture as PNG and SVG", async () => {
    const page = await CurvePage.open(browser);
    const curve = lossCurve({ title: "A, B & C" });
    await page.live.show(curve);
    for (let step = 1; step <= 200; step++)
      curve
        .run('the "first"')
        .add({ step, epoch: 0, seconds: step / 4, loss: step === 7 ? Number.NaN : 1 / step, rate: 0.1 });
    curve.run('the "first"').add({ step: 200, seconds: 50, "test loss": 0.25 });
    await page.drawn();
    const file = async (kind: string) => {
      const [download] = await Promise.all([
        page.page.waitForEvent("download"),
        page.page.getByRole("button", { name: kind, exact: true }).click(),
      ]);
      expect(download.suggestedFilename()).toBe(`a-b-c.${kind.toLowerCase()}`);
      return readFile(await download.path());
    };
    const [head, ...rows] = (await file("CSV")).toString().trimEnd().split("\r\n");
    expect(head).toBe("run,step,epoch,seconds,time,loss,rate,test loss");
    expect(rows).toHaveLength(201);
    expect(rows[2]).toMatch(/^"the ""first""",3,0\.015,0\.75,20\d\d-[^,]*Z,0\.3333333333333333,0\.1,$/);
    expect(rows[6]).toContain(",NaN,0.1,");
    expect(rows[200]).toMatch(/,,,0\.25$/);
    const json = JSON.parse((await file("JSON")).toString());
    expect(json.title).toBe("A, B & C");
    const { loss, rate } = json.runs[0].metrics;
    expect([loss.step.length, loss.value[1], loss.value[6], rate.value[5]]).toEqual([200, 0.5, "NaN", 0.1]);
    const png = await file("PNG");
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    const { width } = (await page.plot().boundingBox())!;
    expect(png.readUInt32BE(16)).toBe(2 * Math.floor(width));
    const svg = (await file("SVG")).toString();
    expect(XMLValidator.validate(svg)).toBe(true);
    const texts = JSON.stringify(new XMLParser().parse(svg));
    for (const words of ["A, B &amp; C", "step", "199 × not finite"]) {
      if (words.startsWith("199")) expect(texts).toContain("1 × not finite, first at step 7");
      else expect(svg).toContain(words);
    }
    await page.close();
  });

  test("a page that is loaded anew has the values and what the reader had set, also where no kernel answers any more", async () => {
    const page = await CurvePage.open(browser);
    const { curve, feed } = comparison();
    const bundle = await page.live.show(curve);
    feed();
    await page.drawn();
    await page.page.getByLabel("horizontal axis").selectOption("epoch");
    await page.page.getByLabel("right axis").selectOption("gradNorm");
    await page.page.getByRole("button", { name: "log y" }).first().click();
    await page.key("tanh").first().click();
    await page.drag([300, 40], [600, 42]);
    await page.holds(curve, "zoom", ({ x }: { x: unknown }) => x !== null);
    await page.holds(curve, "hidden", (hidden: string[]) => hidden.length === 1);
    await page.page.mouse.move(2, 2);
    const [ink, words] = [await page.ink("line1"), await page.page.locator(".gb-curve-key").allTextContents()];
    await curve[displaySymbol]();
    const again = await CurvePage.reopen(browser, bundle);
    expect(await again.ink("line1")).toEqual(ink);
    expect(await again.page.locator(".gb-curve-key").allTextContents()).toEqual(words);
    expect(await again.page.getByLabel("horizontal axis").inputValue()).toBe("epoch");
    expect(await again.page.getByRole("button", { name: "pause" }).isVisible()).toBe(false);
    expect(await again.hover(400)).toMatch(/gradient norm/);
    await again.close();
    await page.close();
  });

  test("two views of a curve follow the same zoom", async () => {
    const page = await CurvePage.open(browser, { height: 1400 });
    const { curve, feed } = comparison();
    await page.live.show(curve);
    await page.live.show(curve);
    feed();
    await page.drawn();
    await page.drag([300, 60], [500, 62]);
    await page.holds(curve, "zoom", ({ x }: { x: unknown }) => x !== null);
    await page.page.mouse.move(2, 2);
    expect(await page.ink("line0", 2)).toEqual(await page.ink("line0", 0));
    await page.close();
  });

  test("a curve that is cleared begins anew", async () => {
    const page = await CurvePage.open(browser);
    const { curve, feed } = comparison();
    await page.live.show(curve);
    feed();
    await expect.poll(() => page.page.locator(".gb-curve-key").count(), patient).toBe(4);
    curve.clear();
    await expect.poll(() => page.page.locator(".gb-curve-key").count(), patient).toBe(0);
    curve.add({ step: 1, loss: 2 });
    await expect.poll(() => page.page.locator(".gb-foot").textContent(), patient).toMatch(/^step 1 · /);
    await page.close();
  });

  for (const [width, colorScheme] of [
    [600, "light"],
    [600, "dark"],
    [1600, "light"],
    [1600, "dark"],
  ] as const)
    test(`it fits ${width} pixels, ${colorScheme}`, async () => {
      const page = await CurvePage.open(browser, { width, colorScheme });
      const { curve, feed } = comparison();
      await page.live.show(curve);
      feed();
      await page.page.getByLabel("right axis").selectOption("gradNorm");
      await page.hover(width / 2);
      await page.picture(`live-loss-curve-${width}-${colorScheme}`);
      const outside = await page.page.evaluate<string[]>(`(() => {
        const card = document.querySelector(".gradbook-view").getBoundingClientRect();
        return [...document.querySelectorAll(".gradbook-view *")].filter((element) => {
          const { left, right, width } = element.getBoundingClientRect();
          return width > 0 && getComputedStyle(element).position !== "absolute" && (left < card.left || right > card.right + 1);
        }).map((element) => element.className);
      })()`);
      expect(outside).toEqual([]);
      const overlaps = await page.page.evaluate<string[]>(`(() => {
        const boxes = [...document.querySelectorAll(".gb-title, .gb-curve-settings > *, .gb-curve-panel-name, .gb-curve-key, .gb-curve-plot, .gb-foot > *")]
          .map((element) => [element.className || element.textContent, element.getBoundingClientRect()]).filter(([, box]) => box.width > 0);
        const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
        return boxes.flatMap(([a, one], at) => boxes.slice(at + 1).filter(([, other]) => meet(one, other)).map(([b]) => a + " | " + b));
      })()`);
      expect(overlaps).toEqual([]);
      const background = await page.page.evaluate<string>(
        `getComputedStyle(document.querySelector(".gradbook-view")).backgroundColor`,
      );
      const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(paper[colorScheme].slice(at, at + 2), 16));
      expect(background).toBe(`rgb(${red}, ${green}, ${blue})`);
      await page.close();
    });

  test("a change of the theme is followed at once", async () => {
    const page = await CurvePage.open(browser);
    const { curve, feed } = comparison();
    await page.live.show(curve);
    feed();
    expect((await page.ink("line0")).length).toBeGreaterThan(200);
    await page.page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(async () => (await page.ink("line0", 0, 8)).length, patient).toBeLessThan(20);
    await page.close();
  });

  describe("the buttons", () => {
    const control = Symbol.for("gradbook.control");
    beforeEach(() => {
      globals[cellSymbol] = { finished: false, interrupted: false };
    });
    afterEach(() => {
      delete globals[cellSymbol];
    });

    test("pause, resume and stop the training that gave the steps, and go when it is over", async () => {
      const page = await CurvePage.open(browser);
      const curve = lossCurve({ title: "training" });
      await page.live.show(curve);
      const training = {
        calls: [] as string[],
        ended: false,
        pause: () => training.calls.push("pause"),
        resume: () => training.calls.push("resume"),
        stop: () => training.calls.push("stop"),
      };
      const step = (number: number) =>
        curve.add(Object.defineProperty({ step: number, loss: 1 / number }, control, { value: training }));
      expect(await page.page.getByRole("button", { name: "pause" }).isVisible()).toBe(false);
      for (let number = 1; number <= 1234; number++) step(number);
      await page.page.getByRole("button", { name: "pause" }).click();
      const status = page.page.locator(".gb-curve-steering-words");
      await expect.poll(() => status.textContent(), patient).toBe("paused at step 1,234");
      expect(training.calls).toEqual(["pause"]);
      await page.picture("live-loss-curve-paused");
      await page.page.getByRole("button", { name: "resume" }).click();
      await expect.poll(() => status.textContent(), patient).toBe("running");
      step(1235);
      await page.page.getByRole("button", { name: "stop" }).click();
      await expect.poll(() => status.textContent(), patient).toBe("stopped at step 1,235");
      expect(training.calls).toEqual(["pause", "resume", "stop"]);
      expect(await page.page.getByRole("button", { name: "pause" }).isVisible()).toBe(false);
      training.ended = true;
      const next = { ...training, ended: false };
      curve.add(Object.defineProperty({ step: 1, loss: 1 }, control, { value: next }));
      await expect.poll(() => status.textContent(), patient).toBe("running");
      next.ended = true;
      await expect.poll(() => page.page.getByRole("button", { name: "stop" }).isVisible(), patient).toBe(false);
      await page.close();
    });

    test("hold up a loop that awaits and end one that looks; one that does neither has none", async () => {
      const page = await CurvePage.open(browser);
      const curve = lossCurve();
      await page.live.show(curve);
      curve.add({ step: 0, loss: 1 });
      await page.drawn();
      const pause = page.page.getByRole("button", { name: "pause" });
      expect(await pause.isVisible()).toBe(false);
      let step = 0;
      const loop = (async () => {
        while (!curve.stopped) {
          await curve.add({ step: ++step, loss: 1 / step });
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
      })();
      await pause.click();
      const status = page.page.locator(".gb-curve-steering-words");
      await expect.poll(() => status.textContent(), patient).toMatch(/^paused at step/);
      const held = step;
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(step).toBeLessThanOrEqual(held + 1);
      await page.page.getByRole("button", { name: "resume" }).click();
      await expect.poll(() => step, patient).toBeGreaterThan(held + 5);
      await page.page.getByRole("button", { name: "stop" }).click();
      await loop;
      await expect.poll(() => status.textContent(), patient).toMatch(/^stopped at step/);
      await page.close();
    });
  });
});
