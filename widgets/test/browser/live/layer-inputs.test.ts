import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { layerExplorer, type TensorLike } from "../../../src/index.ts";
import { tensor } from "../../tensor.ts";
import { advice, mayBeLeftOut, startBrowser } from "../chromium.ts";
import { firstFilters, network } from "./layers.ts";
import { LivePage } from "./live-page.ts";

if (mayBeLeftOut) console.warn(advice);

const patient = { timeout: 60_000 };

/** Inputs of n examples, 2 × 2, all values of example i are i / 10. */
const levels = (n: number) => tensor([n, 1, 2, 2], ([i]) => i! / 10);

describe.skipIf(mayBeLeftOut)("inputs, overlays and epochs in Chromium", () => {
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

  const foot = () => live.page.locator(".gb-foot").textContent();
  const choose = (name: string, value: string) =>
    live.page.getByRole("combobox", { name, exact: true }).selectOption(value);

  /** The colour in the middle of the picture of the input. */
  const middle = () =>
    live.page.evaluate<number[]>(`(() => {
      const canvas = document.querySelector(".gb-input-place canvas");
      const [x, y] = [canvas.width, canvas.height].map((side) => Math.round(side * 0.3));
      return [...canvas.getContext("2d").getImageData(x, y, 1, 1).data.slice(0, 3)];
    })()`);

  test("an input is chosen by its thumbnail; one that is not there yet is asked of the kernel, once", async () => {
    const asked: number[] = [];
    const explorer = layerExplorer(
      {
        layers: {
          c1: {
            maps: async (x, index) => {
              asked.push(index);
              const [value] = await x.data().then((values) => [values[0]!]);
              return tensor([2, 2, 2], ([c]) => c! + value!);
            },
          },
        },
        inputs: levels(12),
        inputLabels: Array.from({ length: 12 }, (_, i) => `level ${i}`),
      },
      { atFirst: 4 },
    );
    await live.show(explorer);
    expect(asked).toEqual([0, 1, 2, 3]);
    await live.page.locator(".gb-thumb").nth(2).click();
    await expect.poll(foot, patient).toContain("0.2 … 1.2");
    expect(await live.page.locator(".gb-input-name").textContent()).toBe("input 2: level 2");
    expect(asked).toEqual([0, 1, 2, 3]);
    await expect.poll(() => live.page.locator(".gb-thumb:disabled").count(), patient).toBe(0);
    await live.page.locator(".gb-thumb").nth(9).click();
    await expect.poll(foot, patient).toContain("0.9 … 1.9");
    await live.page.locator(".gb-thumb").nth(1).click();
    await expect.poll(foot, patient).toContain("0.1 … 1.1");
    await live.page.locator(".gb-thumb").nth(9).click();
    await expect.poll(foot, patient).toContain("0.9 … 1.9");
    expect(asked).toEqual([0, 1, 2, 3, 9]);
    // By the keyboard: the next one.
    await live.page.locator(".gb-thumb").nth(9).focus();
    await live.page.keyboard.press("ArrowRight");
    await expect.poll(foot, patient).toContain("1 … 2");
    expect(asked).toEqual([0, 1, 2, 3, 9, 10]);
  });

  test("what the kernel cannot give is said, and the others can still be seen", async () => {
    const explorer = layerExplorer(
      {
        layers: {
          c1: {
            maps: (_, index) => {
              if (index === 3) throw new Error("this one is too dark");
              return tensor([1, 2, 2], ([, y]) => y! + index);
            },
          },
        },
        inputs: levels(4),
      },
      { atFirst: 2 },
    );
    await live.show(explorer);
    await expect.poll(() => live.page.locator(".gb-thumb:disabled").count(), patient).toBe(0);
    await live.page.locator(".gb-thumb").nth(3).click();
    await expect
      .poll(() => live.page.locator(".gb-empty").textContent(), patient)
      .toBe("Feature maps: this one is too dark");
    await live.page.locator(".gb-thumb").nth(2).click();
    await expect.poll(foot, patient).toContain("2 … 3");
  });

  test("saliency and Grad-CAM lie over the input, as strong as the slider says", async () => {
    await live.show(
      layerExplorer({
        layers: { c1: { filters: firstFilters() } },
        inputs: tensor([2, 1, 4, 4], () => 1),
        overlays: {
          saliency: () => tensor([4, 4], ([y]) => (y! < 2 ? 0 : 2)),
          "Grad-CAM": () => tensor([1, 2, 2], ([, y]) => (y === 0 ? 3 : 0)),
        },
      }),
    );
    const key = () => live.page.locator(".gb-input .gb-key-high").textContent();
    const slider = live.page.getByRole("slider", { name: "opacity" });
    await slider.fill("1");
    // Viridis begins with #440154 and ends with #fde725.
    await expect.poll(middle, patient).toEqual([68, 1, 84]);
    expect(await key()).toBe("2");
    await slider.fill("0.5");
    await expect
      .poll(
        async () => Math.max(...(await middle()).map((part, i) => Math.abs(part - [161.5, 128, 169.5][i]!))),
        patient,
      )
      .toBeLessThan(2);
    await slider.fill("0");
    await expect.poll(middle, patient).toEqual([255, 255, 255]);
    await choose("overlay", "Grad-CAM");
    await slider.fill("1");
    await expect.poll(middle, patient).toEqual([253, 231, 37]);
    expect(await key()).toBe("3");
    const box = (await live.page.locator(".gb-input-place").boundingBox())!;
    await live.page.mouse.move(box.x + box.width * 0.8, box.y + box.height * 0.8);
    await expect
      .poll(() => live.page.locator(".gb-tooltip").textContent(), patient)
      .toBe("row 3, column 3: 1; Grad-CAM: 0");
    await choose("overlay", "");
    await expect.poll(middle, patient).toEqual([255, 255, 255]);
    expect(await slider.isDisabled()).toBe(true);
  });

  test("an overlay for another input is asked of the kernel", async () => {
    await live.show(
      layerExplorer(
        {
          layers: { c1: { filters: firstFilters() } },
          inputs: levels(4),
          overlays: { saliency: (_, index) => tensor([2, 2], ([y]) => (y === 0 ? index : 0)) },
        },
        { atFirst: 1 },
      ),
    );
    await live.page.getByRole("slider", { name: "opacity" }).fill("1");
    await live.page.locator(".gb-thumb").nth(3).click();
    await expect.poll(middle, patient).toEqual([253, 231, 37]);
    expect(await live.page.locator(".gb-input .gb-key-high").textContent()).toBe("3");
  });

  test("the epochs whose filters were put down are gone through by slider, and played", async () => {
    let growth = 0;
    const explorer = layerExplorer({
      layers: { c1: { filters: () => tensor([1, 1, 1, 2], ([, , , x]) => x! * growth) } },
    });
    await live.show(explorer);
    const epochs = live.page.locator(".gb-epochs");
    await expect.poll(() => epochs.isHidden(), patient).toBe(true);
    for (growth = 1; growth <= 3; growth++) await explorer.snapshot(10 * growth);
    growth = 4;
    await explorer.update();
    const slider = live.page.getByRole("slider", { name: "epoch" });
    await expect.poll(foot, patient).toContain("0 … 4");
    await expect.poll(() => slider.getAttribute("max"), patient).toBe("3");
    expect(await slider.getAttribute("aria-valuetext")).toBe("now");
    await slider.fill("1");
    await expect.poll(foot, patient).toContain("0 … 2");
    expect(await epochs.locator(".gb-value").textContent()).toBe("20");
    // The colours mean the same at all epochs.
    expect(await live.page.locator(".gb-layers-below .gb-key-high").textContent()).toBe("4");
    await slider.fill("3");
    await live.idle();
    await live.page.evaluate(`(() => {
      const input = document.querySelector(".gb-epochs-slider");
      globalThis.seen = [];
      const see = () => seen.push(input.getAttribute("aria-valuetext"));
      new MutationObserver(see).observe(input, { attributeFilter: ["aria-valuetext"] });
    })()`);
    await epochs.getByRole("button", { name: "play" }).click();
    const seen = async () => [...new Set(await live.page.evaluate<string[]>("seen"))];
    await expect.poll(seen, patient).toEqual(["epoch 10", "epoch 20", "epoch 30", "now"]);
    // At its end it can be played again.
    await epochs.getByRole("button", { name: "play" }).waitFor();
    // An epoch that is put down again takes the place of the earlier one.
    growth = 5;
    await explorer.snapshot(20);
    await expect.poll(() => live.page.locator(".gb-layers-below .gb-key-high").textContent(), patient).toBe("5");
    await slider.fill("2");
    await expect.poll(foot, patient).toContain("0 … 5");
    expect(await slider.getAttribute("max")).toBe("3");
  });

  test("an update computes the maps anew, of the chosen input as well", async () => {
    let shift = 0;
    const explorer = layerExplorer(
      { layers: { c1: { maps: (_, index) => tensor([1, 1, 2], ([, , x]) => x! + index + shift) } }, inputs: levels(6) },
      { atFirst: 2 },
    );
    await live.show(explorer);
    await expect.poll(() => live.page.locator(".gb-thumb:disabled").count(), patient).toBe(0);
    await live.page.locator(".gb-thumb").nth(5).click();
    await expect.poll(foot, patient).toContain("5 … 6");
    shift = 100;
    await explorer.update();
    await expect.poll(foot, patient).toContain("105 … 106");
    await live.page.locator(".gb-thumb").nth(1).click();
    await expect.poll(foot, patient).toContain("101 … 102");
  });

  test("maps that are many are saved as bytes, and few enough for a notebook", async () => {
    const big: TensorLike = tensor([32, 96, 96], ([c, y, x]) => c! + Math.sin(y! / 7) * Math.cos(x! / 5));
    const explorer = layerExplorer({
      layers: { c1: { maps: () => big }, c2: { maps: () => big } },
      inputs: tensor([40, 3, 8, 8], ([n, c]) => (n! + c!) / 50),
    });
    const before = live.bytes;
    await live.show(explorer);
    await expect.poll(foot, patient).toContain("values to 1/254 of each tile’s range");
    await live.page
      .locator(".gb-tile canvas")
      .nth(3)
      .hover({ position: { x: 1, y: 1 } });
    // To within half a step of 2 / 254.
    const words = /^channel 3row 1, column 1: (.*)$/;
    const read = async () => Number(words.exec((await live.page.locator(".gb-tooltip").textContent()) ?? "")?.[1]);
    await expect
      .poll(async () => Math.abs((await read()) - 3 - Math.sin(1 / 7) * Math.cos(1 / 5)), patient)
      .toBeLessThan(0.0045);
    expect(live.bytes - before).toBeGreaterThan(3e6);
    expect(live.bytes - before).toBeLessThan(5.3e6);
  });

  test("two views of the same explorer follow one another", async () => {
    const explorer = layerExplorer(network());
    await live.show(explorer);
    await live.show(explorer);
    await live.page.getByRole("button", { name: "feature maps" }).first().click();
    await expect
      .poll(() => live.page.locator(".gb-foot").nth(1).textContent(), patient)
      .toMatch(/^c1: 6 maps of 14 × 14/);
  });
});
