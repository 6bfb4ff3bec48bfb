import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type RunTable, runTable } from "../../../src/index.ts";
import type { RunTableState } from "../../../src/runs/state.ts";
import { cards, sweepRows } from "../../sweeps.ts";
import { advice, mayBeLeftOut, startBrowser } from "../chromium.ts";
import { LivePage } from "./live-page.ts";

if (mayBeLeftOut) console.warn(advice);

const patient = { timeout: 60_000 };
const pictures = process.env.GRADBOOK_PICTURES;
/** As a reader sees the runs of {@link rates}. */
const rates = [
  { rate: 0.1, width: 8, error: 0.5, accuracy: 0.5 },
  { rate: 0.01, width: 8, error: 0.125, accuracy: 0.875 },
  { rate: 0.001, width: 8, error: 0.25, accuracy: 0.75 },
];

describe.skipIf(mayBeLeftOut)("a table of runs in Chromium", () => {
  let browser: Browser;
  let live: LivePage;
  beforeAll(async () => {
    browser = await startBrowser();
    live = await LivePage.open(browser);
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    await live.clear();
    expect(live.complaints.splice(0)).toEqual([]);
  });

  const card = (of = live) => of.page.locator(".gb-run-table");
  const runs = (of = live) => card(of).locator("tbody th").allTextContents();
  const head = (of = live) => card(of).locator("thead button").allTextContents();
  const foot = (of = live) => card(of).locator(".gb-foot").textContent();
  const colour = (of = live) =>
    of.page.evaluate<string>("getComputedStyle(document.querySelector('.gb-run-name')).color");
  const sortBy = (name: string, of = live) => card(of).getByRole("button", { name, exact: true }).click();
  const filter = (text: string) => card().getByRole("searchbox", { name: "filter" }).fill(text);
  /** The texts of a column, from above. */
  const column = (name: string): Promise<string[]> =>
    live.page.evaluate(`(() => {
      const at = [...document.querySelectorAll(".gb-run-table thead th")].findIndex((th) => th.textContent === ${JSON.stringify(name)});
      return [...document.querySelectorAll(".gb-run-table tbody tr")].map((row) => row.children[at].textContent);
    })()`);
  /** How much of each cell of a column its bar fills, in percent, as it is laid out. */
  const bars = (name: string): Promise<number[]> =>
    live.page.evaluate(`(() => {
      const at = [...document.querySelectorAll(".gb-run-table thead th")].findIndex((th) => th.textContent === ${JSON.stringify(name)});
      return [...document.querySelectorAll(".gb-run-table tbody tr")].map((row) => {
        const { backgroundImage, backgroundSize } = getComputedStyle(row.children[at]);
        return backgroundImage.includes("gradient") ? Number(/[\\d.]+/.exec(backgroundSize)[0]) : -1;
      });
    })()`);

  test("shows settings and metrics, marks the best of each, and tells it in words", async () => {
    await live.show(runTable(rates, { title: "Rates" }));
    await expect.poll(head, patient).toEqual(["run", "rate", "width", "error", "accuracy"]);
    expect(await column("error")).toEqual(["0.5", "★0.125", "0.25"]);
    expect(await column("accuracy")).toEqual(["0.5", "★0.875", "0.75"]);
    expect(await card().locator(".gb-best").count()).toBe(2);
    expect(await card().getByRole("img", { name: "best" }).count()).toBe(2);
    expect(await foot()).toBe("3 runs; best error 0.125 (run 2); best accuracy 0.875 (run 2)");
  });

  test("bars are as long as the metrics are large; settings have none", async () => {
    await live.show(runTable(rates));
    await expect.poll(runs, patient).toHaveLength(3);
    const [full, quarter, half] = await bars("error");
    expect(full).toBeGreaterThan(90);
    expect(quarter! / full!).toBeCloseTo(0.25, 3);
    expect(half! / full!).toBeCloseTo(0.5, 3);
    expect(await bars("rate")).toEqual([-1, -1, -1]);
  });

  test("settings that differ stand out, and those that do not can be left out", async () => {
    const table = runTable([...rates, { ...rates[0], rate: 0.1 }]);
    await live.show(table);
    await expect.poll(runs, patient).toHaveLength(4);
    expect(await card().locator("td.gb-same").allTextContents()).toEqual(["8", "8", "8", "8"]);
    // The same rate has the same colour.
    const colours: string[] = await live.page.evaluate(
      `[...document.querySelectorAll(".gb-dot")].map((dot) => getComputedStyle(dot).backgroundColor)`,
    );
    expect(colours).toHaveLength(4);
    expect(colours[3]).toBe(colours[0]);
    expect(new Set(colours).size).toBe(3);
    await card().getByRole("checkbox", { name: "only what differs" }).check();
    await expect.poll(head, patient).toEqual(["run", "rate", "error", "accuracy"]);
    await expect.poll(() => stateOf(table, "differing"), patient).toBe(true);
  });

  test("a click on a name sorts, the best first, then the other way round, then as before; keys do the same", async () => {
    const table = runTable(rates);
    await live.show(table);
    await expect.poll(runs, patient).toEqual(["1", "2", "3"]);
    await sortBy("error");
    await expect.poll(runs, patient).toEqual(["2", "3", "1"]);
    await expect.poll(() => stateOf(table, "sort"), patient).toEqual({ column: "error", descending: false });
    expect(await card().locator('th[aria-sort="ascending"]').textContent()).toBe("error▲");
    expect((await live.bundleOf(table))["text/plain"]).toMatch(/run.*\n.*\n2 .*\n3 .*\n1 /);
    await sortBy("accuracy");
    await expect
      .poll(() => card().locator('th[aria-sort="descending"]').allTextContents(), patient)
      .toEqual(["accuracy▼"]);
    await expect.poll(runs, patient).toEqual(["2", "3", "1"]);
    await live.page.keyboard.press("Enter");
    await expect.poll(runs, patient).toEqual(["1", "3", "2"]);
    // The button has the focus all the time.
    await live.page.keyboard.press("Enter");
    await expect.poll(runs, patient).toEqual(["1", "2", "3"]);
    expect(await card().locator("th[aria-sort]").count()).toBe(0);
    await sortBy("run");
    await sortBy("run");
    await expect.poll(runs, patient).toEqual(["3", "2", "1"]);
  });

  test("words and conditions filter, and what is best is the best of what is seen", async () => {
    const table = runTable(sweepRows());
    await live.show(table);
    await expect.poll(runs, patient).toHaveLength(12);
    await filter("tanh rate<=0.1");
    await expect.poll(runs, patient).toEqual(["7", "8", "9", "10"]);
    await expect.poll(foot, patient).toMatch(/^4 of 12 runs; .*\(run 9\)/);
    await expect.poll(() => stateOf(table, "filter"), patient).toBe("tanh rate<=0.1");
    await filter("rate>5");
    await expect.poll(foot, patient).toBe("0 of 12 runs");
    await filter("");
    await expect.poll(runs, patient).toHaveLength(12);
  });

  test("columns are chosen from a list, by pointer and keys", async () => {
    const table = runTable(rates);
    await live.show(table);
    await expect.poll(head, patient).toHaveLength(5);
    await card().locator("summary", { hasText: "columns" }).focus();
    await live.page.keyboard.press("Enter");
    await card().getByRole("checkbox", { name: "width" }).uncheck();
    await expect.poll(head, patient).toEqual(["run", "rate", "error", "accuracy"]);
    await card().getByRole("checkbox", { name: "error" }).focus();
    await live.page.keyboard.press("Space");
    await expect.poll(head, patient).toEqual(["run", "rate", "accuracy"]);
    await expect.poll(() => stateOf(table, "hidden"), patient).toEqual(["width", "error"]);
    expect((await live.bundleOf(table))["text/plain"]).not.toContain("width");
    await live.page.keyboard.press("Escape");
    await expect.poll(() => card().getByRole("checkbox", { name: "width" }).isVisible(), patient).toBe(false);
    await card().locator("summary", { hasText: "columns" }).click();
    await card().getByRole("checkbox", { name: "width" }).check();
    await expect.poll(head, patient).toEqual(["run", "rate", "width", "accuracy"]);
    await card().locator(".gb-foot").click();
    await expect.poll(() => card().getByRole("checkbox", { name: "width" }).isVisible(), patient).toBe(false);
  });

  test("what is seen is saved as CSV", async () => {
    await live.show(runTable(cards, { title: "Optimisers & more" }));
    await filter("perplexity<40");
    await sortBy("perplexity");
    await expect.poll(runs, patient).toEqual(["adam", cards[1]!.name]);
    await card().getByRole("checkbox", { name: "only what differs" }).check();
    await expect.poll(head, patient).not.toContain("batch");
    const [file] = await Promise.all([
      live.page.waitForEvent("download"),
      card().getByRole("button", { name: "CSV" }).click(),
    ]);
    expect(file.suggestedFilename()).toBe("optimisers-more.csv");
    expect(await readFile(await file.path(), "utf8")).toBe(
      [
        "run,optimizer,rate,clip,perplexity,BLEU,gradNorm,seconds",
        "adam,adam,0.001,,35.01,22,2.4,861",
        `"${cards[1]!.name}",momentum,0.1,1,38.9,22,0.9,840.5`,
        "",
      ].join("\r\n"),
    );
  });

  test("runs appear while a sweep goes on, and one that is there goes on", async () => {
    const table = runTable([], { sort: "error" });
    await live.show(table);
    await expect.poll(foot, patient).toBe("No runs yet.");
    const first = table.add({ rate: 1, error: 0.5 });
    await expect.poll(runs, patient).toEqual(["1"]);
    table.add({ rate: 2, error: 0.25 });
    await expect.poll(runs, patient).toEqual(["2", "1"]);
    first.update({ error: 0.125, epoch: 3 });
    await expect.poll(runs, patient).toEqual(["1", "2"]);
    await expect.poll(head, patient).toContain("epoch");
    for (let run = 3; run <= 40; run++) table.add({ rate: run, error: run });
    await expect.poll(runs, patient).toHaveLength(40);
    table.update([{ rate: 7, error: 7 }]);
    await expect.poll(runs, patient).toEqual(["1"]);
  });

  test("sorting by a key goes on while runs arrive: the focus stays where it is", async () => {
    const table = runTable(rates);
    await live.show(table);
    await expect.poll(runs, patient).toHaveLength(3);
    await card().getByRole("button", { name: "error", exact: true }).focus();
    table.add({ rate: 5, error: 0.01, seed: 3 });
    await expect.poll(head, patient).toContain("seed");
    await live.page.keyboard.press("Enter");
    await expect.poll(runs, patient).toEqual(["4", "2", "3", "1"]);
  });

  test("runs that failed, and values that are not finite, are marked and stand below", async () => {
    await live.show(runTable(sweepRows(), { sort: "loss" }));
    await expect.poll(runs, patient).toHaveLength(12);
    expect(await card().locator("tr.gb-failed th").allTextContents()).toEqual(["5", "6"]);
    expect(await card().locator(".gb-not-finite").allTextContents()).toEqual(["NaN", "NaN"]);
    expect((await runs()).slice(-4).sort()).toEqual(["11", "12", "5", "6"]);
  });

  test("of very many runs the first are drawn", async () => {
    await live.show(runTable(Array.from({ length: 700 }, (_, i) => ({ error: 700 - i }))));
    await expect.poll(runs, patient).toHaveLength(500);
    expect(await foot()).toBe("700 runs, the first 500 are shown; best error 1 (run 700)");
    await sortBy("error");
    await expect.poll(async () => (await runs())[0], patient).toBe("700");
  });

  test("text is shown as text", async () => {
    await live.show(runTable([{ name: "<img src=x onerror=alert(1)>", "<b>note</b>": "<i>" }]));
    await expect.poll(runs, patient).toEqual(["<img src=x onerror=alert(1)>"]);
    expect(await head()).toEqual(["run", "<b>note</b>"]);
  });

  test("a view restored from the saved file needs no kernel", async () => {
    const table = runTable(sweepRows());
    const bundle = await live.show(table);
    await filter("relu");
    await sortBy("test accuracy");
    await expect.poll(() => stateOf(table, "sort"), patient).toEqual({ column: "test accuracy", descending: true });
    const seen = ["4", "3", "1", "2", "5", "6"];
    await expect.poll(runs, patient).toEqual(["3", "4", "1", "2", "5", "6"]);
    await live.idle();
    const again = await LivePage.reopen(browser, bundle);
    await expect.poll(() => runs(again), patient).toEqual(["3", "4", "1", "2", "5", "6"]);
    await sortBy("run", again);
    await sortBy("run", again);
    await expect.poll(() => runs(again), patient).toEqual(seen.toSorted().reverse());
    expect(again.complaints).toEqual([]);
    await again.close();
  });

  for (const [width, colorScheme] of [
    [600, "light"],
    [1600, "dark"],
  ] as const) {
    test(`is readable ${width} pixels wide and ${colorScheme}`, async () => {
      const page = await LivePage.open(browser, { width, height: 900, colorScheme });
      await page.show(runTable(sweepRows(), { title: "A sweep", sort: "test error" }));
      await page.show(runTable(cards, { title: "Translation" }));
      await expect.poll(() => page.page.locator(".gb-run-table tbody tr").count(), patient).toBe(15);
      expect(await page.page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
      // Each name of a column and of a run is there to be read, and the run's stays when the rest is moved along.
      const place = page.page.locator(".gb-run-place").first();
      await page.page.evaluate("document.querySelector('.gb-run-place').scrollLeft = 10_000");
      const [outer, name] = [await place.boundingBox(), await place.locator("tbody th").first().boundingBox()];
      expect(Math.abs(name!.x - outer!.x)).toBeLessThan(2);
      const ink = await colour(page);
      expect(ink).toBe(colorScheme === "dark" ? "rgb(232, 234, 238)" : "rgb(31, 35, 41)");
      await page.page.evaluate("document.querySelector('.gb-run-place').scrollLeft = 0");
      if (pictures !== undefined) {
        mkdirSync(pictures, { recursive: true });
        await page.page.locator("summary").last().click();
        await page.page.screenshot({ path: join(pictures, `run-table-${width}-${colorScheme}.png`), fullPage: true });
      }
      expect(page.complaints).toEqual([]);
      await page.close();
    });
  }

  test("follows the page's theme", async () => {
    await live.show(runTable(rates));
    await expect.poll(runs, patient).toHaveLength(3);
    const light = await colour();
    await live.page.evaluate("document.body.dataset.jpThemeLight = 'false'");
    await expect.poll(async () => (await colour()) === light, patient).toBe(false);
    await live.page.evaluate("delete document.body.dataset.jpThemeLight");
    await expect.poll(() => colour(), patient).toBe(light);
  });
});

/** What the kernel has of the shared values. */
function stateOf<Name extends keyof RunTableState>(widget: RunTable, name: Name): RunTableState[Name] {
  return (widget as unknown as { get(name: string): RunTableState[Name] }).get(name);
}
