import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { describeInLab } from "./in-lab.ts";
import { asked, command, connected, finished, leave } from "./lab-page.ts";

const cell = `
import { random } from "gradbook";
import { attentionMap } from "@gradbook/widgets";
const tokens = ["<s>", "the", "animal", "was", "tired", "</s>"];
const weights = random.seed(3).normal([2, 3, 6, 6]).mul(2).softmax(-1);
const map = attentionMap(weights, { queries: tokens, title: "Two layers of three heads" });
map`;

const patient = { timeout: 60_000 };

describeInLab("the attention map in JupyterLab", { "attention.ipynb": ["# Attention", cell] }, (lab) => {
  const foot = (page: Page) => page.locator(".gb-attention-map .gb-foot").textContent();
  const choice = (page: Page) => asked(page, "console.log(map.choice.layer, map.choice.head, map.choice.pin?.query)");

  test("speaks with the kernel both ways, and comes back after a reload and from the saved file alone", async () => {
    const page = await lab.open("attention.ipynb");
    await connected(page);
    await command(page, "notebook:run-all-cells");
    await expect.poll(() => foot(page), patient).toBe("Layer 1, mean of 3 heads.");
    await page.locator(".jp-InputPrompt", { hasText: "[1]:" }).waitFor();

    // From the page to the kernel; arrows and Enter are the view's, not the notebook's.
    await page.getByRole("radio", { name: "layer 0, head 2" }).click();
    await page.locator(".gb-attention-map canvas[role=application]").first().focus();
    for (const key of ["ArrowDown", "ArrowDown", "ArrowDown", "Enter"]) await page.keyboard.press(key);
    await expect.poll(() => foot(page), patient).toMatch(/^Layer 0, head 2\.Pinned: “animal” \(query 2\)/);
    await expect.poll(() => choice(page), patient).toBe("0 2 2\n");
    expect(await page.locator(".jp-Notebook.jp-mod-commandMode").count()).toBe(1);

    // From the kernel to the page.
    await asked(page, 'map.choose({ layer: "rollout", head: "mean", masked: true })');
    await expect.poll(() => foot(page), patient).toMatch(/^Rollout through all layers.*Without <s> <\/s>/);
    await asked(page, "map.choose({ layer: 1, head: 0, masked: false, pin: { query: 4, key: null } })");
    await expect.poll(() => foot(page), patient).toMatch(/^Layer 1, head 0\.Pinned: “tired” \(query 4\)/);
    const words = await foot(page);

    await finished(page, "docmanager:save");
    await page.reload();
    await expect.poll(() => foot(page), patient).toBe(words);
    await connected(page);
    await page.getByRole("radio", { name: "layer 0, head 1" }).click();
    await expect.poll(() => choice(page), patient).toBe("0 1 4\n");
    const later = await foot(page);
    await finished(page, "docmanager:save");
    await leave(page);

    const again = await lab.open("attention.ipynb");
    await expect.poll(() => foot(again), patient).toBe(later);
    await again.getByRole("radio", { name: "layer 1, mean of 3 heads" }).click();
    await expect.poll(() => foot(again), patient).toMatch(/^Layer 1, mean of 3 heads\.Pinned: “tired”/);
    await again.context().close();
  });
});
