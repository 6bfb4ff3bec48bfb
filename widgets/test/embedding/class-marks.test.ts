import { expect, test } from "vitest";
import { paper } from "../../src/picture/card.ts";
import { classless, classPaints, isInside, markOf, outlineOf, shapes } from "../../src/picture/class-marks.ts";

// What eyes without one of the three cones see (Machado, Oliveira and Fernandes 2009, severity 1), in linear light.
const eyes = {
  normal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  "red-blind": [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  "green-blind": [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  "blue-blind": [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
} as const;

function linear(hex: string): number[] {
  return [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
}

/** Ottosson's OKLab. */
function oklab(rgb: readonly number[]): number[] {
  const [r, g, b] = rgb.map((value) => Math.min(1, Math.max(0, value))) as [number, number, number];
  const [l, m, s] = [
    0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b,
    0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b,
    0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b,
  ].map(Math.cbrt) as [number, number, number];
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function seen(hex: string, eye: readonly number[]): number[] {
  const rgb = linear(hex);
  return oklab([0, 1, 2].map((row) => rgb.reduce((sum, value, k) => sum + eye[3 * row + k]! * value, 0)));
}

function contrast(a: string, b: string): number {
  const [low, high] = [a, b]
    .map((hex) => linear(hex).reduce((sum, value, k) => sum + value * [0.2126, 0.7152, 0.0722][k]!, 0.05))
    .sort((x, y) => x - y) as [number, number];
  return high / low;
}

test.each(["light", "dark"] as const)("ten classes differ to all kinds of colour vision on %s paper", (scheme) => {
  expect(classPaints).toHaveLength(10);
  for (const [kind, eye] of Object.entries(eyes)) {
    const colours = classPaints.map((paint) => seen(paint[scheme], eye));
    colours.forEach((a, i) => {
      for (const [j, b] of colours.entries()) {
        if (j <= i) continue;
        expect(Math.hypot(...a.map((value, k) => value - b[k]!)), `${kind}: ${i} and ${j}`).toBeGreaterThan(0.088);
      }
    });
  }
});

test.each(["light", "dark"] as const)("every class stands out from %s paper", (scheme) => {
  for (const paint of classPaints) expect(contrast(paint[scheme], paper[scheme]), paint.name).toBeGreaterThan(2);
});

test("fifty classes have marks of their own", () => {
  const marks = new Set(Array.from({ length: 50 }, (_, index) => JSON.stringify(markOf(index, "a class"))));
  expect(marks.size).toBe(50);
  expect(markOf(0, "a class").shape).toBe("disc");
  expect(markOf(10, "a class")).toEqual({ paint: classPaints[0], shape: "square" });
  expect(markOf(10, "")).toEqual({ paint: classless, shape: "disc" });
});

test("shapes have about the same area, and their outlines close", () => {
  for (const shape of shapes) {
    let inside = 0;
    for (let i = 0; i < 300; i++)
      for (let j = 0; j < 300; j++) if (isInside(shape, i / 100 - 1.5, j / 100 - 1.5)) inside++;
    expect(inside / 10_000, shape).toBeGreaterThan(1.5);
    expect(inside / 10_000, shape).toBeLessThan(3.3);
    expect(outlineOf(shape, 4), shape).toMatch(/^m.*z$/);
  }
});
