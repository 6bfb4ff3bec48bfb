import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { training } from "./endless-training.ts";
import { describeInLab } from "./in-lab.ts";
import { asked, command, connected, finished } from "./lab-page.ts";

const patient = { timeout: 90_000 };

describeInLab(
  "while a cell trains",
  { "lost.ipynb": ["# A lost connection", training], "reloaded.ipynb": ["# A page loaded anew", training] },
  (lab) => {
    const status = (page: Page) => page.locator(".gb-curve-steering-words").textContent();
    const outputs = async (page: Page) => (await page.locator(".jp-OutputArea-output").allTextContents()).join();
    const stepOf = async (page: Page) =>
      Number(/step ([\d,]+)/.exec((await page.locator(".gb-foot").textContent()) ?? "")?.[1]?.replaceAll(",", "") ?? 0);
    const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
    const drawn = (page: Page) => page.evaluate<string>('document.querySelector(".gb-curve-plot canvas").toDataURL()');

    async function started(notebook: string): Promise<Page> {
      const page = await lab.open(notebook);
      await connected(page);
      await command(page, "notebook:run-all-cells");
      await expect.poll(() => status(page), patient).toBe("running");
      await expect.poll(() => stepOf(page), patient).toBeGreaterThan(10);
      return page;
    }

    /** The curve goes on beyond a step, and its buttons reach the loop. */
    async function isLive(page: Page, beyond: number): Promise<void> {
      await expect.poll(() => stepOf(page), patient).toBeGreaterThan(beyond + 10);
      const before = await drawn(page);
      await expect.poll(() => drawn(page), patient).not.toBe(before);
      await press(page, "pause");
      await expect.poll(() => status(page), patient).toMatch(/^paused at step [\d,]+$/);
      // The step that was being made when the button was pressed has been made by then.
      await expect
        .poll(async () => {
          const now = await status(page);
          await page.waitForTimeout(1000);
          return now === (await status(page));
        }, patient)
        .toBe(true);
      const held = Number((await status(page))!.replace(/\D/g, ""));
      await press(page, "resume");
      await expect.poll(() => status(page), patient).toBe("running");
      await expect.poll(() => stepOf(page), patient).toBeGreaterThan(held + 10);
      await press(page, "stop");
      await expect.poll(() => status(page), patient).toMatch(/^stopped at step/);
      await page.waitForFunction(
        "jupyterapp.shell.currentWidget.context.sessionContext.session?.kernel?.status === 'idle'",
      );
      // Where the loop ended is what the page says in the end.
      const ended = Number(await asked(page, "console.log(latest)"));
      await expect.poll(() => status(page), patient).toBe(`stopped at step ${ended.toLocaleString("en")}`);
    }

    test("a connection that is lost comes back, the curve with it, and pause reaches the loop", async () => {
      const page = await started("lost.ipynb");
      // A question that was under way when the connection was cut has the page say so.
      const notice = page.locator(".jp-Dialog", { hasText: "Server Connection Error" });
      await page.addLocatorHandler(notice, () => notice.getByRole("button", { name: "Dismiss" }).click());
      const connection = "jupyterapp.shell.currentWidget.context.sessionContext.session.kernel";
      await page.evaluate(
        `globalThis.heard = []; ${connection}.connectionStatusChanged.connect((_, now) => heard.push(now)); null`,
      );
      for (let time = 0; time < 2; time++) {
        const before = await stepOf(page);
        lab.cut();
        await expect.poll(() => page.evaluate("heard.join()"), patient).toMatch(/^(connecting,connected,?)+$/);
        await expect.poll(() => stepOf(page), patient).toBeGreaterThan(before + 10);
        await page.evaluate("void heard.splice(0)");
      }
      expect(await page.locator(".jp-InputPrompt", { hasText: "[*]" }).count()).toBe(1);
      await isLive(page, await stepOf(page));
      // What the cell printed at its end is there, once.
      await expect.poll(() => outputs(page), patient).toMatch(/the loop ended by itself at \d+/);
      expect((await outputs(page)).match(/the loop ended/g)).toHaveLength(1);
      await expect.poll(() => page.locator(".jp-InputPrompt", { hasText: "[1]:" }).count(), patient).toBe(1);
      // The browser tells of connections that were cut.
      for (const complaint of lab.complaints.splice(0))
        expect(complaint).toMatch(/WebSocket|ERR_|Failed to fetch|network|Connection lost/i);
      await page.context().close();
    });

    test("a page that is loaded anew shows the curve going on, and pause reaches the loop", async () => {
      const page = await started("reloaded.ipynb");
      await finished(page, "docmanager:save");
      const before = await stepOf(page);
      await page.reload();
      await page.locator(".gb-curve-plot canvas").first().waitFor();
      await isLive(page, before);
      await page.context().close();
    });
  },
);
