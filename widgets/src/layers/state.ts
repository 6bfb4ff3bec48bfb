import type { ColourMap } from "../picture/colours.ts";
import type { Normalise } from "../picture/tiles.ts";
import type { Packed } from "./packed.ts";

/** What is seen of a layer: its weights, or what its channels make of an input. */
export type Mode = "filters" | "maps";

/** What tiles are sorted by; the largest come first. */
export type Order = "index" | "norm" | "mean";

/** Which inputs of the filters are seen: one of them, all side by side, as red, green and blue, or put together. */
export type Slice = number | "all" | "colour" | "mean" | "norm";

/** How one mode looks; null: as is usual for what is seen. */
export interface Look {
  readonly colours: ColourMap | null;
  readonly normalise: Normalise | null;
  readonly order: Order;
}

/** A layer, and what there is of it. */
export interface LayerEntry {
  readonly name: string;
  readonly filters: boolean;
  readonly maps: boolean;
  /** Names of the channels, in place of their numbers. */
  readonly labels: readonly string[] | null;
}

/** A layer's filters: those of now, and those of earlier epochs. */
export interface LayerFilters {
  /** [out, in, height, width]; perhaps not of all outputs. */
  readonly now: Packed;
  /** How many outputs there are. */
  readonly outputs: number;
  readonly snapshots: readonly Snapshot[];
}

/** Filters as they were. */
export interface Snapshot {
  readonly epoch: number | string;
  readonly filters: Packed;
}

/** What a layer makes of inputs. */
export interface LayerMaps {
  /** How many channels there are. */
  readonly channels: number;
  readonly entries: readonly MapsOfInput[];
}

/** What a layer makes of one input. */
export interface MapsOfInput {
  readonly input: number;
  /** [channels, height, width]; perhaps not of all channels. */
  readonly maps: Packed;
  /** See {@link import("./channel-statistics.ts").measure}. */
  readonly statistics: ArrayBufferView;
}

/** What there is to choose from, and to lay pictures over. */
export interface Inputs {
  /** [n, 1 or 3, height, width]; perhaps not all. */
  readonly images: Packed;
  readonly count: number;
  readonly labels: readonly string[] | null;
}

/** A picture that lies over an input, such as its saliency. */
export interface Overlay {
  readonly name: string;
  readonly input: number;
  /** [height, width] */
  readonly values: Packed;
}

/** What the reader chooses. */
export interface LayerSettings {
  layer: number;
  mode: Mode;
  looks: Readonly<Record<Mode, Look>>;
  /** By the number of the layer, where the reader has chosen. */
  slices: Readonly<Record<string, Slice>>;
  /** Screen pixels for one value; 0: as fits. */
  scale: number;
  /** The place in the order of the first tile on the page. */
  first: number;
  input: number;
  /** The epoch whose snapshot is seen; null: the filters of now. */
  epoch: number | string | null;
  /** The tile that is seen enlarged: its channel, and its input where all inputs are seen; null: none. */
  enlarged: readonly [channel: number, input: number] | null;
  /** The value that is read in the enlarged tile: row and column. */
  cursor: readonly [row: number, column: number];
  /** The name of the overlay; "": none. */
  overlay: string;
  opacity: number;
}

/** What kernel and page share of layers: a value for each layer, so that what has changed of one is sent alone. */
export interface LayerState extends LayerSettings {
  title: string;
  layers: readonly LayerEntry[];
  /** Tiles in a row; 0: as fits. */
  columns: number;
  inputs: Inputs | null;
  overlayNames: readonly string[];
  overlays: readonly Overlay[];
  [filters: `filters${number}`]: LayerFilters | null;
  [maps: `maps${number}`]: LayerMaps | null;
}

/** What the page asks the kernel for. */
export type LayerMessage =
  | { readonly type: "maps"; readonly layer: number; readonly input: number }
  | { readonly type: "overlay"; readonly overlay: string; readonly input: number };

/** What the kernel says when it could not give that. */
export interface LayerFailure {
  readonly type: "failed";
  readonly asked: LayerMessage;
  readonly because: string;
}

/** What is looked at before anybody has chosen. */
export function firstState(
  layers: readonly LayerEntry[],
  look: { readonly colours?: ColourMap | undefined; readonly normalise?: Normalise | undefined } & Partial<
    Pick<LayerState, "title" | "columns" | "scale" | "overlayNames">
  >,
): LayerState {
  const { colours = null, normalise = null, title = "", columns = 0, scale = 0, overlayNames = [] } = look;
  const same: Look = { colours, normalise, order: "index" };
  const empty = layers.flatMap((_, layer): [string, null][] => [
    [`filters${layer}`, null],
    [`maps${layer}`, null],
  ]);
  return {
    ...Object.fromEntries(empty),
    title,
    layers,
    columns,
    scale,
    inputs: null,
    overlayNames,
    overlays: [],
    layer: 0,
    mode: layers[0]?.filters ? "filters" : "maps",
    looks: { filters: same, maps: same },
    slices: {},
    first: 0,
    input: 0,
    epoch: null,
    enlarged: null,
    cursor: [0, 0],
    overlay: overlayNames[0] ?? "",
    opacity: 0.6,
  };
}

/** What can be seen of what was chosen: a saved setting may speak of a layer or a mode that is not there. */
export function shown(
  layers: readonly LayerEntry[],
  { layer, mode }: Pick<LayerSettings, "layer" | "mode">,
): { readonly layer: number; readonly entry: LayerEntry; readonly mode: Mode } {
  const found = layers[layer] ? layer : 0;
  const entry = layers[found]!;
  return { layer: found, entry, mode: entry[mode] ? mode : entry.filters ? "filters" : "maps" };
}

/** The colours and the range that a look has in the end. */
export function settledLook(
  look: Look,
  mode: Mode,
  inColour: boolean,
): { readonly colours: ColourMap; readonly normalise: Normalise } {
  const colours = look.colours ?? (mode === "filters" ? "diverging" : "viridis");
  const usual = inColour ? "each" : colours === "diverging" ? "symmetric" : "all";
  return { colours, normalise: look.normalise ?? usual };
}

/** The shared value of one layer's filters. */
export function withFilters(layer: number, filters: LayerFilters): Partial<LayerState> {
  const values: Partial<LayerState> = {};
  values[`filters${layer}`] = filters;
  return values;
}

/** The shared value of one layer's maps. */
export function withMaps(layer: number, maps: LayerMaps): Partial<LayerState> {
  const values: Partial<LayerState> = {};
  values[`maps${layer}`] = maps;
  return values;
}
