import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pca, random } from "../../../../lib/src/index.ts";
import { embeddingExplorer } from "../../../src/index.ts";
import { advice, mayBeLeftOut, startBrowser } from "../chromium.ts";
import {
  blue,
  classes,
  corners,
  drag,
  held,
  mapOf,
  names,
  orange,
  original,
  patient,
  spot,
  square,
} from "./embedding-page.ts";
import { LivePage } from "./live-page.ts";

const pictures = process.env.GRADBOOK_PICTURES;

if (mayBeLeftOut) console.warn(advice);

describe.skipIf(mayBeLeftOut)("an embedding explorer in its page", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  test("hands out its picture and its points as files", async () => {
    const live = await LivePage.open(browser);
    const explorer = square();
    explorer.select([2]);
    await live.show(explorer);
    const { page } = live;
    const [csv] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "CSV" }).click()]);
    expect(csv.suggestedFilename()).toBe("corners.csv");
    const lines = (await readFile((await csv.path())!, "utf8")).trim().split("\r\n");
    expect(lines.slice(0, 2)).toEqual(["point,x,y,name,label,selected", "0,-1,1,north-west,ash,0"]);
    expect(lines[3]).toBe("2,1,-1,south-east,cedar,1");
    const [png] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "PNG" }).click()]);
    expect(png.suggestedFilename()).toBe("corners.png");
    expect((await readFile((await png.path())!)).subarray(1, 4).toString()).toBe("PNG");
    expect(live.complaints).toEqual([]);
    await live.close();
  });

  test("is back without a kernel, with all that was set, and says why t-SNE does not run", async () => {
    const live = await LivePage.open(browser);
    const explorer = embeddingExplorer(original, {
      title: "Corners",
      positions: corners,
      labels: classes,
      names,
      tsne: async function* () {},
      perplexity: 2,
    });
    const bundle = await live.show(explorer);
    const { page } = live;
    await page.getByRole("region", { name: "legend" }).getByRole("button", { name: "birch", exact: true }).click();
    await mapOf(page).focus();
    await page.keyboard.press("n");
    await page.keyboard.press("Space");
    await page.keyboard.press("Enter");
    await page.keyboard.press("-");
    await expect.poll(() => held<{ zoom: number } | null>(explorer, "camera")?.zoom, patient).toBeCloseTo(1 / 1.3, 5);
    await expect.poll(() => held(explorer, "focus"), patient).toBe(0);
    await expect.poll(() => explorer.selected, patient).toEqual([0]);
    const seen = await spot(page, blue);

    const alone = await LivePage.reopen(browser, bundle);
    const there = alone.page;
    // Everything is as it was, to the pixel.
    await expect.poll(async () => (await spot(there, blue)).count, patient).toBe(seen.count);
    expect((await spot(there, blue)).x).toBeCloseTo(seen.x, 3);
    expect((await spot(there, orange)).count).toBe(0);
    expect(await there.getByRole("region", { name: "selection" }).textContent()).toContain("1 selected");
    expect(await there.getByRole("listitem").filter({ hasText: "south-west" }).count()).toBe(1);
    expect(await there.locator(".gb-note").textContent()).toBe(
      "No kernel is connected: t-SNE cannot run, everything else works.",
    );
    for (const name of ["Run t-SNE", "One step", "Restart"])
      expect(await there.getByRole("button", { name }).isDisabled()).toBe(true);
    expect(await there.getByRole("spinbutton", { name: "perplexity" }).isDisabled()).toBe(true);
    // And it works: colours, neighbours and selection.
    await there.getByRole("button", { name: "Show all", exact: true }).click();
    await mapOf(there).focus();
    await there.keyboard.press("Escape");
    await there.keyboard.press("Escape");
    await expect.poll(async () => (await spot(there, orange)).count, patient).toBeGreaterThan(20);
    await there.getByRole("button", { name: "Select in a box" }).click();
    const corner = await spot(there, orange);
    await drag(there, [corner.x - 15, corner.y - 15], [corner.x + 15, corner.y + 15]);
    await expect
      .poll(() => there.getByRole("region", { name: "selection" }).textContent(), patient)
      .toContain("birch: 1");
    // Where the kernel was there and has gone, the same is said.
    expect(await page.getByRole("button", { name: "Run t-SNE" }).isEnabled()).toBe(true);
    await live.loseKernel();
    await expect.poll(() => page.locator(".gb-note").textContent(), patient).toContain("No kernel is connected");
    await expect.poll(() => page.getByRole("button", { name: "Run t-SNE" }).isDisabled(), patient).toBe(true);
    expect([...live.complaints, ...alone.complaints]).toEqual([]);
    await alone.close();
    await live.close();
  });

  test("fits into narrow and wide pages, light and dark, and nothing sticks out", async () => {
    const x = random.seed(5).normal([400, 6]);
    const labels = Array.from({ length: 400 }, (_, i) => `kind ${i % 14}`);
    const points = Array.from({ length: 400 }, (_, i) => `point with number ${i}`);
    for (const [width, colorScheme] of [
      [600, "light"],
      [600, "dark"],
      [1600, "light"],
      [1600, "dark"],
    ] as const) {
      const live = await LivePage.open(browser, { width, height: 900, colorScheme });
      const explorer = embeddingExplorer(x, {
        title: "All at once",
        labels,
        names: points,
        pca,
        tsne: async function* () {},
      });
      await live.show(explorer);
      const { page } = live;
      await page.getByRole("combobox", { name: "search names" }).fill("17");
      await mapOf(page).focus();
      await page.keyboard.press("n");
      await page.keyboard.press("Enter");
      await expect.poll(() => page.getByRole("listitem").count(), patient).toBeGreaterThan(10);
      const sticking = await page.evaluate(`(() => {
        const card = document.querySelector(".gradbook-view").getBoundingClientRect();
        return [...document.querySelectorAll(".gradbook-view button, .gradbook-view input, .gradbook-view canvas, .gradbook-view select")]
          .filter((element) => element.offsetParent && !element.closest(".gb-list, .gb-chips"))
          .filter((element) => { const box = element.getBoundingClientRect(); return box.left < card.left || box.right > card.right; })
          .map((element) => element.outerHTML.slice(0, 80));
      })()`);
      expect(sticking).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
      const paper = colorScheme === "light" ? [255, 255, 255] : [23, 25, 30];
      expect((await spot(page, paper, 2)).count).toBeGreaterThan(1000);
      if (pictures !== undefined) {
        mkdirSync(pictures, { recursive: true });
        await page.screenshot({
          path: join(pictures, `embedding-explorer-${width}-${colorScheme}.png`),
          fullPage: true,
        });
      }
      expect(live.complaints).toEqual([]);
      await live.close();
    }
  });
});
