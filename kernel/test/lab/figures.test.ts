import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { describeInLab } from "./in-lab.ts";
import { command, connected, finished } from "./lab-page.ts";

const cells = [
  `import { confusionMatrix, imageGrid } from "@gradbook/widgets";
confusionMatrix([[50, 2, 3], [4, 40, 6], [0, 8, 44]], { title: "Trees", labels: ["ash", "birch", "cedar"] })`,
  `import { random } from "gradbook";
imageGrid(random.seed(1).uniform([4, 3, 8, 8]), { title: "Colours" })`,
  `imageGrid(random.seed(2).uniform([4, 8, 8]), { title: "Shades" })`,
  `({ data: [{ y: [1, 3, 2] }, { y: [2, 2, 3] }], layout: { title: { text: "A figure" } } })`,
];

const patient = { timeout: 60_000 };

describeInLab("plotly's figures in JupyterLab", { "figures.ipynb": cells }, (lab) => {
  /** The colour of each figure's title, and of the paper behind it. */
  const colours = (page: Page) =>
    page.evaluate(`[...document.querySelectorAll(".gradbook-figure")].map((figure) => {
      const [title, paper] = [figure.querySelector(".gtitle"), figure.querySelector(".main-svg")];
      return title && [getComputedStyle(title).fill, getComputedStyle(paper).backgroundColor];
    })`);
  const inEach = (ours: string[], other: string[]) => [ours, ours, ours, other];

  test("have the colours of the theme, also when it changes", async () => {
    const page = await lab.open("figures.ipynb", { colorScheme: "dark" });
    await connected(page);
    // All of them in sight: what is not is drawn later.
    await page.setViewportSize({ width: 1400, height: 2000 });
    await command(page, "notebook:run-all-cells");
    const dark = inEach(["rgb(232, 234, 238)", "rgb(23, 25, 30)"], ["rgb(221, 221, 221)", "rgba(0, 0, 0, 0)"]);
    await expect.poll(() => colours(page), patient).toEqual(dark);
    await finished(page, "apputils:change-theme", { theme: "JupyterLab Light" });
    const light = inEach(["rgb(31, 35, 41)", "rgb(255, 255, 255)"], ["rgb(51, 51, 51)", "rgba(0, 0, 0, 0)"]);
    await expect.poll(() => colours(page), patient).toEqual(light);
    const heights = await page
      .locator(".gradbook-figure .svg-container")
      .evaluateAll((all) => all.map((each) => each.clientHeight));
    expect(Math.min(...heights)).toBeGreaterThan(150);
    await page.context().close();
  });
});
