import { colourTable, hexColour } from "./colours.ts";
import { element } from "./svg.ts";
import { type Tile, type TileSheet, tilePixels } from "./tiles.ts";

/** Beyond this many characters a PNG inside the SVG is the better choice. */
const mostCharacters = 300_000;

/**
 * The tiles as paths, one for each colour of the sheet, or nothing when there are too many values for that. GitHub and
 * some versions of nbconvert take embedded images out of an SVG, but leave paths in.
 */
export function tilePaths(sheet: TileSheet, placeOf: (index: number) => { x: number; y: number }): string | undefined {
  const table = colourTable(sheet.colours);
  const grounds = new Map<number, string>();
  const runs = new Map<number, string>();
  let characters = 0;
  const add = (paths: Map<number, string>, colour: number, x: number, y: number, width: number, height: number) => {
    const box = `M${x} ${y}h${width}v${height}h-${width}z`;
    paths.set(colour, (paths.get(colour) ?? "") + box);
    characters += box.length;
  };
  for (const [index, tile] of sheet.tiles.entries()) {
    const colours = packedColours(sheet, tile, table);
    const { x, y } = placeOf(index);
    const { tileWidth: width, tileHeight: height, scale } = sheet;
    // Most of a digit is black: its ground is one box, and only the strokes are drawn value by value.
    const ground = mostFrequent(colours);
    add(grounds, ground, x, y, width * scale, height * scale);
    for (let row = 0; row < height; row++) {
      for (let start = 0, end = 0; start < width; start = end) {
        const colour = colours[row * width + start]!;
        for (end = start + 1; end < width && colours[row * width + end] === colour; ) end++;
        if (colour !== ground) add(runs, colour, x + start * scale, y + row * scale, (end - start) * scale, scale);
      }
    }
    if (characters > mostCharacters) return undefined;
  }
  const drawn = [...grounds, ...runs].map(([colour, d]) => {
    const fill = hexColour([colour >> 16, (colour >> 8) & 255, colour & 255]);
    return element("path", { fill, d });
  });
  return element("g", { "shape-rendering": "crispEdges" }, ...drawn);
}

/** The colour of each value as one number, 0xrrggbb. */
function packedColours(sheet: TileSheet, tile: Tile, table: Uint8Array): Uint32Array {
  const pixels = tilePixels(sheet, tile, table);
  return Uint32Array.from({ length: pixels.length / 3 }, (_, i) => {
    return (pixels[3 * i]! << 16) | (pixels[3 * i + 1]! << 8) | pixels[3 * i + 2]!;
  });
}

function mostFrequent(colours: Uint32Array): number {
  const counts = new Map<number, number>();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  let best = colours[0]!;
  for (const [colour, count] of counts) if (count > counts.get(best)!) best = colour;
  return best;
}
