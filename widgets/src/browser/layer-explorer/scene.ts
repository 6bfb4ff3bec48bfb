import { isDead, measure, overInputs, statisticsOf } from "../../layers/channel-statistics.ts";
import { filterTiles, isSlice, type LayerTile, mapTiles, orderOf, usualSlice } from "../../layers/layer-tiles.ts";
import type { Packed } from "../../layers/packed.ts";
import {
  type LayerEntry,
  type LayerFilters,
  type LayerMaps,
  type Mode,
  type Slice,
  settledLook,
  shown,
} from "../../layers/state.ts";
import { type Shading, sheetRange } from "../../picture/tiles.ts";
import { floats, type PageModel } from "../frame/model.ts";
import type { Settings } from "./settings.ts";
import { madeOf, valuesOf } from "./unpacked.ts";

/** What is to be seen, as the settings and the shared values say. */
export interface Scene {
  readonly layer: number;
  readonly entry: LayerEntry;
  readonly mode: Mode;
  /** The tiles of each channel, in order. Empty where the kernel has to be asked. */
  readonly rows: readonly (readonly LayerTile[])[];
  readonly shading: Shading;
  /** Whether the filters' inputs are side by side, so that each channel is a row. */
  readonly table: boolean;
  readonly slice: Slice;
  /** How many inputs the filters have; 1 for maps. */
  readonly inputs: number;
  readonly dead: ReadonlySet<number>;
  /** What the tiles are sorted by. */
  sizeOf(channel: number): number;
  readonly sorted: boolean;
  readonly canSortByMean: boolean;
  /** How many channels the layer has, of which perhaps not all are kept. */
  readonly channels: number;
  /** For how many inputs the maps are known. */
  readonly seen: number;
  readonly exact: boolean;
  /** The epochs that were put down. */
  readonly epochs: readonly (number | string)[];
}

/** Builds it. */
export function sceneOf(model: PageModel, settings: Settings): Scene {
  const { layer, entry, mode } = shown(model.get<readonly LayerEntry[]>("layers"), {
    layer: settings.layer.value,
    mode: settings.mode.value,
  });
  const filters = model.get<LayerFilters | null>(`filters${layer}`);
  const maps = model.get<LayerMaps | null>(`maps${layer}`);
  const base = { layer, entry, mode, seen: maps?.entries.length ?? 0 };
  return mode === "filters" ? ofFilters(base, settings, filters, maps) : ofMaps(base, settings, maps);
}

type Base = Pick<Scene, "layer" | "entry" | "mode" | "seen">;

function ofFilters(base: Base, settings: Settings, filters: LayerFilters | null, maps: LayerMaps | null): Scene {
  if (!filters) return nothing(base);
  const snapshot = filters.snapshots.find(({ epoch }) => epoch === settings.epoch.value);
  const packed = snapshot?.filters ?? filters.now;
  const [outputs, inputs, height, width] = packed.shape as [number, number, number, number];
  const wanted = settings.slices.value[base.layer];
  const slice = isSlice(wanted, inputs) ? wanted : usualSlice(inputs);
  const tilesOf = (some: Packed) =>
    madeOf(some, `tiles ${slice}`, () => filterTiles(valuesOf(some), some.shape, slice, base.entry.labels));
  const measured = madeOf(packed, "measured", () => measure(valuesOf(packed), outputs));
  const means = filters.outputs === maps?.channels ? meansOf(maps) : undefined;
  const { order, ...look } = settings.looks.value.filters;
  const sizeOf = (channel: number) =>
    order === "mean" ? (means?.[channel]?.mean ?? Number.NaN) : statisticsOf(measured, channel).norm;
  const per = slice === "all" ? inputs : 1;
  const tiles = tilesOf(packed);
  const rows = orderOf(order, outputs, sizeOf).map((channel) => tiles.slice(channel * per, (channel + 1) * per));
  const settled = settledLook({ ...look, order }, "filters", slice === "colour");
  const dead = new Set<number>();
  for (let channel = 0; channel < outputs; channel++) {
    const statistics = statisticsOf(measured, channel);
    const constant = isDead(statistics) && (inputs * height * width > 1 || statistics.high === 0);
    if (constant || means?.[channel]?.dead) dead.add(channel);
  }
  // One range for all epochs, so that growing filters are seen to grow.
  const all = [filters.now, ...filters.snapshots.map((other) => other.filters)].flatMap(tilesOf);
  return {
    ...base,
    rows,
    shading: {
      ...settled,
      tileHeight: height,
      tileWidth: width,
      planes: slice === "colour" ? 3 : 1,
      range: sheetRange(
        all.map(({ tile }) => tile),
        settled.normalise,
      ),
    },
    table: slice === "all",
    slice,
    inputs,
    dead,
    sizeOf,
    sorted: order === "norm" || (order === "mean" && means !== undefined),
    canSortByMean: means !== undefined,
    channels: filters.outputs,
    exact: packed.exact,
    epochs: filters.snapshots.map(({ epoch }) => epoch),
  };
}

function ofMaps(base: Base, settings: Settings, maps: LayerMaps | null): Scene {
  const entry = maps?.entries.find(({ input }) => input === settings.input.value);
  if (!maps || !entry) return { ...nothing(base), channels: maps?.channels ?? 0 };
  const packed = entry.maps;
  const [channels, height, width] = packed.shape as [number, number, number];
  const tiles = madeOf(packed, "tiles", () => mapTiles(valuesOf(packed), packed.shape, base.entry.labels));
  const measured = floats(entry.statistics as DataView);
  const means = meansOf(maps);
  const { order, ...look } = settings.looks.value.maps;
  const sizeOf = (channel: number) =>
    order === "mean" ? (means[channel]?.mean ?? Number.NaN) : statisticsOf(measured, channel).norm;
  const settled = settledLook({ ...look, order }, "maps", false);
  return {
    ...base,
    rows: orderOf(order, channels, sizeOf).map((channel) => [tiles[channel]!]),
    shading: {
      ...settled,
      tileHeight: height,
      tileWidth: width,
      planes: 1,
      range: sheetRange(
        tiles.map(({ tile }) => tile),
        settled.normalise,
      ),
    },
    table: false,
    slice: 0,
    inputs: 1,
    dead: new Set(means.flatMap(({ dead }, channel) => (dead ? [channel] : []))),
    sizeOf,
    sorted: order !== "index",
    canSortByMean: true,
    channels: maps.channels,
    exact: packed.exact,
    epochs: [],
  };
}

/** Each channel over all inputs whose maps are known. */
function meansOf(maps: LayerMaps): readonly { readonly mean: number; readonly dead: boolean }[] {
  return madeOf(maps, "means", () => {
    const measured = maps.entries.map(({ statistics }) => floats(statistics as DataView));
    const [, height, width] = maps.entries[0]?.maps.shape ?? [];
    const several = maps.entries.length * (height ?? 0) * (width ?? 0) > 1;
    return Array.from({ length: maps.entries.length > 0 ? maps.channels : 0 }, (_, channel) => {
      const all = overInputs(measured, channel);
      return { mean: all.mean, dead: isDead(all) && (several || all.high === 0) };
    });
  });
}

function nothing(base: Base): Scene {
  return {
    ...base,
    rows: [],
    shading: { tileWidth: 1, tileHeight: 1, planes: 1, colours: "grey", normalise: "all", range: [0, 1] },
    table: false,
    slice: 0,
    inputs: 1,
    dead: new Set(),
    sizeOf: () => Number.NaN,
    sorted: false,
    canSortByMean: false,
    channels: 0,
    exact: true,
    epochs: [],
  };
}
