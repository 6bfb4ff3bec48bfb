import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { progress } from "../../../src/index.ts";
import { advice, mayBeLeftOut, startBrowser } from "../chromium.ts";
import { LivePage } from "./live-page.ts";

if (mayBeLeftOut) console.warn(advice);

const patient = { timeout: 60_000 };

describe.skipIf(mayBeLeftOut)("a progress bar in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  test("moves with the loop, and says how it ended", async () => {
    const live = await LivePage.open(browser);
    const items = progress(["a", "b", "c", "d"], { title: "Reading", unit: "file" });
    await live.show(items.bar);
    const bar = live.page.getByRole("progressbar", { name: "Reading" });
    const seen: (string | null)[] = [];
    for (const item of items) {
      if (item === "c") {
        await expect.poll(() => bar.getAttribute("aria-valuenow"), patient).not.toBe("0");
        seen.push(await bar.getAttribute("aria-valuenow"));
      }
      await new Promise((resolve) => setTimeout(resolve, 80));
    }
    expect(Number(seen[0])).toBeGreaterThan(0);
    await expect.poll(() => bar.getAttribute("data-state"), patient).toBe("done");
    await expect.poll(() => live.page.locator(".gb-foot").textContent(), patient).toMatch(/^4 of 4 files/);
    expect(live.complaints).toEqual([]);
    await live.close();
  });

  test("shows where a loop was left", async () => {
    const live = await LivePage.open(browser, { colorScheme: "dark" });
    const items = progress([1, 2, 3, 4, 5]);
    await live.show(items.bar);
    for (const item of items) if (item === 3) break;
    await expect
      .poll(() => live.page.locator(".gb-foot").textContent(), patient)
      .toMatch(/^2 of 5 items.*stopped after/);
    expect(live.complaints).toEqual([]);
    await live.close();
  });
});
