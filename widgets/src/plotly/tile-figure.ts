import { controlColours } from "../picture/colours.ts";
import { shortened } from "../picture/numbers.ts";
import { placeInRange, rangeOf, type TileSheet, tilePixels } from "../picture/tiles.ts";
import { axisStyle, escaped, type Figure, figure, type Trace } from "./figure.ts";

/** A figure with more values than this would be a megabyte: then the picture alone must do. */
const mostValues = 16_384;

/** Distances between tiles, and the size of them all, in values. */
interface Grid {
  readonly stepX: number;
  readonly stepY: number;
  readonly width: number;
  readonly height: number;
  readonly captioned: boolean;
}

/** The sheet as one plotly heatmap with the value under the pointer, or nothing when it is too big for that. */
export function tileFigure(sheet: TileSheet): Figure | undefined {
  const { tileWidth, tileHeight } = sheet;
  if (sheet.tiles.length === 0 || sheet.tiles.length * tileWidth * tileHeight * sheet.planes > mostValues) {
    return undefined;
  }
  const grid = gridOf(sheet);
  const height = Math.min(560, Math.max(120, (grid.height * Math.min(560, grid.width * 12)) / grid.width));
  return figure(
    sheet.title,
    [sheet.planes === 3 ? colourTrace(sheet, grid) : heatTrace(sheet, grid)],
    {
      height: Math.round(height) + 110,
      ...(grid.captioned ? { annotations: captions(sheet, grid) } : {}),
      xaxis: { ...axis(sheet.columnTitle, sheet.columnLabels, grid.stepX, tileWidth), constrain: "domain" },
      yaxis: {
        ...axis(sheet.rowTitle, sheet.rowLabels, grid.stepY, tileHeight),
        autorange: "reversed",
        scaleanchor: "x",
        constrain: "domain",
      },
    },
    sheet.notes,
  );
}

function gridOf(sheet: TileSheet): Grid {
  const captioned = sheet.tiles.some((tile) => tile.caption !== undefined);
  const gap = captioned ? Math.ceil(sheet.tileHeight * 0.4) : 1;
  const [stepX, stepY] = [sheet.tileWidth + 1, sheet.tileHeight + gap];
  return {
    stepX,
    stepY,
    width: sheet.columns * stepX - 1,
    height: sheet.rows * stepY - (captioned ? 0 : gap),
    captioned,
  };
}

/** One entry for each value of the sheet, and `blank` between the tiles. */
function cells<Cell>(
  sheet: TileSheet,
  grid: Grid,
  blank: Cell,
  cell: (tile: number, row: number, column: number) => Cell,
): Cell[][] {
  const rows = Array.from({ length: grid.height }, () => new Array<Cell>(grid.width).fill(blank));
  sheet.tiles.forEach((_, index) => {
    const [left, top] = [(index % sheet.columns) * grid.stepX, Math.floor(index / sheet.columns) * grid.stepY];
    for (let row = 0; row < sheet.tileHeight; row++) {
      for (let column = 0; column < sheet.tileWidth; column++) {
        rows[top + row]![left + column] = cell(index, row, column);
      }
    }
  });
  return rows;
}

function heatTrace(sheet: TileSheet, grid: Grid): Trace {
  const { tiles, tileWidth } = sheet;
  // With a range of its own for each tile, the shade no longer says the value.
  const own = sheet.normalise === "each";
  const names = tiles.map((tile) => escaped(tile.name));
  const valueAt = (tile: number, row: number, column: number) => tiles[tile]!.values[row * tileWidth + column]!;
  const [zmin, zmax] = own ? [0, 1] : sheet.range;
  const colours = controlColours(sheet.colours);
  return {
    type: "heatmap",
    // Values have their colours on any page.
    meta: "fixed",
    z: cells<number | null>(sheet, grid, null, (tile, row, column) => {
      const value = valueAt(tile, row, column);
      return readable(own ? placeInRange(value, rangeOf(sheet, tiles[tile]!)) : value);
    }),
    customdata: cells<unknown>(sheet, grid, null, (tile, row, column) =>
      own ? [names[tile], row, column, readable(valueAt(tile, row, column))] : [names[tile], row, column],
    ),
    hovertemplate: hover(own ? "%{customdata[3]}" : "%{z}"),
    hoverongaps: false,
    zmin,
    zmax,
    colorscale: colours.map((colour, index) => [index / (colours.length - 1), colour]),
    showscale: sheet.key,
    colorbar: { thickness: 12 },
  };
}

function colourTrace(sheet: TileSheet, grid: Grid): Trace {
  const { tiles, tileWidth, tileHeight } = sheet;
  const size = tileWidth * tileHeight;
  const pixels = tiles.map((tile) => tilePixels(sheet, tile));
  return {
    type: "image",
    colormodel: "rgba",
    z: cells(sheet, grid, [0, 0, 0, 0], (tile, row, column) => {
      const at = 3 * (row * tileWidth + column);
      return [...pixels[tile]!.subarray(at, at + 3), 1];
    }),
    customdata: cells<unknown>(sheet, grid, null, (tile, row, column) => {
      const values = [0, 1, 2].map((plane) => readable(tiles[tile]!.values[plane * size + row * tileWidth + column]!));
      return [escaped(tiles[tile]!.name), row, column, ...values];
    }),
    hovertemplate: hover("%{customdata[3]}, %{customdata[4]}, %{customdata[5]}"),
  };
}

function hover(value: string): string {
  return `%{customdata[0]}<br>row %{customdata[1]}, column %{customdata[2]}: ${value}<extra></extra>`;
}

function captions(sheet: TileSheet, grid: Grid): Trace[] {
  return sheet.tiles.map((tile, index) => ({
    text: escaped((tile.caption ?? []).join(" ")),
    x: (index % sheet.columns) * grid.stepX + (sheet.tileWidth - 1) / 2,
    y: Math.floor(index / sheet.columns) * grid.stepY + sheet.tileHeight - 0.5,
    yanchor: "top",
    showarrow: false,
    font: { size: 10 },
  }));
}

/** Rows or columns named at the middle of their tiles. */
function axis(title: string | undefined, labels: readonly string[], step: number, size: number): Trace {
  const ticks = labels.length > 0 ? labelled(labels, step, size) : { showticklabels: false };
  return { ...axisStyle(title), showgrid: false, ...ticks };
}

function labelled(labels: readonly string[], step: number, size: number): Trace {
  return { tickvals: labels.map((_, index) => index * step + (size - 1) / 2), ticktext: labels.map(escaped) };
}

/** JSON has no NaN. */
function readable(value: number): number | null {
  return Number.isFinite(value) ? shortened(value) : null;
}
