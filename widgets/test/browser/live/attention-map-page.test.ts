import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { decode } from "fast-png";
import { expect, test } from "vitest";
import { attentionMap } from "../../../src/index.ts";
import { hexColour } from "../../../src/picture/colours.ts";
import { caption, long, reversal, transformer, translation } from "../../attention/samples.ts";
import { AttentionPage, patient, shade, small, words } from "./attention-page.ts";
import { describeAttentionMaps } from "./attention-tests.ts";
import { LivePage } from "./live-page.ts";

const pictures = process.env.GRADBOOK_PICTURES;

describeAttentionMaps("an attention map in its page", (shared) => {
  const { opened } = shared;

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
    const again = await view.reopened(shared.browser);
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
    [600, "dark"],
    [1600, "light"],
    [1600, "dark"],
  ] as const) {
    test(`keeps inside its card, ${width} pixels wide and ${colorScheme}`, async () => {
      const page = await LivePage.open(shared.browser, { width, height: 1000, colorScheme });
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
