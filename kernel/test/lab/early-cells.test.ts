import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { describeInLab } from "./in-lab.ts";
import { command } from "./lab-page.ts";

const patient = { timeout: 60_000 };

describeInLab(
  "cells that are run before their kernel has been started",
  { "early.ipynb": ["# Early", 'console.log("first"); let a = 1;', 'console.log("second", a + 1);'] },
  (lab) => {
    test("run once it is there, in their order", async () => {
      const page = await lab.open();
      let started = false;
      await page.route("**/api/sessions*", async (route) => {
        if (route.request().method() === "POST") {
          await delay(3000);
          started = true;
        }
        await route.continue();
      });
      await command(page, "docmanager:open", { path: "early.ipynb" });
      // Before its file has come, a notebook has an empty cell.
      await page.waitForFunction(`(() => {
        const { context, content } = jupyterapp.shell.currentWidget ?? {};
        return context?.path === "early.ipynb" && context.isReady && content.widgets.length === 3;
      })()`);
      await command(page, "notebook:run-all-cells");
      expect(started).toBe(false);
      const outputs = () => page.locator(".jp-OutputArea-output").allTextContents();
      await expect
        .poll(async () => (await outputs()).map((text) => text.trim()), patient)
        .toEqual(["first", "second 2"]);
      const prompts = await page.locator(".jp-CodeCell .jp-InputPrompt").allTextContents();
      expect(prompts).toEqual(["[1]:", "[2]:"]);
      await page.context().close();
    });
  },
);
