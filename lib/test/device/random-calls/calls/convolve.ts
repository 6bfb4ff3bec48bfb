import { valuesOf } from "../../../../src/device/cpu/buffer.ts";
import type { ConvolutionOptions, View } from "../../../../src/device/device.ts";
import { roundings, sizes } from "../bounds.ts";
import type { Planned } from "../calls.ts";
import type { Random } from "../random.ts";
import { sizeOf, view } from "../views.ts";

type Given = { readonly x: View; readonly filters: View; readonly options: ConvolutionOptions };

type Two = [number, number];

/** A convolution, or one of its gradients: filters as large as images, or inputs with zeros between. */
export function convolve(random: Random): Planned<Given> {
  const groups = random.pick([1, 1, 1, 1, 2, 3]);
  // Of many images each takes a lane.
  const batch = random.chance(0.25) ? random.within(8, 35) : random.within(random.chance(0.05) ? 0 : 1, 4);
  const channels = random.within(random.chance(0.05) ? 0 : 1, 4);
  const filters = random.within(random.chance(0.05) ? 0 : 1, random.chance(0.2) ? 19 : 5);
  const apart = (often: number): Two => [0, 1].map(() => (random.chance(often) ? random.within(2, 3) : 1)) as Two;
  const way = random.pick(["usual", "usual", "usual", "filters", "input", "line"] as const);
  const taps: Two = [random.within(1, 4), random.within(1, 4)];
  let image: Two = [random.within(way === "input" ? 1 : 3, 13), random.within(1, 13)];
  if (random.chance(0.03)) image[random.below(2)] = 0;
  if (way === "filters")
    [taps[0], taps[1]] = [Math.max(1, image[0] - random.below(4)), Math.max(1, image[1] - random.below(3))];
  if (way === "line") [image, taps[0]] = [[1, random.within(1, 67)], 1];
  const options: ConvolutionOptions = {
    stride: apart(way === "usual" ? 0.25 : 0.1),
    padding: [0, 1].map(() => [random.within(-1, 3), random.within(-1, 3)]) as unknown as [Two, Two],
    dilation: apart(0.2),
    inputDilation: way === "input" ? apart(0.8) : [1, 1],
    groups,
  };
  const dtype = random.pick(["float32", "float32", "float32", "float32", "float32", "float64", "int32"] as const);
  const kind = random.pick(["tame", "tame", "tame", "special", "wild"] as const);
  const lies = { dtype, kind };
  const given = {
    x: view(random, [batch, groups * channels, ...image], lies),
    filters: view(random, [groups * filters, channels, ...taps], lies),
    options,
  };
  const terms = channels * sizeOf(taps);
  return {
    given,
    large: batch * groups * filters * sizeOf(image) * terms > 20_000 && random.chance(0.8),
    run: (device, { x, filters, options }) => [valuesOf(device.convolve(x, filters, options))],
    bounds:
      dtype !== "float32"
        ? "exact"
        : // Sums in between may leave float32.
          kind === "wild"
          ? "unknown"
          : (reference) => [
              roundings(valuesOf(reference.convolve(sizes(given.x), sizes(given.filters), options)), terms),
            ],
  };
}
