import { sizes, type TensorSource, type Values } from "./data.ts";
import { LiveTiles } from "./live-tiles.ts";
import { comfortableColumns, cutNote, sheetOf } from "./picture/tile-plan.ts";
import type { TileSheet } from "./picture/tiles.ts";
import type { TileOptions, TileWidget } from "./tile-widget.ts";

const expected = "expected [out, in, height, width], for example model.layers[0].weight";

/** More rows or columns than this are no picture any more. */
const most = 64;

/**
 * The filters of a convolution, [out, in, height, width]: one tile for each output when there is one input, in colour
 * when there are three, and otherwise outputs × inputs. Give a function to follow parameters that are replaced while
 * training, and call `update()`. Live, it is the one-layer form of `layerExplorer`.
 */
export function filters(weights: TensorSource, options: TileOptions = {}): TileWidget {
  const who = "filters";
  return new LiveTiles(
    {
      who,
      mode: "filters",
      hint: `It ${expected}.`,
      options,
      check: (shape) => filterSizes(who, shape),
      arrange: (values) => filterSheet(values, options),
    },
    weights,
  );
}

/** The sizes of filters. @throws RangeError for a shape that is none of filters */
export function filterSizes(who: string, shape: readonly number[]) {
  const [outputs, inputs, height, width] = shape;
  if (shape.length !== 4 || !outputs || !inputs || !height || !width) {
    const axes = `${shape.length} ${shape.length === 1 ? "axis" : "axes"}`;
    const found = shape.length === 4 ? "holds no values" : `has ${axes}`;
    const flat = shape.length === 2 ? " Weights on pixels: weight.reshape([out, 1, height, width])." : "";
    throw new RangeError(`${who}: ${sizes(shape)} ${found}; ${expected}.${flat}`);
  }
  return { outputs, inputs, height, width };
}

/** The static picture's tiles. */
export function filterSheet({ shape, values }: Values, options: TileOptions): TileSheet {
  const { outputs, inputs, height: tileHeight, width: tileWidth } = filterSizes("filters", shape);
  const inColour = inputs === 3 && options.colours === undefined;
  const colours = options.colours ?? "diverging";
  const list = inputs === 1 || inColour;
  const rows = list ? outputs : Math.min(outputs, most);
  const columns = list ? 1 : Math.min(inputs, most);
  const label = (output: number) => options.labels?.[output] ?? String(output);
  const shown = list ? Math.min(outputs, most * 16) : rows;
  const notes = [...cutNote(shown, outputs, "outputs"), ...cutNote(list ? inputs : columns, inputs, "inputs")];
  const names: string[] = [];
  const offsets: number[] = [];
  const size = tileHeight * tileWidth;
  for (let output = 0; output < shown; output++) {
    for (let input = 0; input < columns; input++) {
      const name = options.labels?.[output] ?? `output ${output}`;
      names.push(list ? name : `${name}, input ${input}`);
      offsets.push((output * inputs + input) * size);
    }
  }
  return sheetOf({
    values,
    names,
    offsets,
    tileHeight,
    tileWidth,
    planes: inColour ? 3 : 1,
    columns: list ? (options.columns ?? comfortableColumns(shown, tileWidth)) : columns,
    colours,
    normalise: options.normalise ?? (inColour ? "each" : colours === "diverging" ? "symmetric" : "all"),
    title: options.title,
    scale: options.scale,
    ...(list
      ? { captions: options.labels && names.map((_, output) => [label(output)]) }
      : {
          rowLabels: Array.from({ length: rows }, (_, output) => label(output)),
          columnLabels: Array.from({ length: columns }, (_, input) => String(input)),
          rowTitle: "output",
          columnTitle: "input",
        }),
    notes,
    constant: "Constant",
  });
}
