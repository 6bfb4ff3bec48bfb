import type { Values } from "../data.ts";
import { measure } from "./channel-statistics.ts";
import { bytesOf, countOf, type Packed, pack } from "./packed.ts";
import type { LayerFilters, MapsOfInput, Overlay, Snapshot } from "./state.ts";

const megabyte = 2 ** 20;

/** The most bytes that one layer's filters may take in the shared state, and so in the saved notebook. */
const mostForFilters = megabyte;
/** … that all snapshots of a layer may take together. */
const mostForSnapshots = 2 * megabyte;
/** … that all maps of the inputs at first may take, and those that were asked for later once more. */
const mostForMaps = 4 * megabyte;
/** … that the inputs may take. */
const mostForInputs = megabyte;

/** A snapshot or an overlay with more values than this keeps a byte for each. */
const mostExactly = 4096;

/** Filters as they are kept: as many outputs as there is room for. */
export function keptFilters({ shape, values }: Values): Pick<LayerFilters, "now" | "outputs"> {
  const outputs = shape[0]!;
  if (bytesOf(shape, true) <= mostForFilters) return { now: pack(shape, values, true), outputs };
  return { now: pack([fitting(shape, mostForFilters), ...shape.slice(1)], values, false), outputs };
}

/** Snapshots with one more, every second one left out where there are too many; one of the same epoch is replaced. */
export function withSnapshot(
  snapshots: readonly Snapshot[],
  epoch: number | string,
  { shape, values }: Values,
): readonly Snapshot[] {
  const exact = countOf(shape) <= mostExactly;
  const kept = exact ? shape : [fitting(shape, mostForFilters), ...shape.slice(1)];
  const all = [...snapshots.filter((other) => other.epoch !== epoch), { epoch, filters: pack(kept, values, exact) }];
  let left = all;
  while (left.length > 3 && left.length * bytesOf(kept, exact) > mostForSnapshots)
    left = left.filter((_, index) => index % 2 === 0 || index === left.length - 1);
  return left;
}

/** How maps are kept: of how many inputs, of which part of the channels, and whether with all digits. */
export interface MapsPlan {
  readonly exact: boolean;
  readonly inputs: number;
  /** How many of a layer's channels. */
  channels(shape: readonly number[]): number;
}

/** What there is room for. @param shapes the maps of all layers, [channels, height, width] */
export function mapsPlan(shapes: readonly (readonly number[])[], inputs: number): MapsPlan {
  const bytes = (exact: boolean) => shapes.reduce((sum, shape) => sum + bytesOf(shape, exact), 0);
  if (bytes(true) * inputs <= mostForMaps) return { exact: true, inputs, channels: (shape) => shape[0]! };
  const share = mostForMaps / bytes(false);
  return {
    exact: false,
    inputs: Math.max(1, Math.min(inputs, Math.floor(share))),
    channels: ([channels]) => Math.max(1, Math.floor(channels! * Math.min(1, share))),
  };
}

/** One input's maps as they are kept. @param shape [channels, height, width] */
export function keptMaps({ shape, values }: Values, input: number, { exact, channels }: MapsPlan): MapsOfInput {
  const maps = pack([channels(shape), ...shape.slice(1)], values, exact);
  return { input, maps, statistics: measure(values, shape[0]!) };
}

/** What is kept with one more input; the first ones stay, of the others those that were asked for last. */
export function withinBudget(
  entries: readonly MapsOfInput[],
  entry: MapsOfInput,
  first: number,
): readonly MapsOfInput[] {
  const [stay, asked] = [entries.slice(0, first), [...entries.slice(first), entry]];
  const most = Math.max(1, Math.floor(mostForMaps / bytesOf(entry.maps.shape, entry.maps.exact)));
  return [...stay, ...asked.slice(-Math.min(most, 256))];
}

/** The inputs as they are kept: as many as there is room for. @param shape [n, 1 or 3, height, width] */
export function keptInputs({ shape, values }: Values): Packed {
  const exact = bytesOf(shape, true) <= mostForInputs / 2;
  return exact ? pack(shape, values, true) : pack([fitting(shape, mostForInputs), ...shape.slice(1)], values, false);
}

/** @param values [height, width] */
export function keptOverlay(name: string, input: number, { shape, values }: Values): Overlay {
  return { name, input, values: pack(shape, values, countOf(shape) <= mostExactly) };
}

/** How many of the first axis go into so many bytes; at least one. */
function fitting(shape: readonly number[], most: number): number {
  return Math.max(1, Math.min(shape[0]!, Math.floor(most / bytesOf([1, ...shape.slice(1)], false))));
}
