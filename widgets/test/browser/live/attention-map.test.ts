import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { decode } from "fast-png";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type AttentionMap, attentionMap } from "../../../src/index.ts";
import { lineColour, paper, rule } from "../../../src/picture/card.ts";
import { hexColour } from "../../../src/picture/colours.ts";
import { paperShade } from "../../../src/picture/paper-shades.ts";
import { caption, long, reversal, transformer, translation } from "../../attention/samples.ts";
import { tensor } from "../../tensor.ts";
import { advice, mayBeLeftOut, startBrowser } from "../chromium.ts";
import { AttentionPage } from "./attention-page.ts";
import { LivePage } from "./live-page.ts";

if (mayBeLeftOut) console.warn(advice);

const pictures = process.env.GRADBOOK_PICTURES;
const patient = { timeout: 60_000 };
const shade = (place: number, scheme: "light" | "dark" = "light") =>
  hexColour(paperShade(scheme, Math.round(place * 256) / 256));
const small = [
  [0.5, 0.25, 0.25, 0],
  [0, 1, 0, 0],
  [0.1, 0.2, 0.3, 0.4],
];
const words = { queries: ["a", "b", "c"], keys: ["w", "x", "y", "z"] };

describe.skipIf(mayBeLeftOut)("an attention map in Chromium", { timeout: 120_000 }, () => {
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

  /** Shows a map on the page that all tests share; it must be there before the map. */
  async function opened(map: AttentionMap): Promise<{ map: AttentionMap; view: AttentionPage }> {
    return { map, view: await AttentionPage.show(live, map) };
  }

  test("shows every weight as a shade, on light and on dark, and changes with the page's theme", async () => {
    const { view } = await opened(attentionMap(small, words));
    const cells = small.flatMap((row, query) => row.map((_, key) => [query, key] as const));
    const expected = (scheme: "light" | "dark") => small.flat().map((weight) => shade(weight, scheme));
    await expect.poll(() => view.colours(...cells), patient).toEqual(expected("light"));
    await view.live.page.evaluate("document.body.dataset.jpThemeLight = 'false'");
    await expect.poll(() => view.colours(...cells), patient).toEqual(expected("dark"));
    expect(await view.card.locator(".gb-key").textContent()).toBe("attention weight01");
    await view.remove();
  });

  test("shows lines between tokens, as opaque as the weights", async () => {
    const { map, view } = await opened(
      attentionMap(
        [
          [1, 0, 0],
          [0, 0.5, 0.25],
          [0, 0, 0],
        ],
        { queries: ["a", "b", "c"], keys: ["x", "y", "z"] },
      ),
    );
    await view.card.getByRole("button", { name: "lines" }).click();
    await expect.poll(() => map.choice.view, patient).toBe("lines");
    await expect.poll(async () => (await view.geometry()).right, patient).toBeGreaterThan(0);
    const { left, right, row } = await view.geometry();
    const [middle, top] = [Math.round((left + right) / 2), 26];
    const level = (tokens: number) => top + tokens * row;
    const ink = lineColour(0).light;
    // From a to x; half as opaque from b to y; a quarter from b to z, between their heights; nothing from c to z.
    await expect
      .poll(
        () => view.pixels([middle, level(0.5)], [middle, level(1.5)], [middle, level(2)], [middle, level(2.5)]),
        patient,
      )
      .toEqual([ink, expect.stringContaining("/128"), expect.stringMatching(/\/\d+$/), "nothing"]);
    const [, , quarter] = await view.pixels([0, 0], [0, 0], [middle, level(2)]);
    expect(Number(quarter!.split("/")[1])).toBeLessThan(80);
    await view.remove();
  });

  test("layer and head are chosen from lists, and the kernel hears of it", async () => {
    const { map, view } = await opened(attentionMap([transformer(2, 3, 6)]));
    expect(map.choice).toMatchObject({ layer: 1, head: "mean" });
    await view.choose("layer", "0");
    await view.choose("head", "2");
    await expect.poll(() => view.words, patient).toContain("Layer 0, head 2.");
    await expect.poll(() => map.choice, patient).toMatchObject({ layer: 0, head: 2 });
    map.choose({ layer: 1, head: 1 });
    await expect.poll(() => view.words, patient).toContain("Layer 1, head 1.");
    expect(await view.list("head").inputValue()).toBe("1");
    await view.remove();
  });

  test("small pictures of all heads and of their means choose one, by a click and by arrow keys", async () => {
    const { map, view } = await opened(attentionMap([transformer(2, 3, 6)]));
    const stamps = view.card.getByRole("radio");
    // Three rows and four columns, with the means.
    expect(await stamps.count()).toBe(12);
    await view.card.getByRole("radio", { name: "layer 0, head 1" }).click();
    await expect.poll(() => map.choice, patient).toMatchObject({ layer: 0, head: 1 });
    await expect.poll(() => view.words, patient).toContain("Layer 0, head 1.");
    expect(await view.card.locator('[aria-checked="true"]').getAttribute("aria-label")).toBe("layer 0, head 1");
    await view.live.page.keyboard.press("ArrowRight");
    await view.live.page.keyboard.press("ArrowDown");
    await expect.poll(() => map.choice, patient).toMatchObject({ layer: 1, head: 2 });
    await view.live.page.keyboard.press("ArrowDown");
    await expect.poll(() => view.words, patient).toContain("Mean of 2 layers, head 2.");
    // Each is drawn from its own weights.
    const drawn = await stamps.evaluateAll((buttons) =>
      buttons.map((button) => (button as unknown as { firstChild: { toDataURL(): string } }).firstChild.toDataURL()),
    );
    expect(new Set(drawn).size).toBe(12);
    await view.remove();
  });

  test("pointing at a cell says its weight, and at a token its largest weights; a pin keeps it", async () => {
    const { map, view } = await opened(attentionMap(small, words));
    await view.hover(2, 1);
    await expect.poll(() => view.tooltip, patient).toBe("c → x\n0.2\nquery 2, key 1");
    await expect.poll(() => view.words, patient).toBe("“c” (query 2) attends to “x” (key 1): 0.2");
    const { x, y } = await view.placeOf(2, 0);
    const { left } = await view.geometry();
    const box = (await view.canvas.boundingBox())!;
    await view.live.page.mouse.move(box.x + left - 12, y);
    await expect.poll(() => view.tooltip, patient).toMatch(/^c attends to\nz\s+0.4\ny\s+0.3\nx\s+0.2\nw\s+0.1$/);
    await view.live.page.mouse.click(box.x + left - 12, y);
    await expect.poll(() => map.choice.pin, patient).toEqual({ query: 2, key: null });
    await view.live.page.mouse.move(x, y - 40);
    await expect.poll(() => view.words, patient).toBe("Pinned: “c” (query 2) attends to “z” 0.4, “y” 0.3, “x” 0.2");
    await expect.poll(() => view.tooltip, patient).toContain("→");
    // The row of the pin is framed: just outside of its first cell.
    const { top, down } = await view.geometry();
    expect(await view.pixels([left - 0.5, top + 2.5 * down])).toEqual([lineColour(1).light]);
    // A second click on it releases it.
    await view.live.page.mouse.click(box.x + left - 12, y);
    await expect.poll(() => map.choice.pin, patient).toBeNull();
    await view.remove();
  });

  test("arrows move from cell to cell, Enter pins and Escape releases", async () => {
    const { map, view } = await opened(attentionMap(small, words));
    await view.press("ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown");
    await expect.poll(() => view.words, patient).toBe("“c” (query 2) attends to “x” (key 1): 0.2");
    await view.press("Enter", "ArrowUp");
    await expect.poll(() => map.choice.pin, patient).toEqual({ query: 2, key: 1 });
    expect(await view.tooltip).toContain("b → x");
    expect(await view.words).toContain("Pinned: “c”");
    await view.press("Escape");
    await expect.poll(() => map.choice.pin, patient).toBeNull();
    await view.card.getByRole("button", { name: "lines" }).click();
    await view.press("ArrowDown", "ArrowDown", "ArrowRight", "ArrowDown");
    await expect.poll(() => view.words, patient).toBe("“y” (key 2) is attended to by “c” 0.3, “a” 0.25");
    await view.press("Enter");
    await expect.poll(() => map.choice.pin, patient).toEqual({ query: null, key: 2 });
    await view.remove();
  });

  test("of very many lines it says how many are drawn", async () => {
    const queries = Array.from({ length: 100 }, (_, i) => String(i));
    const even = tensor([100, 100], () => 0.01);
    const map = attentionMap(even, { queries });
    const view = await AttentionPage.show(live, map);
    expect(await view.words).not.toContain("lines");
    await view.card.getByRole("button", { name: "lines" }).click();
    await expect.poll(() => view.words, patient).toContain("At most the strongest 4,000 of 10,000 lines at once.");
    await view.remove();
  });

  test("in the lines a token that is pointed at keeps only its own, and shows their weights", async () => {
    const { view } = await opened(
      attentionMap(
        [
          [0.5, 0.5],
          [0, 1],
        ],
        { queries: ["a", "b"] },
      ),
    );
    await view.card.getByRole("button", { name: "lines" }).click();
    await expect.poll(async () => (await view.geometry()).row, patient).toBeGreaterThan(0);
    const { left, right, row } = await view.geometry();
    const line = () => view.pixels([Math.round((left + right) / 2), 26 + 1.5 * row]);
    await expect.poll(line, patient).toEqual([lineColour(0).light]);
    const box = (await view.canvas.boundingBox())!;
    await view.live.page.mouse.move(box.x + left - 12, box.y + 26 + row / 2);
    await expect.poll(line, patient).toEqual(["nothing"]);
    expect(await view.tooltip).toMatch(/^a attends to\na\s+0.5\nb\s+0.5$/);
    await view.remove();
  });

  test("a threshold and a number of largest weights leave others out, and it is said how much is left", async () => {
    const { map, view } = await opened(attentionMap(small, words));
    await view.card.getByLabel("top").fill("1");
    await expect.poll(() => view.words, patient).toContain("3 of 12 weights, 63.3 % of the attention.");
    const seen = () => view.colours([0, 0], [0, 1], [1, 1], [2, 2], [2, 3]);
    await expect.poll(seen, patient).toEqual([shade(0.5), paper.light, shade(1), paper.light, shade(0.4)]);
    await view.card.getByLabel("top").fill("");
    const slider = view.card.getByLabel("threshold");
    await slider.evaluate((input) => {
      Object.assign(input, { value: "66" });
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
    await expect.poll(() => map.choice, patient).toMatchObject({ top: 0, threshold: 0.66 ** 3 });
    await expect.poll(seen, patient).toEqual([shade(0.5), paper.light, shade(1), shade(0.3), shade(0.4)]);
    await view.hover(2, 0);
    await expect.poll(() => view.tooltip, patient).toContain("0.1, not shown");
    await view.remove();
  });

  test("special tokens are masked, the others are divided by their sum, and it is said", async () => {
    const { map, view } = await opened(
      attentionMap(
        [
          [0.5, 0.4, 0.1],
          [0.6, 0.3, 0.1],
          [0.2, 0.4, 0.4],
        ],
        { queries: ["<s>", "a", "b"] },
      ),
    );
    await view.card.getByLabel("without special tokens").check();
    await expect
      .poll(() => view.words, patient)
      .toContain("Without <s>: the other weights of each query are divided by their sum.");
    await expect
      .poll(() => view.colours([0, 0], [0, 1], [1, 0], [1, 1], [1, 2], [2, 2]), patient)
      .toEqual([rule.light, rule.light, rule.light, shade(1), shade(1 / 3), shade(2 / 3)]);
    await expect.poll(() => map.choice.masked, patient).toBe(true);
    await view.hover(1, 0);
    await expect.poll(() => view.tooltip, patient).toContain("left out");
    await view.hover(1, 1);
    await expect.poll(() => view.tooltip, patient).toContain("a → a\n0.75");
    const none = await opened(attentionMap(small, words));
    expect(await none.view.card.getByLabel("without special tokens").isDisabled()).toBe(true);
    await view.remove();
  });

  test("means and rollout are those of a computation by hand; without self-attention there is no rollout, and why", async () => {
    const layers = [
      [
        [
          [1, 0],
          [0.5, 0.5],
        ],
        [
          [0, 1],
          [0.5, 0.5],
        ],
      ],
      [
        [
          [0.2, 0.8],
          [1, 0],
        ],
        [
          [0.6, 0.4],
          [0, 1],
        ],
      ],
    ];
    const { view } = await opened(attentionMap(layers, { queries: ["a", "b"], head: 0 }));
    const reads = async (expected: string) => {
      await view.press("Escape", "ArrowUp");
      await expect.poll(() => view.tooltip, patient).toContain(`a → a\n${expected}\n`);
    };
    await reads("0.2");
    await view.choose("head", "mean");
    await reads("0.4");
    await view.choose("layer", "mean");
    // (1 + 0 + 0.2 + 0.6) / 4
    await reads("0.45");
    await view.choose("layer", "rollout");
    // First layer ½ ([½ ½; ½ ½] + I) = [¾ ¼; ¼ ¾], second ½ ([.4 .6; .5 .5] + I) = [.7 .3; .25 .75]: .7 × ¾ + .3 × ¼
    await reads("0.6");
    await expect.poll(() => view.words, patient).toContain("Rollout: how much of each token is in each place");
    const cross = await opened(attentionMap([[[[1, 0]]], [[[0, 1]]]], { queries: ["a"], keys: ["x", "y"] }));
    const option = cross.view.card.locator("option", { hasText: "rollout" });
    expect(await option.isDisabled()).toBe(true);
    expect(await option.textContent()).toBe("rollout: no, queries and keys are not the same tokens");
    await view.remove();
  });

  test("attention to other tokens has both kinds of them, and need not be square", async () => {
    const { view } = await opened(attentionMap([translation()], { title: "Translated", axes: ["English", "French"] }));
    await view.hover(7, 5);
    await expect.poll(() => view.words, patient).toMatch(/“Area” \(English 7\) attends to “zone” \(French 5\): 0\.\d+/);
    await view.hover(14, 18);
    await expect.poll(() => view.words, patient).toMatch(/“<\/s>” \(English 14\) attends to “<\/s>” \(French 18\)/);
    expect(await view.canvas.getAttribute("aria-label")).toMatch(/^heat map of 15 English tokens and 19 French tokens/);
    await view.remove();
  });

  test("the image is clear where the word in focus looks, in blocks or softly; patches can be pointed at", async () => {
    const { map, view } = await opened(attentionMap([caption()]));
    const image = view.card.locator(".gb-looked canvas");
    // In the middles of the circle, the square and a corner.
    const seen = () =>
      image.evaluate((canvas) => {
        const { width, height } = canvas as unknown as { width: number; height: number };
        const context = (
          canvas as unknown as { getContext(kind: string): { getImageData(...box: number[]): { data: number[] } } }
        ).getContext("2d");
        return [
          [10, 8],
          [18, 20],
          [1, 26],
          [13, 8],
        ].map(([x, y]) =>
          [...context.getImageData(((x! + 0.5) * width) / 28, ((y! + 0.5) * height) / 28, 1, 1).data].slice(0, 3),
        );
      });
    await expect.poll(seen, patient).toEqual([
      [219, 51, 38],
      [38, 89, 217],
      [237, 237, 237],
      [219, 51, 38],
    ]);
    await view.press("ArrowDown", "ArrowDown", "ArrowDown", "Enter", "ArrowDown");
    await expect.poll(() => view.card.locator(".gb-word").textContent(), patient).toBe("“red”");
    const [circle, square, corner] = await seen();
    const clearness = (pixel: readonly number[]) => Math.max(...pixel) - Math.min(...pixel);
    expect(clearness(circle!)).toBeGreaterThan(100);
    expect(clearness(square!)).toBeLessThan(40);
    expect(Math.abs(corner![0]! - 128)).toBeLessThan(30);
    const soft = await seen();
    await view.card.getByRole("button", { name: "blocks" }).click();
    await expect.poll(seen, patient).not.toEqual(soft);
    const box = (await image.boundingBox())!;
    await view.live.page.mouse.click(box.x + (2.5 * box.width) / 7, box.y + (2.5 * box.height) / 7);
    await expect.poll(() => map.choice.pin, patient).toEqual({ query: 2, key: 16 });
    expect(await view.words).toMatch(/^Pinned: “red” \(query 2\) attends to patch 2, 2: 0\.2\d+/);
    await view.remove();
  });

  test("of a long sequence there is drawn what can be seen, the tokens stay at the edges, and keys reach the end", async () => {
    const { view } = await opened(attentionMap([long()]));
    const size = await view.canvas.evaluate((canvas) => {
      const { width, height, clientWidth } = canvas as unknown as Record<string, number>;
      return { width: width!, height: height!, room: clientWidth! };
    });
    expect(size.width).toBeLessThan(1100);
    expect(size.height).toBeLessThan(700);
    const edge = (box: readonly number[]) =>
      view.canvas.evaluate(
        (canvas, [x, y, width, height]) =>
          (canvas as unknown as { getContext(kind: string): { getImageData(...box: number[]): { data: number[] } } })
            .getContext("2d")
            .getImageData(x!, y!, width!, height!)
            .data.reduce((sum, byte, index) => (sum * 31 + byte * (index % 7)) % 1e9, 7),
        [...box],
      );
    const { left, top } = await view.geometry();
    const [rows, columns] = [
      [20, top, left - 24, 300],
      [left, 18, 400, top - 22],
    ];
    const before = { rows: await edge(rows!), columns: await edge(columns!) };
    await view.canvas.hover();
    await view.live.page.mouse.wheel(0, 1300);
    await expect.poll(async () => (await view.geometry()).scrollTop, patient).toBeGreaterThan(1000);
    // Other rows have other names; the columns are as they were.
    await view.live.page.mouse.move(1, 1);
    await expect.poll(() => edge(rows!), patient).not.toBe(before.rows);
    await expect.poll(() => edge(columns!), patient).toBe(before.columns);
    await view.canvas.hover();
    await view.live.page.mouse.wheel(2600, 0);
    await expect.poll(async () => (await view.geometry()).scrollLeft, patient).toBeGreaterThan(2000);
    await expect.poll(() => edge(columns!), patient).not.toBe(before.columns);
    const { scrollTop, scrollLeft, across, down } = await view.geometry();
    const query = Math.ceil(scrollTop / down) + 20;
    const key = Math.ceil(scrollLeft / across) + 12;
    await view.hover(query, key);
    await expect.poll(() => view.tooltip, patient).toContain(`query${query} → key${key}\n`);
    // To a pin at the other end, and one step on: it comes into sight.
    await view.press("Escape");
    await view.card.getByRole("button", { name: "fit" }).click();
    await expect.poll(async () => (await view.geometry()).across, patient).toBeLessThan(4);
    await view.hover(199, 299);
    await expect.poll(() => view.tooltip, patient).toContain("query199 → key299");
    const { x, y } = await view.placeOf(199, 299);
    await view.live.page.mouse.click(x, y);
    await view.card.getByRole("button", { name: "fit" }).click();
    await expect.poll(async () => (await view.geometry()).across, patient).toBeGreaterThan(10);
    await view.live.page.mouse.move(1, 1);
    await view.press("ArrowUp");
    await expect.poll(() => view.tooltip, patient).toContain("query198 → key299");
    await expect.poll(async () => (await view.geometry()).scrollTop, patient).toBeGreaterThan(1900);
    await expect.poll(async () => (await view.geometry()).scrollLeft, patient).toBeGreaterThan(2500);
    await view.remove();
  });

  test("several sequences are chosen from a list, each with its tokens and its image", async () => {
    const { map, view } = await opened(attentionMap([caption(), translation()]));
    expect(await view.card.locator(".gb-looked").isVisible()).toBe(true);
    await view.press("ArrowDown", "Enter");
    await expect.poll(() => map.choice.pin, patient).not.toBeNull();
    await view.choose("example", "1");
    await expect.poll(() => map.choice, patient).toMatchObject({ example: 1, pin: null });
    await expect.poll(() => view.card.locator(".gb-looked").isVisible(), patient).toBe(false);
    await view.hover(1, 2);
    await expect.poll(() => view.tooltip, patient).toContain("the → accord");
    await view.remove();
  });

  test("weights that are read anew are shown at once, in the range of their own or up to 1", async () => {
    const { map, view } = await opened(
      attentionMap(
        [
          [0.5, 0.5],
          [0.5, 0.5],
        ],
        { queries: ["a", "b"] },
      ),
    );
    await map.update([
      [0.25, 0.5],
      [0, 0.5],
    ]);
    const seen = () => view.colours([0, 0], [0, 1], [1, 0]);
    await expect.poll(seen, patient).toEqual([shade(0.5), shade(1), paper.light]);
    await view.choose("colours up to", "one");
    await expect.poll(seen, patient).toEqual([shade(0.25), shade(0.5), paper.light]);
    await expect.poll(() => view.card.locator(".gb-key").textContent(), patient).toBe("attention weight01");
    await view.remove();
  });

  test("the drawing can be downloaded as it is", async () => {
    const { view } = await opened(attentionMap(small, { ...words, title: "My map: a test" }));
    const saved = view.live.page.waitForEvent("download");
    await view.card.getByRole("button", { name: "download as PNG" }).click();
    const file = await saved;
    expect(file.suggestedFilename()).toBe("my-map-a-test.png");
    const png = decode(await readFile(await file.path()));
    const { left, top, across, down } = await view.geometry();
    const at = 4 * (Math.floor(top + 1.5 * down) * png.width + Math.floor(left + 1.5 * across));
    expect(hexColour([...png.data.slice(at, at + 3)] as [number, number, number])).toBe(shade(1));
    await view.remove();
  });

  test("without a kernel it is there again as it was left, and can be used", async () => {
    const { map, view } = await opened(attentionMap([transformer(2, 3, 8), reversal()].slice(0, 1)));
    await view.choose("layer", "0");
    await view.choose("head", "1");
    await view.card.getByLabel("without special tokens").check();
    await view.card.getByLabel("top").fill("3");
    await view.press("ArrowDown", "ArrowDown", "Enter");
    await view.card.getByRole("button", { name: "lines" }).click();
    await expect
      .poll(() => map.choice, patient)
      .toMatchObject({ layer: 0, head: 1, masked: true, top: 3, view: "lines", pin: { query: 1, key: 0 } });
    const again = await view.reopened(browser);
    await expect.poll(() => again.words, patient).toMatch(/^Layer 0, head 1\. Without \[CLS\] \[SEP\].*Pinned: “the”/);
    expect(await again.card.getByRole("button", { name: "lines" }).getAttribute("aria-pressed")).toBe("true");
    expect(await again.card.getByLabel("top").inputValue()).toBe("3");
    await again.card.getByRole("button", { name: "heat map" }).click();
    await again.press("Escape");
    await again.choose("layer", "rollout");
    await again.hover(3, 2);
    await expect.poll(() => again.words, patient).toMatch(/^Rollout through all layers, head 1\..*attends to/);
    expect(map.choice.layer).toBe(0);
    await view.remove();
    await again.live.close();
  });

  for (const [width, colorScheme] of [
    [600, "light"],
    [1600, "dark"],
  ] as const) {
    test(`keeps inside its card, ${width} pixels wide and ${colorScheme}`, async () => {
      const page = await LivePage.open(browser, { width, height: 1000, colorScheme });
      const examples = {
        reversal: reversal(),
        translation: translation(),
        transformer: transformer(),
        caption: caption(),
        long: long(),
      };
      for (const [name, example] of Object.entries(examples)) {
        const view = await AttentionPage.show(page, attentionMap([example], { title: name }));
        for (const kind of ["heat map", "lines"]) {
          await view.card.getByRole("button", { name: kind }).click();
          await view.press("ArrowDown", "ArrowDown");
          await expect.poll(() => view.words, patient).toContain("attends to");
          const wide = await page.page.evaluate("document.documentElement.scrollWidth");
          expect(wide, `${name} as ${kind}`).toBeLessThanOrEqual(width);
          if (pictures === undefined) continue;
          mkdirSync(pictures, { recursive: true });
          const path = join(pictures, `attention-${name}-${kind.replace(" ", "-")}-${width}-${colorScheme}.png`);
          await view.card.screenshot({ path });
        }
        await view.remove();
      }
      expect(page.complaints).toEqual([]);
      await page.close();
    });
  }
});
