import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pca, random } from "../../../../lib/src/index.ts";
import { embeddingExplorer } from "../../../src/index.ts";
import { tensor } from "../../tensor.ts";
import { advice, mayBeLeftOut, startBrowser } from "../chromium.ts";
import {
  blue,
  corners,
  drag,
  green,
  held,
  mapOf,
  matrix,
  orange,
  original,
  patient,
  pointTo,
  shift,
  spot,
  square,
} from "./embedding-page.ts";
import { LivePage } from "./live-page.ts";

if (mayBeLeftOut) console.warn(advice);

describe.skipIf(mayBeLeftOut)("the map of an embedding explorer", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  test("moves with a drag, comes closer with wheel and keys, and goes back home", async () => {
    const live = await LivePage.open(browser);
    const explorer = square({ named: false });
    await live.show(explorer);
    const { page } = live;
    await expect.poll(async () => (await spot(page, blue)).count, patient).toBeGreaterThan(20);
    const [before, other] = [await spot(page, blue), await spot(page, green)];
    const box = (await mapOf(page).boundingBox())!;
    const middle = { x: box.width / 2, y: box.height / 2 };
    // The north-west is up and to the left.
    expect(before.x).toBeLessThan(middle.x);
    expect(before.y).toBeLessThan(middle.y);

    // Before it was clicked, the wheel is the page's.
    await pointTo(page, middle);
    await page.mouse.wheel(0, -100);
    await expect.poll(() => page.locator(".gb-foot").textContent(), patient).toContain("Click on the map to zoom");
    expect((await spot(page, blue)).x).toBeCloseTo(before.x, 0);

    await drag(page, [middle.x, middle.y], [middle.x + 30, middle.y + 20]);
    await expect.poll(async () => shift((await spot(page, blue)).x, before.x), patient).toBe(30);
    await expect.poll(async () => shift((await spot(page, blue)).y, before.y), patient).toBe(20);

    await pointTo(page, { x: before.x + 30, y: before.y + 20 });
    await page.mouse.wheel(0, 100);
    // Farther away, and what was under the pointer still is.
    await expect
      .poll(async () => (await spot(page, green)).x - (await spot(page, blue)).x, patient)
      .toBeLessThan(0.8 * (other.x - before.x));
    expect((await spot(page, blue)).x).toBeCloseTo(before.x + 30, 0);

    await page.keyboard.press("0");
    await expect.poll(async () => shift((await spot(page, blue)).x, before.x), patient).toBe(0);
    await page.keyboard.press("-");
    await expect
      .poll(async () => (await spot(page, green)).x - (await spot(page, blue)).x, patient)
      .toBeLessThan(0.8 * (other.x - before.x));
    await page.keyboard.press("+");
    await page.keyboard.press("ArrowLeft");
    await expect.poll(async () => shift((await spot(page, blue)).x, before.x), patient).toBe(60);
    await expect.poll(() => held<{ x: number } | null>(explorer, "camera")?.x ?? 0, patient).toBeLessThan(0);
    // Keys between two pictures: each begins where the last has led to. 60 pixels, then 1.3 times as near.
    await page.keyboard.press("0");
    await expect.poll(async () => shift((await spot(page, blue)).x, before.x), patient).toBe(0);
    await page.evaluate(`for (const key of ["-", "ArrowLeft", "+"])
      document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }))`);
    await expect.poll(async () => shift((await spot(page, blue)).x, before.x), patient).toBe(78);
    await page.getByRole("button", { name: "Show all of the map" }).click();
    await expect.poll(async () => shift((await spot(page, blue)).x, before.x), patient).toBe(0);
    await expect.poll(() => held(explorer, "camera"), patient).toBe(null);
    expect(live.complaints).toEqual([]);
    await live.close();
  });

  test("shows principal components with their share of the variance, in the plane and in space", async () => {
    const live = await LivePage.open(browser);
    const x = random.seed(3).normal([60, 5]);
    const explorer = embeddingExplorer(x, { pca });
    await live.show(explorer);
    const { page } = live;
    const { variances } = await pca(x, { components: 5 });
    const all = variances.reduce((a, b) => a + b, 0);
    const share = (k: number) => `PC ${k + 1} (${Number(((100 * variances[k]!) / all).toFixed(1))} % of the variance)`;
    const described = () => mapOf(page).getAttribute("aria-description");
    await expect.poll(described, patient).toContain(`${share(0)} from left to right, ${share(1)} from below.`);
    await page.getByRole("button", { name: "3D" }).click();
    await expect.poll(described, patient).toContain(`${share(2)} towards the reader`);
    expect(live.complaints).toEqual([]);
    await live.close();
  });

  test("turns in space with a drag and with keys, and what is near is larger and stronger", async () => {
    const live = await LivePage.open(browser);
    const place = matrix([
      [1, 0, 0],
      [-1, 0, 0],
      [0, 1, 0],
      [0, -1, 0],
      [0, 0, 1],
      [0, 0, -1],
    ]);
    const labels = ["a", "b", "c", "c", "c", "c"];
    const explorer = embeddingExplorer(place, { positions: place, labels, inSpace: true });
    await live.show(explorer);
    const { page } = live;
    await page.getByRole("button", { name: "3D", pressed: true }).waitFor();
    // In front, and only a little faded.
    await expect.poll(async () => (await spot(page, orange, 90)).count, patient).toBeGreaterThan(20);
    const first = await spot(page, orange, 90);
    const box = (await mapOf(page).boundingBox())!;
    await drag(page, [box.width / 2, box.height / 2], [box.width / 2 - 60, box.height / 2]);
    await expect
      .poll(() => held<{ yaw: number } | null>(explorer, "camera")?.yaw, patient)
      .toBeCloseTo(0.6 - 60 / 150, 2);
    await expect.poll(async () => (await spot(page, orange, 90)).x, patient).toBeLessThan(first.x - 6);
    // Turned until one end of the axis is in front and the other one behind.
    for (let i = 0; i < 7; i++) await page.keyboard.press("ArrowRight");
    await expect
      .poll(() => held<{ yaw: number } | null>(explorer, "camera")?.yaw, patient)
      .toBeCloseTo(0.2 + 7 * 0.2, 2);
    const [a, b] = [await spot(page, blue, 10), await spot(page, orange, 10)];
    // What is far has faded into the paper.
    expect(b.count).toBeGreaterThan(30);
    expect(a.count).toBe(0);
    await page.getByRole("button", { name: "2D" }).click();
    await expect.poll(() => held<boolean>(explorer, "inSpace"), patient).toBe(false);
    await expect.poll(async () => (await spot(page, orange, 10)).count, patient).toBeGreaterThan(20);
    expect(live.complaints).toEqual([]);
    await live.close();
  });

  test("colours measurements from low to high, with a key", async () => {
    const live = await LivePage.open(browser);
    await live.show(embeddingExplorer(original, { positions: corners, labels: [0.5, 2, 3, 4.5] }));
    const { page } = live;
    // viridis' first colour, and where it stops on light paper.
    await expect.poll(async () => (await spot(page, [68, 1, 84])).count, patient).toBeGreaterThan(20);
    expect((await spot(page, [213, 226, 40], 20)).count).toBeGreaterThan(20);
    expect(await page.locator(".gb-key-words").textContent()).toBe("0.52.54.5");
    expect(live.complaints).toEqual([]);
    await live.close();
  });

  test("draws the image of each point, larger when one looks closer", async () => {
    const live = await LivePage.open(browser);
    // A stroke down the middle of an empty ground.
    const images = tensor([4, 8, 8], ([, , x]) => (x === 3 || x === 4 ? 1 : 0));
    const explorer = square({ images, named: false });
    await live.show(explorer);
    const { page } = live;
    const dots = page.getByRole("checkbox", { name: "images" });
    await expect.poll(() => dots.isChecked(), patient).toBe(true);
    await expect.poll(async () => (await spot(page, blue, 30)).count, patient).toBeGreaterThan(20);
    const small = await spot(page, blue, 30);
    // Alone in view, so that it does not leave when one comes closer.
    const box = (await mapOf(page).boundingBox())!;
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await pointTo(page, small);
    for (let i = 0; i < 3; i++) await page.mouse.wheel(0, -120);
    await expect.poll(async () => (await spot(page, blue, 30)).count, patient).toBeGreaterThan(2 * small.count);
    await page.getByRole("button", { name: "Show all of the map" }).click();
    await dots.click();
    // A disc is wider than the stroke was.
    await expect.poll(() => held<boolean>(explorer, "showImages"), patient).toBe(false);
    await expect.poll(async () => (await spot(page, blue, 30)).count, patient).not.toBe(small.count);
    await pointTo(page, await spot(page, blue));
    await expect.poll(() => page.locator(".gb-tooltip canvas").count(), patient).toBe(1);
    expect(live.complaints).toEqual([]);
    await live.close();
  });

  test("is worked by the keyboard alone", async () => {
    const live = await LivePage.open(browser);
    const explorer = square();
    await live.show(explorer);
    const { page } = live;
    await mapOf(page).focus();
    const foot = page.locator(".gb-foot");
    await page.keyboard.press("n");
    await expect.poll(() => foot.textContent(), patient).toBe("north-west · class ash · point 0");
    await page.keyboard.press("p");
    await expect.poll(() => foot.textContent(), patient).toBe("south-west · class dogwood · point 3");
    await page.keyboard.press("Space");
    await expect.poll(() => explorer.selected, patient).toEqual([3]);
    await page.keyboard.press("n");
    await page.keyboard.press("Space");
    await expect.poll(() => explorer.selected, patient).toEqual([3, 0]);
    await page.keyboard.press("Enter");
    await expect.poll(() => held(explorer, "focus"), patient).toBe(0);
    await page.keyboard.press("Escape");
    await expect.poll(() => held(explorer, "focus"), patient).toBe(null);
    await page.keyboard.press("Escape");
    await expect.poll(() => explorer.selected, patient).toEqual([]);
    expect(live.complaints).toEqual([]);
    await live.close();
  });
});
