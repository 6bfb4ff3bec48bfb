import { sizes, type TensorSource, type Values } from "./data.ts";
import type { ColourMap } from "./picture/colours.ts";
import { comfortableColumns, cutNote, sheetOf } from "./picture/tile-plan.ts";
import { pixelRange, type TileSheet } from "./picture/tiles.ts";
import { StillTiles, type TileWidget } from "./tile-widget.ts";

/** How a grid of images looks. */
export interface ImageGridOptions {
  readonly title?: string;
  /** What stands under each image; a line break starts a second line. */
  readonly captions?: readonly string[];
  readonly columns?: number;
  readonly colours?: ColourMap;
  /** Screen pixels for one pixel. */
  readonly scale?: number;
  /** The values of black and white. Default: 0 and 1 or 0 and 255, whichever fits, or else the lowest and highest. */
  readonly range?: readonly [low: number, high: number];
}

const expected = "expected [images, height, width], or [images, 1 or 3, height, width]";

const most = 400;

/** Small images with captions, for example the digits that a network misread. Grey, or red, green and blue. */
export function imageGrid(images: TensorSource, options: ImageGridOptions = {}): TileWidget {
  const kind = { who: "imageGrid", hint: `It ${expected}.`, options };
  const check = (shape: readonly number[]) => read(shape, options.captions);
  return new StillTiles({ ...kind, check, arrange: (values) => imageSheet(values, options) }, images);
}

function read(shape: readonly number[], captions: readonly string[] | undefined) {
  const planes = shape.length === 4 ? shape[1] : 1;
  const [count, tileHeight, tileWidth] = [shape[0], shape.at(-2), shape.at(-1)];
  const fits = (shape.length === 3 || shape.length === 4) && (planes === 1 || planes === 3);
  if (!fits || !tileHeight || !tileWidth || count === undefined) {
    throw new RangeError(`imageGrid: the shape is ${sizes(shape)}; ${expected}.`);
  }
  if (captions && captions.length !== count) {
    throw new RangeError(`imageGrid: ${captions.length} captions for ${count} images. Give one for each.`);
  }
  return { planes, count, tileHeight, tileWidth } as const;
}

/** The static picture's tiles. */
export function imageSheet({ shape, values }: Values, options: ImageGridOptions): TileSheet {
  const { captions } = options;
  const { planes, count, tileHeight, tileWidth } = read(shape, captions);
  const shown = Math.min(count, most);
  const numbers = Array.from({ length: shown }, (_, image) => image);
  const sheet = sheetOf({
    values,
    names: numbers.map((image) => `image ${image}`),
    offsets: numbers.map((image) => image * planes * tileHeight * tileWidth),
    captions: captions && numbers.map((image) => captions[image]!.split("\n")),
    tileHeight,
    tileWidth,
    planes,
    columns: options.columns ?? comfortableColumns(shown, tileWidth),
    colours: options.colours ?? "grey",
    normalise: "all",
    key: false,
    range: options.range,
    title: options.title,
    scale: options.scale,
    notes: count === 0 ? ["No images."] : cutNote(shown, count, "images"),
  });
  return options.range ? sheet : { ...sheet, range: pixelRange(sheet.tiles) };
}
