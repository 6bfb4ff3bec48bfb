import { sizes, type TensorSource, type Values } from "./data.ts";
import type { TileSheet } from "./picture/tiles.ts";
import { comfortableColumns, cutNote, sheetOf, type TileOptions, TileWidget } from "./tile-widget.ts";

const expected = "expected [channels, height, width] or [1, channels, height, width], the activations for one example";

const most = 1024;

/** What the channels of a layer make of one example: [channels, height, width] or [1, channels, height, width]. */
export function featureMaps(activations: TensorSource, options: TileOptions = {}): TileWidget {
  const kind = { who: "featureMaps", hint: `It ${expected}.`, options, check: read };
  return new TileWidget({ ...kind, arrange: (values) => arrange(values, options) }, activations);
}

function read(shape: readonly number[]) {
  if (shape.length === 4 && shape[0]! > 1) {
    throw new RangeError(`featureMaps: ${sizes(shape)} holds ${shape[0]} examples; ${expected}. Take one of them.`);
  }
  const [channels, tileHeight, tileWidth] = shape.length === 4 ? shape.slice(1) : shape;
  if (shape.length < 3 || shape.length > 4 || !channels || !tileHeight || !tileWidth) {
    throw new RangeError(`featureMaps: the shape is ${sizes(shape)}; ${expected}.`);
  }
  return { channels, tileHeight, tileWidth };
}

function arrange({ shape, values }: Values, options: TileOptions): TileSheet {
  const { channels, tileHeight, tileWidth } = read(shape);
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
