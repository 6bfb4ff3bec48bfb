import fc from "fast-check";
import { expect, test } from "vitest";
import { type ColourMap, colourAt, colourTable, hexColour, lastShade } from "../src/picture/colours.ts";

function brightness(map: ColourMap, place: number): number {
  const [red, green, blue] = colourAt(map, place);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

test("viridis and grey get brighter all the way, so that they survive a black and white printer", () => {
  for (const map of ["viridis", "grey"] as const) {
    for (let i = 0; i < 100; i++) expect(brightness(map, (i + 1) / 100)).toBeGreaterThan(brightness(map, i / 100));
  }
});

test("the diverging map is palest at zero, blue below and red above", () => {
  expect(hexColour(colourAt("diverging", 0.5))).toBe("#f7f7f7");
  fc.assert(
    fc.property(fc.double({ min: 0, max: 0.45, noNaN: true }), (place) => {
      const [red, , blue] = colourAt("diverging", place);
      expect(blue).toBeGreaterThan(red);
      const [mirroredRed, , mirroredBlue] = colourAt("diverging", 1 - place);
      expect(mirroredRed).toBeGreaterThan(mirroredBlue);
    }),
  );
});

test("places beyond the ends get the colours of the ends", () => {
  expect(colourAt("viridis", -3)).toEqual(colourAt("viridis", 0));
  expect(colourAt("viridis", 7)).toEqual(colourAt("viridis", 1));
});

test("a table holds the colours of evenly spaced places", () => {
  const table = colourTable("viridis");
  for (const i of [0, 100, lastShade])
    expect([...table.subarray(3 * i, 3 * i + 3)]).toEqual([...colourAt("viridis", i / lastShade)]);
});
