import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import type { LossCurve, MimeBundle } from "../../../src/index.ts";
import { palette, paper, quiet, warning } from "../../../src/picture/card.ts";
import { LivePage } from "./live-page.ts";

/** Set this to a folder to look at the views oneself. */
const folder = process.env.GRADBOOK_PICTURES;

export const patient = { timeout: 60_000 };

/** Colours of a theme, by name. */
export const inks = { paper, quiet, warning, line0: palette[0]!, line1: palette[1]!, line2: palette[2]! };

/** Where pixels of a colour are, by column of CSS pixels: the highest and the lowest. */
export type Ink = readonly (readonly [x: number, top: number, bottom: number])[];

/** A page with a loss curve, and what tests do there. */
export class CurvePage {
  readonly live: LivePage;
  readonly page: Page;
  readonly #scheme: "light" | "dark";

  private constructor(live: LivePage, scheme: "light" | "dark") {
    this.live = live;
    this.page = live.page;
    this.#scheme = scheme;
  }

  static async open(
    browser: Browser,
    { colorScheme = "light" as "light" | "dark", width = 900, height = 800 } = {},
  ): Promise<CurvePage> {
    const live = await LivePage.open(browser, { colorScheme, width, height });
    live.page.setDefaultTimeout(60_000);
    return new CurvePage(live, colorScheme);
  }

  /** A fresh page with the curve of a bundle, as it is in a notebook that was saved and is opened without a kernel. */
  static async reopen(browser: Browser, bundle: MimeBundle): Promise<CurvePage> {
    return new CurvePage(await LivePage.reopen(browser, bundle), "light");
  }

  /** The picture of a panel. */
  plot(index = 0): Locator {
    return this.page.locator(".gb-curve-plot").nth(index);
  }

  get plots(): Locator {
    return this.page.locator(".gb-curve-plots");
  }

  key(name: string): Locator {
    return this.page.locator(".gb-curve-key", { hasText: name });
  }

  /** The words of the tooltip. */
  async tip(): Promise<string> {
    await this.page.locator(".gb-tooltip:not([hidden])").waitFor();
    const parts = this.page.locator(".gb-curve-place, .gb-curve-name, .gb-curve-number");
    return (await parts.allTextContents()).join(" ");
  }

  async hover(x: number, y = 100, index = 0): Promise<string> {
    await this.plot(index).hover({ position: { x, y } });
    return this.tip();
  }

  async drag(from: readonly [number, number], to: readonly [number, number], index = 0): Promise<void> {
    const box = (await this.plot(index).boundingBox())!;
    await this.page.mouse.move(box.x + from[0], box.y + from[1]);
    await this.page.mouse.down();
    await this.page.mouse.move(box.x + (from[0] + to[0]) / 2, box.y + (from[1] + to[1]) / 2);
    await this.page.mouse.move(box.x + to[0], box.y + to[1]);
    await this.page.mouse.up();
  }

  /** Where a colour is to be seen in a panel, once it has been drawn. */
  async ink(name: keyof typeof inks, index = 0, near = 24): Promise<Ink> {
    await this.drawn();
    const colour = inks[name][this.#scheme];
    return this.page.evaluate(`(() => {
      const canvas = document.querySelectorAll(".gb-curve-plot canvas")[${index}];
      const { width, height } = canvas;
      const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
      const wanted = ${JSON.stringify([1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)))};
      const found = [];
      for (let x = 0; x < width; x++) {
        let [top, bottom] = [-1, -1];
        for (let y = 0; y < height; y++) {
          const at = 4 * (y * width + x);
          if (data[at + 3] < 200 || wanted.some((value, i) => Math.abs(data[at + i] - value) > ${near})) continue;
          if (top < 0) top = y;
          bottom = y;
        }
        if (top >= 0) found.push([x, top, bottom]);
      }
      return found;
    })()`);
  }

  /** Resolves when the page has what was sent, and has drawn it. */
  async drawn(): Promise<void> {
    // What was added is told once a frame: that timer was set before this one.
    await new Promise((resolve) => setTimeout(resolve, 40));
    await this.live.settled();
    const frames = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))";
    await this.page.evaluate(frames);
    // Words, and places for new panels, follow a moment later.
    await this.page.waitForFunction("!document.querySelector('[data-behind]')");
    await this.page.evaluate(frames);
  }

  /** What kernel and page share, as the kernel has it once a test is content with it. */
  async holds(curve: LossCurve, name: string, content: (value: never) => unknown): Promise<void> {
    await expect.poll(() => content(kernelHas(curve, name) as never), patient).toBeTruthy();
  }

  async picture(name: string): Promise<void> {
    if (folder === undefined) return;
    mkdirSync(folder, { recursive: true });
    await this.drawn();
    await this.page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  }

  /** Nothing went wrong there. */
  async close(): Promise<void> {
    expect(this.live.complaints).toEqual([]);
    await this.live.close();
  }
}

/** What the kernel has of the shared state. */
export function kernelHas(curve: LossCurve, name: string): unknown {
  return (curve as unknown as { get(name: string): unknown }).get(name);
}
