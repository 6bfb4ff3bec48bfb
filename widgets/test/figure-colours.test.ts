import { expect, test } from "vitest";
import { confusionMatrix, lossCurve, rateCurve, sweepPlot } from "../src/index.ts";
import { palette } from "../src/picture/card.ts";
import { shown } from "./showing.ts";
import { foundRates, sweepRows } from "./sweeps.ts";

/** As many runs as there are colours. */
function manyRuns() {
  const curve = lossCurve({ title: "Runs", metrics: ["loss", "accuracy"] });
  palette.forEach((_, run) => {
    for (let step = 1; step <= 50; step++) curve.run(`run ${run}`).add({ step, loss: run + 1 / step, accuracy: step });
  });
  curve.run("run 0").add({ step: 51, loss: Number.NaN });
  return curve;
}

/** All colours in a value. */
function coloursIn(value: unknown): string[] {
  if (typeof value === "string") return /^#[0-9a-f]{3,8}$/i.test(value) ? [value] : [];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(coloursIn) : [];
}

test.each([
  ["lossCurve", manyRuns],
  ["rateCurve", () => rateCurve(foundRates(), { title: "Rates" })],
  ["sweepPlot", () => sweepPlot(sweepRows(), { y: "test error", title: "Sweep" })],
  [
    "confusionMatrix",
    () =>
      confusionMatrix(
        [
          [9, 1],
          [2, 8],
        ],
        { title: "Confusion" },
      ),
  ],
])("%s: every colour of the figure has a counterpart for dark pages, which is another one", async (_, widget) => {
  const { data, layout } = (await shown(widget()))["application/vnd.plotly.v1+json"];
  const { meta, ...rest } = layout;
  const { dark } = meta as { dark: Record<string, string> };
  const used = new Set([...coloursIn(data), ...coloursIn(rest)]);
  expect(used.size).toBeGreaterThan(3);
  for (const colour of used) expect(dark[colour], colour).toMatch(/^#[0-9a-f]{6}$/);
  for (const colour of used) expect(dark[colour]).not.toBe(colour);
});
