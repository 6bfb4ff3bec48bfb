import { execFile } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ServedLab } from "../lab/lab-page.ts";
import { type JupyterHome, jupyter, jupyterHome, notebookOf, programsThere } from "./jupyter-home.ts";
import { NotebookServer, writeNotebook } from "./notebook-server.ts";

const program = "/usr/bin/chromium";
const available = programsThere({
  [jupyter]: "python3-jupyter-core",
  "/usr/bin/jupyter-notebook": "jupyter-notebook",
  "/usr/bin/jupyter-nbconvert": "jupyter-nbconvert",
  [program]: "chromium",
});
const artefacts = fileURLToPath(new URL("../../../artefacts/", import.meta.url));

const imports = `import { attentionMap, confusionMatrix, embeddingExplorer, featureMaps, histograms, imageGrid, layerExplorer, lossCurve, progress, runTable } from "@gradbook/widgets";
const ramp = (...shape: number[]) => {
  const size = shape.reduce((a, b) => a * b);
  return { shape, dtype: "float32", data: () => Promise.resolve(Float32Array.from({ length: size }, (_, i) => i / size)) };
};`;
const cells = [
  `${imports}\nconst curve = lossCurve({ title: "A loss that falls" });\nfor (let step = 0; step < 100; step++) curve.add({ step, loss: 1 / (1 + step) });\ncurve`,
  `featureMaps(ramp(4, 12, 12), { title: "Maps of a layer" })`,
  `attentionMap(ramp(3, 3), { title: "Attention", queries: ["le", "chat", "dort"], keys: ["the", "cat", "sleeps"] })`,
  `confusionMatrix([[9, 1], [2, 8]], { title: "Confusion" })`,
  `imageGrid(ramp(2, 12, 12), { title: "Images" })`,
  `layerExplorer({ layers: { c1: { filters: () => ramp(2, 1, 3, 3) } } }, { title: "A layer" })`,
  `embeddingExplorer(ramp(9, 2), { title: "A map", labels: [0, 1, 2, 0, 1, 2, 0, 1, 2] })`,
  `histograms({ weights: ramp(100) }, { title: "Weights" })`,
  `runTable([{ rate: 0.1, "test error": 0.2 }, { rate: 0.01, "test error": 0.1 }], { title: "Runs" })`,
  `for (const one of progress([1, 2, 3], { title: "Counting" })) void one;`,
];

/** What is to be seen in each of some places: pictures that the browser could decode, and tables. */
const seen = (page: Page, places: string) =>
  page.evaluate<string[]>(`[...document.querySelectorAll(${JSON.stringify(places)})].map((place) =>
    [...place.querySelectorAll("img, table")].filter((one) => one.offsetWidth > 0 && (one.tagName === "TABLE" || one.naturalWidth > 100))
      .map((one) => one.tagName.toLowerCase()).join(" and "))`);
const oneEach = cells.map((cell) => (cell.startsWith("runTable") ? "table" : "img"));
const patient = { timeout: 60_000 };

// Where nobody can show a live view, its picture is seen instead. The notebook is run once, by nbclient.
describe.skipIf(!available)("the pictures beside live views", { timeout: 240_000 }, () => {
  let home: JupyterHome;
  let browser: Browser;
  let page: Page;
  const convert = (...words: string[]) =>
    promisify(execFile)(jupyter, ["nbconvert", ...words], {
      cwd: home.folder,
      env: home.environment,
      timeout: 180_000,
      maxBuffer: 1e8,
    });

  beforeAll(async () => {
    home = await jupyterHome();
    await writeNotebook(home, "views.ipynb", notebookOf(...cells));
    [browser] = await Promise.all([
      chromium.launch({ executablePath: program, args: ["--no-sandbox", "--disable-gpu"] }),
      convert("--execute", "--to", "notebook", "--output", "executed.ipynb", "views.ipynb"),
    ]);
    page = await browser.newPage({ viewport: { width: 1100, height: 1400 } });
    // Nothing of the network.
    await page.route(/^https?:\/\/(?!127\.0\.0\.1)/, (route) => route.abort());
    await mkdir(artefacts, { recursive: true });
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await home?.remove();
  }, 60_000);

  test("are in nbconvert's HTML, asked for as our documentation says, also where states were saved", async () => {
    // nbconvert would take the live views, from servers in the network, where their states are saved.
    const readme = await readFile(new URL("../../../widgets/README.md", import.meta.url), "utf8");
    const [, words] = /^jupyter nbconvert (.+) notebook\.ipynb$/m.exec(readme)!;
    const { metadata } = JSON.parse(await readFile(join(home.folder, "executed.ipynb"), "utf8"));
    expect(Object.keys(metadata.widgets)).toEqual(["application/vnd.jupyter.widget-state+json"]);
    await convert(...words!.split(" "), "--output", "page.html", "executed.ipynb");
    await page.goto(pathToFileURL(join(home.folder, "page.html")).href);
    await expect.poll(() => seen(page, ".jp-Cell-outputArea"), patient).toEqual(oneEach);
    await page.screenshot({ path: `${artefacts}nbconvert-views.png`, fullPage: true });
  });

  test("are in nbconvert's HTML without being asked for, where no states were saved", async () => {
    const { cells: ran, ...rest } = JSON.parse(await readFile(join(home.folder, "executed.ipynb"), "utf8"));
    delete rest.metadata.widgets;
    await writeNotebook(home, "stateless.ipynb", { cells: ran, ...rest });
    await convert("--to", "html", "--output", "stateless.html", "stateless.ipynb");
    await page.goto(pathToFileURL(join(home.folder, "stateless.html")).href);
    await expect.poll(() => seen(page, ".jp-Cell-outputArea"), patient).toEqual(oneEach);
  });

  test("are in Notebook 6, opened and run again", async () => {
    const server = await NotebookServer.start(home);
    try {
      await page.goto(server.address("notebooks/executed.ipynb"));
      const places = "#notebook-container > .code_cell .output";
      await expect.poll(() => seen(page, places), patient).toEqual(oneEach);
      await page.locator("#kernel_indicator_icon.kernel_idle_icon").waitFor(patient);
      await page.locator("#celllink").click();
      await page.locator("#run_all_cells a").click();
      await expect
        .poll(() => page.locator(".code_cell .input_prompt").allTextContents(), patient)
        .toEqual(cells.map((_, index) => expect.stringMatching(new RegExp(`\\[${index + 1}\\]`))));
      await expect.poll(() => seen(page, places), patient).toEqual(oneEach);
      await page.screenshot({ path: `${artefacts}notebook-6-views.png`, fullPage: true });
    } finally {
      await server.stop();
    }
  });

  test("are in JupyterLab for a notebook that is not trusted", async () => {
    const lab = await ServedLab.start();
    try {
      const executed = JSON.parse(await readFile(join(home.folder, "executed.ipynb"), "utf8"));
      await writeNotebook({ ...home, folder: lab.root }, "foreign.ipynb", executed);
      const open = await lab.open(browser, "foreign.ipynb");
      // Figures are data, which the page draws for everybody.
      const figures = open.locator(".js-plotly-plot .main-svg:first-child");
      await expect.poll(() => figures.count(), patient).toBe(2);
      await expect
        .poll(() => seen(open, ".jp-OutputArea-output"), patient)
        .toEqual(oneEach.map((what, index) => (/^(confusionMatrix|imageGrid)/.test(cells[index]!) ? "" : what)));
      expect(await open.locator(".gradbook-view, .jupyter-widgets").count()).toBe(0);
      await open.screenshot({ path: `${artefacts}untrusted-views.png`, fullPage: true });
      expect(lab.complaints).toEqual([]);
      await open.context().close();
    } finally {
      await lab.close();
    }
  });
});
