import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { training } from "./endless-training.ts";
import { describeInLab } from "./in-lab.ts";
import { asked, command, connected, finished, leave } from "./lab-page.ts";

const patient = { timeout: 60_000 };

describeInLab(
  "a loss curve in JupyterLab",
  {
    "stopped.ipynb": ["# Stopped", training, 'display("the cell after it")'],
    "interrupted.ipynb": ["# Interrupted", training],
  },
  (lab) => {
    const status = (page: Page) => page.locator(".gb-curve-steering-words").textContent();
    const outputs = async (page: Page) => (await page.locator(".jp-OutputArea-output").allTextContents()).join();
    /** The step at which a paused training has come to stand. */
    const heldAt = async (page: Page) => {
      await page.getByRole("button", { name: "pause", exact: true }).click();
      await expect.poll(() => status(page), patient).toMatch(/^paused at step [\d,]+$/);
      // Whatever step was being made when the button was pressed has been made by now.
      let before = -1;
      for (;;) {
        const now = Number((await status(page))!.replace(/\D/g, ""));
        if (now === before) return now;
        before = now;
        await page.waitForTimeout(500);
      }
    };

    test("pause holds the training up, resume goes on, stop ends the loop; and all is there after a reload and in the saved file", async () => {
      const page = await lab.open("stopped.ipynb");
      await connected(page);
      await command(page, "notebook:run-all-cells");
      await expect.poll(() => status(page), patient).toBe("running");
      const held = await heldAt(page);
      await page.waitForTimeout(500);
      expect(await status(page)).toBe(`paused at step ${held.toLocaleString("en")}`);
      expect(await page.locator(".jp-InputPrompt", { hasText: "[*]" }).count()).toBe(2);
      await page.getByRole("button", { name: "resume" }).click();
      await expect.poll(() => status(page), patient).toBe("running");
      await expect
        .poll(
          async () =>
            Number(/step ([\d,]+)/.exec((await page.locator(".gb-foot").textContent())!)![1]!.replace(/,/g, "")),
          patient,
        )
        .toBeGreaterThan(held + 10);
      // Both ways: what the reader chooses is in the kernel's state, what the kernel adds is drawn.
      await page.getByLabel("right axis").selectOption("rate");
      await page.evaluate("document.querySelector('.gb-curve-plot').classList.add('seen-while-running')");
      await page.getByRole("button", { name: "stop", exact: true }).click();
      await expect.poll(() => outputs(page), patient).toMatch(/the loop ended by itself at \d+/);
      await expect.poll(() => status(page), patient).toMatch(/^stopped at step/);
      const ended = Number(/by itself at (\d+)/.exec(await outputs(page))![1]);
      await expect.poll(() => status(page), patient).toBe(`stopped at step ${ended.toLocaleString("en")}`);
      await expect.poll(() => outputs(page), patient).toContain("the cell after it");
      await page.waitForFunction(
        "jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.status === 'idle'",
      );
      expect(await asked(page, 'console.log((curve as any).get("aside"), latest)')).toBe(`rate ${ended}\n`);
      const words = await page.locator(".gb-curve-key").allTextContents();
      await finished(page, "docmanager:save");
      // The picture that came at the cell's end left the view as it was.
      expect(await page.locator(".gb-curve-plot.seen-while-running").count()).toBe(1);
      await page.reload();
      await expect.poll(() => page.locator(".gb-curve-key").allTextContents(), patient).toEqual(words);
      await connected(page);
      expect(await page.getByLabel("right axis").inputValue()).toBe("rate");
      await finished(page, "docmanager:save");
      const { cells } = JSON.parse(await readFile(join(lab.root, "stopped.ipynb"), "utf8"));
      const { data } = cells[1].outputs.find((output: { data?: object }) => output.data);
      const [, picture] = /src="data:image\/svg\+xml;base64,([^"]+)"/.exec([data["text/html"]].flat().join(""))!;
      expect(Buffer.from(picture!, "base64").toString()).toContain(`step ${ended.toLocaleString("en")}`);
      await leave(page);

      const again = await lab.open("stopped.ipynb");
      await expect.poll(() => again.locator(".gb-curve-key").allTextContents(), patient).toEqual(words);
      await again
        .locator(".gb-curve-plot")
        .first()
        .hover({ position: { x: 300, y: 80 } });
      await again.locator(".gb-tooltip:not([hidden])").waitFor();
      await again.context().close();
    });

    test("a paused training can be interrupted, and the next one begins unpaused", async () => {
      const page = await lab.open("interrupted.ipynb");
      await connected(page);
      await command(page, "notebook:run-all-cells");
      await expect.poll(() => status(page), patient).toBe("running");
      const held = await heldAt(page);
      await command(page, "notebook:interrupt-kernel");
      await expect.poll(() => outputs(page), patient).toMatch(/interrupted/);
      await expect.poll(() => page.getByRole("button", { name: "stop", exact: true }).isVisible(), patient).toBe(false);
      expect(await asked(page, "console.log(latest)")).toBe(`${held}\n`);
      await command(page, "notebook:run-all-cells");
      await expect.poll(() => status(page), patient).toBe("running");
      await page.getByRole("button", { name: "stop", exact: true }).click();
      await expect.poll(() => outputs(page), patient).toMatch(/the loop ended by itself/);
      await page.context().close();
    });
  },
);
