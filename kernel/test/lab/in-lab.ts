import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect } from "vitest";
import { advice, browserMissing, startBrowser } from "../comm/front-end/front-end.ts";
import { keepPicture } from "../comm/front-end/keep-picture.ts";
import { ServedLab, writeNotebook } from "./lab-page.ts";

/** What tests are given that share a served page. */
export interface InLab {
  /** Where the notebooks lie. */
  readonly root: string;
  /** Errors of pages, and requests that failed or left the machine. */
  readonly complaints: string[];
  /** Breaks off all connections of pages. */
  cut(): void;
  /** Opens a notebook, or the launcher, in a browser that nobody has used before. */
  open(notebook?: string, options?: { colorScheme?: "light" | "dark" }): Promise<Page>;
}

/** Tests in the served JupyterLab with these notebooks, by name and cells; after each of them nothing was complained of. */
export function describeInLab(
  name: string,
  notebooks: Readonly<Record<string, readonly string[]>>,
  tests: (lab: InLab) => void,
): void {
  if (browserMissing) console.warn(`Skipped: ${advice}`);
  describe.skipIf(browserMissing && process.env.GRADBOOK_REQUIRE !== "all")(name, { timeout: 300_000 }, () => {
    let lab: ServedLab;
    let browser: Browser;
    beforeAll(async () => {
      [lab, browser] = await Promise.all([ServedLab.start(), startBrowser()]);
      for (const [file, cells] of Object.entries(notebooks)) await writeNotebook(join(lab.root, file), cells);
    }, 600_000);
    afterAll(async () => {
      await browser?.close();
      await lab?.close();
    });
    const opened: Page[] = [];
    afterEach(async () => {
      for (const [i, page] of opened.splice(0).entries()) await keepPicture(page, i === 0 ? "" : ` ${i + 1}`);
      expect(lab.complaints.splice(0)).toEqual([]);
    });
    tests({
      get root() {
        return lab.root;
      },
      get complaints() {
        return lab.complaints;
      },
      cut: () => lab.cut(),
      async open(notebook, options) {
        const page = await lab.open(browser, notebook, options);
        opened.push(page);
        return page;
      },
    });
  });
}
