import type { ExplorerParts, TensorLike } from "../../../src/index.ts";
import { sequence, tensor } from "../../tensor.ts";

/** A ring on black, wider from input to input. */
export const digits = tensor([24, 1, 14, 14], ([n, , y, x]) => {
  const radius = Math.hypot(y! - 6.5, (x! - 6.5) * (1 + n! / 24));
  return Math.max(0, 1 - Math.abs(radius - 4) / 1.5);
});

/** A bar of light at an angle. */
function edge(angle: number, y: number, x: number): number {
  return Math.sin(1.1 * (Math.cos(angle) * (x - 2) + Math.sin(angle) * (y - 2)) + angle);
}

/** [6, 1, 5, 5]: filter 4 has the same value everywhere, filter 2 is the largest. */
export function firstFilters(growth = 1): TensorLike {
  const next = sequence(11);
  return tensor([6, 1, 5, 5], ([o, , y, x]) => {
    const noise = 0.1 * next();
    return growth * (o === 4 ? 0.1 : (o === 2 ? 0.6 : 0.3) * edge(o! * 0.9, y!, x!) + noise);
  });
}

/** [16, 6, 5, 5]: the value tells its place, and there is a wave on it. */
export const secondFilters = tensor([16, 6, 5, 5], ([o, i, y, x]) => 0.2 * edge(o! + i! * 1.7, y!, x!));

/** [12, 3, 7, 7] */
export const colourFilters = tensor([12, 3, 7, 7], ([o, c, y, x]) => edge(o! * 0.4 + c! * 0.3, y! / 1.5, x! / 1.5));

/** Maps [channels, size, size] of an input: channel 3 is dead, the last one is the strongest. */
export function mapsOf(channels: number, size: number) {
  return async (input: TensorLike, index: number): Promise<TensorLike> => {
    const values = await input.data();
    const side = input.shape.at(-1)!;
    return tensor([1, channels, size, size], ([, c, y, x]) => {
      const pixel = values[Math.floor((y! * side) / size) * side + Math.floor((x! * side) / size)]!;
      return c === 3 ? 0 : Math.max(0, ((c! + 1) / channels) * pixel * (1 + edge(c! + index, y!, x!)));
    });
  };
}

/** Two layers, inputs and overlays. */
export function network(): ExplorerParts {
  return {
    layers: {
      c1: { filters: firstFilters(), maps: mapsOf(6, 14) },
      c3: { filters: secondFilters, maps: mapsOf(16, 10) },
    },
    inputs: digits,
    inputLabels: Array.from({ length: 24 }, (_, i) => `ring ${i}`),
    overlays: {
      saliency: (_, index) => tensor([14, 14], ([y, x]) => (y! * x! + index) / 200),
      "Grad-CAM": (_, index) => tensor([1, 5, 5], ([, y, x]) => (y === index % 5 ? 1 : x! / 10)),
    },
  };
}
