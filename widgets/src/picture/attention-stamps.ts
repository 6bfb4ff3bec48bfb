import { combined } from "../attention/combine.ts";
import type { AttentionState, Example } from "../attention/example.ts";
import { smallMap } from "../attention/small-map.ts";
import { border, lineColour, type Part, stroked } from "./card.ts";
import { cellColours } from "./cell-colours.ts";
import { inBothSchemes } from "./paper-paints.ts";
import { Canvas, pngAddress } from "./png.ts";
import { element } from "./svg.ts";

/** More layers or heads than that are left to the live view. */
const mostRows = 16;
const mostColumns = 24;

/** Draws all heads small: layers are rows and heads columns; the heads of a single layer are in rows of eight. */
export function drawStamps(state: AttentionState, example: Example): Part {
  const single = example.layers === 1;
  const count = Math.min(mostRows, example.layers) * Math.min(mostColumns, example.heads);
  const columns = single ? Math.min(8, example.heads) : Math.min(mostColumns, example.heads);
  const cells = Math.max(example.queries.length, example.keys.length);
  const side = Math.max(26, Math.min(80, 640 / columns - 6));
  const maps = Array.from({ length: count }, (_, index) => {
    const place = single ? { layer: 0, head: index } : { layer: Math.floor(index / columns), head: index % columns };
    const weights = combined(example, place);
    return { ...place, ...smallMap(weights, example.queries.length, example.keys.length, 64) };
  });
  const { rows, columns: wide } = maps[0]!;
  const [width, height] = [(side * example.keys.length) / cells, (side * example.queries.length) / cells];
  const [stepX, stepY] = [width + 6, height + 6];
  const drawing = maps.map((map, index) => {
    const box = { x: (index % columns) * stepX + 1, y: Math.floor(index / columns) * stepY + 1, width, height };
    const image = inBothSchemes(box, (scheme) => {
      const canvas = new Canvas(wide, rows);
      canvas.paint(cellColours(map, scheme), wide, 0, 0, 1);
      return pngAddress(canvas.png());
    });
    const chosen = map.layer === state.layer && map.head === state.head;
    const around = { x: box.x - 0.5, y: box.y - 0.5, width: width + 1, height: height + 1 };
    const frame = chosen ? { ...stroked(lineColour(1)), "stroke-width": 2 } : stroked(border);
    return image + element("rect", { ...frame, ...around });
  });
  return {
    width: columns * stepX,
    height: Math.ceil(maps.length / columns) * stepY - 4,
    drawing: drawing.join(""),
  };
}
