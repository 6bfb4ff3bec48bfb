import { describe, expect, test } from "vitest";
import { lossCurve } from "../src/index.ts";
import { lineColour, palette, paper } from "../src/picture/card.ts";
import { dashOf } from "../src/picture/dashes.ts";
import { contrast, leastDistance } from "./eyes.ts";
import { shown } from "./showing.ts";

describe.each(["light", "dark"] as const)("lines on %s paper", (scheme) => {
  const colours = palette.map((paint) => paint[scheme]);

  test("have eight colours that differ to all kinds of colour vision, the first ones most", () => {
    expect(colours).toHaveLength(8);
    const all = leastDistance(colours);
    expect(all.distance, all.between).toBeGreaterThan(0.098);
    const first = leastDistance(colours.slice(0, 4));
    expect(first.distance, first.between).toBeGreaterThan(0.12);
  });

  test("stand out from it", () => {
    for (const paint of palette) expect(contrast(paint[scheme], paper[scheme]), paint.name).toBeGreaterThan(2.8);
  });
});

test("fifty lines, and fifty more of second metrics, all look different", () => {
  const looks = new Set<string>();
  for (let colour = 0; colour < 50; colour++)
    for (const dashed of [false, true]) looks.add(`${lineColour(colour).name} ${dashOf({ colour, dashed }).join(" ")}`);
  expect(looks.size).toBe(100);
  expect(dashOf({ colour: 7, dashed: false })).toEqual([]);
});

test("a curve of ten runs breaks the lines for which no colour is left, in its pictures too", async () => {
  const curve = lossCurve();
  for (let run = 0; run < 10; run++)
    for (let step = 0; step < 3; step++) curve.run(`r${run}`).add({ step, loss: run + step });
  const svg = (await shown(curve))["image/svg+xml"]!;
  const lines = [...svg.matchAll(/<path class="gradbook-stroke-(line\d)"[^>]*stroke-width="2"[^>]*>/g)];
  const looks = lines.map(([path, name]) => `${name} ${/dasharray="([^"]+)"/.exec(path)?.[1] ?? ""}`);
  expect(new Set(looks).size).toBe(10);
});
