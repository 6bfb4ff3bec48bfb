import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { describeInLab } from "./in-lab.ts";
import { asked, command, connected, finished, leave } from "./lab-page.ts";

const cell = `
import { pca, random, tensor, tsne } from "gradbook";
import { embeddingExplorer } from "@gradbook/widgets";
const trees = ["ash", "birch", "cedar"];
const labels = Array.from({ length: 60 }, (_, i) => trees[i % 3]!);
const centres = tensor(labels.map((label) => trees.map((tree) => (tree === label ? 9 : 0))));
const explorer = embeddingExplorer(random.seed(7).normal([60, 3]).add(centres), {
  title: "Trees", labels, names: labels.map((label, i) => label + " " + i), tsne, pca, perplexity: 10, iterations: 100_000,
});
const told: number[] = [];
explorer.onSelect((points) => told.push(points.length));
explorer`;

const patient = { timeout: 60_000 };

describeInLab("the embedding explorer in JupyterLab", { "embedding.ipynb": ["# Embedding", cell] }, (lab) => {
  const iteration = (page: Page) => page.locator(".gb-iteration").textContent();
  const chosen = (page: Page) => page.locator(".gb-chosen .gb-panel-title").textContent();
  const map = (page: Page) => page.locator(".gb-map > canvas");
  async function boxAll(page: Page): Promise<void> {
    await page.getByRole("button", { name: "Select in a box" }).click();
    await map(page).scrollIntoViewIfNeeded();
    const { x, y, width, height } = (await map(page).boundingBox())!;
    await page.mouse.move(x + 3, y + 3);
    await page.mouse.down();
    await page.mouse.move(x + width - 3, y + height - 3, { steps: 4 });
    await page.mouse.up();
  }

  test("speaks with the kernel both ways, and comes back after a reload and from the saved file alone", async () => {
    const page = await lab.open("embedding.ipynb");
    await connected(page);
    await command(page, "notebook:run-all-cells");
    await expect.poll(() => iteration(page), patient).toBe("not begun");
    await page.locator(".jp-InputPrompt", { hasText: "[1]:" }).waitFor();

    // From the page to the kernel: t-SNE, while its maps come the other way.
    await page.getByRole("button", { name: "Run t-SNE" }).click();
    await expect.poll(() => iteration(page), patient).toMatch(/^iteration [\d,]+ of 100,000 · KL [\d.]+$/);
    await page.getByRole("button", { name: "Pause t-SNE" }).click();
    await page.getByRole("button", { name: "Run t-SNE" }).waitFor();
    const divergence = () => asked(page, "console.log(explorer.kl!.toFixed(3))");
    await expect
      .poll(async () => (await iteration(page))!.endsWith(`KL ${(await divergence()).trim()}`), patient)
      .toBe(true);
    await boxAll(page);
    await expect.poll(() => asked(page, "console.log(explorer.selected.length, told.join())"), patient).toBe("60 60\n");

    // Keys are the view's, not the notebook's.
    await map(page).focus();
    await page.keyboard.press("n");
    await page.keyboard.press("Enter");
    const near = page.locator(".gb-near");
    await expect.poll(() => near.locator(".gb-panel-title").textContent(), patient).toBe("Nearest to ash 0");
    await expect.poll(() => near.getByRole("listitem").count(), patient).toBe(10);
    expect(await page.locator(".jp-Notebook.jp-mod-commandMode").count()).toBe(1);

    // From the kernel to the page.
    await asked(page, "explorer.select([3, 4])");
    await expect.poll(() => chosen(page), patient).toBe("2 selected");
    const far = await iteration(page);

    await finished(page, "docmanager:save");
    await page.reload();
    await expect.poll(() => iteration(page), patient).toBe(far);
    await connected(page);
    await expect.poll(() => chosen(page), patient).toBe("2 selected");
    await page.getByRole("button", { name: "Restart", exact: true }).click();
    await page.getByRole("button", { name: "Pause t-SNE" }).click();
    await page.getByRole("button", { name: "Run t-SNE" }).waitFor();
    await asked(page, 'await explorer.run({ iterations: Number(explorer["get"]("run2").iteration) + 20 })');
    await expect.poll(() => iteration(page), patient).toMatch(/^iteration ([\d,]+) of \1 · KL/);
    const later = await iteration(page);
    await finished(page, "docmanager:save");
    await leave(page);

    const again = await lab.open("embedding.ipynb");
    await expect.poll(() => iteration(again), patient).toBe(later);
    await expect.poll(() => chosen(again), patient).toBe("2 selected");
    expect(await again.getByRole("button", { name: "Run t-SNE" }).isDisabled()).toBe(true);
    await boxAll(again);
    await expect.poll(() => chosen(again), patient).toBe("60 selected");
    await finished(again, "docmanager:save");
    await leave(again);

    // Saved by a page without the kernel that made it, it is still there.
    const third = await lab.open("embedding.ipynb");
    await expect.poll(() => iteration(third), patient).toBe(later);
    await third.context().close();
  });
});
