import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CommFrame } from "../../../../kernel/src/comm/messages.ts";
import { pca, random, tensor, tsne } from "../../../../lib/src/index.ts";
import { embeddingExplorer, type MapMoment, type TsneCall } from "../../../src/index.ts";
import { advice, mayBeLeftOut, startBrowser } from "../chromium.ts";
import { blue, held, matrix, orange, patient, spot } from "./embedding-page.ts";
import { LivePage } from "./live-page.ts";

if (mayBeLeftOut) console.warn(advice);

/** An iteration takes about so long: the tests are not to keep a machine busy. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 2));

/** Two points that turn around each other, a hundredth of a turn with each iteration. */
function turning() {
  const calls: TsneCall[] = [];
  const now = { iteration: 0 };
  async function* run(_x: unknown, call: TsneCall): AsyncGenerator<MapMoment> {
    calls.push(call);
    for (let iteration = 1; iteration <= call.iterations; iteration++) {
      await turn();
      const angle = (2 * Math.PI * iteration) / 100;
      const [x, y] = [Math.cos(angle), Math.sin(angle)];
      const rows =
        call.components === 2
          ? [
              [x, y],
              [-x, -y],
              [0, 1.5],
              [0, -1.5],
            ]
          : [
              [x, y, 0],
              [-x, -y, 1],
              [0, 0, -1],
              [0, 0, 1],
            ];
      now.iteration = iteration;
      yield { iteration, positions: matrix(rows), klDivergence: 2 / iteration };
    }
  }
  return { run, calls, now };
}

const four = matrix([
  [0, 0, 0, 0],
  [1, 0, 0, 0],
  [0, 1, 0, 0],
  [0, 0, 1, 0],
]);
const labels = ["a", "b", "c", "d"];

/** Messages with maps that the page is sent, and what it was sent before it had drawn the one before. */
function watch(live: LivePage): { at: number; bytes: number; text: boolean }[] {
  const maps: { at: number; bytes: number; text: boolean }[] = [];
  const pass = live.pass.bind(live);
  live.pass = (frame) => {
    const { data, buffers } = frame as CommFrame & { data?: { content?: { type?: string } } };
    if (data?.content?.type === "map") {
      const bytes = buffers?.[0]?.byteLength ?? 0;
      maps.push({ at: performance.now(), bytes, text: JSON.stringify(data).length > 1000 });
    }
    pass(frame);
  };
  return maps;
}

describe.skipIf(mayBeLeftOut)("t-SNE in the page", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  test("plays, pauses, goes on, steps and restarts, and says how far it is", async () => {
    const live = await LivePage.open(browser);
    const { run, calls, now } = turning();
    const explorer = embeddingExplorer(four, { labels, tsne: run, iterations: 1_000_000, perplexity: 2 });
    await live.show(explorer);
    const { page } = live;
    const words = page.locator(".gb-iteration");
    expect(await words.textContent()).toBe("not begun");
    await page.getByRole("button", { name: "Run t-SNE" }).click();
    await expect.poll(() => words.textContent(), patient).toMatch(/^iteration [\d,]+ of 1,000,000 · KL [\d.]+$/);
    const before = now.iteration;
    await expect.poll(() => now.iteration, patient).toBeGreaterThan(before);
    // What moves in the kernel moves on the map.
    const places = new Set<string>();
    await expect
      .poll(async () => {
        const { x, y } = await spot(page, blue);
        return places.add(`${Math.round(x)} ${Math.round(y)}`).size;
      }, patient)
      .toBeGreaterThan(3);

    await page.getByRole("button", { name: "Pause t-SNE" }).click();
    await page.getByRole("button", { name: "Run t-SNE" }).waitFor();
    // The iteration that was being made is the last.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const paused = now.iteration;
    await expect
      .poll(() => words.textContent(), patient)
      .toMatch(new RegExp(`^iteration ${paused.toLocaleString("en")} of`));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(now.iteration).toBe(paused);
    expect(held<{ status: string }>(explorer, "run2").status).toBe("paused");

    await page.getByRole("button", { name: "One step" }).click();
    await expect.poll(() => now.iteration, patient).toBe(paused + 1);
    await expect
      .poll(() => words.textContent(), patient)
      .toMatch(new RegExp(`^iteration ${(paused + 1).toLocaleString("en")} of`));
    expect(now.iteration).toBe(paused + 1);

    await page.getByRole("button", { name: "Run t-SNE" }).click();
    await expect.poll(() => now.iteration, patient).toBeGreaterThan(paused + 5);
    await page.getByRole("button", { name: "Restart" }).click();
    await expect.poll(() => calls.length, patient).toBe(2);
    await expect.poll(() => now.iteration, patient).toBeGreaterThan(3);
    await page.getByRole("button", { name: "Pause t-SNE" }).click();
    expect(live.complaints).toEqual([]);
    await live.close();
  });

  test("takes its settings when it is started anew, and says what is wrong with them", async () => {
    const live = await LivePage.open(browser);
    const { run, calls } = turning();
    await live.show(embeddingExplorer(four, { labels, tsne: run, perplexity: 2, exaggeration: 12 }));
    const { page } = live;
    const field = (name: string) => page.getByRole("spinbutton", { name });
    await page.getByRole("button", { name: "One step" }).click();
    await expect.poll(() => calls.length, patient).toBe(1);
    expect(calls[0]).toMatchObject({ perplexity: 2, exaggeration: 12, components: 2 });
    expect("rate" in calls[0]!).toBe(false);
    expect("start" in calls[0]!).toBe(false);
    await field("perplexity").fill("3");
    await field("learning rate").fill("70");
    await field("exaggeration").fill("4");
    await field("seed").fill("8");
    await expect.poll(() => page.locator(".gb-note").textContent(), patient).toBe("Changed settings apply on restart.");
    expect(calls).toHaveLength(1);
    await page.getByRole("button", { name: "Restart" }).click();
    await expect.poll(() => calls.length, patient).toBe(2);
    expect(calls[1]).toMatchObject({ perplexity: 3, rate: 70, exaggeration: 4 });
    expect(calls[1]!.start!.shape).toEqual([4, 2]);
    await expect.poll(() => page.locator(".gb-note").textContent(), patient).toBe("");
    await field("perplexity").fill("9");
    await expect
      .poll(() => page.locator(".gb-note").textContent(), patient)
      .toMatch(/^The perplexity is 9, expected at least 1 and less than 4/);
    await page.getByRole("button", { name: "Restart" }).click();
    await expect.poll(() => calls.length, patient).toBe(3);
    expect(calls[2]!.perplexity).toBe(3);
    expect(live.complaints).toEqual([]);
    await live.close();
  });

  test("streams maps as bytes, no more than thirty a second and none before the last one was drawn", async () => {
    const live = await LivePage.open(browser);
    const maps = watch(live);
    const { run, now } = turning();
    const explorer = embeddingExplorer(four, {
      labels,
      tsne: run,
      iterations: 1_000_000,
      perplexity: 2,
      autoplay: true,
    });
    let beats = 0;
    const timer = setInterval(() => beats++, 5);
    await live.show(explorer);
    await expect.poll(() => maps.length, patient).toBeGreaterThan(20);
    for (const { bytes, text } of maps) expect([bytes, text]).toEqual([4 * 2 * 4, false]);
    expect((maps.at(-1)!.at - maps[0]!.at) / (maps.length - 1)).toBeGreaterThan(31);
    // The kernel's event loop turned meanwhile.
    expect(beats).toBeGreaterThan(20);
    // A page that is held up draws nothing and is sent nothing, while t-SNE goes on.
    const asking = live.page.waitForEvent("dialog");
    const answered = live.page.evaluate("alert('held up')");
    const dialog = await asking;
    const [sent, iteration] = [maps.length, now.iteration];
    await expect.poll(() => now.iteration, patient).toBeGreaterThan(iteration + 100);
    expect(maps.length - sent).toBeLessThanOrEqual(1);
    await dialog.accept();
    await answered;
    await expect.poll(() => maps.length, patient).toBeGreaterThan(sent + 3);
    clearInterval(timer);
    await live.page.getByRole("button", { name: "Pause t-SNE" }).click();
    await expect.poll(() => held<{ status: string }>(explorer, "run2").status, patient).toBe("paused");
    expect(live.complaints).toEqual([]);
    await live.close();
  });

  test("shows in a page that comes later where it is, and both pages steer it", async () => {
    const first = await LivePage.open(browser);
    const { run, now } = turning();
    const explorer = embeddingExplorer(four, {
      labels,
      tsne: run,
      iterations: 1_000_000,
      perplexity: 2,
      autoplay: true,
    });
    await first.show(explorer);
    await expect.poll(() => now.iteration, patient).toBeGreaterThan(50);
    const second = await LivePage.open(browser);
    await second.page.evaluate("restore()");
    await second.show(explorer);
    await expect.poll(async () => (await spot(second.page, orange)).count, patient).toBeGreaterThan(10);
    await second.page.getByRole("button", { name: "Pause t-SNE" }).click();
    await first.page.getByRole("button", { name: "Run t-SNE" }).waitFor();
    const text = await first.page.locator(".gb-iteration").textContent();
    await expect.poll(() => second.page.locator(".gb-iteration").textContent(), patient).toBe(text);
    // One of them goes, the other one is still served.
    await first.close();
    await second.page.getByRole("button", { name: "Run t-SNE" }).click();
    await expect.poll(() => second.page.locator(".gb-iteration").textContent(), patient).not.toBe(text);
    await second.page.getByRole("button", { name: "Pause t-SNE" }).click();
    await expect.poll(() => held<{ status: string }>(explorer, "run2").status, patient).toBe("paused");
    expect([...first.complaints, ...second.complaints]).toEqual([]);
    await second.close();
  });

  test("is run from a cell to its end, with gradbook's own functions, also in space", async () => {
    const live = await LivePage.open(browser);
    const names = Array.from({ length: 90 }, (_, i) => ["ash", "birch", "cedar"][i % 3]!);
    const centres = tensor(names.map((name) => ["ash", "birch", "cedar"].map((other) => (name === other ? 9 : 0))));
    const x = random.seed(7).normal([90, 3]).add(centres);
    const explorer = embeddingExplorer(x, { labels: names, tsne, pca, perplexity: 10 });
    await live.show(explorer);
    const { page } = live;
    await explorer.run({ iterations: 120 });
    await expect
      .poll(() => page.locator(".gb-iteration").textContent(), patient)
      .toBe(`iteration 120 of 120 · KL ${explorer.kl!.toFixed(3)}`);
    await expect.poll(() => page.getByRole("progressbar").getAttribute("data-state"), patient).toBe("done");
    expect(held<{ positions: Float32Array }>(explorer, "tsne2").positions).toEqual(await explorer.positions!.data());
    await page.getByRole("button", { name: "3D" }).click();
    await expect.poll(() => page.locator(".gb-iteration").textContent(), patient).toBe("not begun");
    await expect.poll(() => held<boolean>(explorer, "inSpace"), patient).toBe(true);
    await explorer.run({ iterations: 20 });
    expect(explorer.positions!.shape).toEqual([90, 3]);
    await expect.poll(() => page.locator(".gb-iteration").textContent(), patient).toMatch(/^iteration 20 of 20/);
    // The map in the plane is still there.
    await page.getByRole("button", { name: "2D" }).click();
    await expect.poll(() => page.locator(".gb-iteration").textContent(), patient).toMatch(/^iteration 120 of 120/);
    expect(live.complaints).toEqual([]);
    await live.close();
  });

  test("says in the page what it has thrown", async () => {
    const live = await LivePage.open(browser);
    const explorer = embeddingExplorer(four, {
      tsne: async function* (): AsyncGenerator<MapMoment> {
        yield* [];
        throw new RangeError("the distances are all zero");
      },
    });
    await live.show(explorer);
    await live.page.getByRole("button", { name: "Run t-SNE" }).click();
    await expect.poll(() => live.page.locator(".gb-note").textContent(), patient).toBe("the distances are all zero");
    expect(live.complaints).toEqual([]);
    await live.close();
  });
});
