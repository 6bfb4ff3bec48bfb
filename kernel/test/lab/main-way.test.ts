import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { advice, browserMissing, startBrowser } from "../comm/front-end/front-end.ts";
import { keepPicture } from "../comm/front-end/keep-picture.ts";
import { newFolder } from "../run/scripted.ts";
import { asking } from "../server/asking.ts";
import { type ServerProcess, startLab } from "../server/server-process.ts";
import { type SavedCell, savedKinds, shownCell } from "./shown-cells.ts";

const lenet = fileURLToPath(new URL("../../../notebooks/06-lenet-5/notebook.ipynb", import.meta.url));
const patient = { timeout: 120_000 };

/** LeNet-5's notebook, all of it, over a part of the digits, with nothing of what it has shown. */
function shortened(): string {
  const notebook = JSON.parse(readFileSync(lenet, "utf8"));
  delete notebook.metadata.widgets;
  for (const cell of notebook.cells) {
    if (cell.cell_type !== "code") continue;
    Object.assign(cell, { outputs: [], execution_count: null });
    if (cell.metadata.tags?.includes("parameters"))
      cell.source = 'const seed = 1998;\nconst epochs = 1;\nconst examples = 1_920;\nconst place = "cpu";';
  }
  return JSON.stringify(notebook);
}

/** What the committed file shows in each of its code cells. */
const saved: readonly SavedCell[] = JSON.parse(readFileSync(lenet, "utf8")).cells.filter(
  ({ cell_type }: SavedCell) => cell_type === "code",
);

describe("gradbook lab", { timeout: 600_000 }, () => {
  let lab: ServerProcess | undefined;
  const started = async (...options: string[]) => {
    const root = newFolder();
    writeFileSync(join(root, "lenet.ipynb"), shortened());
    lab = await startLab(root, ...options);
    return { lab, root };
  };
  afterEach(async () => {
    if (lab === undefined || lab.child.exitCode !== null) return;
    const ended = once(lab.child, "exit");
    lab.child.kill("SIGTERM");
    await ended;
  });

  if (browserMissing) console.warn(`Skipped: ${advice}`);
  test.skipIf(browserMissing && process.env.GRADBOOK_REQUIRE !== "all")(
    "prints an address at which LeNet-5 is opened by its card, moves its curve while it is trained, and shows all there is",
    async () => {
      const { lab } = await started();
      const address = /http:\S+\?token=\S+/.exec(lab.printed())![0];
      const browser = await startBrowser();
      try {
        const page = await (await browser.newContext({ viewport: { width: 1400, height: 1000 } })).newPage();
        page.setDefaultTimeout(patient.timeout);
        const complaints: string[] = [];
        page.on("pageerror", (error) => complaints.push(error.stack ?? error.message));
        page.on("console", (message) => {
          if (message.type() === "error") complaints.push(message.text());
        });
        page.on("request", (request) => {
          if (!request.url().startsWith(lab.url) && !/^(data|blob):/.test(request.url()))
            complaints.push(request.url());
        });
        await page.goto(address);
        const kernels = page.locator('.jp-LauncherCard[data-category="Notebook"] .jp-LauncherCard-label');
        await expect
          .poll(() => kernels.allTextContents(), patient)
          .toContainEqual(expect.stringMatching(/TypeScript\s+\(Gradbook\)/));
        const card = page.locator('.jp-LauncherCard[data-category="Gradbook"]');
        await expect.poll(() => card.first().textContent(), patient).toContain("LeNet-5 reads handwritten digits");
        await card.first().click();
        await page.waitForSelector(".jp-Notebook .jp-CodeCell");
        await page.getByRole("menuitem", { name: "Run", exact: true }).click();
        await page.getByText("Run All Cells", { exact: true }).click();
        const canvas = page.locator(".jp-OutputArea-output .gb-curve-plot canvas").first();
        await canvas.waitFor();
        const pictures = new Set<string>();
        while (pictures.size < 4) {
          pictures.add(await canvas.evaluate((element) => (element as unknown as { toDataURL(): string }).toDataURL()));
          expect(await page.locator(".jp-InputPrompt", { hasText: "[*]" }).count()).toBeGreaterThan(0);
          await page.waitForTimeout(50);
        }
        // Less than a minute, where nothing else is running.
        await expect
          .poll(() => page.locator(".jp-InputPrompt", { hasText: "[*]" }).count(), { timeout: 300_000 })
          .toBe(0);
        for (const [i, cell] of saved.entries()) {
          const wanted = { prompt: `[${i + 1}]:`, errors: 0, ...savedKinds(cell) };
          await expect.poll(() => shownCell(page, i), patient).toEqual(wanted);
          if (wanted.views + wanted.figures > 0) await keepPicture(page, ` ${i + 1}`);
        }
        expect(complaints).toEqual([]);
      } finally {
        await browser.close();
      }
    },
  );

  test("tells its token once, and no folder that is none", async () => {
    const { lab, root } = await started();
    expect(lab.printed().match(new RegExp(lab.token, "g"))).toHaveLength(1);
    expect(lab.printed()).toContain(root);
    expect(lab.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    await expect(startLab(join(root, "none"))).rejects.toThrow(/is no folder/);
  });

  test("ends kernels that nobody has used for as long as --cull-after says", async () => {
    const { lab } = await started("--cull-after", "0.02");
    const ask = asking(lab);
    const { status } = await ask("POST", "api/kernels", { name: "gradbook" });
    expect(status).toBe(201);
    await expect.poll(async () => JSON.parse((await ask("GET", "api/kernels")).text), patient).toEqual([]);
    await expect(startLab(newFolder(), "--cull-after", "soon")).rejects.toThrow(/A number of minutes is needed/);
  });
});
