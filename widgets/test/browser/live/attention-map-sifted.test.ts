import { expect, test } from "vitest";
import { attentionMap } from "../../../src/index.ts";
import { paper, rule } from "../../../src/picture/card.ts";
import { caption, transformer, translation } from "../../attention/samples.ts";
import { patient, shade, small, words } from "./attention-page.ts";
import { describeAttentionMaps } from "./attention-tests.ts";

describeAttentionMaps("what an attention map is told to show", ({ opened }) => {
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
});
