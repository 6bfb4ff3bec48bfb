import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { describeInLab } from "./in-lab.ts";
import { asked, command, connected, finished } from "./lab-page.ts";

const counter = `
import { AnyWidget } from "@gradbook/kernel";
class Counter extends AnyWidget<{ value: number }> {
  constructor() {
    super({ state: { value: 0 }, esm: \`export default { render({ model, el }) {
      const button = el.appendChild(Object.assign(document.createElement("button"), { className: "count" }));
      const show = () => { button.textContent = "clicked " + model.get("value"); };
      button.onclick = () => { model.set("value", model.get("value") + 1); model.save_changes(); };
      model.on("change:value", show);
      globalThis.drawn = (globalThis.drawn ?? 0) + 1;
      show();
    } }\` });
  }
  protected picture() { return { "image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'><text>still</text></svg>" }; }
}
const count = new Counter();
display(count);`;

const training = `
import { lossCurve } from "@gradbook/widgets";
const curve = lossCurve({ title: "A loss that falls" });
display(curve);
try {
  for (let step = 0; ; step++) {
    curve.add({ step, loss: 1 / (1 + step) });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
} finally {
  console.log("stopped");
}`;

const chart = {
  $schema: "https://vega.github.io/schema/vega-lite/v5.json",
  data: { values: [{ a: 1 }] },
  transform: [{ calculate: "datum.a * 2", as: "b" }],
  mark: "point",
  encoding: { x: { field: "b" } },
};
const outputsOfAllKinds = `
display.html("<b id='it'></b><script>document.getElementById('it').textContent = 'inline ran'</script>");
display.javascript("element.textContent = 'javascript ran'");
display(${JSON.stringify(chart)});
display.html("<script src='https://example.org/x.js'></script>");
display.javascript("fetch('https://example.org/y').catch(() => { element.textContent = 'kept from it'; })");`;

const patient = { timeout: 60_000 };

describeInLab(
  "the page in a browser",
  {
    "counter.ipynb": ["# A counter\n\nIt counts *clicks*.", counter],
    "training.ipynb": ["# Training", training],
    "outputs.ipynb": ["# Outputs", outputsOfAllKinds],
  },
  (lab) => {
    const outputs = (page: Page) => page.locator(".jp-OutputArea-output").allTextContents();

    test("begins with the notebooks of the folder, what they are about, and our kernel", async () => {
      const page = await lab.open();
      const card = page.locator('.jp-LauncherCard[data-category="Gradbook"]').first();
      await card.waitFor();
      await expect.poll(() => card.locator(".jp-LauncherCard-label").textContent(), patient).toBe("A counter");
      await expect.poll(() => card.getAttribute("title"), patient).toBe("It counts clicks.");
      const kernels = page.locator('.jp-LauncherCard[data-category="Notebook"]');
      await expect
        .poll(() => kernels.first().locator(".jp-LauncherCard-label").textContent(), patient)
        .toMatch(/TypeScript\s+\(Gradbook\)/);
      await card.click();
      await page.waitForSelector(".jp-Notebook .jp-CodeCell");
      const heading = page.locator(".jp-RenderedHTMLCommon h1").first();
      await expect.poll(() => heading.textContent(), patient).toMatch(/^A counter/);
      await page.context().close();
    });

    test("draws a loss curve that moves while its cell runs", async () => {
      const page = await lab.open("training.ipynb");
      await connected(page);
      await command(page, "notebook:run-all-cells");
      await page.locator(".jp-OutputArea-output .gb-curve-plot canvas").waitFor();
      const pictures = new Set<string>();
      while (pictures.size < 5) {
        pictures.add(await page.evaluate<string>('document.querySelector(".gb-curve-plot canvas").toDataURL()'));
        expect(await page.locator(".jp-InputPrompt", { hasText: "[*]" }).count()).toBe(1);
        await page.waitForTimeout(50);
      }
      await command(page, "notebook:interrupt-kernel");
      await expect.poll(async () => (await outputs(page)).join(), patient).toContain("stopped");
      await page.context().close();
    });

    test("shows widgets that speak to the kernel, again after it was loaded anew, and from the saved file alone", async () => {
      const page = await lab.open("counter.ipynb");
      await connected(page);
      await command(page, "notebook:run-all-cells");
      await page.locator("button.count").click();
      await expect.poll(() => page.locator("button.count").textContent(), patient).toBe("clicked 1");
      // The picture that came at the end of a cell as short as this made no second view.
      await page.locator(".jp-InputPrompt", { hasText: "[1]:" }).waitFor();
      expect(await page.evaluate("globalThis.drawn")).toBe(1);
      expect(await asked(page, 'console.log("it holds", count.get("value"))')).toBe("it holds 1\n");
      await finished(page, "docmanager:save");
      await page.reload();
      await expect.poll(() => page.locator("button.count").textContent(), patient).toBe("clicked 1");
      await page.locator("button.count").click();
      await expect.poll(() => page.locator("button.count").textContent(), patient).toBe("clicked 2");
      await connected(page);
      expect(await asked(page, 'console.log("it holds", count.get("value"))')).toBe("it holds 2\n");
      await finished(page, "docmanager:save");
      const saved = await readFile(join(lab.root, "counter.ipynb"), "utf8");
      const { cells, metadata } = JSON.parse(saved);
      expect(Object.keys(metadata.widgets)).toEqual(["application/vnd.jupyter.widget-state+json"]);
      expect(
        cells[1].outputs[0].data["image/svg+xml"].join?.("") ?? cells[1].outputs[0].data["image/svg+xml"],
      ).toContain("still");
      await finished(page, "kernelmenu:shutdown");
      await page.context().close();
      const again = await lab.open("counter.ipynb");
      await expect.poll(() => again.locator("button.count").textContent(), patient).toBe("clicked 2");
      await again.context().close();
    });

    test("runs what a trusted output brings along, and nothing from another machine", async () => {
      const page = await lab.open("outputs.ipynb");
      await connected(page);
      await command(page, "notebook:run-all-cells");
      const texts = async () => (await outputs(page)).join();
      for (const text of ["inline ran", "javascript ran", "kept from it"])
        await expect.poll(texts, patient).toContain(text);
      await page.locator(".vega-embed svg, .vega-embed canvas").first().waitFor();
      const blocked = () =>
        lab.complaints.filter((complaint) => complaint.includes("Content Security Policy directive"));
      await expect.poll(() => blocked().length, patient).toBe(2);
      for (const complaint of lab.complaints.splice(0)) expect(complaint).toMatch(/example\.org|violates/);
      await page.context().close();
    });

    test("is dark where the reader's system is", async () => {
      for (const colorScheme of ["light", "dark"] as const) {
        const page = await lab.open("", { colorScheme });
        await expect
          .poll(() => page.evaluate("document.body.dataset.jpThemeLight"), patient)
          .toBe(String(colorScheme === "light"));
        await page.context().close();
      }
    });
  },
);
