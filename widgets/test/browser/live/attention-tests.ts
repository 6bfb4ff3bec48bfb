import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect } from "vitest";
import type { AttentionMap } from "../../../src/index.ts";
import { advice, mayBeLeftOut, startBrowser } from "../chromium.ts";
import { AttentionPage } from "./attention-page.ts";
import { LivePage } from "./live-page.ts";

/** What tests are given that share a page of attention maps. */
export interface AttentionTests {
  readonly browser: Browser;
  /** Shows a map on the page; it must be there before the map. */
  opened(map: AttentionMap): Promise<{ map: AttentionMap; view: AttentionPage }>;
}

/** Tests of attention maps on one page in Chromium; after each of them nothing was complained of. */
export function describeAttentionMaps(name: string, tests: (shared: AttentionTests) => void): void {
  if (mayBeLeftOut) console.warn(advice);
  describe.skipIf(mayBeLeftOut)(name, () => {
    let browser: Browser;
    let live: LivePage;
    beforeAll(async () => {
      browser = await startBrowser();
      live = await LivePage.open(browser, { width: 1100, height: 1000 });
    });
    afterAll(() => browser?.close());
    afterEach(() => {
      expect(live.complaints.splice(0)).toEqual([]);
    });
    tests({
      get browser() {
        return browser;
      },
      opened: async (map) => ({ map, view: await AttentionPage.show(live, map) }),
    });
  });
}
