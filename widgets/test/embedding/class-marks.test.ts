import { expect, test } from "vitest";
import { paper } from "../../src/picture/card.ts";
import { classless, classPaints, isInside, markOf, outlineOf, shapes } from "../../src/picture/class-marks.ts";
import { contrast, leastDistance } from "../eyes.ts";

test.each(["light", "dark"] as const)("ten classes differ to all kinds of colour vision on %s paper", (scheme) => {
  expect(classPaints).toHaveLength(10);
  const { distance, between } = leastDistance(classPaints.map((paint) => paint[scheme]));
  expect(distance, between).toBeGreaterThan(0.088);
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
