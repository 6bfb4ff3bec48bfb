import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { filters, lossCurve } from "../../src/index.ts";
import { paper } from "../../src/picture/card.ts";
import { shown } from "../showing.ts";
import { advice, call, mayBeLeftOut, openPage, startBrowser, type WatchedPage } from "./chromium.ts";
import { gallery, tensor } from "./gallery.ts";

/** Set this to a folder to look at the pictures oneself. */
const gallerySnapshots = process.env.GRADBOOK_PICTURES;

const settings = [
  [600, "light"],
  [1600, "dark"],
] as const;

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly shown: number;
  readonly pixels: readonly (readonly number[])[];
}

interface TextBox {
  readonly text: string;
  readonly turned: boolean;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly width: number;
  readonly height: number;
}

if (mayBeLeftOut) console.warn(advice);

describe.skipIf(mayBeLeftOut)("in Chromium", () => {
  let browser: Browser;
  const pages = new Map<string, WatchedPage>();

  beforeAll(async () => {
    browser = await startBrowser();
    for (const [width, scheme] of settings) pages.set(`${width} ${scheme}`, await openPage(browser, width, scheme));
  });

  afterAll(async () => {
    await browser?.close();
  });

  for (const [width, scheme] of settings) {
    test(`every picture and every figure draws without complaint, ${width} pixels wide and ${scheme}`, async () => {
      const { page, complaints } = pages.get(`${width} ${scheme}`)!;
      for (const [name, widget] of Object.entries(gallery())) {
        const bundle = await shown(widget);
        const svg = bundle["image/svg+xml"];
        const figure = bundle["application/vnd.plotly.v1+json"];
        if (svg !== undefined) {
          const picture = await call<Picture>(page, "picture", `data:image/svg+xml,${encodeURIComponent(svg)}`, [
            [12, 4],
          ]);
          expect(picture.width, name).toBeGreaterThan(100);
          expect(picture.shown, name).toBeLessThanOrEqual(width - 16);
          expect(hex(picture.pixels[0]!), name).toBe(paper[scheme]);
          await snapshot(`${name}-picture`);
        }
        if (bundle["image/png"] !== undefined) {
          const address = `data:image/png;base64,${Buffer.from(bundle["image/png"]).toString("base64")}`;
          expect((await call<Picture>(page, "picture", address, [])).width, name).toBeGreaterThan(0);
        }
        if (figure !== undefined) {
          const drawn = await call<{ lines: number; heatmaps: number; width: number }>(page, "plot", figure);
          const lines = figure.data.filter((trace) => trace.type === "scatter").length;
          expect(drawn.lines, name).toBe(lines);
          expect(drawn.heatmaps, name).toBe(figure.data.length - lines);
          expect(drawn.width, name).toBe(width - 16);
          await snapshot(`${name}-figure`);
        }
        async function snapshot(file: string): Promise<void> {
          if (gallerySnapshots === undefined) return;
          mkdirSync(gallerySnapshots, { recursive: true });
          await page.screenshot({ path: join(gallerySnapshots, `${file}-${width}-${scheme}.png`), fullPage: true });
        }
      }
      expect(complaints).toEqual([]);
    });
  }

  test("no text leaves its card or runs into another", async () => {
    const { page } = pages.get("1600 dark")!;
    for (const [name, widget] of Object.entries(gallery())) {
      const svg = (await shown(widget))["image/svg+xml"];
      if (svg === undefined) continue;
      const boxes = (await call<TextBox[]>(page, "texts", svg)).filter((box) => box.text !== "");
      for (const box of boxes) {
        const inside = box.left >= 0 && box.top >= 0 && box.right <= box.width && box.bottom <= box.height;
        expect(inside, `${name}: “${box.text}” leaves the card`).toBe(true);
      }
      // The boxes of turned texts are bigger than what is written in them.
      const straight = boxes.filter((box) => !box.turned);
      const collisions = straight.flatMap((a, i) =>
        straight.slice(i + 1).flatMap((b) => (overlap(a, b) ? [`${a.text} | ${b.text}`] : [])),
      );
      expect(collisions, name).toEqual([]);
    }
  });

  test("pixels of the enlarged filters have the colours of their values, in the PNG and in the SVG", async () => {
    const { page } = pages.get("600 light")!;
    const bundle = await shown(
      filters(
        tensor([1, 1, 1, 3], ([, , , x]) => x! - 1),
        { scale: 20 },
      ),
    );
    const expected = ["#053061", "#f7f7f7", "#67001f"];
    const png = `data:image/png;base64,${Buffer.from(bundle["image/png"]).toString("base64")}`;
    const fromPng = await call<Picture>(page, "picture", png, [
      [10, 10],
      [30, 10],
      [50, 10],
    ]);
    expect(fromPng.pixels.map(hex)).toEqual(expected);
    const svg = `data:image/svg+xml,${encodeURIComponent(bundle["image/svg+xml"])}`;
    const fromSvg = await call<Picture>(page, "picture", svg, [
      [30, 30],
      [50, 30],
      [70, 30],
    ]);
    expect(fromSvg.pixels.map(hex)).toEqual(expected);
  });

  test("without style sheets and hints, as on GitHub, a picture looks the same on a light page", async () => {
    const { page } = pages.get("600 light")!;
    for (const [name, widget] of Object.entries(gallery())) {
      const svg = (await shown(widget))["image/svg+xml"];
      if (svg === undefined) continue;
      const bare = svg.replace(/<style>[^<]*<\/style>/, "").replace(/ (style|role|aria-label)="[^"]*"/g, "");
      const points = Array.from({ length: 400 }, (_, i) => [11 + 13 * (i % 20), 11 + 7 * Math.floor(i / 20)]);
      const [whole, stripped] = await Promise.all(
        [svg, bare].map((source) =>
          call<Picture>(page, "picture", `data:image/svg+xml,${encodeURIComponent(source)}`, points),
        ),
      );
      expect(stripped!.pixels.map(hex), name).toEqual(whole!.pixels.map(hex));
    }
  });

  test("a figure keeps the reader's zoom when it is replaced", async () => {
    const { page } = pages.get("600 light")!;
    const curve = lossCurve();
    for (let step = 1; step <= 100; step++) curve.add({ step, loss: 1 / step });
    await call(page, "plot", (await shown(curve))["application/vnd.plotly.v1+json"]);
    for (let step = 101; step <= 200; step++) curve.add({ step, loss: 1 / step });
    const later = (await shown(curve))["application/vnd.plotly.v1+json"];
    expect(await call(page, "zoomAndReplace", later, [20, 40])).toEqual([20, 40]);
  });

  test("the pointer reads values: of every line at a step, and of a single weight", async () => {
    const { page } = pages.get("1600 dark")!;
    const curve = lossCurve();
    for (let step = 1; step <= 5; step++) curve.add({ step, loss: step / 8, "test error": step / 16 });
    await call(page, "plot", (await shown(curve))["application/vnd.plotly.v1+json"]);
    const read = await pointAt(page, 3, 0.375);
    expect(read).toBe("3 | loss : 0.375 | test error : 0.1875");
    const weights = filters(tensor([2, 1, 2, 2], ([o, , y, x]) => 100 * o! + 10 * y! + x!));
    await call(page, "plot", (await shown(weights))["application/vnd.plotly.v1+json"]);
    expect(await pointAt(page, 4, 1)).toMatch(/^output 1\W*row 1, column 1: 111$/);
  });
});

/** Puts the pointer on a point of the figure and gives what it says there. */
async function pointAt(page: Page, x: number, y: number): Promise<string> {
  const [left, top] = await call<[number, number]>(page, "pointOf", x, y);
  await page.mouse.move(left - 30, top);
  await page.mouse.move(left, top, { steps: 3 });
  return (await call<string[]>(page, "spoken")).join(" | ");
}

function hex([red, green, blue]: readonly number[]): string {
  return `#${[red, green, blue].map((part) => part!.toString(16).padStart(2, "0")).join("")}`;
}

/** Whether two texts share more than the air around their letters. */
function overlap(a: TextBox, b: TextBox): boolean {
  const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return across > 1 && down > 3;
}
