import { expect, test } from "vitest";
import { attentionMap } from "../../../src/index.ts";
import { lineColour } from "../../../src/picture/card.ts";
import { long } from "../../attention/samples.ts";
import { tensor } from "../../tensor.ts";
import { patient, shade, small, words } from "./attention-page.ts";
import { describeAttentionMaps } from "./attention-tests.ts";

describeAttentionMaps("an attention map in Chromium", ({ opened }) => {
  test("shows every weight as a shade, on light and on dark, and changes with the page's theme", async () => {
    const { view } = await opened(attentionMap(small, words));
    const cells = small.flatMap((row, query) => row.map((_, key) => [query, key] as const));
    const expected = (scheme: "light" | "dark") => small.flat().map((weight) => shade(weight, scheme));
    await expect.poll(() => view.colours(...cells), patient).toEqual(expected("light"));
    await view.live.page.evaluate("document.body.dataset.jpThemeLight = 'false'");
    await expect.poll(() => view.colours(...cells), patient).toEqual(expected("dark"));
    expect(await view.card.locator(".gb-key").textContent()).toBe("attention weight01");
    expect(await view.words).toMatch(/^Point at a word or a weight to read it/);
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
    const { view } = await opened(map);
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
});
