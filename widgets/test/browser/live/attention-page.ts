import type { Browser, Locator } from "playwright-core";
import type { AttentionMap, MimeBundle } from "../../../src/index.ts";
import { hexColour } from "../../../src/picture/colours.ts";
import { paperShade } from "../../../src/picture/paper-shades.ts";
import { LivePage } from "./live-page.ts";

export const patient = { timeout: 60_000 };

/** The colour of a weight, as a share of the largest. */
export const shade = (place: number, scheme: "light" | "dark" = "light") =>
  hexColour(paperShade(scheme, Math.round(place * 256) / 256));

/** A map that one can see through, and its tokens. */
export const small = [
  [0.5, 0.25, 0.25, 0],
  [0, 1, 0, 0],
  [0.1, 0.2, 0.3, 0.4],
];
export const words = { queries: ["a", "b", "c"], keys: ["w", "x", "y", "z"] };

/** Nothing else holds on to maps that are shown here: they would go with the garbage, and their views with them. */
const kept: AttentionMap[] = [];

/** An attention map as a reader has it before them. */
export class AttentionPage {
  readonly live: LivePage;
  readonly card: Locator;
  readonly bundle: MimeBundle;

  private constructor(live: LivePage, bundle: MimeBundle) {
    this.live = live;
    this.bundle = bundle;
    this.card = live.page.locator(".gradbook-view").last();
  }

  /** Shows a map below what is on the page already. */
  static async show(live: LivePage, map: AttentionMap): Promise<AttentionPage> {
    kept.push(map);
    const view = new AttentionPage(live, await live.show(map));
    await view.canvas.waitFor();
    return view;
  }

  /** Puts everything out of sight: what is taken out of the page by force, its widget manager stumbles over. */
  async remove(): Promise<void> {
    await this.live.page.mouse.move(0, 0);
    await this.live.page.evaluate(
      'for (const view of document.querySelectorAll(".gradbook-view")) view.parentElement.style.display = "none"',
    );
    await this.live.page.evaluate("delete document.body.dataset.jpThemeLight");
  }

  /** What a reader sees who opens the saved notebook, without a kernel. */
  async reopened(browser: Browser): Promise<AttentionPage> {
    const view = new AttentionPage(await LivePage.reopen(browser, this.bundle), this.bundle);
    await view.canvas.waitFor();
    return view;
  }

  /** The canvas of the heat map or of the lines, whichever is shown. */
  get canvas(): Locator {
    return this.card.locator(".gb-surface:not([hidden]) canvas");
  }

  get words(): Promise<string | null> {
    return this.card.locator(".gb-foot").textContent();
  }

  /** What stands beside the pointer, each part of it on a line. */
  get tooltip(): Promise<string> {
    const parts = this.card.locator(".gb-tooltip").locator("strong, div > div, td");
    return parts.allTextContents().then((texts) => texts.join("\n"));
  }

  /** Where the middle of a cell is in the page's window. */
  async placeOf(query: number, key: number): Promise<{ x: number; y: number }> {
    const box = (await this.canvas.boundingBox())!;
    const { left, top, across, down, scrollLeft, scrollTop } = await this.geometry();
    return {
      x: box.x + left + (key + 0.5) * across - scrollLeft,
      y: box.y + top + (query + 0.5) * down - scrollTop,
    };
  }

  /** The colours of cells, in their middles but beside the frames around them. */
  async colours(...cells: readonly (readonly [query: number, key: number])[]): Promise<string[]> {
    const { left, top, across, down, scrollLeft, scrollTop } = await this.geometry();
    return this.pixels(
      ...cells.map(
        ([query, key]) => [left + (key + 0.5) * across - scrollLeft, top + (query + 0.5) * down - scrollTop] as const,
      ),
    );
  }

  /** The colours at points of the canvas. */
  pixels(...points: readonly (readonly [x: number, y: number])[]): Promise<string[]> {
    return this.live.page.evaluate(`(() => {
      const canvas = [...document.querySelectorAll(".gb-surface:not([hidden]) canvas")].at(-1);
      const density = canvas.width / canvas.clientWidth;
      const context = canvas.getContext("2d");
      return ${JSON.stringify(points)}.map(([x, y]) => {
        const [r, g, b, a] = context.getImageData(Math.floor(x * density), Math.floor(y * density), 1, 1).data;
        return a === 0 ? "nothing" : "#" + [r, g, b].map((part) => part.toString(16).padStart(2, "0")).join("") + (a < 255 ? "/" + a : "");
      });
    })()`);
  }

  async geometry(): Promise<
    Record<"left" | "right" | "top" | "across" | "down" | "row" | "scrollLeft" | "scrollTop", number>
  > {
    return this.live.page.evaluate(`(() => {
      const canvas = [...document.querySelectorAll(".gb-surface:not([hidden]) canvas")].at(-1);
      const { scrollLeft, scrollTop } = canvas.closest(".gb-surface");
      const numbers = Object.entries(canvas.dataset).map(([name, text]) => [name, Number(text)]);
      return { ...Object.fromEntries(numbers), scrollLeft, scrollTop };
    })()`);
  }

  async hover(query: number, key: number): Promise<void> {
    const { x, y } = await this.placeOf(query, key);
    await this.live.page.mouse.move(x, y);
  }

  async press(...keys: readonly string[]): Promise<void> {
    await this.canvas.focus();
    for (const key of keys) await this.live.page.keyboard.press(key);
  }

  /** The list with a label; its options are no part of that. */
  list(label: string): Locator {
    return this.card
      .locator("label", { has: this.live.page.locator(`.gb-words:text-is("${label}")`) })
      .locator("select");
  }

  async choose(label: string, value: string): Promise<void> {
    await this.list(label).selectOption(value);
  }
}
