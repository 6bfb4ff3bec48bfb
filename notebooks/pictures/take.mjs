// Takes the pictures of the README from the notebooks as they are committed: `node notebooks/pictures/take.mjs`.
// Each view is photographed in Chromium, in both themes, from the page that `gradbook export` makes of its notebook.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const here = fileURLToPath(new URL(".", import.meta.url));
/** Which view of which notebook, by its title. */
const views = {
  "loss-curve": ["06-lenet-5", "LeNet-5 on MNIST: loss and test error"],
  "layer-explorer": ["06-lenet-5", "Inside the network of today"],
  "embedding-explorer": ["13-maps-of-representations", "t-SNE of 3,000 digits"],
  "attention-map": ["14-translation-with-attention", "Reading dates"],
};

const folder = mkdtempSync(join(tmpdir(), "gradbook-pictures-"));
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
try {
  for (const [name, [notebook, title]] of Object.entries(views)) {
    const file = join(folder, `${notebook}.html`);
    const program = join(here, "../../kernel/dist/cli.js");
    execFileSync(process.execPath, [program, "export", `${here}../${notebook}/notebook.ipynb`, "--html", "-o", file]);
    for (const colorScheme of ["light", "dark"]) {
      const page = await browser.newPage({
        colorScheme,
        deviceScaleFactor: 1.5,
        viewport: { width: 1100, height: 900 },
      });
      await page.goto(pathToFileURL(file).href);
      const view = page.locator(".gradbook-view", { has: page.locator(".gb-title", { hasText: title }) }).last();
      // Views come to life where the reader is.
      for (let turn = 0; (await view.count()) === 0 && turn < 100; turn++) {
        await page.mouse.wheel(0, 500);
        await page.waitForTimeout(100);
      }
      await view.scrollIntoViewIfNeeded();
      await page.waitForTimeout(1500);
      await view.screenshot({ path: `${here}${name}-${colorScheme}.png` });
      await page.close();
    }
    console.log(name);
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
