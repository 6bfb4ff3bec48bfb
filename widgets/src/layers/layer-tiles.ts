import { cutTile, type Tile } from "../picture/tiles.ts";
import type { Order, Slice } from "./state.ts";

/** One tile of a layer: a filter, one input of a filter, or a feature map. */
export interface LayerTile {
  /** The filter's output, or the map's channel. */
  readonly channel: number;
  /** The filter's input where its inputs are seen side by side, otherwise 0. */
  readonly input: number;
  readonly planes: 1 | 3;
  readonly tile: Tile;
}

/** The name of a channel. */
export function nameOf(what: string, channel: number, labels: readonly string[] | null): string {
  return labels?.[channel] ?? `${what} ${channel}`;
}

/** What is seen of filters with so many inputs before anybody has chosen. */
export function usualSlice(inputs: number): Slice {
  return inputs === 1 ? 0 : inputs === 3 ? "colour" : inputs <= 64 ? "all" : "norm";
}

/** Whether filters with so many inputs can be seen like this. */
export function isSlice(slice: unknown, inputs: number): slice is Slice {
  if (typeof slice === "number") return Number.isInteger(slice) && slice >= 0 && slice < inputs;
  return slice === "colour" ? inputs === 3 : slice === "all" || slice === "mean" || slice === "norm";
}

/** The tiles of filters [out, in, height, width]. */
export function filterTiles(
  values: Float32Array,
  [outputs, inputs, height, width]: readonly number[],
  slice: Slice,
  labels: readonly string[] | null,
): LayerTile[] {
  const size = height! * width!;
  const tiles: LayerTile[] = [];
  for (let channel = 0; channel < outputs!; channel++) {
    const name = nameOf("output", channel, labels);
    const start = channel * inputs! * size;
    const add = (input: number, tile: Tile, planes: 1 | 3 = 1) => tiles.push({ channel, input, planes, tile });
    if (slice === "all")
      for (let input = 0; input < inputs!; input++)
        add(input, cutTile(`${name}, input ${input}`, values, start + input * size, size));
    else if (slice === "colour") add(0, cutTile(name, values, start, 3 * size), 3);
    else if (typeof slice === "number") add(0, cutTile(name, values, start + slice * size, size));
    else add(0, cutTile(name, together(values, start, inputs!, size, slice), 0, size));
  }
  return tiles;
}

/** The tiles of feature maps [channels, height, width]. */
export function mapTiles(
  values: Float32Array,
  [channels, height, width]: readonly number[],
  labels: readonly string[] | null,
): LayerTile[] {
  const size = height! * width!;
  return Array.from({ length: channels! }, (_, channel) => {
    const tile = cutTile(nameOf("channel", channel, labels), values, channel * size, size);
    return { channel, input: 0, planes: 1, tile };
  });
}

/** Each place's mean or norm over the inputs. */
function together(values: Float32Array, start: number, inputs: number, size: number, by: "mean" | "norm") {
  const result = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    let sum = 0;
    for (let input = 0; input < inputs; input++) {
      const value = values[start + input * size + i]!;
      sum += by === "mean" ? value / inputs : value * value;
    }
    result[i] = by === "mean" ? sum : Math.sqrt(sum);
  }
  return result;
}

/** The channels in an order: the largest first, those without a number last, equal ones by their index. */
export function orderOf(order: Order, count: number, sizeOf: (channel: number) => number): number[] {
  const channels = Array.from({ length: count }, (_, channel) => channel);
  if (order === "index") return channels;
  const sizes = channels.map((channel) => {
    const size = sizeOf(channel);
    return Number.isNaN(size) ? Number.NEGATIVE_INFINITY : size;
  });
  return channels.sort((a, b) => (sizes[b] === sizes[a] ? a - b : sizes[b]! - sizes[a]!));
}
