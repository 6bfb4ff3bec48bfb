import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { describeInLab } from "./in-lab.ts";
import { asked, command, connected, finished, leave } from "./lab-page.ts";

const cell = `
import { capture, flatten, inspect, nn, random, relu, type Tensor } from "gradbook";
import { layerExplorer } from "@gradbook/widgets";
const model = nn.init(new nn.Sequential([
  new nn.Conv2d(1, 4, 3), relu, new nn.Conv2d(4, 6, 3), relu, (x: Tensor) => flatten(x, 1), new nn.Linear(6 * 36, 10),
]), { seed: 1 });
let growth = 1;
const filters = inspect.filters(model);
const first = () => {
  const weights = filters.get("0")!;
  return { shape: weights.shape, data: async () => (await weights.data()).map((w) => growth * w) };
};
const layers = layerExplorer({
  layers: {
    c1: { filters: first, maps: (x) => capture(model, x.expandDims(0)).get("1") },
    c3: { filters: () => filters.get("2")!, maps: (x) => capture(model, x.expandDims(0)).get("3") },
  },
  inputs: random.seed(2).uniform([6, 1, 10, 10]),
  overlays: {
    saliency: (x) => inspect.saliency(model, x.expandDims(0)),
    "Grad-CAM": (x) => inspect.gradCam(model, x.expandDims(0), { layer: "3" }),
  },
}, { title: "A network", atFirst: 2 });
display(layers);
for (let epoch = 1; epoch <= 3; epoch++) await layers.snapshot(epoch);`;

const patient = { timeout: 60_000 };

describeInLab("the layer explorer in JupyterLab", { "layers.ipynb": ["# Layers", cell] }, (lab) => {
  const foot = (page: Page) => page.locator(".gb-layer-explorer .gb-foot").textContent();

  test("speaks with the kernel both ways, and comes back after a reload and from the saved file alone", async () => {
    const page = await lab.open("layers.ipynb");
    await connected(page);
    await command(page, "notebook:run-all-cells");
    await expect.poll(() => foot(page), patient).toMatch(/^c1: 4 filters of 3 × 3 on 1 input/);
    await expect.poll(() => page.locator(".gb-epochs-slider").getAttribute("max"), patient).toBe("3");
    await page.locator(".jp-InputPrompt", { hasText: "[1]:" }).waitFor();

    // From the page to the kernel and back: maps of an input that was not computed at first.
    await page.getByRole("combobox", { name: "layer", exact: true }).selectOption("c3");
    await page.getByRole("button", { name: "feature maps" }).click();
    await expect.poll(() => foot(page), patient).toMatch(/^c3: 6 maps of 6 × 6/);
    await expect.poll(() => page.locator(".gb-thumb:disabled").count(), patient).toBe(0);
    await page.locator(".gb-thumb").nth(4).click();
    const state = () =>
      asked(
        page,
        'console.log(layers["get"]("layer"), layers["get"]("input"), layers["get"]("maps1")!.entries.length)',
      );
    await expect.poll(state, patient).toBe("1 4 3\n");
    await expect.poll(() => page.locator(".gb-tile").count(), patient).toBe(6);

    // Keys are the view's, not the notebook's.
    await page.locator(".gb-tile").nth(2).focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "channel 3, enlarged" });
    await dialog.waitFor();
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => dialog.getByRole("status").textContent(), patient).toMatch(/^row 1, column 0: /);
    await page.keyboard.press("Escape");
    await expect.poll(() => page.locator(".gb-tile").count(), patient).toBe(6);
    expect(await page.locator(".jp-Notebook.jp-mod-commandMode").count()).toBe(1);

    // From the kernel to the page.
    await page.getByRole("combobox", { name: "layer", exact: true }).selectOption("c1");
    await page.getByRole("button", { name: "filters", exact: true }).click();
    const high = page.locator(".gb-layers-below .gb-key-high");
    await expect.poll(async () => Number(await high.textContent()), patient).toBeGreaterThan(0);
    const before = Number(await high.textContent());
    await asked(page, "growth = 10; await layers.update();");
    await expect.poll(async () => Number(await high.textContent()) / before, patient).toBeCloseTo(10, 2);
    const words = await foot(page);

    await finished(page, "docmanager:save");
    await page.reload();
    await expect.poll(() => foot(page), patient).toBe(words);
    await connected(page);
    await page.getByRole("button", { name: "feature maps" }).click();
    await expect.poll(() => page.locator(".gb-input-name").textContent(), patient).toBe("input 4");
    await page.locator(".gb-thumb").nth(5).click();
    await expect.poll(() => page.locator(".gb-tile").count(), patient).toBe(4);
    await expect.poll(() => page.locator(".gb-input-name").textContent(), patient).toBe("input 5");
    await expect
      .poll(() => asked(page, 'console.log(layers["get"]("input"), layers["get"]("mode"))'), patient)
      .toBe("5 maps\n");
    await expect.poll(() => foot(page), patient).not.toBe(words);
    const later = await foot(page);
    await finished(page, "docmanager:save");
    await leave(page);

    const again = await lab.open("layers.ipynb");
    await expect.poll(() => foot(again), patient).toBe(later);
    await again.locator(".gb-thumb").nth(1).click();
    await expect.poll(() => again.locator(".gb-input-name").textContent(), patient).toBe("input 1");
    await again.context().close();
  });
});
