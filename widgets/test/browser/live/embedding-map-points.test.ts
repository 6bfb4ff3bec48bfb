import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { embeddingExplorer } from "../../../src/index.ts";
import { tensor } from "../../tensor.ts";
import { advice, mayBeLeftOut, startBrowser } from "../chromium.ts";
import {
  blue,
  drag,
  green,
  held,
  magenta,
  mapOf,
  matrix,
  orange,
  patient,
  pointTo,
  shift,
  spot,
  square,
} from "./embedding-page.ts";
import { LivePage } from "./live-page.ts";

if (mayBeLeftOut) console.warn(advice);

describe.skipIf(mayBeLeftOut)("points of an embedding explorer", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  test("leaves classes out and shows one alone, and the kernel knows", async () => {
    const live = await LivePage.open(browser);
    const explorer = square({ named: false });
    await live.show(explorer);
    const { page } = live;
    const seen = async () => {
      const counts = await Promise.all([blue, orange, green, magenta].map((colour) => spot(page, colour)));
      return counts.map(({ count }) => (count > 20 ? 1 : 0)).join("");
    };
    const legend = page.getByRole("region", { name: "legend" });
    await expect.poll(seen, patient).toBe("1111");
    await legend.getByRole("button", { name: "birch", exact: true }).click();
    await expect.poll(seen, patient).toBe("1011");
    await expect.poll(() => held(explorer, "hidden"), patient).toEqual([1]);
    await legend.getByRole("button", { name: "only cedar" }).click();
    await expect.poll(seen, patient).toBe("0010");
    await legend.getByRole("button", { name: "only cedar" }).click();
    await expect.poll(seen, patient).toBe("1111");
    await legend.getByRole("button", { name: "dogwood", exact: true }).dblclick();
    await expect.poll(seen, patient).toBe("0001");
    await legend.getByRole("button", { name: "Show all" }).click();
    await expect.poll(seen, patient).toBe("1111");
    // What is left out is not hit, either.
    const there = await spot(page, blue);
    await legend.getByRole("button", { name: "ash", exact: true }).click();
    await expect.poll(seen, patient).toBe("0111");
    await pointTo(page, there);
    expect(await page.locator(".gb-tooltip").isVisible()).toBe(false);
    expect(live.complaints).toEqual([]);
    await live.close();
  });

  test("tells many classes apart by shapes, and their list can be searched", async () => {
    const live = await LivePage.open(browser);
    const labels = Array.from({ length: 120 }, (_, i) => `kind ${i % 24}`);
    const places = matrix(labels.map((_, i) => [i % 12, Math.floor(i / 12)]));
    await live.show(embeddingExplorer(places, { labels }));
    const legend = live.page.getByRole("region", { name: "legend" });
    const marks = await legend.locator("path").evaluateAll((paths) =>
      paths.map((path) => {
        const { getAttribute } = path as unknown as { getAttribute(name: string): string };
        return getAttribute.call(path, "d") + getAttribute.call(path, "fill");
      }),
    );
    expect(marks).toHaveLength(24);
    expect(new Set(marks).size).toBe(24);
    await legend.getByRole("searchbox", { name: "find a class" }).fill("23");
    await expect.poll(() => legend.locator("li:visible").allTextContents(), patient).toEqual(["kind 235only"]);
    expect(live.complaints).toEqual([]);
    await live.close();
  });

  test("finds names, marks them, flies to them, and hands them over as selection", async () => {
    const live = await LivePage.open(browser);
    const explorer = square();
    await live.show(explorer);
    const { page } = live;
    const search = page.getByRole("combobox", { name: "search names" });
    await expect.poll(async () => (await spot(page, green)).count, patient).toBeGreaterThan(20);
    await search.fill("EAST");
    const options = page.getByRole("option");
    await expect.poll(() => options.allTextContents(), patient).toEqual(["north-eastbirch", "south-eastcedar"]);
    // The others have faded.
    await expect.poll(async () => (await spot(page, blue)).count, patient).toBe(0);
    expect((await spot(page, orange)).count).toBeGreaterThan(20);
    await search.press("ArrowDown");
    await expect.poll(() => options.nth(1).getAttribute("aria-selected"), patient).toBe("true");
    await search.press("Enter");
    const box = (await mapOf(page).boundingBox())!;
    await expect.poll(async () => shift((await spot(page, green)).x, box.width / 2), patient).toBe(0);
    await expect.poll(async () => shift((await spot(page, green)).y, box.height / 2), patient).toBe(0);
    await expect.poll(() => held<{ zoom: number } | null>(explorer, "camera")?.zoom, patient).toBe(5);
    await page.getByRole("region", { name: "search" }).getByRole("button", { name: "Select" }).click();
    await expect.poll(() => explorer.selected, patient).toEqual([1, 2]);
    await search.fill("west by west");
    await expect.poll(() => page.getByText("Nothing found").count(), patient).toBe(1);
    await search.fill("#3");
    await expect.poll(() => options.allTextContents(), patient).toEqual(["south-westdogwood"]);
    await search.press("Escape");
    await expect.poll(() => options.count(), patient).toBe(0);
    expect(live.complaints).toEqual([]);
    await live.close();
  });

  test("returns what a box and a lasso go around to the kernel", async () => {
    const live = await LivePage.open(browser);
    const explorer = square({ named: false });
    const told: (readonly number[])[] = [];
    const forget = explorer.onSelect((points) => void told.push(points));
    await live.show(explorer);
    const { page } = live;
    await expect.poll(async () => (await spot(page, magenta)).count, patient).toBeGreaterThan(20);
    const [nw, ne, se, sw] = await Promise.all([blue, orange, green, magenta].map((colour) => spot(page, colour)));
    await page.getByRole("button", { name: "Select in a box" }).click();
    await drag(page, [nw!.x - 15, nw!.y - 15], [ne!.x + 15, ne!.y + 15]);
    await expect.poll(() => explorer.selected, patient).toEqual([0, 1]);
    expect(told).toEqual([[0, 1]]);
    const panel = page.getByRole("region", { name: "selection" });
    await expect.poll(() => panel.locator(".gb-panel-title").textContent(), patient).toBe("2 selected");
    await expect.poll(async () => (await spot(page, green)).count, patient).toBe(0);

    await page.getByRole("button", { name: "Select with a lasso" }).click();
    // Around the south-west, then out and around the north-east, with the north-west left out.
    const around = (spot: { x: number; y: number }, dx: number, dy: number) => [spot.x + dx, spot.y + dy] as const;
    await drag(
      page,
      around(sw!, -15, -15),
      around(sw!, 15, -15),
      around(ne!, -15, -15),
      around(ne!, 15, -15),
      around(ne!, 15, 15),
      around(sw!, 15, 15),
      around(sw!, -15, 15),
    );
    await expect.poll(() => explorer.selected, patient).toEqual([1, 3]);

    await page.keyboard.down("Shift");
    await drag(
      page,
      [se!.x - 15, se!.y - 15],
      [se!.x + 15, se!.y - 15],
      [se!.x + 15, se!.y + 15],
      [se!.x - 15, se!.y + 15],
    );
    await page.keyboard.up("Shift");
    await expect.poll(() => explorer.selected, patient).toEqual([1, 3, 2]);
    await page.keyboard.down("Alt");
    await drag(
      page,
      [ne!.x - 15, ne!.y - 15],
      [ne!.x + 15, ne!.y - 15],
      [ne!.x + 15, ne!.y + 15],
      [ne!.x - 15, ne!.y + 15],
    );
    await page.keyboard.up("Alt");
    await expect.poll(() => explorer.selected, patient).toEqual([3, 2]);
    expect(told).toHaveLength(4);

    // The other way round: what the kernel selects is seen, and is no news to it.
    explorer.select([0, 1, 2]);
    await expect.poll(() => panel.locator(".gb-panel-title").textContent(), patient).toBe("3 selected");
    await expect.poll(() => panel.locator(".gb-shares").textContent(), patient).toBe("ash: 1 · birch: 1 · cedar: 1");
    await expect.poll(async () => (await spot(page, magenta)).count, patient).toBe(0);
    expect(told).toHaveLength(4);
    forget();
    await panel.getByRole("button", { name: "Clear" }).click();
    await expect.poll(() => explorer.selected, patient).toEqual([]);
    expect(told).toHaveLength(4);
    expect(live.complaints).toEqual([]);
    await live.close();
  });

  test("lists the neighbours of a clicked point in the original space, by either distance", async () => {
    const live = await LivePage.open(browser);
    const explorer = square();
    await live.show(explorer);
    const { page } = live;
    await expect.poll(async () => (await spot(page, blue)).count, patient).toBeGreaterThan(20);
    const there = await spot(page, blue);
    const box = (await mapOf(page).boundingBox())!;
    await page.mouse.click(box.x + there.x, box.y + there.y);
    const panel = page.getByRole("region", { name: "neighbours" });
    const rows = panel.getByRole("listitem");
    // Of (1, 0, 0): (0.5, 0, 0.1), (0, 2, 0) and (10, 1, 0), although all corners are alike on the map.
    await expect
      .poll(() => rows.allTextContents(), patient)
      .toEqual(["south-westdogwood0.5099", "south-eastcedar2.236", "north-eastbirch9.055"]);
    expect(await panel.textContent()).toContain("in the original space of 3 features");
    await expect.poll(() => held(explorer, "focus"), patient).toBe(0);
    await panel.getByRole("combobox", { name: "distance" }).selectOption("cosine");
    await expect
      .poll(() => rows.allTextContents(), patient)
      .toEqual(["north-eastbirch0.004963", "south-westdogwood0.01942", "south-eastcedar1"]);
    await panel.getByRole("spinbutton", { name: "k" }).fill("1");
    await expect.poll(() => rows.allTextContents(), patient).toEqual(["north-eastbirch0.004963"]);
    await panel.getByRole("button", { name: "Select" }).click();
    await expect.poll(() => explorer.selected, patient).toEqual([0, 1]);
    await rows.getByRole("button").click();
    await expect.poll(() => panel.locator(".gb-panel-title").textContent(), patient).toBe("Nearest to north-east");
    await panel.getByRole("button", { name: "Close" }).click();
    await expect.poll(() => rows.count(), patient).toBe(0);
    expect(live.complaints).toEqual([]);
    await live.close();
  });

  test("asks the kernel for neighbours where the original space is large, and says so where nobody answers", async () => {
    const live = await LivePage.open(browser);
    const count = 1001;
    const x = tensor([count, 500], ([i, k]) => (k === 0 ? (i! * 7) % count : 0));
    const places = tensor([count, 2], ([i, k]) => (k === 0 ? i! % 32 : Math.floor(i! / 32)));
    const explorer = embeddingExplorer(x, { positions: places, k: 3 });
    const bundle = await live.show(explorer);
    expect(held(explorer, "vectors")).toBe(null);
    const { page } = live;
    const panel = page.getByRole("region", { name: "neighbours" });
    const rows = panel.getByRole("listitem");
    await mapOf(page).focus();
    await page.keyboard.press("n");
    await page.keyboard.press("Enter");
    // Seven times 143 is 1001: there these points are in one place.
    await expect.poll(() => rows.allTextContents(), patient).toEqual(["point 1430", "point 2860", "point 4290"]);
    expect(await panel.textContent()).toContain("in the original space of 500 features");
    await expect.poll(() => held(explorer, "focus"), patient).toBe(0);
    const alone = await LivePage.reopen(browser, bundle);
    const there = alone.page.getByRole("region", { name: "neighbours" });
    // The kernel's last answer is in the state; another point has distances on the map.
    await expect.poll(() => there.getByRole("listitem").count(), patient).toBe(3);
    expect(await there.textContent()).toContain("in the original space");
    await mapOf(alone.page).focus();
    await alone.page.keyboard.press("n");
    await alone.page.keyboard.press("n");
    await alone.page.keyboard.press("Enter");
    await expect.poll(() => there.textContent(), patient).toContain("Distances on the map");
    await expect.poll(() => there.getByRole("listitem").first().textContent(), patient).toBe("point 01");
    expect([...live.complaints, ...alone.complaints]).toEqual([]);
    await alone.close();
    await live.close();
  });
});
