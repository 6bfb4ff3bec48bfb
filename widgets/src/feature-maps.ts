import { sizes, type TensorSource, type Values } from "./data.ts";
import { LiveTiles } from "./live-tiles.ts";
import { comfortableColumns, cutNote, sheetOf } from "./picture/tile-plan.ts";
import type { TileSheet } from "./picture/tiles.ts";
import type { TileOptions, TileWidget } from "./tile-widget.ts";

const expected = "expected [channels, height, width] or [1, channels, height, width], the activations for one example";

const most = 1024;

/**
 * What the channels of a layer make of one example: [channels, height, width] or [1, channels, height, width]. Live, it
 * is the one-layer form of `layerExplorer`.
 */
export function featureMaps(activations: TensorSource, options: TileOptions = {}): TileWidget {
  const who = "featureMaps";
  return new LiveTiles(
    {
      who,
      mode: "maps",
      hint: `It ${expected}.`,
      options,
      check: (shape) => mapSizes(who, shape),
      arrange: (values) => mapSheet(values, options),
    },
    activations,
  );
}

/** The sizes of feature maps. @throws RangeError for a shape that is none of one example's maps */
export function mapSizes(who: string, shape: readonly number[]) {
  if (shape.length === 4 && shape[0]! > 1) {
    throw new RangeError(`${who}: ${sizes(shape)} holds ${shape[0]} examples; ${expected}. Take one of them.`);
  }
  const [channels, height, width] = shape.length === 4 ? shape.slice(1) : shape;
  if (shape.length < 3 || shape.length > 4 || !channels || !height || !width) {
    throw new RangeError(`${who}: the shape is ${sizes(shape)}; ${expected}.`);
  }
  return { channels, height, width };
}

/** The static picture's tiles. */
export function mapSheet({ shape, values }: Values, options: TileOptions): TileSheet {
  const { channels, height: tileHeight, width: tileWidth } = mapSizes("featureMaps", shape);
  const colours = options.colours ?? "viridis";
  const shown = Math.min(channels, most);
  const label = (channel: number) => options.labels?.[channel] ?? String(channel);
  const channelNumbers = Array.from({ length: shown }, (_, channel) => channel);
  return sheetOf({
    values,
    names: channelNumbers.map((channel) => options.labels?.[channel] ?? `channel ${channel}`),
    offsets: channelNumbers.map((channel) => channel * tileHeight * tileWidth),
    captions: options.labels && channelNumbers.map((channel) => [label(channel)]),
    tileHeight,
    tileWidth,
    planes: 1,
    columns: options.columns ?? comfortableColumns(shown, tileWidth),
    colours,
    normalise: options.normalise ?? (colours === "diverging" ? "symmetric" : "all"),
    title: options.title,
    scale: options.scale,
    notes: cutNote(shown, channels, "channels"),
    constant: "Dead for this example",
  });
}
