import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { describeInLab } from "./in-lab.ts";
import { asked, command, connected, finished, leave } from "./lab-page.ts";

const cell = `
import { nn, sweep, TrainingError } from "gradbook";
import { histograms, runTable } from "@gradbook/widgets";
const weights = histograms(undefined, { title: "Weights of the best" });
const runs = runTable([], { title: "Learning rates", sort: "error" });
display(runs);
display(weights);
const space = { rate: [0.01, 0.1, 10], width: [4] };
for await (const row of sweep(space, async ({ rate, width }) => {
  if (rate === 10) throw new TrainingError("train", "the loss is NaN");
  const model = nn.init(new nn.Linear(width, 2), { seed: 1 });
  for (let step = 1; step <= 3; step++) await weights.add(step, nn.parameters(model));
  return { error: 0.5 - rate };
})) runs.add(row);`;

const patient = { timeout: 60_000 };
const pictures = process.env.GRADBOOK_PICTURES;

describeInLab("histograms and a table of runs in JupyterLab", { "runs.ipynb": ["# Runs", cell] }, (lab) => {
  const rows = (page: Page) => page.locator(".gb-run-list tbody th").allTextContents();
  const foot = (page: Page) => page.locator(".gb-run-table .gb-foot").textContent();
  const panels = (page: Page) => page.locator(".gb-histogram-name").allTextContents();
  const label = (page: Page) => page.locator(".gb-histogram-place").first().getAttribute("aria-label");

  test("speak with the kernel both ways, and come back after a reload and from the saved file alone", async () => {
    const page = await lab.open("runs.ipynb");
    await connected(page);
    await command(page, "notebook:run-all-cells");
    await expect.poll(() => rows(page), patient).toEqual(["2", "1", "3"]);
    await expect.poll(() => panels(page), patient).toEqual(["weight", "bias"]);
    await expect.poll(() => label(page), patient).toMatch(/^weight, 3 steps: mean /);
    await page.locator(".jp-InputPrompt", { hasText: "[1]:" }).waitFor();
    expect(await page.locator(".gb-failed").count()).toBe(1);

    // From the page to the kernel; keys are the view's, not the notebook's.
    await page.getByRole("searchbox", { name: "filter" }).fill("rate<1");
    await expect.poll(() => rows(page), patient).toEqual(["2", "1"]);
    await page.getByRole("button", { name: "error" }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => rows(page), patient).toEqual(["1", "2"]);
    await page.getByRole("combobox", { name: "steps" }).selectOption("overlay");
    await page.locator(".gb-histogram-place").first().focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowUp");
    const read = page.locator(".gb-histograms .gb-foot");
    await expect.poll(() => read.textContent(), patient).toMatch(/^step 2: .* values?, /);
    expect(await page.locator(".jp-Notebook.jp-mod-commandMode").count()).toBe(1);
    const state = () =>
      asked(page, 'console.log(runs["get"]("filter"), runs["get"]("sort")!.descending, weights["get"]("view"))');
    await expect.poll(state, patient).toBe("rate<1 true overlay\n");

    // From the kernel to the page.
    await asked(
      page,
      "runs.add({ rate: 0.5, width: 4, seed: 1, error: 0.001 }); await weights.add(4, { weight: [1, 2, 3] });",
    );
    await expect.poll(() => rows(page), patient).toEqual(["1", "2", "4"]);
    await expect.poll(() => label(page), patient).toMatch(/^weight, 4 steps: mean 2, /);
    if (pictures !== undefined) {
      mkdirSync(pictures, { recursive: true });
      await page.screenshot({ path: join(pictures, "lab-runs.png") });
    }
    const words = await foot(page);
    expect(words).toBe("3 of 4 runs; best error 0.001 (run 4)");

    await finished(page, "docmanager:save");
    await page.reload();
    await expect.poll(() => foot(page), patient).toBe(words);
    await expect.poll(() => label(page), patient).toMatch(/^weight, 4 steps: mean 2, /);
    await connected(page);
    await page.getByRole("checkbox", { name: "only what differs" }).check();
    await page.getByRole("button", { name: "weight", exact: true }).click();
    await expect
      .poll(() => asked(page, 'console.log(runs["get"]("differing"), weights["get"]("large"))'), patient)
      .toBe("true weight\n");
    await expect.poll(() => panels(page), patient).toEqual(["weight"]);
    await finished(page, "docmanager:save");
    await leave(page);

    const again = await lab.open("runs.ipynb");
    await expect.poll(() => rows(again), patient).toEqual(["1", "2", "4"]);
    await expect.poll(() => again.locator(".gb-run-list thead th").allTextContents(), patient).not.toContain("width");
    await expect.poll(() => panels(again), patient).toEqual(["weight"]);
    await again.getByRole("button", { name: "weight", exact: true }).click();
    await expect.poll(() => panels(again), patient).toEqual(["weight", "bias"]);
    await again.getByRole("searchbox", { name: "filter" }).fill("");
    await expect.poll(() => rows(again), patient).toEqual(["1", "2", "4", "3"]);
    await again.context().close();
  });
});
