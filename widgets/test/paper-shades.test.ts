import { expect, test } from "vitest";
import { paper } from "../src/picture/card.ts";
import { hexColour } from "../src/picture/colours.ts";
import { paperShade, paperShades } from "../src/picture/paper-shades.ts";

/** CIE 1976 L*, a*, b* of a colour of sRGB, under D65. */
function lab(colour: readonly [number, number, number]): [number, number, number] {
  const [r, g, b] = colour.map((byte) => (byte <= 10 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4)) as [
    number,
    number,
    number,
  ];
  const f = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

test.each(["light", "dark"] as const)(
  "shades on %s begin at the paper, and lightness alone orders them evenly",
  (scheme) => {
    expect(paperShades[scheme][0]).toBe(paper[scheme]);
    expect(hexColour(paperShade(scheme, 1))).toBe(paperShades[scheme].at(-1));
    const lightness = Array.from({ length: 33 }, (_, shade) => lab(paperShade(scheme, shade / 32))[0]);
    const steps = lightness.slice(1).map((value, index) => (scheme === "dark" ? 1 : -1) * (value - lightness[index]!));
    const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
    expect(mean * 32).toBeGreaterThan(75);
    for (const step of steps) {
      expect(step).toBeGreaterThan(0.6 * mean);
      expect(step).toBeLessThan(1.5 * mean);
    }
  },
);
