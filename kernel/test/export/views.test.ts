import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { advice, browserMissing, startBrowser } from "../comm/front-end/front-end.ts";
import { gradbook } from "../run/gradbook-command.ts";
import { newFolder } from "../run/scripted.ts";
import { code, markdown, notebookOf } from "./exported.ts";
import { openExported } from "./opened.ts";

/** Set this to a folder to look at the pages oneself. */
const pictures = process.env.GRADBOOK_PICTURES;

const cells = {
  "A loss curve": `
import { lossCurve } from "@gradbook/widgets";
const curve = lossCurve({ title: "Two runs", smoothing: 0 });
display(curve);
for (const [name, pace] of [["tanh", 30], ["ReLU", 10]] as const)
  for (let step = 1; step <= 100; step++) curve.run(name).add({ step, loss: 2 * Math.exp(-step / pace) });`,
  "A layer explorer": `
import { capture, flatten, inspect, nn, random, relu, type Tensor } from "gradbook";
import { layerExplorer } from "@gradbook/widgets";
const model = nn.init(new nn.Sequential([
  new nn.Conv2d(1, 4, 3), relu, new nn.Conv2d(4, 6, 3), relu, (x: Tensor) => flatten(x, 1), new nn.Linear(6 * 36, 10),
]), { seed: 1 });
const found = inspect.filters(model);
const layers = layerExplorer({
  layers: {
    c1: { filters: () => found.get("0")!, maps: (x) => capture(model, x.expandDims(0)).get("1") },
    c3: { filters: () => found.get("2")!, maps: (x) => capture(model, x.expandDims(0)).get("3") },
  },
  inputs: random.seed(2).uniform([3, 1, 10, 10]),
}, { title: "A network", atFirst: 3 });
display(layers);
await layers.snapshot(1);`,
  "An embedding": `
import { pca, tensor } from "gradbook";
import { embeddingExplorer } from "@gradbook/widgets";
const trees = ["ash", "birch", "cedar"];
const labels = Array.from({ length: 60 }, (_, i) => trees[i % 3]!);
const centres = tensor(labels.map((label) => trees.map((tree) => (tree === label ? 9 : 0))));
embeddingExplorer(random.seed(7).normal([60, 3]).add(centres), {
  title: "Trees", labels, names: labels.map((label, i) => label + " " + i), pca,
});`,
  Attention: `
import { attentionMap } from "@gradbook/widgets";
const tokens = ["<s>", "the", "animal", "was", "tired", "</s>"];
attentionMap(random.seed(3).normal([2, 3, 6, 6]).mul(2).softmax(-1), { queries: tokens, title: "Two layers of three heads" });`,
};

const patient = { timeout: 60_000 };

if (browserMissing) console.warn(`Skipped: ${advice}`);

describe.skipIf(browserMissing && process.env.GRADBOOK_REQUIRE !== "all")(
  "the four views in an exported page, opened from disk without a kernel",
  { timeout: 180_000 },
  () => {
    let browser: Browser;
    let page: Page;
    let heard: Awaited<ReturnType<typeof openExported>>;

    beforeAll(async () => {
      const parts = Object.entries(cells).flatMap(([title, source]) => [markdown(`# ${title}`), code(source)]);
      const path = notebookOf(parts);
      const ran = await gradbook(["run", path, "--inplace"], { jupyter: newFolder() });
      expect([ran.status, ran.stderr]).toEqual([0, ""]);
      const made = await gradbook(["export", path, "--html"], { jupyter: newFolder() });
      expect([made.status, made.stderr]).toEqual([0, ""]);
      browser = await startBrowser();
      heard = await openExported(browser, path.replace(".ipynb", ".html"));
      page = heard.page;
      page.setDefaultTimeout(60_000);
    }, 300_000);
    afterAll(() => browser?.close());

    /** What can be seen of a canvas. */
    const drawn = async (canvas: Locator) => (await canvas.first().screenshot()).toString("base64");
    /** Views begin when the reader comes near. */
    const reach = (title: keyof typeof cells) =>
      page
        .getByRole("heading", { name: title })
        .evaluate((heading) => (heading as unknown as { scrollIntoView(): void }).scrollIntoView());
    const foot = (view: string) => page.locator(`${view} .gb-foot`).textContent();

    test("a loss curve hides a line, reads values, and zooms into a stretch", async () => {
      await reach("A loss curve");
      const canvas = page.locator(".gb-curve-plot canvas");
      const key = page.locator(".gb-curve-key", { hasText: "tanh" });
      await key.waitFor();
      const both = await drawn(canvas);
      await key.click();
      await expect.poll(() => key.getAttribute("aria-pressed"), patient).toBe("false");
      await expect.poll(() => drawn(canvas), patient).not.toBe(both);
      const one = await drawn(canvas);
      const plot = page.locator(".gb-curve-plot").first();
      await plot.hover({ position: { x: 200, y: 100 } });
      await page.locator(".gb-tooltip:not([hidden])").waitFor();
      expect(await page.locator(".gb-curve-row").count()).toBe(1);
      const { x, y } = (await plot.boundingBox())!;
      await page.mouse.move(x + 200, y + 100);
      await page.mouse.down();
      await page.mouse.move(x + 400, y + 100, { steps: 4 });
      await page.mouse.up();
      await page.mouse.move(0, 0);
      await expect.poll(() => drawn(canvas), patient).not.toBe(one);
    });

    test("a layer explorer goes to another layer, to its maps, and enlarges one", async () => {
      await reach("A layer explorer");
      const view = ".gb-layer-explorer";
      await expect.poll(() => foot(view), patient).toMatch(/^c1: 4 filters/);
      await page.locator(view).getByRole("combobox", { name: "layer", exact: true }).selectOption("c3");
      await expect.poll(() => foot(view), patient).toMatch(/^c3: 6 filters/);
      await page.getByRole("button", { name: "feature maps" }).click();
      await expect.poll(() => foot(view), patient).toMatch(/^c3: 6 maps of 6 × 6/);
      await page.locator(".gb-tile").nth(2).click();
      const dialog = page.getByRole("dialog", { name: "channel 2, enlarged" });
      await dialog.waitFor();
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "hidden" });
      await page.locator(".gb-thumb").nth(2).click();
      await expect.poll(() => page.locator(".gb-input-name").textContent(), patient).toBe("input 2");
    });

    test("an embedding explorer finds points by name, lists neighbours, and selects by a box", async () => {
      await reach("An embedding");
      const map = page.locator(".gb-map > canvas");
      const search = page.getByRole("combobox", { name: "search names" });
      await search.fill("birch 1");
      // birch 1, 10, 13, 16 and 19.
      await expect.poll(() => page.locator(".gb-hit").count(), patient).toBe(5);
      await search.fill("");
      await page.getByRole("button", { name: "Select in a box" }).click();
      await map.scrollIntoViewIfNeeded();
      const { x, y, width, height } = (await map.boundingBox())!;
      await page.mouse.move(x + 3, y + 3);
      await page.mouse.down();
      await page.mouse.move(x + width - 3, y + height - 3, { steps: 4 });
      await page.mouse.up();
      await expect.poll(() => page.locator(".gb-chosen .gb-panel-title").textContent(), patient).toBe("60 selected");
      await map.focus();
      await page.keyboard.press("n");
      await page.keyboard.press("Enter");
      const near = page.locator(".gb-near");
      await expect.poll(() => near.locator(".gb-panel-title").textContent(), patient).toBe("Nearest to ash 0");
    });

    test("an attention map shows another head, and pins a token", async () => {
      await reach("Attention");
      const view = ".gb-attention-map";
      await expect.poll(() => foot(view), patient).toBe("Layer 1, mean of 3 heads.");
      await page.getByRole("radio", { name: "layer 0, head 2" }).click();
      await expect.poll(() => foot(view), patient).toMatch(/^Layer 0, head 2\./);
      await page.locator(`${view} canvas[role=application]`).first().focus();
      for (const key of ["ArrowDown", "ArrowDown", "ArrowDown", "Enter"]) await page.keyboard.press(key);
      await expect.poll(() => foot(view), patient).toMatch(/^Layer 0, head 2\.Pinned: “animal” \(query 2\)/);
    });

    test("change with the page's theme, ask for nothing and complain of nothing", async () => {
      await reach("A loss curve");
      const canvas = page.locator(".gb-curve-plot canvas");
      const light = await drawn(canvas);
      if (pictures !== undefined) {
        mkdirSync(pictures, { recursive: true });
        await page.screenshot({ path: join(pictures, "exported-views-light.png"), fullPage: true });
      }
      await page.locator("button.nb-theme-switch").click();
      await expect.poll(() => drawn(canvas), patient).not.toBe(light);
      if (pictures !== undefined)
        await page.screenshot({ path: join(pictures, "exported-views-dark.png"), fullPage: true });
      expect([heard.complaints, heard.requests]).toEqual([[], []]);
    });
  },
);
