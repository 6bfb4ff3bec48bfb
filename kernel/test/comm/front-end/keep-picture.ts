import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect } from "vitest";

/** Set this to a folder to look at what tests in a browser saw last. */
const folder = process.env.GRADBOOK_PICTURES;

/** Keeps a picture of a page as the current test leaves it, if a folder is set; a page that is gone leaves none. */
export async function keepPicture(page: Page, suffix = ""): Promise<void> {
  const test = expect.getState().currentTestName;
  if (folder === undefined || test === undefined || page.isClosed()) return;
  const name = test.replaceAll(/[^\p{L}\p{N}]+/gu, "-").slice(0, 150);
  await mkdir(join(folder, "tests"), { recursive: true });
  await page.screenshot({ path: join(folder, "tests", `${name}${suffix}.png`), timeout: 20_000 }).catch(() => {});
}
