import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type JupyterHome, jupyter, jupyterHome, notebookOf, programsThere } from "./jupyter-home.ts";
import { NotebookServer, writeNotebook } from "./notebook-server.ts";

const program = "/usr/bin/chromium";
const available = programsThere({
  [jupyter]: "python3-jupyter-core",
  "/usr/bin/jupyter-notebook": "jupyter-notebook",
  [program]: "chromium",
});
const flags =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
const pictures = fileURLToPath(new URL("../../../artefacts/", import.meta.url));
const patience = 60_000;

const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";
const notebook = notebookOf(
  `const people = [{ name: "Ada", born: 1815 }, { name: "Grace", born: 1906 }];\nconsole.log("hello");\npeople`,
  `display.mime({ "image/png": Buffer.from("${pixel}", "base64") });`,
  `const label: string = people[0]!.name.toUpperCase();\nlabel`,
  `const wrong: number = "text";`,
  `console.log("in the loop"); while (true) {}`,
  `people.length`,
  "",
);

// The tests follow each other in one page, as a reader goes through a notebook.
describe.skipIf(!available)("Notebook 6 in Chromium", () => {
  let home: JupyterHome;
  let server: NotebookServer;
  let browser: Browser;
  let page: Page;
  let failed = false;
  const complaints: string[] = [];
  beforeAll(async () => {
    home = await jupyterHome();
    await writeNotebook(home, "page.ipynb", notebook);
    server = await NotebookServer.start(home);
    browser = await chromium.launch({ executablePath: program, args: flags.split(" ") });
    page = await browser.newPage({ viewport: { width: 1100, height: 1400 } });
    page.setDefaultTimeout(patience);
    page.on("pageerror", (error) => complaints.push(error.message));
  }, 150_000);
  afterEach(({ task }) => {
    failed ||= task.result?.state === "fail";
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await home?.remove();
  }, 60_000);

  const cell = (index: number) => page.locator("#notebook-container > .cell").nth(index);
  const output = (index: number) => cell(index).locator(".output_wrapper .output");
  const textOf = async (place: Locator) => (await place.textContent()) ?? "";
  const photograph = async (name: string) => {
    await mkdir(pictures, { recursive: true });
    await page.screenshot({ path: `${pictures}notebook-6-${name}.png`, fullPage: true });
  };
  /** Selects a cell and runs it by Shift-Enter. */
  const run = async (index: number) => {
    if (failed) throw new Error("Nothing can be said of this: the page went wrong before.");
    await cell(index).locator(".CodeMirror").click();
    await page.keyboard.press("Shift+Enter");
  };
  /** The kernel is idle: its circle is empty. */
  const idle = () => page.locator("#kernel_indicator_icon.kernel_idle_icon").waitFor({ timeout: patience });

  test("opens a notebook with our kernel", async () => {
    await page.goto(server.address("notebooks/page.ipynb"));
    await cell(6).waitFor();
    await expect
      .poll(() => textOf(page.locator("#kernel_indicator")), { timeout: patience })
      .toContain("TypeScript (Gradbook)");
    await idle();
  }, 120_000);

  test("runs a cell and shows what it printed, and its result as a table", async () => {
    await run(0);
    await output(0).locator("table").waitFor();
    await expect.poll(() => textOf(output(0).locator("pre").first()), { timeout: patience }).toBe("hello\n");
    expect(await output(0).locator("td").allTextContents()).toEqual(["Ada", "1815", "Grace", "1906"]);
    await expect.poll(() => textOf(cell(0).locator(".input_prompt")), { timeout: patience }).toContain("[1]");
  }, 120_000);

  test("shows a picture", async () => {
    await run(1);
    const image = output(1).locator("img");
    await image.waitFor();
    expect(await image.getAttribute("src")).toContain("data:image/png;base64");
    const width = () => image.evaluate((element) => (element as unknown as { naturalWidth: number }).naturalWidth);
    await expect.poll(width, { timeout: patience }).toBe(1);
  }, 120_000);

  test("keeps variables and types from cell to cell", async () => {
    await run(2);
    await expect.poll(() => textOf(output(2)), { timeout: patience }).toContain("'ADA'");
  }, 120_000);

  test("shows a type error with its line", async () => {
    await run(3);
    await expect.poll(() => textOf(output(3)), { timeout: patience }).toContain("not assignable to type 'number'");
    await expect.poll(() => textOf(output(3)), { timeout: patience }).toContain(`const wrong: number = "text";`);
  }, 120_000);

  test("interrupts a loop by its button, and keeps the variables", async () => {
    await run(4);
    await expect.poll(() => textOf(output(4)), { timeout: patience }).toContain("in the loop");
    await expect.poll(() => textOf(cell(4).locator(".input_prompt")), { timeout: patience }).toContain("[*]");
    await page.locator("button[data-jupyter-action='jupyter-notebook:interrupt-kernel']").click();
    await expect.poll(() => textOf(output(4)), { timeout: patience }).toContain("KeyboardInterrupt");
    await run(5);
    await expect.poll(() => textOf(output(5)), { timeout: patience }).toContain("2");
    await idle();
  }, 120_000);

  test("completes by Tab", async () => {
    if (failed) throw new Error("Nothing can be said of this: the page went wrong before.");
    await cell(6).locator(".CodeMirror").click();
    await page.keyboard.type("people[0].");
    await page.keyboard.press("Tab");
    const offered = page.locator("#complete select option");
    await offered.first().waitFor({ state: "attached" });
    expect((await offered.allTextContents()).sort()).toEqual(["born", "name"]);
    await photograph("completion");
    await page.keyboard.press("Escape");
  }, 120_000);

  test("shows type and documentation by Shift-Tab", async () => {
    await page.keyboard.press("Control+a");
    await page.keyboard.type("parseInt");
    await page.keyboard.press("Shift+Tab");
    const tooltip = page.locator("#tooltip .tooltiptext");
    await expect.poll(() => textOf(tooltip), { timeout: patience }).toContain("parseInt(string: string");
    await page.keyboard.press("Escape");
  }, 120_000);

  test("restarts the kernel, which forgets", async () => {
    await page.locator("#kernellink").click();
    await page.locator("#restart_kernel a").click();
    await page.locator(".modal-dialog .btn-danger").click();
    await page.locator(".modal-dialog").waitFor({ state: "hidden" });
    await idle();
    await run(5);
    await expect.poll(() => textOf(output(5)), { timeout: patience }).toContain("Cannot find name 'people'");
    // The number comes with the reply, after the output.
    await expect.poll(() => textOf(cell(5).locator(".input_prompt")), { timeout: patience }).toContain("[1]");
  }, 120_000);

  test("runs all cells up to the first that fails", async () => {
    await page.locator("#celllink").click();
    await page.locator("#run_all_cells a").click();
    await expect.poll(() => textOf(output(3)), { timeout: patience }).toContain("not assignable");
    await idle();
    // A cell that was aborted has no number.
    await expect.poll(() => textOf(cell(5).locator(".input_prompt")), { timeout: patience }).toMatch(/^In\s\[\s\]:/);
    await photograph("page");
    expect(existsSync(`${pictures}notebook-6-page.png`)).toBe(true);
  }, 120_000);

  test("complains of nothing", () => {
    expect(complaints).toEqual([]);
  });
});
