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

/** How much brighter one colour is than another, as WCAG has it. */
export function contrast(a: string, b: string): number {
  const [low, high] = [a, b]
    .map((hex) => linear(hex).reduce((sum, value, k) => sum + value * [0.2126, 0.7152, 0.0722][k]!, 0.05))
    .sort((x, y) => x - y) as [number, number];
  return high / low;
}

/** The least distance in OKLab that two of some colours have to any kind of eye, and where it is. */
export function leastDistance(colours: readonly string[]): { readonly distance: number; readonly between: string } {
  let least = { distance: Number.POSITIVE_INFINITY, between: "" };
  for (const [kind, eye] of Object.entries(eyes)) {
    const all = colours.map((colour) => seen(colour, eye));
    for (const [j, b] of all.entries())
      for (const [i, a] of all.slice(0, j).entries()) {
        const distance = Math.hypot(...a.map((value, k) => value - b[k]!));
        if (distance < least.distance) least = { distance, between: `${kind}: ${i} and ${j}` };
      }
  }
  return least;
}
